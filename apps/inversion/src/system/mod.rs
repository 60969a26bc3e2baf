//! Systems of transmitter and receivers, as their files describe them.
//!
//! | room | what is in it |
//! |---|---|
//! | [`FrequencySystem`] | pairs of coils, one per frequency |
//! | [`TimeSystem`] | a current in a loop, and windows in which receivers average |
//! | `blocks` | text in nested blocks |

mod blocks;
mod frequency;
mod time;

pub use frequency::{Coils, FrequencySystem, Pair};
pub use time::{Output, TimeSystem, Waveform, Weighting};
