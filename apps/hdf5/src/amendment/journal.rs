//! The journal: what an amendment replaces, and by what.
//!
//! | bytes | meaning (numbers are unsigned, little-endian) |
//! |---|---|
//! | 16 | `jobwise journal\n` |
//! | 8 | version of the format, 1 |
//! | 8, 8 | end of what the old file uses; length of the new file |
//! | 8 | number of regions |
//! | 8, 8, n, n each | address and length n of a region, its old bytes, its new bytes |
//! | 32 | SHA-256 of everything before |

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::changes::Finished;

const MAGIC: &[u8; 16] = b"jobwise journal\n";
const VERSION: u64 = 1;

/// A replacement of some regions of a file, and its new length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Journal {
    pub(super) old_end: u64,
    pub(super) new_end: u64,
    pub(super) regions: Vec<Region>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) address: u64,
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
}

/// Why bytes are no journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Cut off, or changed since. What can still be told apart is there: its numbers may be wrong.
    Damaged(Option<Journal>),
    /// Whole, but of a later version of the format.
    Newer(u64),
}

/// The place of a file's journal.
pub(super) fn path_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".journal");
    file.with_file_name(name)
}

impl Journal {
    pub(super) fn of(finished: Finished) -> Self {
        let region = |(address, old, new)| Region { address, old, new };
        Journal {
            old_end: finished.old_end,
            new_end: finished.new_end,
            regions: finished.regions.into_iter().map(region).collect(),
        }
    }

    /// The file's length while regions are overwritten: nothing of the old file is cut off before
    /// that.
    pub(super) fn longest(&self) -> u64 {
        self.old_end.max(self.new_end)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let number = |bytes: &mut Vec<u8>, n: u64| bytes.extend_from_slice(&n.to_le_bytes());
        for n in [
            VERSION,
            self.old_end,
            self.new_end,
            self.regions.len() as u64,
        ] {
            number(&mut bytes, n);
        }
        for region in &self.regions {
            number(&mut bytes, region.address);
            number(&mut bytes, region.old.len() as u64);
            bytes.extend_from_slice(&region.old);
            bytes.extend_from_slice(&region.new);
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let split = bytes.split_last_chunk::<32>();
        let (content, digest) = split.ok_or(Unreadable::Damaged(None))?;
        let parsed = parse(content);
        if Sha256::digest(content)[..] != digest[..] {
            return Err(Unreadable::Damaged(parsed.and_then(Result::ok)));
        }
        match parsed {
            Some(Ok(journal)) => Ok(journal),
            Some(Err(newer)) => Err(Unreadable::Newer(newer)),
            None => Err(Unreadable::Damaged(None)),
        }
    }
}

/// The journal in these bytes; the version where it is another one; `None` where the lengths do not
/// fit.
fn parse(content: &[u8]) -> Option<Result<Journal, u64>> {
    let mut rest = content.strip_prefix(MAGIC)?;
    match number(&mut rest)? {
        VERSION => {}
        newer => return Some(Err(newer)),
    }
    let (old_end, new_end, count) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
    let mut regions = Vec::new();
    for _ in 0..count {
        let (address, len) = (number(&mut rest)?, number(&mut rest)?);
        let old = take(&mut rest, len)?.to_vec();
        let new = take(&mut rest, len)?.to_vec();
        address.checked_add(len)?;
        regions.push(Region { address, old, new });
    }
    rest.is_empty().then_some(Ok(Journal {
        old_end,
        new_end,
        regions,
    }))
}

fn take<'a>(rest: &mut &'a [u8], len: u64) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = after;
    Some(taken)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let bytes = take(rest, 8)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Journal {
        let region = |address, old: &[u8], new: &[u8]| Region {
            address,
            old: old.to_vec(),
            new: new.to_vec(),
        };
        Journal {
            old_end: 2048,
            new_end: 4096,
            regions: vec![region(40, &[1, 2, 3], &[4, 5, 6]), region(2000, &[0], &[9])],
        }
    }

    #[test]
    fn a_journal_comes_back() {
        assert_eq!(Journal::decode(&journal().encode()), Ok(journal()));
    }

    #[test]
    fn no_damage_passes() {
        let bytes = journal().encode();
        for cut in 0..bytes.len() {
            let cut = Journal::decode(&bytes[..cut]);
            assert!(matches!(cut, Err(Unreadable::Damaged(_))), "{cut:?}");
        }
        for place in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[place] ^= 4;
            let flipped = Journal::decode(&bytes);
            assert!(
                matches!(flipped, Err(Unreadable::Damaged(_))),
                "{flipped:?}"
            );
        }
    }

    #[test]
    fn lengths_are_not_believed() {
        // A right digest over wrong lengths: only a program could make that, and it must not cost
        // memory.
        let signed = |mut bytes: Vec<u8>| {
            let digest = Sha256::digest(&bytes);
            bytes.extend_from_slice(&digest);
            Journal::decode(&bytes)
        };
        let content = |edit: &dyn Fn(&mut [u8])| {
            let mut bytes = journal().encode();
            bytes.truncate(bytes.len() - 32);
            edit(&mut bytes);
            bytes
        };
        for at in [40, 56] {
            let bytes = content(&|bytes| bytes[at..at + 8].fill(0xff));
            assert_eq!(signed(bytes), Err(Unreadable::Damaged(None)), "{at}");
        }
        let bytes = content(&|bytes| bytes[48..56].fill(0xff));
        assert_eq!(signed(bytes), Err(Unreadable::Damaged(None)));
        let bytes = content(&|bytes| bytes[16] = 2);
        assert_eq!(signed(bytes), Err(Unreadable::Newer(2)));
    }
}
