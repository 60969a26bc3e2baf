//! What an amendment has changed so far, none of which the old file knows.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use jobwise_kit::LockedFile;

use super::super::disk::{copy_of, read_or_zero};
use super::super::storage::Storage;

/// A file overlaid with changes.
///
/// Writes below the end of the old file are kept in memory; writes beyond it go to the file, where
/// nothing refers to them yet. Addresses and lengths are bytes from the start of the file.
#[derive(Debug)]
pub(super) struct Changes {
    disk: Arc<LockedFile>,
    /// The file's length when the amendment began.
    length: u64,
    /// The end of what the old file uses, once the library has read where that is.
    end: Option<u64>,
    /// The end of the space that the library has allocated, and the largest one so far.
    allocated: u64,
    most_allocated: u64,
    /// The end of what was written.
    written: u64,
    /// New bytes by address; extents neither overlap nor touch.
    extents: BTreeMap<u64, Vec<u8>>,
    has_tail: bool,
    abandoned: bool,
    closed: bool,
    failure: Option<io::Error>,
}

impl Changes {
    pub(super) fn of(disk: Arc<LockedFile>) -> io::Result<Self> {
        Ok(Changes {
            length: disk.metadata()?.len(),
            disk,
            end: None,
            allocated: 0,
            most_allocated: 0,
            written: 0,
            extents: BTreeMap::new(),
            has_tail: false,
            abandoned: false,
            closed: false,
            failure: None,
        })
    }

    /// The library has opened the file: what it has not allocated by now is free.
    pub(super) fn settle(&mut self) {
        let kept = self.extents.last_key_value();
        let kept = kept.map_or(0, |(start, bytes)| start + bytes.len() as u64);
        self.end = Some(self.most_allocated.min(self.length).max(kept));
    }

    /// From now on nothing is written: the library may close the file in peace.
    pub(super) fn abandon(&mut self) {
        self.abandoned = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// What the system refused, if it did.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn write_tail(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        if !self.has_tail {
            self.has_tail = true;
            // What a killed amendment left behind the end must not shine through.
            self.disk.set_len(self.unused())?;
        }
        self.disk.write_all_at(bytes, address)
    }

    /// Merges new bytes with the extents that they overlap or touch.
    fn keep(&mut self, address: u64, bytes: &[u8]) {
        let before = self.extents.range(..=address).next_back();
        let touched = before.filter(|(start, extent)| *start + extent.len() as u64 >= address);
        let start = touched.map_or(address, |(&start, _)| start);
        let mut merged = self.extents.remove(&start).unwrap_or_default();
        let at = (address - start) as usize;
        let inside = bytes.len().min(merged.len() - at);
        merged[at..at + inside].copy_from_slice(&bytes[..inside]);
        merged.extend_from_slice(&bytes[inside..]);
        let reached = start + merged.len() as u64;
        while let Some((&next, _)) = self.extents.range(start..=reached).next() {
            let follower = self.extents.remove(&next).unwrap_or_default();
            let beyond = follower.get((reached - next) as usize..);
            merged.extend_from_slice(beyond.unwrap_or_default());
        }
        self.extents.insert(start, merged);
    }

    /// Where the space begins that the old file does not use.
    fn unused(&self) -> u64 {
        self.end.map_or(self.length, |end| end.min(self.length))
    }

    /// Makes the file again what it was; only what was written beyond its end must go.
    pub(super) fn undo(&mut self) -> io::Result<()> {
        self.abandoned = true;
        if self.has_tail {
            self.disk.set_len(self.unused())?;
        }
        Ok(())
    }

    /// The end of what the old file uses, the length of the new one, and the regions below that
    /// differ: address, old and new bytes.
    pub(super) fn finish(&mut self) -> io::Result<Finished> {
        let old_end = self.unused();
        let new_end = self.allocated;
        let mut regions = Vec::with_capacity(self.extents.len());
        for (start, mut new) in std::mem::take(&mut self.extents) {
            new.truncate(usize::try_from(new_end.saturating_sub(start)).unwrap_or(usize::MAX));
            let mut old = vec![0; new.len()];
            read_or_zero(&self.disk, start, &mut old)?;
            if old != new {
                regions.push((start, old, new));
            }
        }
        Ok(Finished {
            old_end,
            new_end,
            is_same: regions.is_empty() && !self.has_tail && new_end == old_end,
            regions,
        })
    }

    fn noting(&mut self, outcome: io::Result<()>) -> io::Result<()> {
        if let Err(error) = &outcome {
            // The library goes on to close the file: it shall not write another byte.
            self.abandoned = true;
            self.failure.get_or_insert(copy_of(error));
        }
        outcome
    }
}

