use std::path::Path;

use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes::{self, Padding, Value};
use jobwise_hdf5::file_access;

use super::{Cadence, ElementType, Kind, Order};
use crate::clock::Rate;
use crate::{Error, Result};

/// The properties file, and its name in recordings before version 2.
pub(super) const FILE_NAMES: [&str; 2] = ["drf_properties.h5", "metadata.h5"];

/// The version of the format that is written, and the newest whose meaning is known.
const VERSION: &str = "2.6.0";

const EPOCH: &str = "1970-01-01T00:00:00Z";

const TIME_DESCRIPTION: &str = "A time is a number of samples: the sample rate multiplied by the \
    seconds since the epoch, which is given in the attribute of that name. Leap seconds are not \
    counted.";

/// What holds for every file of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Properties {
    /// Sample rate.
    pub rate: Rate,
    /// How the channel is cut into files.
    pub cadence: Cadence,
    /// Whether the real numbers are floats.
    pub is_float: bool,
    /// Whether the integers are unsigned; `None` after reading, as the properties file does not
    /// say.
    pub is_unsigned: Option<bool>,
    /// Bytes of one real number.
    pub size: usize,
    /// Byte order.
    pub order: Order,
    /// Whether samples are complex.
    pub is_complex: bool,
    /// Samples per index, side by side.
    pub subchannels: usize,
    /// Whether the channel promises no gaps; plain files are then padded to their full interval.
    pub is_continuous: bool,
    /// The version of the format, if the file names it.
    pub version: Option<String>,
}

impl Properties {
    /// The properties of a new channel.
    pub fn new(
        rate: Rate,
        cadence: Cadence,
        element: ElementType,
        subchannels: usize,
        is_continuous: bool,
    ) -> Self {
        Self {
            rate,
            cadence,
            is_float: element.kind.is_float(),
            is_unsigned: Some(element.kind.is_unsigned()),
            size: element.kind.size(),
            order: element.order,
            is_complex: element.is_complex,
            subchannels,
            is_continuous,
            version: Some(VERSION.to_owned()),
        }
    }

    /// The kind of the real numbers; `None` if the sign is unknown or the size unusual.
    pub fn kind(&self) -> Option<Kind> {
        let is_unsigned = if self.is_float {
            Some(false)
        } else {
            self.is_unsigned
        };
        Kind::find(self.is_float, is_unsigned?, self.size)
    }

