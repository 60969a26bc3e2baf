//! The power without Doppler.

use std::str::FromStr;

use super::choices;

/// What `gmf_zero_frequency` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZeroFrequency {
    /// Zero Doppler, zero acceleration.
    Plain,
    /// Zero Doppler at the first selected acceleration, as the peer's C and CUDA code has it
    /// (`fgmf` only).
    FirstAcceleration,
}

impl ZeroFrequency {
    /// The word of the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::FirstAcceleration => "first-acceleration",
        }
    }
}

impl FromStr for ZeroFrequency {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Plain, Self::FirstAcceleration]
            .into_iter()
            .find(|choice| choice.name() == word)
            .ok_or_else(|| choices(word, &["plain", "first-acceleration"]))
    }
}
