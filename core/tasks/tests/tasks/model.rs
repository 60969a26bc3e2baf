use jobwise_tasks::{Ignore, State};

/// What a batch means, in a page: states, and which of them are as they were at the start.
pub(crate) struct Model {
    pub(crate) states: Vec<State>,
    found: Vec<bool>,
}

impl Model {
    pub(crate) fn new(states: Vec<State>) -> Model {
        let found = vec![true; states.len()];
        Model { states, found }
    }

    pub(crate) fn next(&mut self, ignore: Ignore) -> Option<usize> {
        let task = (0..self.states.len()).find(|&task| {
            self.states[task] == State::Open
                || self.found[task]
                    && match self.states[task] {
                        State::Running => ignore.running,
                        State::Failed => ignore.failed,
                        State::Done => ignore.done,
                        _ => false,
                    }
        })?;
        self.set(task, State::Running);
        Some(task)
    }

    pub(crate) fn set(&mut self, task: usize, state: State) {
        (self.states[task], self.found[task]) = (state, false);
    }

    /// Another program wrote the state file.
    pub(crate) fn see(&mut self, task: usize, state: State) {
        if self.states[task] != state {
            self.set(task, state);
        }
    }
}
