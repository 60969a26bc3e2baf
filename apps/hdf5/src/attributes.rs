//! Scalar attributes of every kind the formats here use.
//!
//! Numbers and variable-length text go through the safe bindings. Fixed-length text of a length
//! known only at run time has no safe binding: `fixed_text` holds the raw calls for it.

#[allow(unsafe_code)]
mod fixed_text;

use std::path::PathBuf;

use hdf5::types::{TypeDescriptor, VarLenUnicode};
use hdf5::{Attribute, Container, Dataset, H5Type, Location};

use super::{Error, Result, descriptor, lengths, named, vlen};
pub use fixed_text::{Padding, write_fixed_text};

/// The value of a scalar attribute, whatever its width.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A signed integer of any width.
    Integer(i64),
    /// An unsigned integer of any width.
    Unsigned(u64),
    /// A real number of any width.
    Float(f64),
    /// Text, of fixed or variable length. Bytes that are not UTF-8 are replaced.
    Text(String),
    /// Something else; the string describes its type and shape.
    Other(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Unsigned(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Other(kind) => write!(f, "<{kind}>"),
        }
    }
}

/// Reads the attribute `name` of a file, group or dataset; `None` when there is no such attribute.
///
/// An array of one element counts as a scalar.
///
/// # Errors
/// The attribute exists and cannot be read.
pub fn find(object: &Location, name: &str) -> Result<Option<Value>> {
    let found = named::attribute(object, name).map_err(refused(object, name))?;
    let value = found.map(|attribute| decode(&attribute).map_err(refused(object, name)));
    value.transpose()
}

/// Reads the attribute `name` of a file, group or dataset.
///
/// # Errors
/// The attribute does not exist or cannot be read.
pub fn read(object: &Location, name: &str) -> Result<Value> {
    find(object, name)?.ok_or_else(|| wrong(object, name, "does not exist"))
}

/// Reads an integer attribute of any width and signedness.
///
/// # Errors
/// As [`read`]; or the value is no integer, or does not fit.
pub fn read_i64(object: &Location, name: &str) -> Result<i64> {
    match read(object, name)? {
        Value::Integer(value) => Ok(value),
        Value::Unsigned(value) => i64::try_from(value)
            .map_err(|_| wrong(object, name, &format!("{value} is larger than 2^63 - 1"))),
        other => Err(wrong(
            object,
            name,
            &format!("is {other:?}, not an integer"),
        )),
    }
}

/// Reads a non-negative integer attribute of any width and signedness.
///
/// # Errors
/// As [`read`]; or the value is no integer, or negative.
pub fn read_u64(object: &Location, name: &str) -> Result<u64> {
    match read(object, name)? {
        Value::Unsigned(value) => Ok(value),
        Value::Integer(value) => {
            u64::try_from(value).map_err(|_| wrong(object, name, &format!("{value} is negative")))
        }
        other => Err(wrong(
            object,
            name,
            &format!("is {other:?}, not an integer"),
        )),
    }
}

/// Reads a number of any kind; integers are converted.
///
/// # Errors
/// As [`read`]; or the value is no number.
pub fn read_f64(object: &Location, name: &str) -> Result<f64> {
    match read(object, name)? {
        Value::Float(value) => Ok(value),
        Value::Integer(value) => Ok(value as f64),
        Value::Unsigned(value) => Ok(value as f64),
        other => Err(wrong(object, name, &format!("is {other:?}, not a number"))),
    }
}

/// Reads text of fixed or variable length; it ends before its first NUL.
///
/// # Errors
/// As [`read`]; or the value is no text.
pub fn read_text(object: &Location, name: &str) -> Result<String> {
    match read(object, name)? {
        Value::Text(value) => Ok(value),
        other => Err(wrong(object, name, &format!("is {other:?}, not text"))),
    }
}

/// Lists all attributes of a file, group or dataset, sorted by name.
///
/// # Errors
/// An attribute cannot be read.
pub fn list(object: &Location) -> Result<Vec<(String, Value)>> {
    names(object)?
        .into_iter()
        .map(|name| read(object, &name).map(|value| (name, value)))
        .collect()
}

