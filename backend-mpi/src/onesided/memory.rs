use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use jobwise_core::{Error, Result, Wire};

use super::mapping::Mapping;

/// How much of what lies in a piece of memory: atomic words first, then bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) words: usize,
    pub(crate) bytes: usize,
}

impl Shape {
    const PAGE: usize = 4096;

    /// Where the bytes begin: at a page where they fill some, else at a cache line.
    fn first_byte(self) -> Option<usize> {
        let aligned = if self.bytes >= Self::PAGE {
            Self::PAGE
        } else {
            64
        };
        self.words.checked_mul(8)?.checked_next_multiple_of(aligned)
    }

    /// The length of the memory, which is not 0.
    fn len(self) -> Option<usize> {
        let len = self.first_byte()?.checked_add(self.bytes)?;
        isize::try_from(len).is_ok().then_some(len.max(1))
    }
}

/// Words and bytes in memory that the ranks of a node have in common, all 0 at first.
pub(crate) struct Memory {
    mapping: Mapping,
    shape: Shape,
    first_byte: usize,
}

/// Where a process keeps the file of a piece of memory, and which it is.
pub(crate) struct Offer {
    process: u32,
    descriptor: u64,
    device: u64,
    inode: u64,
}

impl Memory {
    /// Memory of this rank alone.
    ///
    /// # Errors
    /// When there is not so much.
    pub(crate) fn private(shape: Shape) -> Result<Memory> {
        let mapping = Mapping::private(Self::len(shape)?);
        Self::new(mapping.map_err(|why| refused(shape, &why))?, shape)
    }

    /// Memory for the other ranks of the node too, which reach it by the offer while the file is
    /// open here.
    ///
    /// # Errors
    /// When there is not so much.
    pub(crate) fn shared(shape: Shape) -> Result<(Memory, File, Offer)> {
        let len = Self::len(shape)?;
        let made = Mapping::shared(len).and_then(|(mapping, file)| {
            let about = file.metadata()?;
            Ok((mapping, file, about))
        });
        let (mapping, file, about) = made.map_err(|why| refused(shape, &why))?;
        let offer = Offer {
            process: std::process::id(),
            descriptor: file.as_raw_fd() as u64,
            device: about.dev(),
            inode: about.ino(),
        };
        Ok((Self::new(mapping, shape)?, file, offer))
    }

    /// The memory that another rank of the node offers.
    ///
    /// # Errors
    /// When it cannot be reached or is not what was offered.
    pub(crate) fn offered(shape: Shape, offer: &Offer) -> Result<Memory> {
        let len = Self::len(shape)?;
        let path = format!("/proc/{}/fd/{}", offer.process, offer.descriptor);
        let failed = |why: &dyn std::fmt::Display| {
            Error::Backend(
                format!(
                    "the memory of another rank of this node cannot be reached by {path}: {why}; \
                     ranks of one node must run as one user and see each \
                     other's processes (set JOBWISE_PSEUDO_NODES to the number of ranks, for \
                     copies of their own)"
                )
                .into(),
            )
        };
        let file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|why| failed(&why))?;
        let about = file.metadata().map_err(|why| failed(&why))?;
        if (about.dev(), about.ino()) != (offer.device, offer.inode) {
            return Err(failed(&"it is another process's file"));
        }
        if about.len() != len as u64 {
            return Err(Error::Program(
                format!(
                    "the ranks of a node ask for memory of different sizes: {len} and {} bytes",
                    about.len()
                )
                .into(),
            ));
        }
        let mapping = Mapping::of(&file, len);
        Self::new(mapping.map_err(|why| refused(shape, &why))?, shape)
    }

    fn len(shape: Shape) -> Result<usize> {
        shape
            .len()
            .ok_or_else(|| refused(shape, &"no machine has so much"))
    }

    fn new(mapping: Mapping, shape: Shape) -> Result<Memory> {
        let first_byte = shape.first_byte();
        Ok(Memory {
            mapping,
            shape,
            first_byte: first_byte.ok_or_else(|| refused(shape, &"no machine has so much"))?,
        })
    }

    /// The words.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        let first = self.mapping.start().cast::<AtomicU64>();
        // SAFETY: the mapping begins at a page, with room for so many words (Shape::len), and lives
        // as long as the borrow. Any bytes are valid words, and all ranks touch them by atomic
        // operations only.
        unsafe { std::slice::from_raw_parts(first.as_ptr(), self.shape.words) }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes lie there (Shape::len), and the mapping lives as long as the
        // borrow. They are changed by NodeRegion::update alone, in which no rank of the node
        // borrows them.
        unsafe { std::slice::from_raw_parts(self.first().as_ptr(), self.shape.bytes) }
    }

    /// The words, and where the bytes are. Whoever makes a slice of them sees to it that no rank of
    /// the node writes meanwhile, and for a mutable one that none reads.
    pub(super) fn parts(&mut self) -> (&[AtomicU64], NonNull<[u8]>) {
        let bytes = NonNull::slice_from_raw_parts(self.first(), self.shape.bytes);
        (self.words(), bytes)
    }

    fn first(&self) -> NonNull<u8> {
        // SAFETY: the first byte lies inside the mapping or at its end (Shape::len).
        unsafe { self.mapping.start().add(self.first_byte) }
    }
}

