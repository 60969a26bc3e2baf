use crate::options::Ignore;
use crate::state::State;

/// The word of a task: what it is, two marks, and above them how often it was changed, so that a
/// comparison notices every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub(super) u64);

/// What the job knows of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskStatus {
    /// Open, and nobody has done anything about it: on a directory it may have no files yet.
    Untouched,
    Open,
    /// This job works on it; or somebody who makes no claims.
    Running,
    Done,
    Failed,
    Invalid,
    /// A rank of this job is about to claim it.
    Taking,
    /// Another job has it.
    Elsewhere,
}

const KINDS: [TaskStatus; 8] = [
    TaskStatus::Untouched,
    TaskStatus::Open,
    TaskStatus::Running,
    TaskStatus::Done,
    TaskStatus::Failed,
    TaskStatus::Invalid,
    TaskStatus::Taking,
    TaskStatus::Elsewhere,
];
const KIND: u64 = 7;
const FOUND: u64 = 8;
pub(super) const QUEUED: u64 = 16;
pub(super) const CHANGE: u64 = 256;

impl Word {
    /// Of a task that nobody has touched.
    pub(super) const UNTOUCHED: Word = Word(0);

    pub(crate) fn is(self) -> TaskStatus {
        KINDS[(self.0 & KIND) as usize]
    }

    /// Whether it is as it was at the start.
    pub(crate) fn found(self) -> bool {
        self.0 & FOUND != 0
    }

    pub(crate) fn state(self) -> State {
        match self.is() {
            TaskStatus::Untouched | TaskStatus::Open => State::Open,
            TaskStatus::Running | TaskStatus::Taking | TaskStatus::Elsewhere => State::Running,
            TaskStatus::Done => State::Done,
            TaskStatus::Failed => State::Failed,
            TaskStatus::Invalid => State::Invalid,
        }
    }

    pub(super) fn available(self, ignore: Ignore) -> bool {
        let wanted = match self.is() {
            TaskStatus::Untouched | TaskStatus::Open => return true,
            TaskStatus::Running | TaskStatus::Elsewhere => ignore.running,
            TaskStatus::Failed => ignore.failed,
            TaskStatus::Done => ignore.done,
            TaskStatus::Invalid | TaskStatus::Taking => false,
        };
        wanted && self.found()
    }

    pub(super) fn turned(self, to: TaskStatus, found: bool) -> Word {
        let found = if found { FOUND } else { 0 };
        let count = (self.0 & !(CHANGE - 1)).wrapping_add(CHANGE);
        Word(count | self.0 & QUEUED | found | to as u64)
    }
}

impl TaskStatus {
    /// Of a task that a job begins with.
    pub(crate) fn at_start(state: State) -> TaskStatus {
        match state {
            State::Open => TaskStatus::Untouched,
            state => TaskStatus::from(state),
        }
    }

    /// Its number among all, for messages.
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn of_number(number: u8) -> Option<TaskStatus> {
        KINDS.get(usize::from(number)).copied()
    }
}

impl From<State> for TaskStatus {
    fn from(state: State) -> TaskStatus {
        match state {
            State::Invalid => TaskStatus::Invalid,
            State::Open => TaskStatus::Open,
            State::Running => TaskStatus::Running,
            State::Done => TaskStatus::Done,
            State::Failed => TaskStatus::Failed,
        }
    }
}
