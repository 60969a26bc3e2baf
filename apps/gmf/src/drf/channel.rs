use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jobwise_hdf5::element::{Element, ElementType, Kind};
use jobwise_kit::Inputs;
use num_complex::Complex;

use super::data_file::DataFile;
use super::file_runs::FileRuns;
use super::lacking::Lacking;
use super::state::{FileState, of_file};
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
/// used: a file listed then and gone later cannot be used, and files that appear later may not be
/// seen until the channel is opened again, or a [`Tail`](super::Tail) finds them.
///
/// Files of which a part was cut off are errors too or, with [`open_with`](Self::open_with), used
/// as far as they go. Files that cannot be used (empty, foreign, of another type, gone) are errors
/// or, with [`open_with`](Self::open_with), passed over: their samples are missing.
#[derive(Debug)]
pub struct Channel {
    directory: PathBuf,
    properties: Properties,
    inputs: Arc<Inputs>,
    /// With the state of each before it was opened. `None` stands for a file that was passed over.
    files: Mutex<Recent<(FileState, Option<Arc<DataFile>>)>>,
    listings: Mutex<Recent<Arc<Vec<i64>>>>,
    /// All files, once they are known: then no directory is listed to read samples.
    known: OnceLock<FileRuns>,
}

impl Channel {
    /// Opens the channel in `directory`. Only its properties are read. Files that cannot be used
    /// are errors.
    ///
    /// # Errors
    /// As [`Properties::read`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(directory, Arc::new(Inputs::new(true)))
    }

    /// As [`open`](Self::open), but files that cannot be used are passed over if `inputs` says so.
    ///
    /// # Errors
    /// As [`Properties::read`].
    pub fn open_with(directory: impl AsRef<Path>, inputs: Arc<Inputs>) -> Result<Self> {
        let properties = Properties::read(&directory)?;
        Ok(Self::described(directory.as_ref(), properties, inputs))
    }

    /// The channel in `directory`, whose properties are known. Nothing is read yet.
    pub(crate) fn described(directory: &Path, properties: Properties, inputs: Arc<Inputs>) -> Self {
        Self {
            directory: directory.to_path_buf(),
            properties,
            inputs,
            files: Mutex::new(Recent::new(OPEN_FILES)),
            listings: Mutex::new(Recent::new(LISTINGS)),
            known: OnceLock::new(),
        }
    }

    /// The directory of the channel.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What holds for the whole channel.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    /// What is worth saying where one of several sub-channels is read, and nobody said which.
    ///
    /// # Errors
    /// There is no such sub-channel.
    pub fn choice_of(&self, asked: Option<usize>) -> Result<Option<String>> {
        let (name, count) = (self.directory.display(), self.properties.subchannels);
        match asked {
            Some(asked) if asked >= count => Err(Error::Request(format!(
                "{name}: there is no sub-channel {asked}; there are {count}, counted from 0"
            ))),
            None if count > 1 => Ok(Some(format!(
                "{name}: has {count} sub-channels, of which 0 is taken; --subchannel takes another"
            ))),
            _ => Ok(None),
        }
    }

    /// The type of the samples, sign included, as the first file has it; `None` without files.
    ///
    /// # Errors
    /// The directories cannot be listed or the file cannot be read.
    pub fn element(&self) -> Result<Option<ElementType>> {
        for subdirectory in listing::subdirectories(&self.directory)? {
            for &stamp in self.listed(subdirectory)?.iter() {
                if let Some(file) = self.file(stamp)? {
                    return Ok(Some(file.element()));
                }
            }
        }
        Ok(None)
    }

    /// Reads `buffer.len()` samples of a sub-channel from sample `start` on, as 32-bit floats.
    ///
    /// Real samples get the imaginary part 0; samples of 32 and 64 bits are rounded to the nearest
    /// float. Missing samples are 0 in the buffer; the indices of the missing ones are returned as
    /// ascending, separate ranges. What is NaN or infinite as such a float is missing too.
    ///
    /// # Errors
    /// The sub-channel does not exist, or a file is damaged, foreign, or gone since it was listed.
    pub fn read(
        &self,
        start: u64,
        subchannel: usize,
        buffer: &mut [Complex<f32>],
    ) -> Result<Vec<Range<u64>>> {
        Ok(self.read_told(start, subchannel, buffer, f32::MAX)?.missing)
    }

    /// As [`read`](Self::read), and tells why samples are missing, and which may be. Numbers beyond
    /// `largest` are missing too.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_told(
        &self,
        start: u64,
        subchannel: usize,
        buffer: &mut [Complex<f32>],
        largest: f32,
    ) -> Result<Lacking> {
        buffer.fill(Complex::default());
        self.gather(start, subchannel, buffer.len(), |file, window, lacking| {
            macro_rules! read_as {
                ($($kind:ident: $name:ty),*) => {
                    match file.element().kind {
                        $(Kind::$kind => file.read::<$name>(window, subchannel, &mut |first, piece| {
                            let place = (first - start) as usize;
                            let target = &mut buffer[place..place + piece.len()];
                            for (target, z) in target.iter_mut().zip(piece) {
                                *target = Complex::new(z.re.to_f32(), z.im.to_f32());
                            }
                            lacking.recorded(first, piece.len());
                            // Integers of 32 bits and less are never too large.
                            if Kind::$kind.is_float() || Kind::$kind.size() > 4 {
                                lacking.leave_out(first, target, largest);
                            }
                        }),)*
                    }
                };
            }
            read_as!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
                     F32: f32, F64: f64)
        })
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
        buffer.fill(Complex {
            re: T::default(),
            im: T::default(),
        });
        let read = self.gather(start, subchannel, buffer.len(), |file, window, lacking| {
            file.read::<T>(window, subchannel, &mut |first, piece| {
                let place = (first - start) as usize;
                buffer[place..place + piece.len()].copy_from_slice(piece);
                lacking.recorded(first, piece.len());
            })
        });
        Ok(read?.missing)
    }

    /// Has every file that may hold some of `start..start + length` read by `read`, which gets the
    /// window and returns how many samples look like fill.
    fn gather(
        &self,
        start: u64,
        subchannel: usize,
        length: usize,
        mut read: impl FnMut(&DataFile, &Range<u64>, &mut Lacking) -> Result<u64>,
    ) -> Result<Lacking> {
        if subchannel >= self.properties.subchannels {
            return Err(Error::Request(format!(
                "{}: sub-channel {subchannel} does not exist; there are {}, counted from 0",
                self.directory.display(),
                self.properties.subchannels
            )));
        }
        let window = self.window(start, length)?;
        let mut lacking = Lacking::from(start);
        for stamp in self.files_in(&window)? {
            let Some(file) = self.file(stamp)? else {
                continue;
            };
            match read(&file, &window, &mut lacking) {
                Ok(like_fill) => lacking.like_fill += like_fill,
                // What was read of it stays; the rest is missing.
                Err(error) => self.pass_over(file.path(), error)?,
            }
        }
        lacking.recorded(window.end, 0);
        Ok(lacking)
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
        if let Some(known) = self.known.get() {
            stamps.extend(known.between(first, last));
            return Ok(stamps);
        }
        let mut subdirectory = cadence.directory_of(first);
        while subdirectory <= cadence.directory_of(last) {
            let listed = self.listed(subdirectory)?;
            let from = listed.partition_point(|&stamp| stamp < first);
            stamps.extend(listed[from..].iter().take_while(|&&stamp| stamp <= last));
            subdirectory += cadence.subdirectory_seconds() as i64;
        }
        Ok(stamps)
    }

    /// All files, as the directories list them now.
    ///
    /// # Errors
    /// A directory cannot be listed.
    pub(crate) fn all_files(&self) -> Result<FileRuns> {
        let mut files = FileRuns::new(self.properties.cadence.file_milliseconds());
        for subdirectory in listing::subdirectories(&self.directory)? {
            for &stamp in self.listed(subdirectory)?.iter() {
                files.push(stamp);
            }
        }
        Ok(files)
    }

    /// From now on samples are read from these files, by their names, and from no others. One that
    /// is gone by then cannot be used.
    pub(crate) fn know(&self, files: FileRuns) {
        // Who knew them before, knew the same.
        let _ = self.known.set(files);
    }

    /// The files of a sub-directory, as they were when it was first asked for.
    pub(super) fn listed(&self, subdirectory: i64) -> Result<Arc<Vec<i64>>> {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        listings.get_or_try(subdirectory, || self.files_of(subdirectory).map(Arc::new))
    }

    fn files_of(&self, subdirectory: i64) -> Result<Vec<i64>> {
        let cadence = self.properties.cadence;
        listing::files(&self.directory, cadence, subdirectory, &self.inputs)
    }

    /// The files of a sub-directory as they are now, together with those that were known.
    pub(super) fn relisted(&self, subdirectory: i64) -> Result<Arc<Vec<i64>>> {
        let now = self.files_of(subdirectory)?;
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        let known = listings.get_or_try(subdirectory, || Ok(Arc::new(Vec::new())))?;
        let mut all = [now, known.to_vec()].concat();
        all.sort_unstable();
        all.dedup();
        let all = Arc::new(all);
        listings.put(subdirectory, all.clone());
        Ok(all)
    }

    /// Forgets what was listed: it is listed again when it is asked for.
    pub(super) fn forget_listings(&self) {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        *listings = Recent::new(LISTINGS);
    }

    /// Takes note of a file that has appeared.
    pub(super) fn note(&self, stamp: i64) -> Result<()> {
        let subdirectory = self.properties.cadence.directory_of(stamp);
        // First, as a listing that is taken later may come from a cache that does not know the
        // file.
        let mut files = self.listed(subdirectory)?;
        if let Err(place) = files.binary_search(&stamp) {
            Arc::make_mut(&mut files).insert(place, stamp);
            let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
            listings.put(subdirectory, files);
        }
        Ok(())
    }

    /// Passes over a file, unless files that cannot be used are errors.
    pub(super) fn pass_over(&self, path: &Path, error: Error) -> Result<()> {
        self.inputs.pass_over(path, error)
    }

    /// A file, opened and checked; `None` if it cannot be used and is passed over.
    pub(super) fn file(&self, stamp: i64) -> Result<Option<Arc<DataFile>>> {
        let Properties { rate, cadence, .. } = self.properties;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, file) = files.get_or_try(stamp, || {
            let path = self.directory.join(cadence.path(stamp)?);
            let state = of_file(&path);
            let interval = cadence.samples(rate, stamp).ok_or_else(|| Error::Format {
                path: path.clone(),
                problem: "lies beyond the range of sample indices".into(),
            })?;
            let file = match DataFile::open(&path, &self.properties, &interval) {
                Ok(file) => {
                    if let Some(problem) = file.cut().map(str::to_owned) {
                        let cut = Error::Format {
                            path: path.clone(),
                            problem,
                        };
                        self.inputs.use_in_part(&path, cut)?;
                    }
                    Some(Arc::new(file))
                }
                Err(error) => self.pass_over(&path, error).map(|()| None)?,
            };
            Ok((state, file))
        })?;
        Ok(file)
    }

    /// The state of a file as a reading that begins now would use it.
    pub(super) fn state_of(&self, stamp: i64) -> Result<FileState> {
        let cadence = self.properties.cadence;
        let is_there = if let Some(known) = self.known.get() {
            known.contains(stamp)
        } else {
            let listed = self.listed(cadence.directory_of(stamp))?;
            listed.binary_search(&stamp).is_ok()
        };
        if !is_there {
            return Ok([0; 3]);
        }
        // Who opens it waits until this is known.
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        match files.entries.iter().find(|entry| entry.0 == stamp) {
            Some((_, (state, _))) => Ok(*state),
            None => Ok(of_file(&self.directory.join(cadence.path(stamp)?))),
        }
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
