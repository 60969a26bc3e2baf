//! A checksum over all of a finished file, and what it says later.
//!
//! The library asks for no checksums in the files that we write, and one over each dataset would
//! not cover what lies between them. So a finished file ends with a trailer, which readers of HDF5
//! pass over:
//!
//! | bytes | meaning (numbers are unsigned, little-endian) |
//! |---|---|
//! | n | the HDF5 file, whose superblock says that its end lies after the digest |
//! | 8 | `jwsealed` |
//! | 8 | n |
//! | 32 | SHA-256 of everything before |
//! | 16 | `jobwise seal end` |
//!
//! The digest lies within what the superblock calls the file and the end mark behind it: a file
//! whose trailer was cut off is shorter than its superblock says, and is not taken for one that
//! never had a trailer.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::superblock;
use super::{Error, Result};
use jobwise_kit::regular_file;

const MAGIC: &[u8; 8] = b"jwsealed";
const END: &[u8; 16] = b"jobwise seal end";

/// Bytes of the trailer that the superblock counts, and those behind them.
const COUNTED: u64 = 48;
const BEHIND: u64 = 16;

/// No HDF5 file is shorter.
const LEAST: u64 = 96;

/// Bytes that are read at once.
const PIECE: usize = 1 << 16;

/// What the checksum of a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The file is, byte by byte, what was written.
    Whole,
    /// It has no checksum: it was written by another program or an older version, or has grown
    /// since.
    Unsealed,
    /// The end mark is gone, as when another program has opened the file for writing or the last
    /// bytes were cut, and the content has changed.
    Reopened,
    /// It does not begin as an HDF5 file does.
    Foreign,
    /// It was cut or changed since it was written, or is empty.
    Broken {
        /// What is wrong.
        why: String,
    },
}

impl Seal {
    /// What is wrong, where the file is not known to be as it was written although it had a
    /// checksum.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Seal::Whole | Seal::Unsealed => None,
            Seal::Reopened => Some("it was cut, or another program has changed it"),
            Seal::Foreign => Some("it does not begin as an HDF5 file"),
            Seal::Broken { why } => Some(why),
        }
    }
}

/// Reads a file and compares it with its checksum.
///
/// # Errors
/// The file cannot be read.
pub fn verify(path: impl AsRef<Path>) -> Result<Seal> {
    let path = path.as_ref();
    let look = || {
        regular_file(path)?;
        judge(&File::open(path)?)
    };
    look().map_err(Error::io(path))
}

/// Puts a trailer behind a finished file. One that is there already must have been removed
/// ([`remove`]).
pub(super) fn put(file: &File) -> io::Result<()> {
    let Some(place) = superblock::end_of(file)? else {
        // Not a superblock that this program writes: the file stays without a checksum.
        return Ok(());
    };
    let content = place.end;
    superblock::set_end(file, place, content + COUNTED)?;
    let mut head = [0; 16];
    head[..8].copy_from_slice(MAGIC);
    head[8..].copy_from_slice(&content.to_le_bytes());
    file.set_len(content)?;
    file.write_all_at(&head, content)?;
    let digest = digest(file, content + head.len() as u64)?;
    let trailer = [&digest[..], END].concat();
    file.write_all_at(&trailer, content + head.len() as u64)
}

/// Looks whether the checksum of a file that is to be changed still fits. `path` is named in
/// messages.
///
/// # Errors
/// The file was damaged since it was written; it cannot be read.
pub(super) fn check(path: &Path, file: &File) -> Result<()> {
    match judge(file).map_err(Error::io(path))? {
        Seal::Broken { why } => {
            return Err(Error::Format {
                path: path.to_path_buf(),
                object: "file".into(),
                problem: format!("is damaged ({why}): make it again, or put back a copy"),
            });
        }
        Seal::Reopened => log::warn!(
            "{}: was changed by another program, or cut, since it was made: its checksum says \
             nothing any more",
            path.display()
        ),
        // What is no HDF5 file, whoever opens it says.
        Seal::Foreign | Seal::Unsealed | Seal::Whole => {}
    }
    Ok(())
}

