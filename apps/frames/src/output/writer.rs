use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use jobwise_kit::atomic::AtomicFile;

use super::compressor::Compressor;
use super::error::Error;
use crate::frame::{Frame, FrameType, Huge};
use crate::input::{self, Form};

/// Standard output, and what messages call it.
const STANDARD: (&str, &str) = ("-", "standard output");

/// Writes frames to one file.
///
/// A new file appears under its name when [`finish`](Writer::finish) is called, complete and forced
/// to the disk; before that, and after an error, there is nothing, or the old file. Frames that are
/// added to a file ([`append`](Writer::append)) are in it as they are written; after an error the
/// file is as long as before.
pub struct Writer {
    path: PathBuf,
    compressor: Option<Compressor>,
    target: Target,
    huge: Huge,
    frames: u64,
    bytes: u64,
}

/// What is written to.
enum Target {
    /// A file that gets its name in the end.
    New(AtomicFile),
    /// A file that had so many bytes.
    Longer(u64),
    /// A pipe, or a device.
    Stream,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("frames", &self.frames)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// A new file, compressed as its name says, or standard output (`-`). A FIFO or a device of
    /// that name is written to as it is.
    ///
    /// # Errors
    /// The name has no extension of G3 files, or the file cannot be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Writer, Error> {
        let path = path.as_ref();
        if path == Path::new(STANDARD.0) {
            let path = Path::new(STANDARD.1);
            let file = io::stdout().as_fd().try_clone_to_owned();
            let file = file.map_err(io_error(path))?.into();
            return Writer::new(path, file, Form::Plain, Target::Stream);
        }
        let failed = io_error(path);
        let form = Form::of(path);
        // A file of its own would take the place of the device.
        if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            return Writer::new(path, file, form.unwrap_or(Form::Plain), Target::Stream);
        }
        let form = form.ok_or_else(|| Error::Name(path.to_path_buf()))?;
        if path.is_dir() {
            return Err(failed(ErrorKind::IsADirectory.into()));
        }
        let target = AtomicFile::new(path)?;
        let file = File::create(target.temporary()).map_err(failed)?;
        Writer::new(path, file, form, Target::New(target))
    }

    /// A plain file, to whose frames others are added; it is made where there is none.
    ///
    /// # Errors
    /// The name has no extension of plain G3 files, the frames in the file are damaged, or the
    /// system refuses.
    pub fn append(path: impl AsRef<Path>) -> Result<Writer, Error> {
        let path = path.as_ref();
        let form = Form::of(path).ok_or_else(|| Error::Name(path.to_path_buf()))?;
        if form != Form::Plain {
            let path = path.to_path_buf();
            return Err(Error::Compressed { path, form });
        }
        if !path.exists() {
            return Writer::create(path);
        }
        let failed = io_error(path);
        let length = whole_length(path)?;
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        Writer::new(path, file, form, Target::Longer(length))
    }

    fn new(path: &Path, file: File, form: Form, target: Target) -> Result<Writer, Error> {
        let compressor = Compressor::new(file, form).map_err(io_error(path))?;
        Ok(Writer {
            path: path.to_path_buf(),
            compressor: Some(compressor),
            target,
            huge: Huge::Refused,
            frames: 0,
            bytes: 0,
        })
    }

    /// What is done with objects of 4 GiB or more; they are refused unless something else is said.
    #[must_use]
    pub fn with_huge(mut self, huge: Huge) -> Writer {
        self.huge = huge;
        self
    }

    /// Where it writes; `standard output` where it writes there.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Their bytes, before compression.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes a frame, as it was read where nothing was changed. `EndProcessing` frames have no
    /// place in files, and are left out.
    ///
    /// # Errors
    /// The frame has no form as bytes, or the system refuses. After that nothing can be written,
    /// and a new file does not appear.
    pub fn write(&mut self, frame: &Frame) -> Result<(), Error> {
        if frame.kind() == FrameType::END_PROCESSING {
            return Ok(());
        }
        let bytes = frame.to_bytes_with(self.huge).map_err(|source| {
            let path = self.path.clone();
            Error::Frame { path, source }
        })?;
        self.put(|compressor| compressor.write(&bytes))?;
        self.frames += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Brings what was written to whoever reads at the other end of a pipe.
    ///
    /// # Errors
    /// The system refuses.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.put(Compressor::flush)
    }

    fn put(&mut self, put: impl FnOnce(&mut Compressor) -> io::Result<()>) -> Result<(), Error> {
        let outcome = match &mut self.compressor {
            Some(compressor) => put(compressor),
            None => Err(io::Error::other("an earlier frame could not be written")),
        };
        outcome.map_err(|error| self.fail(error))
    }

    /// After an error nothing is written any more, and a file that was there is as before.
    fn fail(&mut self, error: io::Error) -> Error {
        self.compressor = None;
        let shorten = |length| {
            OpenOptions::new()
                .write(true)
                .open(&self.path)?
                .set_len(length)
        };
        if let Target::Longer(length) = self.target
            && let Err(other) = shorten(length)
        {
            let path = self.path.display();
            log::warn!("{path}: a frame written in part stays behind byte {length}: {other}");
        }
        io_error(&self.path)(error)
    }

    /// Ends the file, forces it to the disk and gives it its name. How many bytes its frames have,
    /// before compression.
    ///
    /// # Errors
    /// The system refuses; then a new file does not appear.
    pub fn finish(self) -> Result<u64, Error> {
        let bytes = self.bytes;
        self.force()?.appear()?;
        Ok(bytes)
    }

    /// Ends the file and forces it to the disk; it does not have its name yet.
    pub(super) fn force(mut self) -> Result<Finished, Error> {
        let Some(compressor) = self.compressor.take() else {
            let error = io::Error::other("an earlier frame could not be written");
            return Err(self.fail(error));
        };
        let is_stream = matches!(self.target, Target::Stream);
        let forced = compressor
            .finish()
            .and_then(|file| if is_stream { Ok(()) } else { file.sync_all() });
        forced.map_err(|error| self.fail(error))?;
        Ok(Finished(match self.target {
            Target::New(file) => Some(file),
            Target::Longer(_) | Target::Stream => None,
        }))
    }
}

/// A complete file, which has no name yet where it is new.
#[derive(Debug)]
pub(super) struct Finished(Option<AtomicFile>);

impl Finished {
    /// Gives it its name.
    pub(super) fn appear(self) -> Result<(), Error> {
        match self.0 {
            Some(file) => Ok(file.commit()?),
            None => Ok(()),
        }
    }
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_path_buf();
    move |source| {
        let path = path.clone();
        Error::Io { path, source }
    }
}

/// The length of a file all of whose frames are whole.
fn whole_length(path: &Path) -> Result<u64, Error> {
    let options = input::Options::default();
    let path = path.to_path_buf();
    let refused = |error: input::Error| match (error.place, error.problem) {
        (Some(place), input::Problem::Frame(damage)) => Error::Damaged {
            path: path.clone(),
            frame: place.frame,
            offset: place.offset,
            damage,
        },
        (_, problem) => Error::Io {
            path: path.clone(),
            source: io::Error::other(problem.to_string()),
        },
    };
    let mut frames = input::open(&path, &options).map_err(refused)?;
    frames
        .by_ref()
        .try_for_each(|frame| frame.map(drop))
        .map_err(refused)?;
    Ok(frames.tally().bytes)
}
