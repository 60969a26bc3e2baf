//! Refined peaks, added to a file that holds the results of a search.

use std::path::Path;

use hdf5::File;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::attributes::{self, Value};
use jobwise_hdf5::scales::{self, Dimension};
use jobwise_hdf5::{Error as Stored, file_access};

use super::layout::{column, matrix};
use super::write::dataset;
use super::{Origin, RunInfo, Validity, validate};
use crate::refine::{Optimizer, Refined};
use crate::{Error, Result};

const PEAK: &str = "gmf_optimized_peak";
const POWER: &str = "gmf_optimized";
/// The attribute that names the optimiser.
const OPTIMIZER: &str = "optimizer";
/// The attribute that numbers what optimisers mean; it changes when a release computes something
/// else.
const VERSION: (&str, i64) = ("optimizer_version", 1);

/// The refined peaks of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Optimized {
    /// There are none.
    Absent,
    /// They are those of this optimiser.
    Same,
    /// They are those of this optimiser, but some integrations were done again since: their power
    /// is NaN.
    Partly(Vec<Refined>),
    /// They are of another optimiser or program.
    Other,
    /// The file is damaged or cannot be read, as the text says.
    Unusable(String),
}

/// Looks for refined peaks of the first `integrations` integrations in the file of a search, that
/// one of `runs` would write.
///
/// # Errors
/// When there is no such file, or it has too few integrations or is of another configuration; the
/// message says what to do.
pub fn optimized(
    path: &Path,
    runs: &[RunInfo],
    integrations: usize,
    optimizer: Optimizer,
) -> Result<Optimized> {
    let unfit = |problem: String| {
        Err(Error::Format {
            path: path.to_path_buf(),
            problem,
        })
    };
    let first = "run the same command with -m fgmf (or fdpt) first";
    let mut judged = runs.iter().map(|run| validate(path, run, integrations));
    let validity = judged.next().unwrap_or(Validity::Absent);
    let is_complete =
        |validity: &Validity| matches!(validity, Validity::Complete | Validity::Longer);
    if !is_complete(&validity) && !judged.any(|validity| is_complete(&validity)) {
        let name = optimizer.name();
        return match validity {
            Validity::Absent => unfit(format!(
                "does not exist; {name} starts from the peaks in it: {first}"
            )),
            Validity::Shorter => unfit(format!(
                "has fewer than {integrations} integrations: {first}"
            )),
            Validity::Damaged { why } => Ok(Optimized::Unusable(format!(
                "{}: is no complete GMF file ({why}): {first}",
                path.display()
            ))),
            Validity::Unreadable { why } => Ok(Optimized::Unusable(why)),
            Validity::Different { .. } | Validity::Complete | Validity::Longer => unfit(
                "was written with another configuration than this one with fgmf or fdpt; give the output directory \
                 of the search, and its configuration"
                    .to_owned(),
            ),
        };
    }
    let file = file_access::open(path)?;
    let there = [PEAK, POWER].map(|name| file.link_exists(name));
    if there == [false, false] {
        return Ok(Optimized::Absent);
    }
    let power = match there {
        [true, true] => file.dataset(POWER).ok(),
        _ => None,
    };
    let Some(power) = power else {
        return Ok(Optimized::Other);
    };
    let is_ours = attributes::find(&power, OPTIMIZER)?
        == Some(Value::Text(optimizer.name().to_owned()))
        && attributes::find(&power, VERSION.0)? == Some(Value::Integer(VERSION.1))
        && power.shape() == [in_file(&file, path)?, 1];
    if !is_ours {
        return Ok(Optimized::Other);
    }
    let mut rows = read(&file, path)?.map_or_else(Vec::new, |kept| kept.rows);
    rows.truncate(integrations);
    if rows.iter().any(|row| row.power.is_nan()) {
        return Ok(Optimized::Partly(rows));
    }
    Ok(Optimized::Same)
}

/// The peaks `[range, range rate, acceleration]` that a search left in a file for its first
/// integrations, NaN where it found none.
///
/// # Errors
/// When the file cannot be read or has fewer integrations.
pub fn peaks(path: &Path, integrations: usize) -> Result<Vec<[f64; 3]>> {
    let file = file_access::open(path)?;
    let read = |name: &str| -> Result<Vec<f64>> {
        let mut values: Vec<f64> = column(&file, path, name)?;
        if values.len() >= integrations {
            values.truncate(integrations);
            return Ok(values);
        }
        Err(Error::Format {
            path: path.to_path_buf(),
            problem: format!(
                "{name} has {} integrations instead of {integrations}; run the search again with --clobber",
                values.len()
            ),
        })
    };
    let (range, range_rate, acceleration) = (
        read("range_peak")?,
        read("range_rate_peak")?,
        read("acceleration_peak")?,
    );
    let found = range.into_iter().zip(range_rate).zip(acceleration);
    Ok(found.map(|((r, v), a)| [r, v, a]).collect())
}

