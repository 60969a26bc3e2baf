use std::path::{Path, PathBuf};

use hdf5::H5Type;
use hdf5::types::FixedAscii;
use jobwise_core::{Result as Received, Wire};
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes::{self, Padding};
use jobwise_hdf5::file_access;

use crate::clock::{Rate, Unit, directory_stamp};
use crate::{Error, Result};

/// The properties file of a metadata channel.
const FILE_NAME: &str = "dmd_properties.h5";

/// Longest name of a field, in bytes.
const FIELD_BYTES: usize = 128;

/// One row of the list of fields.
#[derive(Clone, Copy, Debug, H5Type)]
#[repr(C)]
struct Field {
    column: FixedAscii<FIELD_BYTES>,
}

/// What holds for every file of a metadata channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataProperties {
    /// Rate of the sample indices.
    pub rate: Rate,
    /// Seconds per directory.
    pub subdirectory_seconds: u64,
    /// Seconds per file.
    pub file_seconds: u64,
    /// First part of every file's name, such as `meta`.
    pub file_name: String,
}

impl MetadataProperties {
    /// Reads the properties of the metadata channel in `directory`.
    ///
    /// # Errors
    /// There is no properties file, or an attribute is missing or impossible.
    pub fn read(directory: impl AsRef<Path>) -> Result<Self> {
        let path = directory.as_ref().join(FILE_NAME);
        if !path.is_file() {
            return Err(Error::Format {
                path: directory.as_ref().to_path_buf(),
                problem: format!("is no Digital Metadata channel: it has no {FILE_NAME}"),
            });
        }
        let file = file_access::open(&path)?;
        let number = |name: &str| attributes::read_u64(&file, name);
        let rate = Rate::new(
            number("sample_rate_numerator")?,
            number("sample_rate_denominator")?,
        );
        let properties = Self {
            rate: rate.map_err(|error| Error::Format {
                path: path.clone(),
                problem: error.to_string(),
            })?,
            subdirectory_seconds: number("subdir_cadence_secs")?,
            file_seconds: number("file_cadence_secs")?,
            file_name: attributes::read_text(&file, "file_name")?,
        };
        match properties.problem() {
            None => Ok(properties),
            Some(problem) => Err(Error::Format { path, problem }),
        }
    }

    /// Writes the properties file with the names of the fields, atomically.
    pub(super) fn write(&self, directory: &Path, fields: &[&str]) -> Result<()> {
        let path = directory.join(FILE_NAME);
        let mut rows = Vec::with_capacity(fields.len());
        for field in fields {
            let column = FixedAscii::from_ascii(field)
                .ok()
                .filter(|_| is_plain(field));
            rows.push(Field {
                column: column.ok_or_else(|| Error::Format {
                    path: path.clone(),
                    problem: format!(
                        "field {field:?}: at most {FIELD_BYTES} ASCII characters without '/'"
                    ),
                })?,
            });
        }
        let atomic = AtomicFile::new(&path)?;
        let file = atomic.create_h5()?;
        for (name, value) in [
            ("subdir_cadence_secs", self.subdirectory_seconds),
            ("file_cadence_secs", self.file_seconds),
            ("sample_rate_numerator", self.rate.numerator()),
            ("sample_rate_denominator", self.rate.denominator()),
        ] {
            attributes::write(&file, name, value as i64)?;
        }
        for (name, text) in [
            ("file_name", self.file_name.as_str()),
            ("digital_metadata_version", "2.5"),
        ] {
            attributes::write_fixed_text(&file, name, text, text.len(), Padding::NulPadded)?;
        }
        file.new_dataset_builder()
            .with_data(&rows)
            .create("fields")
            .map_err(Stored::hdf5(atomic.temporary(), "fields"))?;
        atomic.commit_h5(file)?;
        Ok(())
    }

    /// What makes the properties impossible, if anything does.
    pub(super) fn problem(&self) -> Option<String> {
        let (directory, file) = (self.subdirectory_seconds, self.file_seconds);
        if file == 0 || directory == 0 || directory > 1 << 40 || directory % file != 0 {
            return Some(format!(
                "directories of {directory} s cannot be cut into files of {file} s: choose a \
                 divisor"
            ));
        }
        (!is_plain(&self.file_name)).then(|| {
            format!(
                "file name {:?}: it must be ASCII without '/' and '@'",
                self.file_name
            )
        })
    }

    /// The stamp (s since 1970) of the file that holds an index; `None` beyond the calendar.
    pub(super) fn file_of(&self, index: u64) -> Option<i64> {
        let time = i64::try_from(self.rate.time_of(index, Unit::Seconds)).ok()?;
        Some(time - time.rem_euclid(self.file_seconds as i64))
    }

    /// Where a file lies, relative to the channel.
    pub(super) fn path(&self, file: i64) -> Result<PathBuf> {
        let directory = file - file.rem_euclid(self.subdirectory_seconds as i64);
        let name = format!("{}@{file}.h5", self.file_name);
        Ok(PathBuf::from(directory_stamp(directory)?).join(name))
    }

    /// The stamp in the name of a data file.
    pub(super) fn stamp_of(&self, name: &str) -> Option<i64> {
        let digits = name
            .strip_prefix(&self.file_name)?
            .strip_prefix('@')?
            .strip_suffix(".h5")?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?
    }
}

impl Wire for MetadataProperties {
    fn put(&self, out: &mut Vec<u8>) {
        self.rate.put(out);
        (self.subdirectory_seconds, self.file_seconds).put(out);
        self.file_name.put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        let rate = Wire::take(input)?;
        let (subdirectory_seconds, file_seconds) = Wire::take(input)?;
        Ok(Self {
            rate,
            subdirectory_seconds,
            file_seconds,
            file_name: Wire::take(input)?,
        })
    }
}

/// Whether a text can be a field or part of a file's name.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.is_ascii() && !text.contains(['/', '@', '\0'])
}
