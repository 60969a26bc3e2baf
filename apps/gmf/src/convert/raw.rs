//! One raw file.

use std::path::{Path, PathBuf};

use num_complex::Complex;

use crate::mat::MatFile;
use crate::{Error, Result};

/// Numbers of `d_parbl` at least, and at most.
const PARAMETERS: std::ops::RangeInclusive<usize> = 64..=4096;

/// Characters of `d_ExpInfo` at most.
const INFO: u64 = 1 << 12;

/// What a raw file says besides its samples.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameters {
    /// `d_ExpInfo`.
    pub(super) info: String,
    /// Degrees.
    pub(super) elevation: f64,
    /// Degrees, 0 to 360.
    pub(super) azimuth: f64,
    /// End of this file, seconds since 1970.
    pub(super) end: f64,
    /// Start of the recording, seconds since 1970.
    pub(super) origin: f64,
    /// MHz.
    pub(super) radar_frequency: f64,
    /// Number of samples in `d_raw`.
    pub(super) samples: u64,
}

impl Parameters {
    /// Reads the parameters. Where they stand before the samples, as the radar writes them, little
    /// of the file is read.
    ///
    /// # Errors
    /// The file is damaged, or a variable is missing or impossible.
    pub(super) fn read(path: &Path) -> Result<Parameters> {
        let (mut info, mut numbers, mut samples) = (None, None, None);
        let mut file = MatFile::open(path)?;
        while info.is_none() || numbers.is_none() || samples.is_none() {
            let Some(array) = file.next_array()? else {
                break;
            };
            match array.name() {
                "d_ExpInfo" => info = Some(array.text(INFO)?),
                "d_parbl" => numbers = Some(array.numbers(*PARAMETERS.end())?),
                "d_raw" if array.is_vector() => samples = Some(array.count()),
                "d_raw" => return Err(wrong(path, "d_raw is no vector of samples")),
                _ => {}
            }
        }
        let missing = |name| wrong(path, format!("is no raw data: it has no {name}"));
        let info = info.ok_or_else(|| missing("d_ExpInfo"))?;
        let numbers = numbers.ok_or_else(|| missing("d_parbl"))?;
        let samples = samples.ok_or_else(|| missing("d_raw"))?;
        if !PARAMETERS.contains(&numbers.len()) {
            return Err(wrong(
                path,
                format!(
                    "d_parbl has {} values, not {} or more",
                    numbers.len(),
                    PARAMETERS.start()
                ),
            ));
        }
        let parameters = Parameters {
            info,
            elevation: numbers[8],
            azimuth: numbers[9].rem_euclid(360.0),
            end: numbers[10],
            origin: numbers[42],
            radar_frequency: numbers[54],
            samples,
        };
        // Within the years 1970 to 9999; false for what is no number.
        let is_instant = |seconds: f64| seconds > 0.0 && seconds < 253_370_764_800.0;
        if !is_instant(parameters.origin) || !is_instant(parameters.end) {
            return Err(wrong(
                path,
                format!(
                    "d_parbl has the times {} (start of the recording) and {} (end of the file): \
                     impossible",
                    parameters.origin, parameters.end
                ),
            ));
        }
        if !(parameters.radar_frequency > 0.0 && parameters.radar_frequency.is_finite()) {
            return Err(wrong(
                path,
                format!("d_parbl has the radar frequency {} MHz", numbers[54]),
            ));
        }
        Ok(parameters)
    }
}

/// Real and imaginary parts that no 16-bit integer holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unfit {
    /// Beyond its range.
    pub(super) beyond: u64,
    /// No numbers.
    pub(super) nan: u64,
}

/// Reads the first samples, at most `at_most`, as 16-bit integers cut towards zero. The second
/// value counts the parts that are none.
///
/// # Errors
/// The file is damaged or has no samples.
pub(super) fn samples(path: &Path, at_most: usize) -> Result<(Vec<Complex<i16>>, Unfit)> {
    let mut file = MatFile::open(path)?;
    while let Some(array) = file.next_array()? {
        if array.name() == "d_raw" {
            let mut unfit = Unfit::default();
            let samples = array.complex(at_most, |value| {
                // The cast cuts towards zero, saturates, and makes 0 of what is no number.
                let stored = value as i16;
                unfit.beyond += u64::from((value - f64::from(stored)).abs() >= 1.0);
                unfit.nan += u64::from(value.is_nan());
                stored
            })?;
            return Ok((samples, unfit));
        }
    }
    Err(wrong(path, "is no raw data: it has no d_raw"))
}

/// The raw files of a directory: `DDDDDDDD_DD/DDDDDDDD.mat` and `.mat.bz2`, D any digit, in order.
///
/// # Errors
/// A directory cannot be read, or there is no such file.
pub(super) fn list(source: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (name, directory) in sorted(source)? {
        let hour = name
            .split_once('_')
            .is_some_and(|(day, hour)| is_number(day, 8) && is_number(hour, 2));
        if !hour || !directory.is_dir() {
            continue;
        }
        for (name, file) in sorted(&directory)? {
            let stem = name
                .strip_suffix(".bz2")
                .unwrap_or(&name)
                .strip_suffix(".mat");
            if stem.is_some_and(|stem| is_number(stem, 8)) {
                files.push(file);
            }
        }
    }
    if files.is_empty() {
        return Err(wrong(
            source,
            "holds no raw data: files like 20210412_11/00000002.mat or .mat.bz2",
        ));
    }
    Ok(files)
}

fn sorted(directory: &Path) -> Result<Vec<(String, PathBuf)>> {
    let io = |source| Error::Io {
        path: directory.to_path_buf(),
        source,
    };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(io)? {
        let entry = entry.map_err(io)?;
        entries.extend(
            entry
                .file_name()
                .into_string()
                .map(|name| (name, entry.path())),
        );
    }
    entries.sort();
    Ok(entries)
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn wrong(path: &Path, problem: impl Into<String>) -> Error {
    Error::Format {
        path: path.to_path_buf(),
        problem: problem.into(),
    }
}
