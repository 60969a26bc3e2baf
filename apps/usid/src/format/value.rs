use std::fmt;

use hdf5::types::{FixedAscii, FixedUnicode, Reference, TypeDescriptor, VarLenUnicode};
use hdf5::{Attribute, H5Type, Location, ReferencedObject};
use jobwise_hdf5::{descriptor, named, vlen};

use super::failed;
use super::reference::{path_of, resolve};
use crate::{Error, Result};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An integer of any width. What is too large for 64 bits with sign is a
    /// [`Float`](Self::Float).
    Integer(i64),
    /// A real number of any width.
    Float(f64),
    /// A truth value.
    Flag(bool),
    /// Text of fixed or variable length.
    Text(String),
    /// A vector of integers.
    Integers(Vec<i64>),
    /// A vector of real numbers.
    Floats(Vec<f64>),
    /// A vector of texts.
    Texts(Vec<String>),
    /// The path of an object that is referred to. It is read only; [`NewMain`](super::NewMain) and
    /// [`results`](super::results) write references.
    Reference(String),
    /// Something else: a region, a compound, an array of higher rank. The text describes it.
    Other(String),
}

/// Longest text of fixed length in an array, in bytes. Longer ones are described only, and written
/// with variable length.
const LONGEST: usize = 1024;

/// Most bytes of an attribute that are read, as they lie in memory: no more makes sense.
const MOST: usize = 1 << 26;

impl Value {
    /// Reads an attribute; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn find(object: &Location, name: &str) -> Result<Option<Value>> {
        let found = named::attribute(object, name).map_err(refused(object, name))?;
        let value = found.map(|attribute| decode(object, &attribute));
        value.transpose().map_err(refused(object, name))
    }

    /// Writes the attribute; one of the same name is replaced.
    ///
    /// Integers are written as `i64`, real numbers as `f64`, truth values as HDF5's `FALSE`,
    /// `TRUE`; one text in UTF-8 with variable length; vectors of ASCII texts with the length of
    /// the longest, filled up with NULs.
    ///
    /// # Errors
    /// The library refuses, a text holds a NUL, or it is a [`Reference`](Self::Reference) or
    /// [`Other`](Self::Other).
    pub fn write(&self, object: &Location, name: &str) -> Result<()> {
        self.store(object, name).map_err(refused(object, name))
    }

    fn store(&self, object: &Location, name: &str) -> hdf5::Result<()> {
        if named::attribute(object, name)?.is_some() {
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
            Value::Reference(what) | Value::Other(what) => {
                Err(format!("{what} cannot be written").into())
            }
        }
    }

    /// The number, of a scalar number or truth value.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
            _ => None,
        }
    }
}

fn scalar<T: H5Type>(object: &Location, name: &str, value: &T) -> hdf5::Result<()> {
    object.new_attr::<T>().create(name)?.write_scalar(value)
}

fn vector<T: H5Type>(object: &Location, name: &str, values: &[T]) -> hdf5::Result<()> {
    let attribute = object.new_attr::<T>().shape(values.len()).create(name)?;
    attribute.write_raw(values)
}

fn unicode(text: &str) -> hdf5::Result<VarLenUnicode> {
    text.parse()
        .map_err(|_| format!("{text:?} holds a NUL").into())
}

fn store_texts(object: &Location, name: &str, texts: &[String]) -> hdf5::Result<()> {
    // A length of 0 is no HDF5 type.
    let longest = texts.iter().map(String::len).max().unwrap_or(0).max(1);
    if longest > LONGEST || !texts.iter().all(|text| text.is_ascii()) {
        let texts: hdf5::Result<Vec<VarLenUnicode>> =
            texts.iter().map(|text| unicode(text)).collect();
        return vector(object, name, &texts?);
    }
    let fixed = |text: &String| {
        // Checked here, as the library would cut the text.
        unicode(text)?;
        FixedAscii::<LONGEST>::from_ascii(text.as_bytes()).map_err(|e| e.to_string().into())
    };
    let fixed: hdf5::Result<Vec<_>> = texts.iter().map(fixed).collect();
    let attribute = object
        .new_attr_builder()
        .empty_as(TypeDescriptor::FixedAscii(longest))
        .shape(texts.len())
        .create(name)?;
    attribute.write_raw(&fixed?)
}

