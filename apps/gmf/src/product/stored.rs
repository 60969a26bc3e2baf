//! An output file that is open to be read.

use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::content::{Number, Value};
use super::format::{Head, Names, Part, Reader, format_of};
use crate::{Error, Result};

/// An open file of any format: its path and its reader.
#[derive(Debug)]
pub(crate) struct Stored {
    path: PathBuf,
    reader: Box<dyn Reader>,
}

impl Stored {
    /// Opens a file of the format that its ending tells.
    ///
    /// # Errors
    /// It cannot be read, or is not of that format.
    pub(crate) fn open(path: &Path) -> Result<Stored> {
        Ok(Stored {
            path: path.to_path_buf(),
            reader: format_of(path).open(path)?,
        })
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds.
    pub(crate) fn names(&self) -> Result<Names> {
        self.reader.names()
    }

    /// Whether there is a variable of that name.
    pub(crate) fn has(&self, variable: &str) -> bool {
        self.reader.has(variable)
    }

    /// What is known of a variable before its numbers are read.
    pub(crate) fn head(&self, variable: &str) -> Result<Head> {
        self.reader.head(variable)
    }

    /// The length of each axis of a variable.
    pub(crate) fn shape(&self, variable: &str) -> Result<Vec<usize>> {
        Ok(self.head(variable)?.shape)
    }

    /// All numbers of a variable, row by row.
    pub(crate) fn column<T: Number>(&self, variable: &str) -> Result<Vec<T>> {
        let numbers = self.reader.numbers(variable, &T::KIND)?;
        T::of(numbers).ok_or_else(|| self.wrong(format!("{variable} is not of {}", T::KIND)))
    }

    /// A variable that is a single number.
    pub(crate) fn scalar(&self, variable: &str) -> Result<f64> {
        let shape = self.shape(variable)?;
        match self.column(variable)?[..] {
            [number] if shape.is_empty() => Ok(number),
            _ => Err(self.wrong(format!(
                "{variable} has the shape {shape:?} instead of a single number"
            ))),
        }
    }

    /// A variable of two axes that has so many columns.
    pub(crate) fn matrix<T: Number>(&self, variable: &str, columns: usize) -> Result<Array2<T>> {
        let shape = self.shape(variable)?;
        let numbers = match shape[..] {
            [rows, found] if found == columns => {
                Array2::from_shape_vec([rows, columns], self.column(variable)?).ok()
            }
            _ => None,
        };
        numbers.ok_or_else(|| {
            self.wrong(format!(
                "{variable} has the shape {shape:?} instead of (integrations, {columns})"
            ))
        })
    }

    /// The numbers of a variable that must have this very type and shape, row by row.
    pub(crate) fn exact<T: Number>(&self, variable: &str, shape: &[usize]) -> Result<Vec<T>> {
        let head = self.head(variable)?;
        if head.shape == shape && head.kind == T::KIND && head.is_whole {
            return self.column(variable);
        }
        Err(self.wrong(format!(
            "{variable} holds {} of shape {:?} instead of {} of shape {shape:?}; give another \
             output directory, or --clobber to replace it",
            head.kind,
            head.shape,
            T::KIND
        )))
    }

    /// All attributes of a part.
    pub(crate) fn attributes(&self, part: Part<'_>) -> Result<Vec<(String, Value)>> {
        self.reader.attributes(part)
    }

    /// One attribute of a part; `None` when there is no such attribute.
    pub(crate) fn attribute(&self, part: Part<'_>, name: &str) -> Result<Option<Value>> {
        self.reader.attribute(part, name)
    }

    /// An attribute of a group that is a number.
    pub(crate) fn number(&self, group: &str, name: &str) -> Result<f64> {
        match self.of_group(group, name)? {
            Value::Float(value) => Ok(value),
            Value::Integer(value) => Ok(value as f64),
            Value::Unsigned(value) => Ok(value as f64),
            other => Err(self.wrong(format!("{group}@{name}: is {other:?}, not a number"))),
        }
    }

    /// An attribute of a group that is an integer.
    pub(crate) fn integer(&self, group: &str, name: &str) -> Result<i64> {
        match self.of_group(group, name)? {
            Value::Integer(value) => Ok(value),
            Value::Unsigned(value) => i64::try_from(value).map_err(|_| {
                self.wrong(format!("{group}@{name}: {value} is larger than 2^63 - 1"))
            }),
            other => Err(self.wrong(format!("{group}@{name}: is {other:?}, not an integer"))),
        }
    }

    fn of_group(&self, group: &str, name: &str) -> Result<Value> {
        let found = self.attribute(Part::Group(group), name)?;
        found.ok_or_else(|| self.wrong(format!("{group}@{name}: does not exist")))
    }

    fn wrong(&self, problem: String) -> Error {
        Error::Format {
            path: self.path.clone(),
            problem,
        }
    }
}
