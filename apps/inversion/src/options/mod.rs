//! Options: what to invert, with which priors, for how long.
//!
//! A file of options is TOML, or the flat part of Python that geobipy's options use; it is read and
//! never executed.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Options`] | all options, as plain data |
//! | `python`, `expression` | lines `key = value` of Python, numbers and their arithmetic |
//! | `toml` | TOML |
//! | `fields` | from keys and values to plain data; what is absent, unknown or old |
//! | `checks` | what options must be together |
//! | `text` | options as TOML again |
//! | `keys` | all keys, for help and the documentation |

mod checks;
mod expression;
mod fields;
mod keys;
mod plain;
mod python;
mod read;
mod text;
mod toml;
mod value;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::{Error, Result};

pub use keys::{keys_as_page, keys_as_text};
pub use plain::{
    DataType, ErrorModel, ErrorOptions, Jacobian, LayersPrior, Loop, Mode, Options, Proposal,
    Traces,
};

/// Bytes of a file of options, at most: real ones have some thousands.
const LARGEST: u64 = 1 << 20;

/// Options, and what the user should know about them.
#[derive(Clone, Debug)]
pub struct Read {
    /// The options.
    pub options: Options,
    /// A line each: keys that are unknown, old names.
    pub warnings: Vec<String>,
}

impl Options {
    /// Reads a file of options, TOML where its name ends in `.toml`; each of `settings`,
    /// `KEY=VALUE`, comes before what the file says.
    ///
    /// # Errors
    /// The file cannot be read, a line is not understood, keys are missing (the message lists all
    /// of them) or values are impossible.
    pub fn read(path: &Path, settings: &[String]) -> Result<Read> {
        let mut text = String::new();
        let file = File::open(path).map_err(Error::io(path))?;
        file.take(LARGEST + 1)
            .read_to_string(&mut text)
            .map_err(Error::io(path))?;
        Options::parse(path, &text, settings)
    }

    /// Understands the text of a file of options, as [`read`](Options::read) does.
    ///
    /// # Errors
    /// As [`read`](Options::read).
    pub fn parse(path: &Path, text: &str, settings: &[String]) -> Result<Read> {
        if text.len() as u64 > LARGEST {
            return Err(Error::File {
                path: path.to_path_buf(),
                problem: format!("this is no file of options: it has more than {LARGEST} bytes"),
            });
        }
        let is_toml = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        let mut entries = if is_toml {
            toml::parse(path, text)?
        } else {
            python::parse(path, text)?
        };
        for setting in settings {
            entries.push(python::setting(setting).map_err(Error::Request)?);
        }
        let mut fields = fields::Fields::new(path, entries);
        let options = read::options(&mut fields)?;
        let warnings = fields.finish()?;
        checks::check(path, &options)?;
        Ok(Read { options, warnings })
    }

    /// The options as TOML; [`parse`](Options::parse) gives them back, bit by bit.
    pub fn to_toml(&self) -> String {
        text::toml(self)
    }
}
