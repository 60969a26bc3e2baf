use std::path::Path;

use super::files::{Files, Said};
use super::shelf::CLAIM;
use super::state::State;
use crate::Result;
use crate::claims::{Sign, at, sighted};

/// A task as somebody sees it who takes no part and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What its state file says; open where there is none yet.
    pub state: State,
    /// Of a running task: who claimed it last.
    pub claim: Option<Sign>,
    /// Of a failed task: why.
    pub reason: Option<String>,
}

impl Sighting {
    /// Looks at the task called `name` under `root`.
    ///
    /// # Errors
    /// When the name is no place in `root`, or its files cannot be read.
    pub fn of(root: &Path, name: &str) -> Result<Sighting> {
        let files = Files::new(root, vec![name.to_owned()])?;
        let said = files.read(0)?;
        let state = if said == Said::Missing {
            State::Open
        } else {
            said.state()
        };
        let mut sighting = Sighting {
            state,
            claim: None,
            reason: None,
        };
        let dir = files.dir(0);
        if state == State::Running {
            sighting.claim = sighted(&dir, CLAIM).map_err(at("read", &dir))?;
        }
        if state == State::Failed {
            sighting.reason = files.reason(0)?;
        }
        Ok(sighting)
    }
}
