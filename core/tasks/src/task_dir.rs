use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{context, is_disorder_in};
use crate::state::State;
use jobwise_claims::regular;
use jobwise_core::Result;

/// The directory of a task and the files in it, as other programs know them: `state` holds one word
/// and the end of the line.
#[derive(Clone, Debug)]
pub(crate) struct TaskDir(PathBuf);

/// What a state file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StateFile {
    State(State),
    /// There is none.
    Missing,
    /// It makes no sense, and why.
    Nonsense(String),
}

impl StateFile {
    /// As a program takes it that runs already.
    pub(crate) fn state(&self) -> State {
        match self {
            StateFile::State(state) => *state,
            StateFile::Missing | StateFile::Nonsense(_) => State::Invalid,
        }
    }
}

/// Why a task failed by itself.
const REASON: &str = "reason";
/// No more of a state file is read.
const LONGEST: u64 = 4096;

impl TaskDir {
    pub(crate) fn new(path: PathBuf) -> TaskDir {
        TaskDir(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.0.join("state")
    }

    /// What the state file says: its first line without the white space at its end.
    pub(crate) fn read(&self) -> Result<StateFile> {
        let path = self.state_file();
        let bytes = match regular::read(&path, LONGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Ok(StateFile::Missing);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let is_link = fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink());
                let nowhere = || StateFile::Nonsense("it is a link that leads nowhere".to_owned());
                return Ok(if is_link {
                    nowhere()
                } else {
                    StateFile::Missing
                });
            }
            Err(error) => {
                let why = error.to_string();
                let fault = context("read", &path)(error);
                return if is_disorder_in(&self.0, &fault) {
                    Ok(StateFile::Nonsense(why))
                } else {
                    Err(fault)
                };
            }
        };
        let line = bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let word = std::str::from_utf8(line).ok().map(str::trim_end);
        Ok(word.and_then(State::of_word).map_or_else(
            || StateFile::Nonsense("it holds none of the words for a state".to_owned()),
            StateFile::State,
        ))
    }

    /// When the state file was last written, by the file server's clock, and which file it is.
    pub(crate) fn written(&self) -> Result<(SystemTime, (u64, u64))> {
        let path = self.state_file();
        fs::metadata(&path)
            .and_then(|found| Ok((found.modified()?, (found.dev(), found.ino()))))
            .map_err(context("read", &path))
    }

    /// Writes a state, all or nothing, by way of the file `by`, which is nobody else's.
    pub(crate) fn write(&self, state: State, by: &Path) -> Result<()> {
        fill(by, state.word())?;
        let path = self.state_file();
        fs::rename(by, &path).map_err(context("write", &path))
    }

    /// Makes the directory and the state file of a task where there is none, and never replaces
    /// one.
    pub(crate) fn make(&self, state: State, by: &Path) -> Result<()> {
        fs::create_dir_all(&self.0).map_err(context("make", &self.0))?;
        fill(by, state.word())?;
        let path = self.state_file();
        let made = match fs::hard_link(by, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made.map_err(context("make", &path)),
        };
        fs::remove_file(by).map_err(context("remove", by))?;
        made
    }

    /// Leaves word why the task failed.
    pub(crate) fn explain(&self, why: &str, by: &Path) -> Result<()> {
        fill(by, why)?;
        let path = self.0.join(REASON);
        fs::rename(by, &path).map_err(context("write", &path))
    }

    /// Why the task failed, if somebody left word: its first line.
    pub(crate) fn reason(&self) -> Option<String> {
        let path = self.0.join(REASON);
        match regular::read(&path, LONGEST) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                text.lines().next().map(str::to_owned)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => Some(format!("{} cannot be read: {error}", path.display())),
        }
    }

    /// The task is tried again: an earlier failure needs no reason any more.
    pub(crate) fn forget_reason(&self) -> Result<()> {
        let path = self.0.join(REASON);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(context("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }
}

/// Writes a file of one line, which becomes another by a link or by renaming.
pub(crate) fn fill(path: &Path, line: &str) -> Result<()> {
    File::create(path)
        .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .map_err(context("write", path))
}
