//! Missing samples.

use std::str::FromStr;

use super::choices;

/// What happens to an integration with missing samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is reported as not analysed.
    Skip,
    /// The missing samples count as zero.
    Zero,
    /// The run ends with an error.
    Error,
}

impl Missing {
    /// The word of the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Zero => "zero",
            Self::Error => "error",
        }
    }
}

impl FromStr for Missing {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Skip, Self::Zero, Self::Error]
            .into_iter()
            .find(|policy| policy.name() == word)
            .ok_or_else(|| choices(word, &["skip", "zero", "error"]))
    }
}
