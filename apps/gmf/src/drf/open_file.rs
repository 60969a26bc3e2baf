//! The file that a writer fills.

use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

use hdf5::H5Type;
use hdf5::plist::dataset_create::AllocTime;
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes::{self, Padding};
use jobwise_hdf5::element::ElementType;
use ndarray::{ArrayView2, s};

use super::{Properties, WriterOptions};
use crate::clock::Unit;
use crate::{Error, Result};

/// Bytes of one chunk, roughly: small enough that a window of a few milliseconds does not cost the
/// decoding of a whole file.
const CHUNK_BYTES: usize = 256 << 10;

/// A file under its temporary name, `tmp.rf@...`.
#[derive(Debug)]
pub(super) struct OpenFile {
    // Declared before the file, so that they are closed first.
    samples: hdf5::Dataset,
    index: hdf5::Dataset,
    file: hdf5::File,
    atomic: AtomicFile,
    interval: Range<u64>,
    columns: usize,
    is_padded: bool,
    rows: usize,
    blocks: usize,
    next: Option<u64>,
}

impl OpenFile {
    /// Creates the file for the interval that contains the sample `first`.
    pub(super) fn create<E: H5Type + Copy>(
        directory: &Path,
        properties: &Properties,
        options: &WriterOptions,
        element: ElementType,
        fill: E,
        first: u64,
        sequence: i32,
    ) -> Result<Self> {
        let Properties {
            rate,
            cadence,
            subchannels: columns,
            ..
        } = *properties;
        let stamp = cadence.file_of(rate, first);
        let located = stamp.and_then(|stamp| Some((stamp, cadence.samples(rate, stamp)?)));
        let Some((stamp, interval)) = located else {
            return Err(Error::Request(format!(
                "sample {first} lies beyond the calendar"
            )));
        };
        let path = directory.join(cadence.path(stamp)?);
        if path.exists() {
            return Err(Error::Format {
                path,
                problem: "exists and is not overwritten: remove it, or write later samples".into(),
            });
        }
        let atomic = AtomicFile::with_prefix(&path, "tmp.")?;
        let file = atomic.create_h5()?;
        let refused = |object: &'static str| Stored::hdf5(atomic.temporary(), object);
        let capacity = (interval.end - interval.start) as usize;
        let is_padded = properties.is_continuous && options.compression == 0 && !options.checksum;
        let datatype = element.datatype().map_err(refused("rf_data"))?;
        let builder = file.new_dataset_builder();
        let samples = if is_padded {
            builder
                .alloc_time(Some(AllocTime::Late))
                .fill_value(fill)
                .empty_as(datatype)
                .shape((capacity, columns))
                .create("rf_data")
        } else {
            let chunk = (CHUNK_BYTES / (element.size() * columns)).clamp(1, capacity);
            let mut builder = builder.chunk((chunk, columns)).fill_value(fill);
            if options.compression > 0 {
                builder = builder.deflate(options.compression);
            }
            if options.checksum {
                builder = builder.fletcher32();
            }
            builder
                .empty_as(datatype)
                .shape((0..=capacity, columns))
                .create("rf_data")
        }
        .map_err(refused("rf_data"))?;
        let index = file
            .new_dataset_builder()
            .chunk((100, 2))
            .empty::<u64>()
            .shape((0.., 2))
            .create("rf_data_index")
            .map_err(refused("rf_data_index"))?;
        properties.describe(&samples)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let begin = rate.time_of(first, Unit::Seconds) as u64;
        attributes::write(&samples, "sequence_num", sequence)?;
        attributes::write(&samples, "init_utc_timestamp", begin)?;
        attributes::write(
            &samples,
            "computer_time",
            now.map_or(0, |time| time.as_secs()),
        )?;
        let (uuid, size) = (&options.uuid, options.uuid.len() + 1);
        attributes::write_fixed_text(&samples, "uuid_str", uuid, size, Padding::NulTerminated)?;
        Ok(Self {
            samples,
            index,
            file,
            atomic,
            interval,
            columns,
            is_padded,
            rows: 0,
            blocks: 0,
            next: None,
        })
    }

    /// The samples that belong into this file.
    pub(super) fn interval(&self) -> &Range<u64> {
        &self.interval
    }

    /// Appends rows that lie in the interval and after all former ones.
    pub(super) fn append<E: H5Type>(&mut self, at: u64, values: &[E]) -> Result<()> {
        let count = values.len() / self.columns;
        let row = if self.is_padded {
            (at - self.interval.start) as usize
        } else {
            self.rows
        };
        self.store(at, row, count, values)
            .map_err(Stored::hdf5(self.atomic.temporary(), "rf_data"))?;
        self.rows = row + count;
        self.next = Some(at + count as u64);
        Ok(())
    }

    fn store<E: H5Type>(
        &mut self,
        at: u64,
        row: usize,
        count: usize,
        values: &[E],
    ) -> hdf5::Result<()> {
        // A padded file has one block, which begins with its interval.
        let block = match self.next {
            None if self.is_padded => Some([self.interval.start, 0]),
            Some(next) if self.is_padded || next == at => None,
            _ => Some([at, row as u64]),
        };
        if !self.is_padded {
            // `resize` does not take the library lock by itself.
            hdf5::sync::sync(|| self.samples.resize((row + count, self.columns)))?;
        }
        let view = ArrayView2::from_shape((count, self.columns), values)?;
        self.samples.write_slice(view, s![row..row + count, ..])?;
        if let Some(block) = block {
            hdf5::sync::sync(|| self.index.resize((self.blocks + 1, 2)))?;
            self.index.write_slice(&block, s![self.blocks, ..])?;
            self.blocks += 1;
        }
        Ok(())
    }

    /// Completes the file and gives it its name.
    pub(super) fn commit(self) -> Result<()> {
        let Self {
            samples,
            index,
            file,
            atomic,
            ..
        } = self;
        drop((samples, index));
        atomic.commit_h5(file)?;
        Ok(())
    }
}
