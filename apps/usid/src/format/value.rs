use std::fmt;

use crate::error;
use crate::{Error, Result};
use hdf5::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{Attribute, Location};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An integer.
    Integer(i64),
    /// A real number.
    Float(f64),
    /// A truth value.
    Flag(bool),
    /// Text.
    Text(String),
    /// A vector of integers.
    Integers(Vec<i64>),
    /// A vector of real numbers.
    Floats(Vec<f64>),
    /// A vector of texts.
    Texts(Vec<String>),
    /// Something else: a reference, a compound, an array of higher rank. The text describes it.
    Other(String),
}

/// Longest fixed-length text, in bytes; longer labels are refused.
const LONGEST: usize = 1024;

/// Most elements of an attribute that are read: more is damage.
const MOST: usize = 1 << 20;

impl Value {
    /// Reads an attribute; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn find(object: &Location, name: &str) -> Result<Option<Value>> {
        let names = object.attr_names().map_err(refused(object, name))?;
        if !names.iter().any(|other| other == name) {
            return Ok(None);
        }
        let attribute = object.attr(name).map_err(refused(object, name))?;
        Ok(Some(decode(&attribute).map_err(refused(object, name))?))
    }

    /// Writes the attribute anew; one of the same name is replaced.
    ///
    /// # Errors
    /// The library refuses, text holds a NUL, or the value is of no kind that can be written.
    pub fn write(&self, object: &Location, name: &str) -> Result<()> {
        self.store(object, name).map_err(refused(object, name))
    }

    fn store(&self, object: &Location, name: &str) -> hdf5::Result<()> {
        if object.attr_names()?.iter().any(|other| other == name) {
            object.delete_attr(name)?;
        }
        match self {
            Value::Integer(number) => scalar(object, name, number),
            Value::Float(number) => scalar(object, name, number),
            Value::Flag(flag) => scalar(object, name, flag),
            Value::Text(text) => scalar(object, name, &unicode(text)?),
            Value::Integers(numbers) => vector(object, name, numbers),
            Value::Floats(numbers) => vector(object, name, numbers),
            Value::Texts(texts) => store_texts(object, name, texts),
            Value::Other(what) => Err(format!("{what} cannot be written").into()),
        }
    }

    /// The number, of a scalar number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
            _ => None,
        }
    }
}

fn scalar<T: hdf5::H5Type>(object: &Location, name: &str, value: &T) -> hdf5::Result<()> {
    object.new_attr::<T>().create(name)?.write_scalar(value)
}

fn vector<T: hdf5::H5Type>(object: &Location, name: &str, values: &[T]) -> hdf5::Result<()> {
    let attribute = object.new_attr::<T>().shape(values.len()).create(name)?;
    attribute.write_raw(values)
}

fn unicode(text: &str) -> hdf5::Result<VarLenUnicode> {
    text.parse()
        .map_err(|_| format!("{text:?} holds a NUL").into())
}

/// ASCII is written with the length of the longest text, padded with NULs, as the format's own library does; anything else with
/// variable length.
fn store_texts(object: &Location, name: &str, texts: &[String]) -> hdf5::Result<()> {
    let longest = texts.iter().map(String::len).max().unwrap_or(0).max(1);
    if longest <= LONGEST && texts.iter().all(|text| text.is_ascii()) {
        let fixed: hdf5::Result<Vec<FixedAscii<LONGEST>>> = texts
            .iter()
            .map(|text| {
                FixedAscii::from_ascii(text.as_bytes())
                    .map_err(|_| format!("{text:?} holds a NUL").into())
            })
            .collect();
        let attribute = object
            .new_attr_builder()
            .empty_as(&TypeDescriptor::FixedAscii(longest))
            .shape(texts.len())
            .create(name)?;
        return attribute.write_raw(&fixed?);
    }
    let texts: hdf5::Result<Vec<VarLenUnicode>> = texts.iter().map(|text| unicode(text)).collect();
    vector(object, name, &texts?)
}

fn decode(attribute: &Attribute) -> hdf5::Result<Value> {
    let shape = attribute.shape();
    let kind = attribute.dtype()?.to_descriptor();
    let count: usize = shape.iter().product();
    let kind = match kind {
        Ok(kind) if shape.len() <= 1 && count <= MOST => kind,
        Ok(kind) => return Ok(Value::Other(format!("{kind} of shape {shape:?}"))),
        Err(_) => return Ok(Value::Other("a type without a name".into())),
    };
    let one = shape.is_empty();
    Ok(match kind {
        TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => {
            let numbers = attribute.read_raw::<i64>()?;
            match numbers.as_slice() {
                [number] if one => Value::Integer(*number),
                _ => Value::Integers(numbers),
            }
        }
        TypeDescriptor::Float(_) => {
            let numbers = attribute.read_raw::<f64>()?;
            match numbers.as_slice() {
                [number] if one => Value::Float(*number),
                _ => Value::Floats(numbers),
            }
        }
        TypeDescriptor::Boolean if one => Value::Flag(attribute.read_scalar::<bool>()?),
        TypeDescriptor::VarLenUnicode => texts(&attribute.read_raw::<VarLenUnicode>()?, one),
        TypeDescriptor::VarLenAscii => texts(&attribute.read_raw::<VarLenAscii>()?, one),
        TypeDescriptor::FixedAscii(n) if n <= LONGEST => {
            texts(&attribute.read_raw::<FixedAscii<LONGEST>>()?, one)
        }
        TypeDescriptor::FixedUnicode(n) if n <= LONGEST => {
            texts(&attribute.read_raw::<FixedUnicode<LONGEST>>()?, one)
        }
        other => Value::Other(other.to_string()),
    })
}

fn texts<T: AsRef<[u8]>>(texts: &[T], one: bool) -> Value {
    let lossy = |text: &T| String::from_utf8_lossy(text.as_ref()).into_owned();
    match texts {
        [text] if one => Value::Text(lossy(text)),
        _ => Value::Texts(texts.iter().map(lossy).collect()),
    }
}

fn refused(object: &Location, name: &str) -> impl Fn(hdf5::Error) -> Error {
    error::refused(object.filename(), format!("{}@{name}", object.name()))
}

/// All attributes of an object, sorted by name.
///
/// # Errors
/// One of them cannot be read.
pub fn attributes(object: &Location) -> Result<Vec<(String, Value)>> {
    let mut names = object.attr_names().map_err(refused(object, "attributes"))?;
    names.sort();
    let read = |name: String| -> Result<(String, Value)> {
        let value = Value::find(object, &name)?;
        let gone = || Value::Other("removed meanwhile".into());
        Ok((name, value.unwrap_or_else(gone)))
    };
    names.into_iter().map(read).collect()
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Integer(number) => number.fmt(f),
            Value::Float(number) => number.fmt(f),
            Value::Flag(flag) => flag.fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::Integers(numbers) => write!(f, "{numbers:?}"),
            Value::Floats(numbers) => write!(f, "{numbers:?}"),
            Value::Texts(texts) => write!(f, "[{}]", texts.join(", ")),
            Value::Other(what) => write!(f, "<{what}>"),
        }
    }
}

macro_rules! from {
    ($($kind:ty => $variant:ident),*) => { $(
        impl From<$kind> for Value {
            fn from(value: $kind) -> Value {
                Value::$variant(value.into())
            }
        }
    )* };
}
from!(i64 => Integer, f64 => Float, bool => Flag, &str => Text, String => Text, Vec<i64> => Integers, Vec<f64> => Floats, Vec<String> => Texts);
