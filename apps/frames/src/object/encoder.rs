use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use super::blob::Object;
use super::decoder::{DEEPEST, too_deep};
use super::layout::{Layout, Part, Written};
use super::value::Value;
use crate::archive::{Pointer, Writer};

/// Writes the objects of one archive.
pub(super) struct Encoder {
    writer: Writer,
    /// The numbers of objects that were written, by where they lie in memory.
    shared: HashMap<usize, u32>,
    objects: u32,
    /// How many objects lie around the one that is being written.
    depth: u8,
}

impl Deref for Encoder {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for Encoder {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

/// An archive with one object, which lies within `depth` others.
pub(super) fn encode(value: &Value, depth: u8) -> Result<Vec<u8>, String> {
    let mut encoder = Encoder {
        writer: Writer::new(),
        shared: HashMap::new(),
        objects: 0,
        depth,
    };
    encoder.fresh(value, false)?;
    Ok(encoder.writer.finish())
}

impl Encoder {
    /// An object of a known class, with its version.
    pub(super) fn object<T: Layout>(&mut self, object: &T) -> Written {
        self.version(T::NAME, T::NEWEST);
        object.write(self)
    }

    /// The base of most classes.
    pub(super) fn base(&mut self) {
        self.version("G3FrameObject", 1);
    }

    /// Parts, with their count in front.
    pub(super) fn parts<T: Part>(&mut self, parts: &[T]) -> Written {
        self.count(parts.len());
        parts.iter().try_for_each(|part| part.write_part(self))
    }

    /// An archive within this one.
    pub(super) fn nested(&mut self, object: &Object) -> Written {
        let blob = object
            .blob_within(self.depth)
            .map_err(|error| error.to_string())?;
        self.text(&blob);
        Ok(())
    }

    /// A pointer, with the object where it is new. `is_declared`: its class is that of the pointer,
    /// and has no name.
    pub(super) fn pointer_to(&mut self, object: Option<&Object>, is_declared: bool) -> Written {
        let Some(object) = object else {
            self.pointer(Pointer::Null);
            return Ok(());
        };
        let value = object.value().map_err(|error| error.to_string())?;
        if let Some(&id) = self.shared.get(&object.address()) {
            let class = (!is_declared).then(|| value.class().as_bytes());
            self.pointer(Pointer::Known { class, id });
            return Ok(());
        }
        self.shared.insert(object.address(), self.objects + 1);
        self.fresh(value, is_declared)
    }

    fn fresh(&mut self, value: &Value, is_declared: bool) -> Written {
        if self.depth >= DEEPEST {
            return Err(too_deep());
        }
        self.depth += 1;
        self.objects += 1;
        let id = self.objects;
        let class = (!is_declared).then(|| value.class().as_bytes());
        self.pointer(Pointer::New { class, id });
        value.write(self)?;
        self.depth -= 1;
        Ok(())
    }
}
