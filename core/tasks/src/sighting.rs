use std::ffi::OsStr;

use crate::error::{context, is_disorder_in};
use crate::files::check_name;
use crate::layout::TaskDirs;
use crate::state::State;
use crate::store::CLAIM;
use crate::task_dir::{StateFile, TaskDir};
use jobwise_claims::{Inspection, Sign, inspection};
use jobwise_core::{Error, Result};

/// A task as somebody sees it who takes no part and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What its state file says; open where there is none yet.
    pub state: State,
    /// Of a running task: who claimed it last.
    pub claim: Option<Sign>,
    /// Of a failed task: why. Of an invalid one: what is wrong with its state file.
    pub reason: Option<String>,
    /// What does not belong in its directory, one line each.
    pub oddities: Vec<String>,
}

impl Sighting {
    /// Looks at the task called `name` in its directory.
    ///
    /// # Errors
    /// When the name is no place in a directory, or the disk fails.
    pub fn of(dirs: &TaskDirs, name: &OsStr) -> Result<Sighting> {
        check_name(name).map_err(|why| Error::Program(format!("a task {why}").into()))?;
        let files = TaskDir::new(dirs.of(name));
        let said = files.read()?;
        let state = if said == StateFile::Missing {
            State::Open
        } else {
            said.state()
        };
        let mut sighting = Sighting {
            state,
            claim: None,
            reason: None,
            oddities: Vec::new(),
        };
        let dir = files.path();
        if dir.is_dir() {
            let Inspection { sign, strange } =
                match inspection(dir, CLAIM).map_err(context("read", dir)) {
                    Ok(found) => found,
                    Err(error) if is_disorder_in(dir, &error) => Inspection {
                        sign: None,
                        strange: vec![error.to_string()],
                    },
                    Err(error) => return Err(error),
                };
            sighting.oddities = strange;
            sighting.claim = sign.filter(|_| state == State::Running);
        } else if dir.symlink_metadata().is_ok() {
            let what = format!("{} is no directory: move it away", dir.display());
            sighting.oddities.push(what);
        }
        match (state, said) {
            (State::Failed, _) => sighting.reason = files.reason(),
            (_, StateFile::Nonsense(why)) => sighting.reason = Some(why),
            _ => {}
        }
        Ok(sighting)
    }
}