    /// What a user should know about samples that are not complex and signed.
    pub fn unusual(&self, element: ElementType) -> Option<&'static str> {
        match (element.is_complex, element.kind.is_unsigned()) {
            (true, false) => None,
            (true, true) => Some(
                "samples are unsigned integers; they are taken as they are, with any constant \
                 offset in them",
            ),
            (false, false) => Some(
                "samples are real, not complex; they are taken with the imaginary part 0, so that \
                 rates of either sign look alike",
            ),
            (false, true) => Some(
                "samples are real and unsigned; they are taken as they are, with any constant \
                 offset in them and the imaginary part 0",
            ),
        }
    }

    /// What a user should know: the format is newer than this program.
    pub fn warning(&self) -> Option<String> {
        let version = self.version.as_deref()?;
        let major: u32 = version.split('.').next()?.parse().ok()?;
        (major > 2).then(|| {
            format!("Digital RF version {version} is newer than {VERSION}: it may be misread")
        })
    }

    /// Reads the properties of the channel in `directory`.
    ///
    /// # Errors
    /// There is no properties file, an attribute is missing or impossible, or the version is
    /// older than 2.
    pub fn read(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let path = FILE_NAMES
            .map(|name| directory.join(name))
            .into_iter()
            .find(|p| p.is_file());
        let path = path.ok_or_else(|| Error::Format {
            path: directory.to_path_buf(),
            problem: "is no Digital RF channel: it has no drf_properties.h5".into(),
        })?;
        let file = file_access::open(&path)?;
        let wrong = |problem: String| Error::Format {
            path: path.clone(),
            problem,
        };
        let number = |name: &str| attributes::read_u64(&file, name);
        let flag = |name: &str| match number(name)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(wrong(format!("attribute {name} is {other}, not 0 or 1"))),
        };
        let version = attributes::find(&file, "digital_rf_version")?.map(|value| value.to_string());
        if let Some(version) = &version
            && matches!(
                version.split('.').next().map(str::parse::<u32>),
                Some(Ok(0 | 1))
            )
        {
            return Err(wrong(format!(
                "Digital RF version {version} is too old: at least 2.0"
            )));
        }
        let cadence = Cadence::new(
            number("subdir_cadence_secs")?,
            number("file_cadence_millisecs")?,
        )
        .map_err(|error| wrong(error.to_string()))?;
        let size = number("H5Tget_size")?;
        if !matches!(size, 1 | 2 | 4 | 8) {
            return Err(wrong(format!(
                "attribute H5Tget_size is {size}, not 1, 2, 4 or 8"
            )));
        }
        let subchannels = number("num_subchannels")?;
        if !(1..=1 << 16).contains(&subchannels) {
            return Err(wrong(format!("attribute num_subchannels is {subchannels}")));
        }
        Ok(Self {
            rate: rate(&file).map_err(|error| match error {
                Error::Request(problem) => wrong(problem),
                other => other,
            })?,
            cadence,
            is_float: flag("H5Tget_class")?,
            is_unsigned: None,
            size: size as usize,
            order: if flag("H5Tget_order")? {
                Order::Big
            } else {
                Order::Little
            },
            is_complex: flag("is_complex")?,
            subchannels: subchannels as usize,
            is_continuous: flag("is_continuous")?,
            version,
        })
    }

    /// Writes the properties file of the channel in `directory`, atomically.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self, directory: &Path) -> Result<()> {
        let atomic = AtomicFile::new(directory.join(FILE_NAMES[0]))?;
        let file = atomic.create_h5()?;
        self.describe(&file)?;
        atomic.commit_h5(file)?;
        Ok(())
    }

    /// Writes the attributes that the properties file and every dataset of samples carry.
    pub(super) fn describe(&self, object: &hdf5::Location) -> Result<()> {
        let numbers = [
            ("H5Tget_class", u64::from(self.is_float)),
            ("H5Tget_size", self.size as u64),
            ("H5Tget_order", u64::from(self.order == Order::Big)),
            ("H5Tget_precision", 8 * self.size as u64),
            ("H5Tget_offset", 0),
            ("subdir_cadence_secs", self.cadence.subdirectory_seconds()),
            ("file_cadence_millisecs", self.cadence.file_milliseconds()),
            ("sample_rate_numerator", self.rate.numerator()),
            ("sample_rate_denominator", self.rate.denominator()),
        ];
        for (name, value) in numbers {
            attributes::write(object, name, value)?;
        }
        let flags = [
            ("is_complex", i32::from(self.is_complex)),
            ("num_subchannels", self.subchannels as i32),
            ("is_continuous", i32::from(self.is_continuous)),
        ];
        for (name, value) in flags {
            attributes::write(object, name, value)?;
        }
        for (name, text) in [
            ("epoch", EPOCH),
            ("digital_rf_version", VERSION),
            ("digital_rf_time_description", TIME_DESCRIPTION),
        ] {
            let size = text.len() + 1;
            attributes::write_fixed_text(object, name, text, size, Padding::NulTerminated)?;
        }
        Ok(())
    }

    /// Names the first property in which another channel differs; the sign and the version do not
    /// count.
    pub(super) fn difference(&self, other: &Self) -> Option<&'static str> {
        let pairs = [
            (self.rate == other.rate, "sample rate"),
            (self.cadence == other.cadence, "file or directory cadence"),
            (self.is_float == other.is_float, "class of the numbers"),
            (self.size == other.size, "size of the numbers"),
            (self.order == other.order, "byte order"),
            (
                self.is_complex == other.is_complex,
                "choice of real or complex samples",
            ),
            (
                self.subchannels == other.subchannels,
                "number of sub-channels",
            ),
            (
                self.is_continuous == other.is_continuous,
                "choice of continuous or gapped",
            ),
        ];
        pairs
            .into_iter()
            .find(|(equal, _)| !equal)
            .map(|(_, name)| name)
    }
}

/// The sample rate; older files hold one number instead of a fraction.
fn rate(file: &hdf5::File) -> Result<Rate> {
    let whole = "samples_per_second";
    match attributes::find(file, whole)? {
        Some(Value::Float(hertz)) if hertz.fract() == 0.0 && (1.0..1e12).contains(&hertz) => {
            Rate::hertz(hertz as u64)
        }
        Some(Value::Float(hertz)) => Err(Error::Request(format!(
            "attribute {whole} is {hertz}, which is no exact rate: add the attributes \
             sample_rate_numerator and sample_rate_denominator"
        ))),
        Some(_) => Rate::hertz(attributes::read_u64(file, whole)?),
        None => Rate::new(
            attributes::read_u64(file, "sample_rate_numerator")?,
            attributes::read_u64(file, "sample_rate_denominator")?,
        ),
    }
}
