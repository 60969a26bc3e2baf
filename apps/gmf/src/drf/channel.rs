use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jobwise_kit::h5::element::{Element, ElementType, Kind};
use num_complex::Complex;

use super::data_file::DataFile;
use super::{Properties, listing};
use crate::{Error, Result};

/// Files that a channel keeps open, least recently used first to go.
///
/// Each may keep [`CHUNK_CACHE`](super::CHUNK_CACHE) bytes of decoded chunks, so a channel holds at
/// most 512 MiB however long the recording; files with contiguous storage keep none.
pub const OPEN_FILES: usize = 4;

/// Sub-directories whose listing is kept.
const LISTINGS: usize = 8;

/// The samples of a channel, wherever they lie.
///
/// Can be shared between threads. The list of files in a sub-directory is taken when it is first
/// used: a file listed then and gone later is an error, and files that appear later may not be
/// seen until the channel is opened again, or a [`Tail`](super::Tail) finds them.
#[derive(Debug)]
pub struct Channel {
    directory: PathBuf,
    properties: Properties,
    files: Mutex<Recent<Arc<DataFile>>>,
    listings: Mutex<Recent<Arc<Vec<i64>>>>,
}

impl Channel {
    /// Opens the channel in `directory`. Only its properties are read.
    ///
    /// # Errors
    /// As [`Properties::read`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Ok(Self {
            directory: directory.as_ref().to_path_buf(),
            properties: Properties::read(&directory)?,
            files: Mutex::new(Recent::new(OPEN_FILES)),
            listings: Mutex::new(Recent::new(LISTINGS)),
        })
    }

    /// The directory of the channel.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What holds for the whole channel.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    /// The type of the samples, sign included, as the first file has it; `None` without files.
    ///
    /// # Errors
    /// The directories cannot be listed or the file cannot be read.
    pub fn element(&self) -> Result<Option<ElementType>> {
        for subdirectory in listing::subdirectories(&self.directory)? {
            if let Some(&stamp) = self.listed(subdirectory)?.first() {
                return Ok(Some(self.file(stamp)?.element()));
            }
        }
        Ok(None)
    }

    /// Reads `buffer.len()` samples of a sub-channel from sample `start` on, as 32-bit floats.
    ///
    /// Real samples get the imaginary part 0; samples of 32 and 64 bits are rounded to the nearest
    /// float. Missing samples are 0 in the buffer; the indices of the missing ones are returned as
    /// ascending, separate ranges.
    ///
    /// # Errors
    /// The sub-channel does not exist, or a file is damaged, foreign, or gone since it was listed.
    pub fn read(
        &self,
        start: u64,
        subchannel: usize,
        buffer: &mut [Complex<f32>],
    ) -> Result<Vec<Range<u64>>> {
        let Some(element) = self.element_near(start, buffer.len())? else {
            buffer.fill(Complex::default());
            return self.gather::<f32>(start, subchannel, buffer.len(), |_, _| ());
        };
        macro_rules! read_as {
            ($($kind:ident: $name:ty),*) => {
                match element.kind {
                    $(Kind::$kind => self.read_into::<$name, _>(start, subchannel, buffer, |z| {
                        Complex::new(z.re.to_f32(), z.im.to_f32())
                    }),)*
                }
            };
        }
        read_as!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
                 F32: f32, F64: f64)
    }

    /// Reads samples unchanged; otherwise as [`read`](Self::read).
    ///
    /// # Errors
    /// As [`read`](Self::read), or the samples are not of the type `T`.
    pub fn read_native<T: Element>(
        &self,
        start: u64,
        subchannel: usize,
        buffer: &mut [Complex<T>],
    ) -> Result<Vec<Range<u64>>> {
        self.read_into::<T, _>(start, subchannel, buffer, |z| z)
    }

    fn read_into<T: Element, U: Copy + Default>(
        &self,
        start: u64,
        subchannel: usize,
        buffer: &mut [Complex<U>],
        convert: impl Fn(Complex<T>) -> Complex<U>,
    ) -> Result<Vec<Range<u64>>> {
        buffer.fill(Complex {
            re: U::default(),
            im: U::default(),
        });
        let length = buffer.len();
        self.gather::<T>(start, subchannel, length, |offset, piece| {
            for (target, sample) in buffer[offset..].iter_mut().zip(piece) {
                *target = convert(*sample);
            }
        })
    }

    /// Hands every recorded piece of `start..start + length` to `place` with its offset from
    /// `start`; returns what is missing.
    fn gather<T: Element>(
        &self,
        start: u64,
        subchannel: usize,
        length: usize,
        mut place: impl FnMut(usize, &[Complex<T>]),
    ) -> Result<Vec<Range<u64>>> {
        if subchannel >= self.properties.subchannels {
            return Err(Error::Request(format!(
                "{}: sub-channel {subchannel} does not exist; there are {}, counted from 0",
                self.directory.display(),
                self.properties.subchannels
            )));
        }
        let window = self.window(start, length)?;
        let mut missing = Vec::new();
        let mut expected = start;
        let mut piece = |first: u64, values: &[Complex<T>]| {
            if first > expected {
                missing.push(expected..first);
            }
            place((first - start) as usize, values);
            expected = first + values.len() as u64;
        };
        for stamp in self.files_in(&window)? {
            self.file(stamp)?
                .read::<T>(&window, subchannel, &mut piece)?;
        }
        if expected < window.end {
            missing.push(expected..window.end);
        }
        Ok(missing)
    }

    /// The type of the samples in a window; `None` if it holds no file.
    fn element_near(&self, start: u64, length: usize) -> Result<Option<ElementType>> {
        let window = self.window(start, length)?;
        match self.files_in(&window)?.first() {
            Some(&stamp) => Ok(Some(self.file(stamp)?.element())),
            None => Ok(None),
        }
    }

    fn window(&self, start: u64, length: usize) -> Result<Range<u64>> {
        let end = start.checked_add(length as u64).filter(|&end| {
            self.properties
                .cadence
                .file_of(self.properties.rate, end)
                .is_some()
        });
        Ok(start..end.ok_or_else(|| {
            Error::Request(format!(
                "{}: samples {start} + {length} lie beyond the calendar",
                self.directory.display()
            ))
        })?)
    }

    /// The stamps of the files that may hold samples of a window, ascending.
    fn files_in(&self, window: &Range<u64>) -> Result<Vec<i64>> {
        let Properties { rate, cadence, .. } = self.properties;
        let mut stamps = Vec::new();
        if window.is_empty() {
            return Ok(stamps);
        }
        let stamp_of = |index| {
            cadence.file_of(rate, index).ok_or_else(|| {
                Error::Request(format!("sample {index} at {rate} lies beyond the calendar"))
            })
        };
        let (first, last) = (stamp_of(window.start)?, stamp_of(window.end - 1)?);
        let mut subdirectory = cadence.directory_of(first);
        while subdirectory <= cadence.directory_of(last) {
            let listed = self.listed(subdirectory)?;
            let from = listed.partition_point(|&stamp| stamp < first);
            stamps.extend(listed[from..].iter().take_while(|&&stamp| stamp <= last));
            subdirectory += cadence.subdirectory_seconds() as i64;
        }
        Ok(stamps)
    }

    /// The files of a sub-directory, as they were when it was first asked for.
    pub(super) fn listed(&self, subdirectory: i64) -> Result<Arc<Vec<i64>>> {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        listings.get_or_try(subdirectory, || {
            listing::files(&self.directory, self.properties.cadence, subdirectory).map(Arc::new)
        })
    }

    /// The files of a sub-directory as they are now, together with those that were known.
    pub(super) fn relisted(&self, subdirectory: i64) -> Result<Arc<Vec<i64>>> {
        let now = listing::files(&self.directory, self.properties.cadence, subdirectory)?;
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        let known = listings.get_or_try(subdirectory, || Ok(Arc::new(Vec::new())))?;
        let mut all = [now, known.to_vec()].concat();
        all.sort_unstable();
        all.dedup();
        let all = Arc::new(all);
        listings.put(subdirectory, all.clone());
        Ok(all)
    }

    /// Takes note of a file that has appeared.
    pub(super) fn note(&self, stamp: i64) -> Result<()> {
        let subdirectory = self.properties.cadence.directory_of(stamp);
        // First, as a listing that is taken later may come from a cache that does not know the file.
        let mut files = self.listed(subdirectory)?;
        if let Err(place) = files.binary_search(&stamp) {
            Arc::make_mut(&mut files).insert(place, stamp);
            let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
            listings.put(subdirectory, files);
        }
        Ok(())
    }

    pub(super) fn file(&self, stamp: i64) -> Result<Arc<DataFile>> {
        let Properties { rate, cadence, .. } = self.properties;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get_or_try(stamp, || {
            let path = self.directory.join(cadence.path(stamp)?);
            let interval = cadence.samples(rate, stamp).ok_or_else(|| Error::Format {
                path: path.clone(),
                problem: "lies beyond the range of sample indices".into(),
            })?;
            DataFile::open(&path, &self.properties, &interval).map(Arc::new)
        })
    }
}

/// The most recently used values of something costly.
#[derive(Debug)]
struct Recent<T> {
    capacity: usize,
    // Most recently used last.
    entries: Vec<(i64, T)>,
}

impl<T: Clone> Recent<T> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: Vec::with_capacity(capacity),
        }
    }

    fn get_or_try(&mut self, key: i64, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let value = match self.entries.iter().position(|entry| entry.0 == key) {
            Some(position) => self.entries.remove(position).1,
            None => make()?,
        };
        self.put(key, value.clone());
        Ok(value)
    }

    /// Takes a value, instead of an older one of the same key.
    fn put(&mut self, key: i64, value: T) {
        self.entries.retain(|entry| entry.0 != key);
        if self.entries.len() == self.capacity {
            self.entries.remove(0);
        }
        self.entries.push((key, value));
    }
}
