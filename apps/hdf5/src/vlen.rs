//! Values of variable length: texts and lists, which lie in heaps apart from what refers to them.
//!
//! The library follows a reference without a look at where it leads. Where the reference is
//! damaged, it reads beyond the heap, or writes more than there is room for, and crashes. So the
//! references (`heap_id`) are read as they are stored, and the texts are taken from the heaps
//! here; lists are left to the library after their references were checked.
//!
//! Every value of variable length is read here. The bytes of the file are those that the library
//! reads: of a file that is open for writing, after a flush. Where a driver of the library other
//! than its default one has opened the file (MPI), nobody but the library can read it: then it
//! reads the texts itself, and crashes over damaged ones.

#[allow(unsafe_code)]
mod bytes;
#[allow(unsafe_code)]
mod heap_id;

use std::collections::HashMap;
use std::io;

use hdf5::types::{TypeDescriptor, VarLenArray, VarLenAscii, VarLenUnicode};
use hdf5::{Container, ObjectReference1};

use super::descriptor;
use super::global_heap::{self, HEAD, Heap};
use bytes::Bytes;
use heap_id::HeapId;

/// The texts of an attribute or dataset whose elements are texts of variable length, in the order
/// of its elements. A text ends before its first NUL; where nothing was written it is empty.
///
/// # Errors
/// The elements are something else, refer to what is not there, or the library refuses.
pub fn texts(container: &Container) -> hdf5::Result<Vec<Vec<u8>>> {
    let kind = descriptor::of(&container.dtype()?)?;
    if !matches!(
        kind,
        TypeDescriptor::VarLenUnicode | TypeDescriptor::VarLenAscii
    ) {
        return Err(format!("is {kind}, no text of variable length").into());
    }
    hdf5::sync::sync(|| {
        let mut texts = Vec::new();
        let is_read = each(container, 1, |text| texts.push(before_nul(text)))?;
        if is_read {
            return Ok(texts);
        }
        Ok(match kind {
            TypeDescriptor::VarLenAscii => owned(&container.read_raw::<VarLenAscii>()?),
            _ => owned(&container.read_raw::<VarLenUnicode>()?),
        })
    })
}

/// The lists of an attribute or dataset whose elements are lists of references to objects.
///
/// # Errors
/// As [`texts`].
pub(super) fn references(
    container: &Container,
) -> hdf5::Result<Vec<VarLenArray<ObjectReference1>>> {
    hdf5::sync::sync(|| {
        // Where each element refers to as many bytes as it says, the library may follow. A
        // reference takes as many bytes in every file.
        each(container, size_of::<ObjectReference1>(), |_| ())?;
        container.read_raw()
    })
}

fn before_nul(text: &[u8]) -> Vec<u8> {
    let text = text.split(|&byte| byte == 0).next();
    text.unwrap_or_default().to_owned()
}

fn owned<T: AsRef<[u8]>>(texts: &[T]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_ref().to_owned()).collect()
}

/// Shows the bytes that each element refers to. `false`, and nothing is shown, where the bytes of
/// the file are out of reach.
fn each(container: &Container, entry: usize, mut show: impl FnMut(&[u8])) -> hdf5::Result<bool> {
    let Some(mut heaps) = Heaps::of(&container.file()?)? else {
        return Ok(false);
    };
    for id in heap_id::read(container)? {
        show(heaps.content(id, entry)?);
    }
    Ok(true)
}

/// The heaps of an open file that were met so far.
struct Heaps {
    bytes: Bytes,
    /// Where address 0 is, and bytes of a length.
    base: u64,
    width: usize,
    met: HashMap<u64, Heap>,
    /// Bytes of heaps, and of what is shown, that there may still be: neither do heaps overlap, nor
    /// do two elements refer to the same bytes.
    unread: u64,
    unshown: u64,
}

impl Heaps {
    fn of(file: &hdf5::File) -> hdf5::Result<Option<Heaps>> {
        let Some(bytes) = Bytes::of(file)? else {
            return Ok(None);
        };
        let list = file.fcpl()?;
        let length = bytes.length()?;
        Ok(Some(Heaps {
            bytes,
            base: list.get_userblock()?,
            width: list.get_sizes()?.sizeof_size as usize,
            met: HashMap::new(),
            unread: length,
            unshown: length,
        }))
    }

    fn content(&mut self, id: HeapId, entry: usize) -> hdf5::Result<&[u8]> {
        let HeapId { address, index, .. } = id;
        if address == 0 && id.length == 0 {
            return Ok(&[]);
        }
        if !self.met.contains_key(&address) {
            let heap = self.read(address);
            let heap = heap.map_err(|why| damaged(&format!("a heap at {address} ({why})")))?;
            self.met.insert(address, heap);
        }
        let object = self.met.get(&address).and_then(|heap| heap.object(index));
        let object = object.ok_or_else(|| {
            damaged(&format!(
                "object {index} of the heap at {address}, which has none"
            ))
        })?;
        let (there, claimed) = (object.len() as u64, u64::from(id.length) * entry as u64);
        if there != claimed {
            return Err(damaged(&format!(
                "{claimed} bytes, of which there are {there}"
            )));
        }
        let unshown = self.unshown.checked_sub(there);
        self.unshown = unshown.ok_or_else(|| damaged("the same bytes as others"))?;
        Ok(object)
    }

    fn read(&mut self, address: u64) -> io::Result<Heap> {
        let at = self.base.saturating_add(address);
        let beginning = self.bytes.read(at, HEAD as u64)?;
        let length = global_heap::length(&beginning, self.width);
        let length = length.ok_or_else(|| io::Error::other("there is none"))?;
        let unread = self.unread.checked_sub(length);
        self.unread = unread.ok_or_else(|| io::Error::other("heaps overlap"))?;
        Heap::new(self.bytes.read(at, length)?, self.width)
    }
}

fn damaged(what: &str) -> hdf5::Error {
    format!("an element refers to {what}: the file is damaged").into()
}

#[cfg(test)]
mod tests;