impl Storage for Changes {
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()> {
        let outcome = read_or_zero(&self.disk, address, into);
        self.noting(outcome)?;
        let end = address + into.len() as u64;
        let before = self.extents.range(..address).next_back();
        for (&start, bytes) in before.into_iter().chain(self.extents.range(address..end)) {
            let (from, to) = (start.max(address), end.min(start + bytes.len() as u64));
            if from < to {
                into[(from - address) as usize..(to - address) as usize]
                    .copy_from_slice(&bytes[(from - start) as usize..(to - start) as usize]);
            }
        }
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        if self.abandoned {
            return Ok(());
        }
        let below = self.end.map_or(u64::MAX, |end| end.saturating_sub(address));
        let (kept, tail) = bytes.split_at(
            bytes
                .len()
                .min(usize::try_from(below).unwrap_or(usize::MAX)),
        );
        if !kept.is_empty() {
            self.keep(address, kept);
        }
        if !tail.is_empty() {
            let outcome = self.write_tail(address + kept.len() as u64, tail);
            self.noting(outcome)?;
        }
        self.written = self.written.max(address + bytes.len() as u64);
        Ok(())
    }

    fn allocated(&self) -> u64 {
        self.allocated
    }

    fn allocate(&mut self, end: u64) {
        self.allocated = end;
        self.most_allocated = self.most_allocated.max(end);
    }

    fn length(&self) -> u64 {
        self.length.max(self.written)
    }

    fn close(&mut self) {
        self.closed = true;
    }
}

/// A change that the library has brought to its end.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) old_end: u64,
    pub(super) new_end: u64,
    pub(super) is_same: bool,
    pub(super) regions: Vec<(u64, Vec<u8>, Vec<u8>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(length: usize, end: u64) -> (tempfile::TempDir, Changes) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, vec![1; length]).unwrap();
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path);
        let mut changes = Changes::of(Arc::new(
            LockedFile::try_new(file.unwrap()).unwrap().unwrap(),
        ))
        .unwrap();
        changes.allocate(end);
        changes.settle();
        (directory, changes)
    }

    /// Every write of random place and length is seen by every read, and extents stay apart.
    #[test]
    fn reads_see_what_was_written() {
        let (_directory, mut changes) = changes(300, 200);
        let mut expected = vec![1_u8; 200];
        expected.resize(400, 0);
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for turn in 0..3000_u32 {
            let start = random(380) as usize;
            let len = 1 + random(20) as usize;
            let bytes: Vec<u8> = (0..len).map(|_| random(256) as u8).collect();
            changes.write(start as u64, &bytes).unwrap();
            expected[start..start + len].copy_from_slice(&bytes);
            if turn == 0 {
                // The tail begins empty, whatever was there.
                changes.write(399, &[0]).unwrap();
            }
            let from = random(400) as usize;
            let mut seen = vec![9; random((400 - from) as u64 + 1) as usize];
            changes.read(from as u64, &mut seen).unwrap();
            assert_eq!(seen, expected[from..from + seen.len()], "turn {turn}");
            let bounds: Vec<(u64, u64)> = changes
                .extents
                .iter()
                .map(|(start, bytes)| (*start, start + bytes.len() as u64))
                .collect();
            assert!(
                bounds.windows(2).all(|pair| pair[0].1 < pair[1].0),
                "{bounds:?}"
            );
            assert!(bounds.iter().all(|&(_, end)| end <= 200));
        }
    }

    #[test]
    fn an_undone_change_leaves_the_file() {
        let (directory, mut changes) = changes(200, 200);
        changes.write(190, &[2; 20]).unwrap();
        assert_eq!(changes.length(), 210);
        changes.undo().unwrap();
        changes.write(0, &[3; 300]).unwrap();
        assert_eq!(
            std::fs::read(directory.path().join("file")).unwrap(),
            [1; 200]
        );
    }

    #[test]
    fn only_what_differs_and_remains_is_a_region() {
        let (_directory, mut changes) = changes(200, 200);
        for (address, bytes) in [(10, [1; 4]), (20, [2; 4]), (148, [3; 4]), (160, [4; 4])] {
            changes.write(address, &bytes).unwrap();
        }
        changes.allocate(150);
        let finished = changes.finish().unwrap();
        assert_eq!((finished.old_end, finished.new_end), (200, 150));
        let regions = [(20, vec![1; 4], vec![2; 4]), (148, vec![1; 2], vec![3; 2])];
        assert_eq!(finished.regions, regions);
    }
}
