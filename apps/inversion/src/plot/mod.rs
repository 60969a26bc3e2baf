//! Figures of results: sections along a line, and the posterior of a sounding.
//!
//! | room | what is in it |
//! |---|---|
//! | [`line()`] | a line: section, layers, entropy, interfaces, misfit, errors |
//! | [`point()`] | a sounding |
//! | `along` | where soundings are on the axis of a line |
//! | `section` | a picture of distance and depth |

mod along;
mod line;
mod point;
mod section;

use std::fmt;
use std::str::FromStr;

pub use line::line;
pub use point::point;

/// Width and height of figures in pixels, if nothing else is said.
pub const SIZE: (u32, u32) = (1100, 520);
/// The same of a sounding.
pub const SIZE_OF_POINT: (u32, u32) = (1300, 860);

/// What of a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Conductivities, faded where data say little.
    Section,
    /// The number of layers.
    Layers,
    /// How much of the conductivities is not known.
    Entropy,
    /// Where interfaces are.
    Interfaces,
    /// How well data are fitted.
    Misfit,
    /// Levels of errors.
    Errors,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Section, "section"),
    (Kind::Layers, "k"),
    (Kind::Entropy, "entropy"),
    (Kind::Interfaces, "interfaces"),
    (Kind::Misfit, "misfit"),
    (Kind::Errors, "errors"),
];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = KINDS.iter().find(|(kind, _)| kind == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

/// # Errors
/// A sentence with the words that are known.
impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Kind, String> {
        let named = KINDS.iter().find(|(_, name)| *name == text);
        named.map(|(kind, _)| *kind).ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|(_, name)| *name).collect();
            format!("{text:?} is none of {}", names.join(", "))
        })
    }
}
