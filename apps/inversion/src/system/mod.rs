//! Systems of transmitter and receivers, as their files describe them.
//!
//! | room | what is in it |
//! |---|---|
//! | [`System`] | a file of either kind |
//! | [`FrequencySystem`] | pairs of coils, one per frequency |
//! | [`TimeSystem`] | a current in a loop, and windows in which receivers average |
//! | `blocks` | text in nested blocks |

mod blocks;
mod frequency;
mod time;

use std::fs;
use std::path::Path;

use crate::{Error, Result};

pub use frequency::{Coils, FrequencySystem, Pair};
pub use time::{Output, TimeSystem, Waveform, Weighting};

/// A system of either kind.
#[derive(Clone, Debug)]
pub enum System {
    /// Frequency domain.
    Frequency(FrequencySystem),
    /// Time domain.
    Time(TimeSystem),
}

impl System {
    /// Reads a system file: one that begins with a block is of the time domain.
    ///
    /// # Errors
    /// The file cannot be read or is not understood.
    pub fn read(path: &Path) -> Result<System> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        if is_in_blocks(&text) {
            TimeSystem::parse(path, &text).map(System::Time)
        } else {
            FrequencySystem::parse(path, &text).map(System::Frequency)
        }
    }
}

/// Whether the first line that says something begins a block.
fn is_in_blocks(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or("").trim());
    let first = lines.find(|line| !line.is_empty()).unwrap_or("");
    first.to_ascii_lowercase().ends_with("begin")
}
