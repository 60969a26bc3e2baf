//! Formats of output files: what stores a content, and how it is read back.

use std::fmt::{self, Debug, Display};
use std::path::Path;

use super::content::{Content, Numbers, Value, Variable};
use super::{Origin, hdf5};
use crate::{Error, Result};

/// All formats; the first is the default. No two have the same ending.
const FORMATS: &[&dyn Format] = &[
    &hdf5::Hdf5,
    #[cfg(test)]
    &super::tests::plain::Plain,
];

/// A way to store what a file of results holds.
pub trait Format: Debug + Send + Sync {
    /// The ending of its files' names, without the dot.
    fn ending(&self) -> &'static str;

    /// Makes a file, missing directories included; one that is there is replaced. It appears whole
    /// and durable or not at all, and its note with it ([`Origin::note`] on the temporary file).
    /// Large variables are deflated with level `compression`, if that is not 0 and the format can.
    ///
    /// # Errors
    /// The file cannot be written; nothing has changed then.
    fn write(
        &self,
        path: &Path,
        content: &Content<'_>,
        compression: u8,
        origin: Option<&Origin>,
    ) -> Result<()>;

    /// Puts `variables` in place of those of the same names, or beside the others: at once, by a
    /// copy that replaces the file. All else keeps its value, the note too.
    ///
    /// # Errors
    /// The file is damaged, or cannot be read or replaced; it is as it was then.
    fn replace(&self, path: &Path, variables: &[Variable<'_>]) -> Result<()>;

    /// Whether a file is as it was written.
    ///
    /// # Errors
    /// It is no regular file, or cannot be read.
    fn check(&self, path: &Path) -> Result<Integrity>;

    /// Opens a file to read parts of it.
    ///
    /// # Errors
    /// It cannot be read, or is not of this format.
    fn open(&self, path: &Path) -> Result<Box<dyn Reader>>;
}

/// Whether a file is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// It is, byte by byte.
    Whole,
    /// Nothing vouches for it: another program or an older version has written it.
    Unknown,
    /// It was cut or changed since, or is no file of this format.
    Damaged {
        /// What is wrong.
        why: String,
    },
}

/// An open file. Nothing of a variable is in memory before it is asked for.
pub trait Reader: Debug + Send + Sync {
    /// What the file holds, sorted by name.
    ///
    /// # Errors
    /// It cannot be listed.
    fn names(&self) -> Result<Names>;

    /// Whether there is a variable of that name.
    fn has(&self, variable: &str) -> bool;

    /// What is known of a variable before its numbers are read.
    ///
    /// # Errors
    /// It does not exist or is damaged.
    fn head(&self, variable: &str) -> Result<Head>;

    /// All numbers of a variable in row-major order, converted to `kind`. A length that the file
    /// cannot hold is refused before memory is taken for it.
    ///
    /// # Errors
    /// It does not exist, is damaged, or does not hold numbers.
    fn numbers(&self, variable: &str, kind: &Kind) -> Result<Numbers<'static>>;

    /// All attributes of a part, sorted by name.
    ///
    /// # Errors
    /// The part does not exist, or an attribute cannot be read.
    fn attributes(&self, part: Part<'_>) -> Result<Vec<(String, Value)>>;

    /// One attribute of a part; `None` when there is no such attribute.
    ///
    /// # Errors
    /// The part does not exist, or the attribute cannot be read.
    fn attribute(&self, part: Part<'_>, name: &str) -> Result<Option<Value>> {
        let all = self.attributes(part)?;
        let found = all.into_iter().find(|(present, _)| present == name);
        Ok(found.map(|(_, value)| value))
    }
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Variables, each with whether it is the scale of an axis.
    pub variables: Vec<(String, bool)>,
    /// Groups of attributes.
    pub groups: Vec<String>,
}

/// What is known of a variable before its numbers are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The type of its numbers.
    pub kind: Kind,
    /// The length of each axis; none of a single number.
    pub shape: Vec<usize>,
    /// Whether all that it claims was written.
    pub is_whole: bool,
}

/// A type of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Signed, 4 bytes.
    I32,
    /// Signed, 8 bytes.
    I64,
    /// Real, 4 bytes.
    F32,
    /// Real, 8 bytes.
    F64,
    /// One that this program does not write, described.
    Other(String),
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::I32 => "int32",
            Kind::I64 => "int64",
            Kind::F32 => "float32",
            Kind::F64 => "float64",
            Kind::Other(name) => name,
        })
    }
}

/// What has attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// The file itself.
    File,
    /// A group of attributes.
    Group(&'a str),
    /// A variable.
    Variable(&'a str),
}

/// The format of files that nobody asks another for.
pub fn default_format() -> &'static dyn Format {
    FORMATS[0]
}

/// The endings of all formats, that of the default first.
pub fn endings() -> impl ExactSizeIterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.ending())
}

/// The format whose files have this ending.
///
/// # Errors
/// There is none.
pub fn format_by_ending(ending: &str) -> Result<&'static dyn Format> {
    let mut formats = FORMATS.iter().copied();
    let found = formats.find(|format| format.ending() == ending);
    found.ok_or_else(|| {
        let known: Vec<_> = endings().collect();
        let known = known.join(", ");
        Error::Request(format!("no format of files is {ending:?}; choose: {known}"))
    })
}

/// The format of the file at a path, by its ending; the default for other names.
pub(crate) fn format_of(path: &Path) -> &'static dyn Format {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let format = ending.and_then(|ending| format_by_ending(ending).ok());
    format.unwrap_or_else(default_format)
}