/// Removes the trailer of a file that is about to be changed. At every instant the file opens.
///
/// # Errors
/// The file cannot be read or written.
pub(super) fn remove(file: &File) -> io::Result<()> {
    let (length, Some(place)) = (file.metadata()?.len(), superblock::end_of(file)?) else {
        return Ok(());
    };
    let counted = trailer_at(file, place.end.checked_sub(COUNTED))?;
    let content = match counted {
        Some(content) => {
            superblock::set_end(file, place, content)?;
            // The file must never be shorter than its superblock says.
            file.sync_all()?;
            content
        }
        None if trailer_at(file, Some(place.end))? == Some(place.end) => place.end,
        None => return Ok(()),
    };
    if length > content {
        file.set_len(content)?;
    }
    Ok(())
}

/// As [`verify`], of an open file.
pub(super) fn judge(file: &File) -> io::Result<Seal> {
    let broken = |why: &str| Ok(Seal::Broken { why: why.into() });
    let length = file.metadata()?.len();
    if length == 0 {
        return broken("the file is empty");
    }
    let marked = length.checked_sub(BEHIND).map_or(Ok(false), |at| {
        let mut bytes = [0; BEHIND as usize];
        file.read_exact_at(&mut bytes, at)?;
        io::Result::Ok(bytes == *END)
    })?;
    let Some(place) = superblock::end_of(file)? else {
        if marked {
            return broken("its first bytes have changed since it was written");
        }
        if superblock::has_signature(file)? && length >= LEAST {
            return Ok(Seal::Unsealed);
        }
        return Ok(Seal::Foreign);
    };
    let end = place.end;
    if length < end {
        return broken(&format!("it was cut: {length} bytes of {end} are left"));
    }
    let head = trailer_at(file, end.checked_sub(COUNTED))?;
    if marked && trailer_at(file, Some(end))? == Some(end) {
        // A change had begun when the process was killed: see `remove`.
        return Ok(Seal::Unsealed);
    }
    // Another program that opens the file for writing takes the mark away, whether it changes
    // anything or not.
    let is_reopened = length == end;
    let content = match head {
        Some(content) if is_reopened || marked && length == end + BEHIND => content,
        Some(_) if length > end + BEHIND => return broken("something was added behind its end"),
        Some(_) if length < end + BEHIND => {
            return broken(&format!(
                "it was cut: {length} bytes of {} are left",
                end + BEHIND
            ));
        }
        Some(_) => return broken("bytes have changed since it was written"),
        None if marked => return broken("bytes have changed since it was written"),
        // A trailer that never reached the disk; else somebody began to add something.
        None if length == end + BEHIND && is_zero(file, end.saturating_sub(COUNTED))? => {
            return broken("its last bytes are zeros");
        }
        None => return Ok(Seal::Unsealed),
    };
    let mut stored = [0; 32];
    file.read_exact_at(&mut stored, content + 16)?;
    if content + COUNTED == end && digest(file, content + 16)? == stored {
        return Ok(Seal::Whole);
    }
    if is_reopened {
        return Ok(Seal::Reopened);
    }
    broken("bytes have changed since it was written")
}

/// Whether nothing but zeros comes from an address on, where a trailer would be.
fn is_zero(file: &File, at: u64) -> io::Result<bool> {
    let mut bytes = [1; (COUNTED + BEHIND) as usize];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes.iter().all(|&byte| byte == 0))
}

/// What the trailer at an address says about the length of the content; `None` without a trailer
/// there.
fn trailer_at(file: &File, at: Option<u64>) -> io::Result<Option<u64>> {
    let length = file.metadata()?.len();
    let Some(at) = at.filter(|at| at.saturating_add(16) <= length) else {
        return Ok(None);
    };
    let mut head = [0; 16];
    file.read_exact_at(&mut head, at)?;
    let (magic, content) = head.split_at(8);
    let content = content.first_chunk().map_or(0, |n| u64::from_le_bytes(*n));
    // One of both may be damaged.
    Ok((magic == MAGIC || content == at).then_some(at))
}

fn digest(file: &File, length: u64) -> io::Result<[u8; 32]> {
    let mut sum = Sha256::new();
    let mut piece = vec![0; PIECE.min(length as usize)];
    let mut at = 0;
    while at < length {
        let part = piece.len().min((length - at) as usize);
        file.read_exact_at(&mut piece[..part], at)?;
        sum.update(&piece[..part]);
        at += part as u64;
    }
    Ok(sum.finalize().into())
}

#[cfg(test)]
mod tests;
