//! Where the samples of a channel begin, end and pause.

use std::ops::Range;

use jobwise_hdf5::element::Kind;

use super::channel::Channel;
use super::data_file::DataFile;
use super::listing;
use crate::Result;

/// Finds the samples of interest in a file with so many sub-channels.
type RangeOf<'a> = dyn Fn(&DataFile, usize) -> Result<Option<Range<u64>>> + 'a;

/// Samples searched at a time for the end of the padding.
const STRIDE: u64 = 1 << 16;

/// A continuous piece of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Index of the first sample.
    pub start: u64,
    /// Number of samples.
    pub length: u64,
}

impl Block {
    /// One after the index of the last sample.
    pub fn end(self) -> u64 {
        self.start + self.length
    }
}

impl Channel {
    /// The first recorded sample and one after the last; `None` if there is none.
    ///
    /// In padded files the fill at both ends is left out: samples count as recorded from the first
    /// to the last one at which at least one sub-channel differs from the fill value. For unsigned
    /// data, whose fill value is 0, silence at the ends is therefore left out too.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn bounds(&self) -> Result<Option<Range<u64>>> {
        self.extent(recorded_in)
    }

    /// What is worth saying of files without a final name, whose samples are left out; `None` where
    /// there are none.
    ///
    /// # Errors
    /// A directory cannot be listed.
    pub fn unfinished(&self) -> Result<Option<String>> {
        let found = listing::unfinished(self.directory())?;
        Ok(found.map(|(first, count)| {
            let more = match count - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!(
                "{}{more}: unfinished, left out: a recorder is writing there, or was killed; of \
                 one that was killed, take \
                 the `tmp.` off the name: what there is in it is read",
                first.display()
            )
        }))
    }

    /// As [`bounds`](Self::bounds), but with the fill of padded files, as the files' indices say.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn padded_bounds(&self) -> Result<Option<Range<u64>>> {
        self.extent(|file, _| Ok(indexed_in(file)))
    }

    /// One after the last recorded sample of a file; `None` if it has none.
    pub(super) fn recorded_end(&self, stamp: i64) -> Result<Option<u64>> {
        let recorded = self.range_of(stamp, &recorded_in)?;
        Ok(recorded.map(|range| range.end))
    }

    /// What `range_of` finds in a file; `None` too when the file is passed over.
    fn range_of(&self, stamp: i64, range_of: &RangeOf<'_>) -> Result<Option<Range<u64>>> {
        let Some(file) = self.file(stamp)? else {
            return Ok(None);
        };
        match range_of(&file, self.properties().subchannels) {
            Ok(range) => Ok(range),
            Err(error) => self.pass_over(file.path(), error).map(|()| None),
        }
    }

    fn extent(
        &self,
        range_of: impl Fn(&DataFile, usize) -> Result<Option<Range<u64>>>,
    ) -> Result<Option<Range<u64>>> {
        let subdirectories = listing::subdirectories(self.directory())?;
        let mut start = None;
        'from_start: for &subdirectory in &subdirectories {
            for &stamp in self.listed(subdirectory)?.iter() {
                if let Some(range) = self.range_of(stamp, &range_of)? {
                    start = Some(range.start);
                    break 'from_start;
                }
            }
        }
        let Some(start) = start else { return Ok(None) };
        for &subdirectory in subdirectories.iter().rev() {
            for &stamp in self.listed(subdirectory)?.iter().rev() {
                if let Some(range) = self.range_of(stamp, &range_of)? {
                    return Ok(Some(start..range.end));
                }
            }
        }
        Ok(None)
    }

    /// The continuous pieces between the bounds, merged across files, ascending.
    ///
    /// Gaps are those of the files' indices and of absent files. Fill inside a padded file does not
    /// divide a block: finding it would mean reading all samples, and [`read`](Self::read) reports
    /// it.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn blocks(&self) -> Result<Vec<Block>> {
        let Some(bounds) = self.bounds()? else {
            return Ok(Vec::new());
        };
        let mut blocks: Vec<Block> = Vec::new();
        for subdirectory in listing::subdirectories(self.directory())? {
            for &stamp in self.listed(subdirectory)?.iter() {
                let file = self.file(stamp)?;
                for block in file.iter().flat_map(|file| file.blocks()) {
                    let start = block.start.max(bounds.start);
                    let end = block.end().min(bounds.end);
                    match blocks.last_mut() {
                        _ if start >= end => {}
                        Some(last) if last.end() == start => last.length += end - start,
                        _ => blocks.push(Block {
                            start,
                            length: end - start,
                        }),
                    }
                }
            }
        }
        Ok(blocks)
    }
}

/// The samples of a file from the first to the last of its index.
fn indexed_in(file: &DataFile) -> Option<Range<u64>> {
    let first = file.blocks().next()?;
    let last = file.blocks().next_back()?;
    Some(first.start..last.end())
}

/// The samples of a file from the first to the last that is no fill in every sub-channel.
fn recorded_in(file: &DataFile, subchannels: usize) -> Result<Option<Range<u64>>> {
    let Some(indexed) = indexed_in(file) else {
        return Ok(None);
    };
    if !file.is_padded() {
        return Ok(Some(indexed));
    }
    let strides = (indexed.end - indexed.start).div_ceil(STRIDE);
    let stride = |k: u64| {
        let begin = indexed.start + k * STRIDE;
        begin..(begin + STRIDE).min(indexed.end)
    };
    let mut start = None;
    for k in 0..strides {
        if let Some(found) = recorded_among(file, subchannels, &stride(k))? {
            start = Some(found.start);
            break;
        }
    }
    let Some(start) = start else { return Ok(None) };
    for k in (0..strides).rev() {
        if let Some(found) = recorded_among(file, subchannels, &stride(k))? {
            return Ok(Some(start..found.end));
        }
    }
    Ok(None)
}

fn recorded_among(
    file: &DataFile,
    subchannels: usize,
    window: &Range<u64>,
) -> Result<Option<Range<u64>>> {
    let mut found: Option<Range<u64>> = None;
    let mut widen = |first: u64, length: usize| {
        let end = first + length as u64;
        let known = found.take().unwrap_or(first..end);
        found = Some(known.start.min(first)..known.end.max(end));
    };
    for subchannel in 0..subchannels {
        macro_rules! search_as {
            ($($kind:ident: $name:ty),*) => {
                match file.element().kind {
                    $(Kind::$kind => file.read::<$name>(window, subchannel, &mut |first, run| {
                        widen(first, run.len());
                    }),)*
                }?
            };
        }
        search_as!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
                   F32: f32, F64: f64);
    }
    Ok(found)
}
