use std::path::Path;
use std::time::Duration;

use super::files::{Files, Said};
use super::shelf::CLAIM;
use super::state::State;
use crate::Result;
use crate::claims::{Holder, at, sighted};

/// A task as somebody sees it who takes no part and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What its state file says; open where there is none yet.
    pub state: State,
    /// Of a running task: who claimed it last, and how long ago that one gave a sign of life, by this machine's clock.
    pub holder: Option<(Holder, Duration)>,
    /// How many attempts at it ended with the death of their process.
    pub crashed: u32,
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
            holder: None,
            crashed: 0,
            reason: None,
        };
        let dir = files.dir(0);
        if state == State::Running
            && let Some((holder, age, attempt)) = sighted(&dir, CLAIM).map_err(at("read", &dir))?
        {
            sighting.holder = Some((holder, age));
            sighting.crashed = attempt - 1;
        }
        if state == State::Failed {
            sighting.reason = files.reason(0)?;
        }
        Ok(sighting)
    }
}
