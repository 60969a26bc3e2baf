use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::decoder::{class_of, decode};
use super::encoder::encode;
use super::value::{Class, Value};
use super::{Error, Result};

/// An object of a frame: its bytes, or its value, or both. Copies share all of it, and what one of
/// them decodes, or encodes, all have.
///
/// Bytes that were read stay as they are: what nobody changed is written as it was.
#[derive(Clone)]
pub struct Object(Arc<Inner>);

struct Inner {
    blob: OnceLock<Bytes>,
    decoded: OnceLock<Result<Box<Decoded>, Box<Error>>>,
    /// How many objects lie around this one.
    depth: u8,
}

/// What bytes mean.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) value: Value,
    /// The versions of the classes that occur.
    pub(super) versions: Box<[(&'static str, u32)]>,
    /// How many bytes there are behind the object.
    pub(super) trailing: usize,
}

impl Object {
    /// An object with this value.
    pub fn new(value: impl Into<Value>) -> Object {
        let decoded = Decoded {
            value: value.into(),
            versions: Box::default(),
            trailing: 0,
        };
        Object(Arc::new(Inner {
            blob: OnceLock::new(),
            decoded: OnceLock::from(Ok(Box::new(decoded))),
            depth: 0,
        }))
    }

    /// An object with these bytes, which are not looked at until somebody asks for the value.
    pub fn from_blob(blob: impl Into<Bytes>) -> Object {
        Object::nested(blob.into(), 0)
    }

    pub(super) fn nested(blob: Bytes, depth: u8) -> Object {
        Object(Arc::new(Inner {
            blob: OnceLock::from(blob),
            decoded: OnceLock::new(),
            depth,
        }))
    }

    /// The name of its class. For bytes only the beginning is read.
    ///
    /// # Errors
    /// When the bytes do not begin with one.
    pub fn class(&self) -> Result<Cow<'_, str>> {
        if let Some(Ok(decoded)) = self.0.decoded.get() {
            return Ok(decoded.value.class().into());
        }
        let blob = self.0.blob.get().map(Bytes::as_ref).unwrap_or_default();
        let class = class_of(blob).map_err(|source| Error::Damaged {
            class: "an object without a class".into(),
            source,
        })?;
        Ok(String::from_utf8_lossy(class))
    }

    /// Its value.
    ///
    /// # Errors
    /// When its class is not known, or its bytes are damaged.
    pub fn value(&self) -> Result<&Value> {
        self.decoded().map(|decoded| &decoded.value)
    }

    /// Its value as that of a class.
    ///
    /// # Errors
    /// As [`Object::value`], and when it is of another class.
    pub fn get<T: Class>(&self) -> Result<&T> {
        let value = self.value()?;
        T::of(value).ok_or_else(|| Error::Other {
            found: value.class().into(),
            wanted: T::NAME,
        })
    }

    /// Its bytes.
    ///
    /// # Errors
    /// When its value has no form as bytes.
    pub fn blob(&self) -> Result<Bytes> {
        self.blob_within(0)
    }

    /// The same for an object that lies within `depth` others.
    pub(super) fn blob_within(&self, depth: u8) -> Result<Bytes> {
        if let Some(blob) = self.0.blob.get() {
            return Ok(blob.clone());
        }
        let value = self.value()?;
        let blob = encode(value, depth).map_err(|problem| Error::Unwritable {
            class: value.class(),
            problem,
        })?;
        Ok(self.0.blob.get_or_init(|| blob.into()).clone())
    }

    /// The bytes that are there without encoding: that were read, or written before.
    pub fn stored(&self) -> Option<&Bytes> {
        self.0.blob.get()
    }

    /// The version that `class` has in these bytes, of this object's class or of one within it.
    /// `None` for an object that was not read from bytes, and for a class that does not occur.
    pub fn version_of(&self, class: &str) -> Option<u32> {
        let versions = &self.decoded().ok()?.versions;
        let found = versions.iter().find(|(name, _)| *name == class);
        found.map(|(_, version)| *version)
    }

    /// How many bytes there are behind the object; they mean nothing.
    ///
    /// # Errors
    /// As [`Object::value`].
    pub fn trailing(&self) -> Result<usize> {
        self.decoded().map(|decoded| decoded.trailing)
    }

    /// Whether two are copies of one object.
    pub fn is_same(&self, other: &Object) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn decoded(&self) -> Result<&Decoded> {
        let decode = || self.decode().map_err(Box::new);
        let decoded = self.0.decoded.get_or_init(decode);
        decoded.as_deref().map_err(|error| Error::clone(error))
    }

    fn decode(&self) -> Result<Box<Decoded>> {
        let blob = self.0.blob.get().cloned().unwrap_or_default();
        let class = self.class()?;
        match decode(&blob, self.0.depth) {
            Ok(Some(decoded)) => Ok(Box::new(decoded)),
            Ok(None) => Err(Error::Unknown(class.into())),
            Err(source) => Err(Error::Damaged {
                class: class.into(),
                source,
            }),
        }
    }
}

/// Objects are equal when their values are, or, where they have none, their bytes.
impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        if self.is_same(other) {
            return true;
        }
        match (self.value(), other.value()) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), Err(_)) => self.0.blob.get() == other.0.blob.get(),
            _ => false,
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Ok(value) => value.fmt(f),
            Err(error) => write!(f, "({error})"),
        }
    }
}

impl<T: Into<Value>> From<T> for Object {
    fn from(value: T) -> Object {
        Object::new(value)
    }
}