/// Whether a file, group or dataset has the attribute `name`.
///
/// # Errors
/// Its attributes are damaged.
pub fn exists(object: &Location, name: &str) -> Result<bool> {
    let found = named::attribute(object, name).map_err(refused(object, name))?;
    Ok(found.is_some())
}

/// The names of all attributes of a file, group or dataset, sorted.
///
/// # Errors
/// They are damaged.
pub fn names(object: &Location) -> Result<Vec<String>> {
    named::names(object).map_err(refused(object, "attributes"))
}

/// Writes a new scalar number: `i64`, `u64`, `i32`, `f64`, or any other HDF5 scalar type.
///
/// # Errors
/// The attribute exists, or the library refuses.
pub fn write<T: H5Type + Copy>(object: &Location, name: &str, value: T) -> Result<()> {
    store(object, name, &value)
}

/// Writes new text of variable length (UTF-8).
///
/// # Errors
/// The text contains a NUL, the attribute exists, or the library refuses.
pub fn write_text(object: &Location, name: &str, value: &str) -> Result<()> {
    let text: VarLenUnicode = value
        .parse()
        .map_err(|_| wrong(object, name, "the text contains a NUL"))?;
    store(object, name, &text)
}

fn store<T: H5Type>(object: &Location, name: &str, value: &T) -> Result<()> {
    let attribute = object
        .new_attr::<T>()
        .create(name)
        .map_err(refused(object, name))?;
    attribute.write_scalar(value).map_err(refused(object, name))
}

/// Reads a dataset of one element the way an attribute is read.
///
/// Larger datasets and fixed-length text are described, not read ([`Value::Other`]).
///
/// # Errors
/// The library refuses, or the dataset is damaged.
pub fn read_dataset(dataset: &Dataset) -> Result<Value> {
    lengths::check_head(dataset)?;
    decode_element(dataset).map_err(|source| Error::Hdf5 {
        path: dataset.filename().into(),
        object: dataset.name(),
        source,
    })
}

fn decode(attribute: &Attribute) -> hdf5::Result<Value> {
    match fixed_text::read(attribute)? {
        Some(text) => Ok(Value::Text(text)),
        None => decode_element(attribute),
    }
}

fn decode_element(container: &Container) -> hdf5::Result<Value> {
    let shape = container.get_shape()?;
    let Ok(kind) = descriptor::of(&container.dtype()?) else {
        return Ok(Value::Other("a type without name".into()));
    };
    if shape.iter().any(|&extent| extent != 1) {
        return Ok(Value::Other(format!("{kind} of shape {shape:?}")));
    }
    Ok(match kind {
        TypeDescriptor::Integer(_) => Value::Integer(single(container)?),
        TypeDescriptor::Unsigned(_) => Value::Unsigned(single(container)?),
        TypeDescriptor::Float(_) => Value::Float(single(container)?),
        TypeDescriptor::Boolean => Value::Unsigned(u64::from(single::<bool>(container)?)),
        TypeDescriptor::VarLenUnicode | TypeDescriptor::VarLenAscii => {
            let text = vlen::texts(container)?.pop().ok_or("it is empty")?;
            Value::Text(String::from_utf8_lossy(&text).into_owned())
        }
        other => Value::Other(other.to_string()),
    })
}

/// The only element of an attribute or dataset of any rank.
fn single<T: H5Type>(container: &Container) -> hdf5::Result<T> {
    container
        .read_raw::<T>()?
        .pop()
        .ok_or_else(|| "it is empty".into())
}

fn address(object: &Location, name: &str) -> (PathBuf, String) {
    let inside = object.name();
    (
        object.filename().into(),
        format!("{}@{name}", inside.trim_start_matches('/')),
    )
}

fn refused(object: &Location, name: &str) -> impl FnOnce(hdf5::Error) -> Error {
    move |source| {
        let (path, object) = address(object, name);
        Error::Hdf5 {
            path,
            object,
            source,
        }
    }
}

fn wrong(object: &Location, name: &str, problem: &str) -> Error {
    let (path, object) = address(object, name);
    Error::Format {
        path,
        object,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests;
