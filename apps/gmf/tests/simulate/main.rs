//! The simulator: against the reference recording, and by what it promises.

mod promises;
mod reference;
mod scenarios;