fn refused(shape: Shape, why: &dyn std::fmt::Display) -> Error {
    // The words before bytes are not what was asked for.
    let asked = match shape.bytes {
        0 => shape.words.saturating_mul(8),
        bytes => bytes,
    };
    Error::Backend(format!("there is no shared memory of {asked} bytes on this node: {why}").into())
}

impl Wire for Offer {
    fn put(&self, out: &mut Vec<u8>) {
        for number in [
            u64::from(self.process),
            self.descriptor,
            self.device,
            self.inode,
        ] {
            number.put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let process = u64::take(input)?;
        Ok(Offer {
            process: u32::try_from(process)
                .map_err(|_| Error::Malformed(format!("process {process}")))?,
            descriptor: u64::take(input)?,
            device: u64::take(input)?,
            inode: u64::take(input)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    const SMALL: Shape = Shape {
        words: 3,
        bytes: 100,
    };

    #[test]
    fn an_offer_leads_to_the_same_memory_and_no_further() {
        let (mut memory, file, offer) = Memory::shared(SMALL).unwrap();
        let offer = Offer::from_bytes(&offer.to_bytes()).unwrap();
        let twin = Memory::offered(SMALL, &offer).unwrap();
        assert_eq!(twin.bytes(), [0; 100]);
        assert_eq!(twin.bytes().as_ptr().align_offset(64), 0);
        twin.words()[2].store(7, Ordering::SeqCst);
        // SAFETY: nobody else borrows the bytes meanwhile.
        unsafe { memory.parts().1.as_mut() }.fill(9);
        assert_eq!(memory.words()[2].load(Ordering::SeqCst), 7);
        assert_eq!(twin.bytes(), [9; 100]);

        let other = Shape {
            words: 3,
            bytes: 101,
        };
        let error = Memory::offered(other, &offer).err().unwrap().to_string();
        assert!(error.contains("different sizes"), "{error}");
        let (_other, _, mut wrong) = Memory::shared(SMALL).unwrap();
        wrong.descriptor = offer.descriptor;
        let error = Memory::offered(SMALL, &wrong).err().unwrap().to_string();
        assert!(error.contains("another process's file"), "{error}");
        drop(file);
        let error = Memory::offered(SMALL, &offer).err().unwrap().to_string();
        assert!(error.contains("cannot be reached"), "{error}");
        // The memory lives on while it is mapped.
        drop(memory);
        assert_eq!(twin.bytes(), [9; 100]);
    }

    #[test]
    fn too_much_memory_is_an_error_that_says_what_there_is() {
        for bytes in [usize::MAX, isize::MAX as usize, 1 << 50] {
            let shape = Shape { words: 0, bytes };
            for refused in [Memory::shared(shape).err(), Memory::private(shape).err()] {
                let error = refused.unwrap().to_string();
                assert!(error.contains(&bytes.to_string()), "{error}");
                assert_eq!(
                    error.contains("are available"),
                    bytes < usize::MAX,
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn large_parts_begin_at_a_page() {
        let shape = Shape {
            words: 1,
            bytes: 5000,
        };
        let memory = Memory::private(shape).unwrap();
        assert_eq!(memory.bytes().as_ptr().align_offset(4096), 0);
        assert!(memory.bytes().iter().all(|&byte| byte == 0));
    }
}
