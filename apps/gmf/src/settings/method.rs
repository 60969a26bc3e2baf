//! What is computed.

use std::str::FromStr;

use super::choices;

/// The method of an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every selected acceleration, every range rate.
    Fgmf,
    /// The acceleration from the discrete polynomial transform, then every range rate.
    Fdpt,
    /// As `fgmf`, and the powers of all cells are kept, or their maxima over some axes.
    NoReduce,
    /// The peaks of earlier files moved to the nearest maximum, at the full sample rate.
    Optimize,
    /// The best of a fine grid around the peaks of earlier files, at the full sample rate.
    OptimizeGrid,
}

impl Method {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Fgmf,
        Self::Fdpt,
        Self::NoReduce,
        Self::Optimize,
        Self::OptimizeGrid,
    ];

    /// The name written to files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fgmf => "fgmf",
            Self::Fdpt => "fdpt",
            Self::NoReduce => "grid-fast-no-reduce",
            Self::Optimize => "optimize",
            Self::OptimizeGrid => "optimize-grid",
        }
    }

    /// Whether it searches every selected acceleration, so that there must be one.
    pub(crate) fn searches_accelerations(self) -> bool {
        matches!(self, Self::Fgmf | Self::NoReduce)
    }

    /// Whether it refines what the files of another method hold.
    pub fn refines(self) -> bool {
        matches!(self, Self::Optimize | Self::OptimizeGrid)
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let name = match word {
            "grid-fast-gmf" => "fgmf",
            "grid-fast-dpt" => "fdpt",
            "optimize-scipy-gmf" => "optimize",
            "optimize-grid-gmf" => "optimize-grid",
            name => name,
        };
        Self::ALL
            .into_iter()
            .find(|method| method.name() == name)
            .ok_or_else(|| choices(word, &Self::ALL.map(Self::name)))
    }
}
