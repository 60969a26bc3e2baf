use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::context;
use crate::state::State;
use crate::task_dir::TaskDir;
use jobwise_claims::{Owner, regular};
use jobwise_core::Result;

/// State files that were replaced and are kept, to be state files again: the file of a task that
/// was open becomes its file when it is done, and a file that said RUNNING says so again for
/// another task.
///
/// A new file for each state would be right too. But a file system that does not like to give the
/// place of a file that was deleted a moment ago to a new one (ext4) looks through all such places
/// each time: 0.5 ms per file here, against 0.02 ms. And what is written over a file needs no new
/// block, which it would want to allocate at once.
///
/// Who has such a file open from before reads RUNNING from a file that says RUNNING, or DONE of a
/// task that is just about to be done: nothing that is wrong.
#[derive(Debug)]
pub(crate) struct RecycledFiles {
    owner: Owner,
    count: usize,
    /// By task, for those that this rank works on.
    open: HashMap<usize, PathBuf>,
    running: Vec<PathBuf>,
}

/// No more files that say RUNNING are kept.
const MOST: usize = 16;

impl RecycledFiles {
    pub(crate) fn new(owner: Owner) -> RecycledFiles {
        RecycledFiles {
            owner,
            count: 0,
            open: HashMap::new(),
            running: Vec::new(),
        }
    }

    /// Writes the state of a task that this rank claimed, all or nothing.
    pub(crate) fn write(
        &mut self,
        dir: &TaskDir,
        task: usize,
        state: State,
        by: &Path,
    ) -> Result<()> {
        let path = dir.state_file();
        let spare = if state == State::Running {
            if let Some(open) = self.keep(&path, State::Open)
                && let Some(older) = self.open.insert(task, open)
            {
                let _ = fs::remove_file(older);
            }
            self.running.pop()
        } else {
            if self.running.len() < MOST {
                let running = self.keep(&path, State::Running);
                self.running.extend(running);
            }
            self.open.remove(&task)
        };
        match spare {
            Some(spare) if says(&spare, state) => {
                fs::rename(&spare, &path).map_err(context("write", &path))
            }
            spare => {
                if let Some(spare) = spare {
                    let _ = fs::remove_file(spare);
                }
                dir.write(state, by)
            }
        }
    }

    /// Keeps the file that is at `path` now, if it says just `state` and has no other names: users
    /// may have written what they like, and may keep copies that are links. That it cannot be kept
    /// is no misfortune.
    fn keep(&mut self, path: &Path, state: State) -> Option<PathBuf> {
        let spare = self.owner.private(&format!("spare-{}", self.count));
        self.count += 1;
        fs::hard_link(path, &spare).ok()?;
        let ours =
            fs::symlink_metadata(&spare).is_ok_and(|found| found.is_file() && found.nlink() == 2);
        if ours && regular::read(&spare, LONGEST).is_ok_and(|text| text == line(state)) {
            return Some(spare);
        }
        let _ = fs::remove_file(&spare);
        None
    }
}

/// Longer than any line for a state.
const LONGEST: u64 = 64;

fn line(state: State) -> Vec<u8> {
    format!("{state}\n").into_bytes()
}

/// Writes `state` over a spare file, where the lengths are the same, so that it is new by its time
/// too. After a power cut the file may say what it said before: RUNNING again, or OPEN for DONE,
/// but never DONE for what is open.
fn says(spare: &Path, state: State) -> bool {
    let line = line(state);
    let fits = |file: &File| {
        file.metadata()
            .is_ok_and(|metadata| metadata.len() == line.len() as u64)
    };
    File::options()
        .write(true)
        .open(spare)
        .is_ok_and(|file| fits(&file) && file.write_all_at(&line, 0).is_ok())
}

impl Drop for RecycledFiles {
    fn drop(&mut self) {
        for spare in self.running.iter().chain(self.open.values()) {
            let _ = fs::remove_file(spare);
        }
    }
}
