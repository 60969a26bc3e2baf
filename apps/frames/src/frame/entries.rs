use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;

use super::error::{Error, Problem, Result};
use super::{FrameType, Place};
use crate::archive::Text;
use crate::object::{Class, Object, TimestreamMap};

/// A frame: a type, and objects by name, in the order in which they lie in the file.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub(super) kind: FrameType,
    pub(super) entries: Vec<(Text, Object)>,
    pub(super) place: Option<Place>,
    /// The frame as it was read, while nothing is changed.
    pub(super) bytes: Option<Bytes>,
}

impl Frame {
    /// A frame without objects.
    pub fn new(kind: FrameType) -> Frame {
        Frame {
            kind,
            ..Frame::default()
        }
    }

    /// Its type.
    pub fn kind(&self) -> FrameType {
        self.kind
    }

    /// Gives it another type.
    pub fn set_kind(&mut self, kind: FrameType) {
        if kind != self.kind {
            self.kind = kind;
            self.bytes = None;
        }
    }

    /// Where it was read; `None` for one that was made here.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// Says where it was read.
    pub fn set_place(&mut self, place: Place) {
        self.place = Some(place);
    }

    /// How many objects it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names and objects, in the order of the file.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Object)> + DoubleEndedIterator {
        self.entries.iter().map(|(name, object)| (name, object))
    }

    /// The names, in the order of the file.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator {
        self.entries.iter().map(|(name, _)| name)
    }

    /// Whether it has an object of that name.
    pub fn has(&self, name: impl AsRef<[u8]>) -> bool {
        self.index(name.as_ref()).is_some()
    }

    /// The object of that name.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&Object> {
        let index = self.index(name.as_ref())?;
        Some(&self.entries[index].1)
    }

    /// The value of the object of that name.
    ///
    /// # Errors
    /// When there is none, it is of another class, or its bytes are damaged.
    pub fn get_as<T: Class>(&self, name: impl AsRef<[u8]>) -> Result<&T> {
        let name = name.as_ref();
        match self.get(name) {
            None => Err(self.error(name, Problem::Missing)),
            Some(object) => object.get().map_err(|error| self.error(name, error.into())),
        }
    }

    /// The [timestreams](Object::timestreams) of that name: a map, or an array with names.
    ///
    /// # Errors
    /// When there are none, or they cannot be had.
    pub fn timestreams(&self, name: impl AsRef<[u8]>) -> Result<Cow<'_, TimestreamMap>> {
        let name = name.as_ref();
        match self.get(name) {
            None => Err(self.error(name, Problem::Missing)),
            Some(object) => object
                .timestreams()
                .map_err(|error| self.error(name, error.into())),
        }
    }

    /// The same for an object that may be missing.
    ///
    /// # Errors
    /// When it is of another class, or its bytes are damaged.
    pub fn find_as<T: Class>(&self, name: impl AsRef<[u8]>) -> Result<Option<&T>> {
        let name = name.as_ref();
        let found = self.has(name).then(|| self.get_as(name));
        found.transpose()
    }

    /// Puts an object in: in place of that of the same name, or behind all others.
    pub fn put(&mut self, name: impl Into<Text>, object: impl Into<Object>) {
        self.bytes = None;
        let (name, object) = (name.into(), object.into());
        match self.index(&name) {
            Some(index) => self.entries[index].1 = object,
            None => self.entries.push((name, object)),
        }
    }

    /// Takes an object out.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> Option<Object> {
        let index = self.index(name.as_ref())?;
        self.bytes = None;
        Some(self.entries.remove(index).1)
    }

    /// Gives objects other names, from the first name of each pair to the second, in their places
    /// in the order. All get them at once, so names can change places. A name that no object has is
    /// passed over.
    ///
    /// # Errors
    /// When two objects would have one name; then all names stay.
    pub fn rename(&mut self, pairs: &[(Text, Text)]) -> Result<()> {
        let renamed = |name: &Text| {
            let pair = pairs.iter().find(|(from, _)| from == name);
            pair.map_or(name, |(_, to)| to).clone()
        };
        let new: Vec<Text> = self.names().map(renamed).collect();
        if self.names().eq(&new) {
            return Ok(());
        }
        let mut seen = HashMap::new();
        for (old, new) in self.names().zip(&new) {
            let Some(other) = seen.insert(new, old) else {
                continue;
            };
            // Told of the one that gets the name, or of either where both do.
            let from = if old == new { other } else { old };
            return Err(self.error(from, Problem::Taken(new.clone())));
        }
        for ((name, _), new) in self.entries.iter_mut().zip(new) {
            *name = new;
        }
        self.bytes = None;
        Ok(())
    }

    /// Keeps those objects for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&Text, &Object) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|(name, object)| keep(name, object));
        if self.entries.len() != before {
            self.bytes = None;
        }
    }

    /// The frame as it stands in its file, while nothing is changed.
    pub fn bytes(&self) -> Option<&Bytes> {
        self.bytes.as_ref()
    }

    fn index(&self, name: &[u8]) -> Option<usize> {
        self.entries.iter().position(|(own, _)| **own == *name)
    }

    pub(super) fn error(&self, name: &[u8], problem: Problem) -> Error {
        Error {
            place: self.place.clone(),
            name: name.into(),
            problem: Box::new(problem),
        }
    }
}