/// Replaces a file by one with refined peaks of its first integrations, at once: a copy is made,
/// extended, forced to disk and renamed. All else in it keeps its value; refined peaks of before
/// are replaced. Integrations that come after these keep what the same optimiser found, and else
/// are still to be refined.
///
/// # Errors
/// When the file cannot be read, copied or replaced. It is then as it was.
pub fn add_optimized(path: &Path, optimizer: Optimizer, rows: &[Refined]) -> Result<()> {
    let atomic = AtomicFile::new(path)?;
    let file = atomic.copy_h5(path)?;
    let mut rows = rows.to_vec();
    let before = read(&file, path)?
        .filter(|kept| (kept.optimizer.as_str(), kept.version) == (optimizer.name(), VERSION.1));
    let before = before.map_or_else(Vec::new, |kept| kept.rows);
    for row in rows.len()..in_file(&file, path)? {
        rows.push(before.get(row).copied().unwrap_or(TO_REFINE));
    }
    extend(&file, optimizer, &rows)?;
    if let Some(origin) = Origin::of(path) {
        origin.note(atomic.temporary());
    }
    Ok(atomic.commit_h5(file)?)
}

/// Stands for the refined peak of an integration that is still to be refined.
const TO_REFINE: Refined = Refined {
    peak: [f64::NAN; 3],
    power: f64::NAN,
};

/// The number of integrations of a file.
fn in_file(file: &File, path: &Path) -> Result<usize> {
    let gmf = file.dataset("gmf").map_err(Stored::hdf5(path, "gmf"))?;
    Ok(gmf.shape().first().copied().unwrap_or(0))
}

/// Refined peaks as a file holds them.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(super) optimizer: String,
    pub(super) version: i64,
    /// Of every integration; a power that is NaN stands for one that is still to be refined.
    pub(crate) rows: Vec<Refined>,
}

impl Kept {
    /// Puts them into a file that has none.
    pub(super) fn write(&self, file: &File) -> Result<()> {
        put(file, &self.optimizer, self.version, &self.rows)
    }
}

/// The refined peaks of a file; `None` where there are none, or none that this program writes.
pub(super) fn read(file: &File, path: &Path) -> Result<Option<Kept>> {
    if !file.link_exists(POWER) || !file.link_exists(PEAK) {
        return Ok(None);
    }
    let dataset = file.dataset(POWER).map_err(Stored::hdf5(path, POWER))?;
    let Some(Value::Text(optimizer)) = attributes::find(&dataset, OPTIMIZER)? else {
        return Ok(None);
    };
    let Some(Value::Integer(version)) = attributes::find(&dataset, VERSION.0)? else {
        return Ok(None);
    };
    let powers = matrix::<f64>(file, path, POWER, 1)?;
    let peaks = matrix::<f64>(file, path, PEAK, 3)?;
    let rows = peaks
        .outer_iter()
        .zip(&powers)
        .map(|(peak, &power)| Refined {
            peak: [peak[0], peak[1], peak[2]],
            power,
        });
    Ok(Some(Kept {
        optimizer,
        version,
        rows: rows.collect(),
    }))
}

fn extend(file: &File, optimizer: Optimizer, rows: &[Refined]) -> Result<()> {
    for name in [PEAK, POWER] {
        if file.link_exists(name) {
            scales::detach(file, name)?;
            file.unlink(name)
                .map_err(Stored::hdf5(file.filename(), name))?;
        }
    }
    put(file, optimizer.name(), VERSION.1, rows)
}

fn put(file: &File, optimizer: &str, version: i64, rows: &[Refined]) -> Result<()> {
    let peaks: Vec<f64> = rows.iter().flat_map(|row| row.peak).collect();
    let powers: Vec<f64> = rows.iter().map(|row| row.power).collect();
    let written = [
        (
            dataset(file, PEAK, &[rows.len(), 3], &peaks)?,
            "Refined range, range rate and acceleration of the peak",
        ),
        (
            dataset(file, POWER, &[rows.len(), 1], &powers)?,
            "Matched-filter power at the refined peak, at the full sample rate",
        ),
    ];
    for (dataset, long_name) in written {
        attributes::write_text(&dataset, "long_name", long_name)?;
        attributes::write_text(&dataset, OPTIMIZER, optimizer)?;
        attributes::write(&dataset, VERSION.0, version)?;
    }
    let time = Dimension {
        label: "t",
        scale: "integration_index",
    };
    let axes = [Some(time), None];
    Ok(scales::attach(file, &[(PEAK, &axes), (POWER, &axes)])?)
}
