//! Systems of transmitter and receivers, as their files describe them.
//!
//! | room | what is in it |
//! |---|---|
//! | [`System`] | a file of either kind |
//! | [`FrequencySystem`] | pairs of coils, one per frequency |
//! | [`TimeSystem`] | a current in a loop, and windows in which receivers average |
//! | `blocks` | text in nested blocks |
//! | `gex` | systems of Aarhus Workbench |

mod blocks;
mod frequency;
mod gex;
mod time;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::{Error, Result};

pub use frequency::{Coil, Coils, FrequencySystem, Pair};
pub use time::{Output, TimeSystem, Waveform, Weighting};

/// Bytes of a system file, at most: real ones have some thousands.
const LARGEST: u64 = 1 << 24;

/// A system of either kind.
#[derive(Clone, Debug)]
pub enum System {
    /// Frequency domain.
    Frequency(FrequencySystem),
    /// Time domain.
    Time(TimeSystem),
}

impl System {
    /// Reads a file of one system: see [`read_all`](System::read_all).
    ///
    /// # Errors
    /// As [`read_all`](System::read_all), or there are several systems in the file.
    pub fn read(path: &Path) -> Result<System> {
        let mut systems = System::read_all(path)?;
        match (systems.pop(), systems.len()) {
            (Some(system), 0) => Ok(system),
            (_, more) => Err(Error::File {
                path: path.to_path_buf(),
                problem: format!("{} systems where one is expected", more + 1),
            }),
        }
    }

    /// Reads a system file: one that begins with `[General]` comes from Aarhus Workbench (.gex) and
    /// holds a system per channel, one that begins with a block is of the time domain, any other
    /// one of the frequency domain.
    ///
    /// # Errors
    /// The file cannot be read or is not understood.
    pub fn read_all(path: &Path) -> Result<Vec<System>> {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(Error::io(path))?;
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(Error::io(path))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::File {
                path: path.to_path_buf(),
                problem: format!("this is no system: it has more than {LARGEST} bytes"),
            });
        }
        System::parse(path, &String::from_utf8_lossy(&bytes))
    }

    /// Understands the text of a system file, as [`read_all`](System::read_all) does.
    ///
    /// # Errors
    /// The text is not understood; `path` is named in the message.
    pub fn parse(path: &Path, text: &str) -> Result<Vec<System>> {
        if gex::is_of_workbench(text) {
            let systems = gex::parse(path, text)?;
            Ok(systems.into_iter().map(System::Time).collect())
        } else if is_in_blocks(text) {
            Ok(vec![System::Time(TimeSystem::parse(path, text)?)])
        } else {
            Ok(vec![System::Frequency(FrequencySystem::parse(path, text)?)])
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