fn decode(object: &Location, attribute: &Attribute) -> hdf5::Result<Value> {
    let shape = attribute.get_shape()?;
    let Ok(kind) = descriptor::of(&attribute.dtype()?) else {
        return Ok(Value::Other("of a type without a name".into()));
    };
    let one = shape.is_empty() && attribute.size() == 1;
    let is_large = attribute.size().saturating_mul(16) > MOST;
    if shape.len() > 1 || is_large {
        return Ok(Value::Other(format!("{kind} of shape {shape:?}")));
    }
    let is_text_large = attribute.size().saturating_mul(LONGEST) > MOST;
    Ok(match kind {
        // Beyond what an integer with sign holds, the nearest float.
        TypeDescriptor::Unsigned(_)
            if attribute
                .read_raw::<u64>()?
                .iter()
                .any(|&n| i64::try_from(n).is_err()) =>
        {
            let numbers = attribute.read_raw::<f64>()?;
            match numbers.as_slice() {
                [number] if one => Value::Float(*number),
                _ => Value::Floats(numbers),
            }
        }
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
        TypeDescriptor::VarLenUnicode | TypeDescriptor::VarLenAscii => {
            texts(&vlen::texts(attribute)?, one)
        }
        TypeDescriptor::FixedAscii(n) if n <= LONGEST && !is_text_large => {
            texts(&attribute.read_raw::<FixedAscii<LONGEST>>()?, one)
        }
        TypeDescriptor::FixedUnicode(n) if n <= LONGEST && !is_text_large => {
            texts(&attribute.read_raw::<FixedUnicode<LONGEST>>()?, one)
        }
        TypeDescriptor::Reference(Reference::Object) if one => {
            let target = resolve(object, &attribute.name());
            Value::Reference(
                target.map_or_else(|| "nothing".to_owned(), |target| path(object, &target)),
            )
        }
        // Names in a type of a damaged file need not be UTF-8, whatever the binding takes them for.
        other => {
            let text = other.to_string();
            Value::Other(String::from_utf8_lossy(text.as_bytes()).into_owned())
        }
    })
}

/// The path of what an attribute of `object` refers to.
fn path(object: &Location, target: &ReferencedObject) -> String {
    let path = match target {
        ReferencedObject::Group(group) => path_of(object, group),
        ReferencedObject::Dataset(dataset) => path_of(object, dataset),
        ReferencedObject::Datatype(_) => return "a named type".to_owned(),
    };
    path.unwrap_or_else(|| "an object without a name".to_owned())
}

fn texts<T: AsRef<[u8]>>(texts: &[T], one: bool) -> Value {
    // What is no UTF-8 was written in Latin-1, whose bytes are the numbers of its characters.
    let decoded = |text: &T| {
        let bytes = text.as_ref();
        std::str::from_utf8(bytes).map_or_else(
            |_| bytes.iter().copied().map(char::from).collect(),
            str::to_owned,
        )
    };
    match texts {
        [text] if one => Value::Text(decoded(text)),
        _ => Value::Texts(texts.iter().map(decoded).collect()),
    }
}

fn refused(object: &Location, name: &str) -> impl FnOnce(hdf5::Error) -> Error + use<> {
    failed::member(object, &format!("@{name}"))
}

/// All attributes of an object, sorted by name.
///
/// # Errors
/// One of them cannot be read.
pub fn attributes(object: &Location) -> Result<Vec<(String, Value)>> {
    let names = jobwise_hdf5::attributes::names(object)?;
    let read = |name: String| -> Result<(String, Value)> {
        let attribute = object.attr(&name).map_err(refused(object, &name))?;
        let value = decode(object, &attribute).map_err(refused(object, &name))?;
        Ok((name, value))
    };
    names.into_iter().map(read).collect()
}

/// For people, on one line.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Integer(number) => number.fmt(f),
            Value::Float(number) => number.fmt(f),
            Value::Flag(flag) => flag.fmt(f),
            Value::Text(text) => f.write_str(text),
            Value::Integers(numbers) => write!(f, "{numbers:?}"),
            Value::Floats(numbers) => write!(f, "{numbers:?}"),
            Value::Texts(texts) => write!(f, "[{}]", texts.join(", ")),
            Value::Reference(path) => write!(f, "-> {path}"),
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
from!(i64 => Integer, f64 => Float, bool => Flag, &str => Text, String => Text, Vec<i64> => Integers,
    Vec<f64> => Floats, Vec<String> => Texts);
