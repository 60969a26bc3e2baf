use std::ops::{Deref, DerefMut};

use bytes::Bytes;

use super::blob::{Decoded, Object};
use super::layout::{Layout, Part};
use super::value::Value;
use crate::archive::{Pointer, Reader, Result, Text};

/// How deep objects may lie in each other: real ones lie three deep.
pub(super) const DEEPEST: u8 = 64;

pub(super) fn too_deep() -> String {
    format!("objects lie more than {DEEPEST} deep in each other")
}

/// Reads the objects of one archive.
pub(super) struct Decoder<'a> {
    reader: Reader<'a>,
    blob: &'a Bytes,
    /// By their numbers, from 1. `None` while an object is being read.
    objects: Vec<Option<Shared>>,
    /// How many objects lie around the one that is being read, in this archive and outside.
    depth: u8,
    /// How many more bytes the archive would have if no object were shared.
    repeated: usize,
}

/// An object to which further pointers may point.
struct Shared {
    object: Object,
    /// How many bytes it has, with all that it shares with others.
    length: usize,
}

impl<'a> Deref for Decoder<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl DerefMut for Decoder<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}

/// The class of an archive with one object.
pub(super) fn class_of(blob: &[u8]) -> Result<&[u8]> {
    let mut reader = Reader::new(blob)?;
    top(&mut reader)
}

/// Decodes an archive with one object; `None` when its class is not known.
pub(super) fn decode(blob: &Bytes, depth: u8) -> Result<Option<Decoded>> {
    let mut reader = Reader::new(blob)?;
    let class = top(&mut reader)?;
    let mut decoder = Decoder {
        reader,
        blob,
        objects: vec![None],
        depth,
        repeated: 0,
    };
    let Some(value) = decoder.deeper(|from| Value::read(class, from))? else {
        return Ok(None);
    };
    Ok(Some(Decoded {
        value,
        versions: decoder.versions().into(),
        trailing: decoder.left(),
    }))
}

fn top<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8]> {
    match reader.pointer()? {
        Pointer::New {
            class: Some(class), ..
        } => Ok(class),
        _ => Err(reader.refuse("there is no object")),
    }
}

impl Decoder<'_> {
    /// An object of a known class, with its version.
    pub(super) fn object<T: Layout>(&mut self) -> Result<T> {
        let version = self.version(T::NAME, T::OLDEST, T::NEWEST)?;
        T::read(self, version)
    }

    /// The base of most classes, which has a version and nothing else.
    pub(super) fn base(&mut self) -> Result<()> {
        self.version("G3FrameObject", 1, 1).map(drop)
    }

    /// A text, which shares the memory of the archive.
    pub(super) fn shared_text(&mut self) -> Result<Text> {
        let text = self.text()?;
        Ok(self.blob.slice_ref(text).into())
    }

    /// Bytes with their number in front, which share the memory of the archive.
    pub(super) fn shared_bytes(&mut self) -> Result<Bytes> {
        let bytes = self.text()?;
        Ok(self.blob.slice_ref(bytes))
    }

    /// So many parts, with their count in front.
    pub(super) fn parts<T: Part>(&mut self) -> Result<Vec<T>> {
        let count = self.count(T::LEAST)?;
        (0..count).map(|_| T::read_part(self)).collect()
    }

    /// The object of an archive within this one.
    pub(super) fn nested(&mut self) -> Result<Object> {
        let blob = self.shared_bytes()?;
        Ok(Object::nested(blob, self.depth))
    }

    /// An object behind a pointer. `declared` is the class of which a pointer without a name is.
    pub(super) fn pointer_to(&mut self, declared: Option<&'static str>) -> Result<Option<Object>> {
        match self.pointer()? {
            Pointer::Null => Ok(None),
            Pointer::Known { id, .. } => self.again(id).map(Some),
            Pointer::New { class, .. } => {
                let Some(class) = class.or(declared.map(str::as_bytes)) else {
                    return Err(self.refuse("a pointer without a class"));
                };
                self.fresh(class).map(Some)
            }
        }
    }

    fn again(&mut self, id: u32) -> Result<Object> {
        let Some(Some(shared)) = self.objects.get(id as usize - 1) else {
            return Err(self.refuse(format!("object {id} holds itself")));
        };
        let object = shared.object.clone();
        self.repeated += shared.length;
        // Whoever walks through all objects takes time for each time that one is shared.
        if self.repeated > self.blob.len().saturating_mul(16).saturating_add(1 << 16) {
            return Err(self.refuse("objects are shared so often that they could not be listed"));
        }
        Ok(object)
    }

    fn fresh(&mut self, class: &[u8]) -> Result<Object> {
        let place = self.objects.len();
        let start = self.at() + self.repeated;
        self.objects.push(None);
        let Some(value) = self.deeper(|from| Value::read(class, from))? else {
            let class = String::from_utf8_lossy(class);
            return Err(self.refuse(format!("the class {class} in it is not known")));
        };
        let object = Object::new(value);
        self.objects[place] = Some(Shared {
            object: object.clone(),
            length: self.at() + self.repeated - start,
        });
        Ok(object)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEEPEST {
            return Err(self.refuse(too_deep()));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}
