//! What was never recorded inside files that span their whole interval.

use std::ops::Range;

use jobwise_hdf5::element::Kind;

use super::channel::Channel;
use super::data_file::DataFile;
use super::listing;
use crate::Result;

/// Samples looked at at a time.
const STRIDE: u64 = 1 << 16;

/// Fill inside a channel's padded files, which their indices do not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// Samples between the channel's bounds that were never recorded.
    pub samples: u64,
    /// The first of them in a row.
    pub first: Option<Range<u64>>,
    /// Whether all samples were looked at.
    pub is_all: bool,
}

impl Channel {
    /// Looks for samples that were never recorded, in no sub-channel, inside the padded files
    /// between the channel's bounds; at not many more than `most` samples.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn padding(&self, most: u64) -> Result<Padding> {
        let mut found = Padding {
            is_all: true,
            ..Padding::default()
        };
        let Some(bounds) = self.bounds()? else {
            return Ok(found);
        };
        let mut looked = 0;
        for subdirectory in listing::subdirectories(self.directory())? {
            for &stamp in self.listed(subdirectory)?.iter() {
                let file = self.file(stamp)?;
                let Some(file) = file.filter(|file| file.is_padded()) else {
                    continue;
                };
                for block in file.blocks() {
                    if looked >= most {
                        found.is_all = false;
                        return Ok(found);
                    }
                    let within = block.start.max(bounds.start)..block.end().min(bounds.end);
                    looked += within.end.saturating_sub(within.start);
                    if let Err(error) = self.look_into(&file, within, &mut found) {
                        self.pass_over(file.path(), error)?;
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    fn look_into(&self, file: &DataFile, within: Range<u64>, found: &mut Padding) -> Result<()> {
        let mut start = within.start;
        while start < within.end {
            let window = start..(start + STRIDE).min(within.end);
            start = window.end;
            let mut is_recorded = vec![false; (window.end - window.start) as usize];
            let mut mark = |first: u64, count: usize| {
                let place = (first - window.start) as usize;
                is_recorded[place..place + count].fill(true);
            };
            for subchannel in 0..self.properties().subchannels {
                macro_rules! mark_as {
                    ($($kind:ident: $name:ty),*) => {
                        match file.element().kind {
                            $(Kind::$kind => file.read::<$name>(&window, subchannel, &mut |first, run| {
                                mark(first, run.len());
                            }),)*
                        }?
                    };
                }
                mark_as!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32,
                         U64: u64, F32: f32, F64: f64);
            }
            let mut at = window.start;
            for run in is_recorded.chunk_by(|a, b| a == b) {
                let length = run.len() as u64;
                if !run[0] {
                    found.add(at..at + length);
                }
                at += length;
            }
        }
        Ok(())
    }
}

impl Padding {
    fn add(&mut self, range: Range<u64>) {
        self.samples += range.end - range.start;
        match &mut self.first {
            Some(first) if first.end == range.start => first.end = range.end,
            Some(_) => {}
            None => self.first = Some(range),
        }
    }
}
