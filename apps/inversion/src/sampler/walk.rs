use crate::state::State;

/// A chain of any mode, iteration by iteration.
pub trait Walk: Position {
    /// Does an iteration; random numbers are those of its number, from 1. Says whether the state
    /// is another one now.
    fn step(&mut self, iteration: u64) -> bool;
}

/// Where a chain is between two iterations.
pub trait Position {
    /// Where the chain is.
    fn state(&self) -> &State;

    /// S/m: the half-space that fits best, where the chain began.
    fn half_space(&self) -> f64;

    /// What was proposed and accepted so far.
    fn acceptance(&self) -> Acceptance;
}

/// What can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A layer more.
    Birth,
    /// A layer less.
    Death,
    /// An interface elsewhere.
    Move,
    /// Other conductivities in the same layers.
    Value,
    /// Other error levels.
    Error,
    /// Another height, alone.
    Height,
    /// The state of a neighbouring temperature.
    Swap,
}

impl Move {
    /// All of them, with their names in results.
    pub const ALL: [(Move, &'static str); 7] = [
        (Move::Birth, "birth"),
        (Move::Death, "death"),
        (Move::Move, "move"),
        (Move::Value, "value"),
        (Move::Error, "error"),
        (Move::Height, "height"),
        (Move::Swap, "swap"),
    ];
}

/// How often each move was proposed, and how often it was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    proposed: [u64; Move::ALL.len()],
    accepted: [u64; Move::ALL.len()],
}

impl Acceptance {
    /// Counts a proposal.
    pub fn count(&mut self, of: Move, accepted: bool) {
        self.proposed[of as usize] += 1;
        self.accepted[of as usize] += u64::from(accepted);
    }

    /// The counts of both.
    #[must_use]
    pub fn with(mut self, other: &Acceptance) -> Acceptance {
        for of in 0..Move::ALL.len() {
            self.proposed[of] += other.proposed[of];
            self.accepted[of] += other.accepted[of];
        }
        self
    }

    /// The part of the proposals that was accepted; not a number where there was none.
    pub fn rate(&self, of: Move) -> f64 {
        self.accepted[of as usize] as f64 / self.proposed[of as usize] as f64
    }

    /// The part of all proposals that was accepted; not a number where there was none.
    pub fn overall(&self) -> f64 {
        let sum = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
        sum(&self.accepted) / sum(&self.proposed)
    }
}
