use std::fmt;

/// What became of a task so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not to be touched; also what a state file says that is missing or makes no sense.
    Invalid,
    /// To be done.
    Open,
    /// Somebody is at it.
    Running,
    /// Done.
    Done,
    /// Tried in vain.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: [State; 5] = [
        State::Invalid,
        State::Open,
        State::Running,
        State::Done,
        State::Failed,
    ];

    /// Its word in a state file.
    pub fn word(self) -> &'static str {
        match self {
            State::Invalid => "INVALID",
            State::Open => "OPEN",
            State::Running => "RUNNING",
            State::Done => "DONE",
            State::Failed => "FAILED",
        }
    }

    /// Its number: -1 for [`Invalid`](State::Invalid), then from 0 in the order above.
    pub fn number(self) -> i32 {
        match self {
            State::Invalid => -1,
            State::Open => 0,
            State::Running => 1,
            State::Done => 2,
            State::Failed => 3,
        }
    }

    /// The state of that word, upper case as it is written.
    pub fn of_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state of that number.
    pub fn of_number(number: i32) -> Option<State> {
        State::ALL
            .into_iter()
            .find(|state| state.number() == number)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
