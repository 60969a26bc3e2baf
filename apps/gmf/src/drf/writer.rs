use std::path::{Path, PathBuf};

use hdf5::H5Type;
use jobwise_hdf5::element::{Element, ElementType, Kind};
use num_complex::Complex;

use super::open_file::OpenFile;
use super::properties::FILE_NAMES;
use super::{Channel, Properties};
use crate::{Error, Result};

/// How the files of a channel are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterOptions {
    /// Deflate level, 0 (none) to 9.
    pub compression: u8,
    /// Whether a Fletcher-32 checksum protects every chunk.
    pub checksum: bool,
    /// Identifies the recording; any text without NUL, ASCII.
    pub uuid: String,
}

impl Default for WriterOptions {
    /// Neither compression nor checksum.
    fn default() -> Self {
        Self {
            compression: 0,
            checksum: false,
            uuid: "unnamed".into(),
        }
    }
}

/// Appends samples to a channel.
///
/// Call [`finish`](Self::finish) at the end: the file being filled has its final name only after
/// that, and a writer that is dropped without it discards that file.
#[derive(Debug)]
pub struct Writer {
    directory: PathBuf,
    properties: Properties,
    options: WriterOptions,
    element: ElementType,
    next: u64,
    sequence: i32,
    open: Option<OpenFile>,
}

impl Writer {
    /// Begins a channel in `directory`, or continues the one that is there.
    ///
    /// # Errors
    /// The properties name no element type ([`Properties::new`] does), an option is impossible,
    /// the directory cannot be written, or a channel with other properties is there.
    pub fn create(
        directory: impl AsRef<Path>,
        properties: Properties,
        options: WriterOptions,
    ) -> Result<Self> {
        let directory = directory.as_ref().to_path_buf();
        let wrong = |problem: String| Error::Format {
            path: directory.clone(),
            problem,
        };
        let kind = properties.kind().ok_or_else(|| {
            wrong("the type of the samples to write is not known: its sign or size".into())
        })?;
        let element = ElementType {
            kind,
            order: properties.order,
            is_complex: properties.is_complex,
        };
        if options.compression > 9 {
            let level = options.compression;
            return Err(wrong(format!(
                "compression level {level}: it must be 0 to 9"
            )));
        }
        if options.uuid.contains('\0') || !options.uuid.is_ascii() {
            return Err(wrong("the uuid must be ASCII without NUL".into()));
        }
        if !(1..=1 << 16).contains(&properties.subchannels) {
            return Err(wrong(format!(
                "{} sub-channels: at least 1",
                properties.subchannels
            )));
        }
        if FILE_NAMES.iter().any(|name| directory.join(name).exists()) {
            let channel = Channel::open(&directory)?;
            let difference = properties.difference(channel.properties()).or_else(|| {
                let stored = channel.element().ok()??.kind;
                (stored != kind).then_some("sign of the numbers")
            });
            if let Some(difference) = difference {
                return Err(wrong(format!(
                    "holds a channel with another {difference}: choose another directory"
                )));
            }
        } else {
            properties.write(&directory)?;
        }
        Ok(Self {
            directory,
            properties,
            options,
            element,
            next: 0,
            sequence: 0,
            open: None,
        })
    }

    /// The first index that may be written next.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Appends complex samples, the first of them with index `at`.
    ///
    /// With several sub-channels the samples of one index lie side by side:
    /// `samples[i * subchannels + s]`.
    ///
    /// # Errors
    /// `at` is before [`next`](Self::next), the type is not the channel's, the length is no
    /// multiple of the number of sub-channels, or a file exists or cannot be written.
    pub fn write<T: Element>(&mut self, at: u64, samples: &[Complex<T>]) -> Result<()> {
        self.check_type(T::KIND, true)?;
        self.append(at, samples, Complex::new(T::FILL, T::FILL))
    }

    /// Appends real samples; otherwise as [`write`](Self::write).
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_real<T: Element>(&mut self, at: u64, samples: &[T]) -> Result<()> {
        self.check_type(T::KIND, false)?;
        self.append(at, samples, T::FILL)
    }

    /// Completes the file being filled.
    ///
    /// # Errors
    /// It cannot be written or renamed.
    pub fn finish(mut self) -> Result<()> {
        self.open.take().map_or(Ok(()), OpenFile::commit)
    }

    fn check_type(&self, kind: Kind, is_complex: bool) -> Result<()> {
        if (kind, is_complex) == (self.element.kind, self.element.is_complex) {
            return Ok(());
        }
        let name = |is_complex| if is_complex { "complex" } else { "real" };
        Err(Error::Request(format!(
            "{}: the channel holds {} {:?}, not {} {kind:?}",
            self.directory.display(),
            name(self.element.is_complex),
            self.element.kind,
            name(is_complex)
        )))
    }

    fn append<E: H5Type + Copy>(&mut self, at: u64, samples: &[E], fill: E) -> Result<()> {
        let columns = self.properties.subchannels;
        let wrong = |problem: String| {
            Err(Error::Request(format!(
                "{}: {problem}",
                self.directory.display()
            )))
        };
        if !samples.len().is_multiple_of(columns) {
            let length = samples.len();
            return wrong(format!(
                "{length} values are no multiple of {columns} sub-channels"
            ));
        }
        if at < self.next {
            return wrong(format!(
                "sample {at} is before {}, the next to write",
                self.next
            ));
        }
        let rows = (samples.len() / columns) as u64;
        let beyond = at.checked_add(rows).is_none_or(|end| {
            self.properties
                .cadence
                .file_of(self.properties.rate, end)
                .is_none()
        });
        if beyond {
            return wrong(format!("samples {at} + {rows} lie beyond the calendar"));
        }
        let mut written = 0;
        while written < rows {
            let first = at + written;
            if self
                .open
                .as_ref()
                .is_some_and(|open| !open.interval().contains(&first))
            {
                self.open.take().map_or(Ok(()), OpenFile::commit)?;
            }
            let (from, left) = (written as usize * columns, rows - written);
            let open = match &mut self.open {
                Some(open) => open,
                none => {
                    let file = OpenFile::create(
                        &self.directory,
                        &self.properties,
                        &self.options,
                        self.element,
                        fill,
                        first,
                        self.sequence,
                    )?;
                    self.sequence += 1;
                    none.insert(file)
                }
            };
            let count = left.min(open.interval().end - first);
            let piece = &samples[from..from + count as usize * columns];
            open.append(first, piece)?;
            written += count;
            self.next = first + count;
        }
        Ok(())
    }
}
