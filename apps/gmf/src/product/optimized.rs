//! Refined peaks, added to a file that holds the results of a search.

use std::path::Path;

use super::content::Value;
use super::format::{Part, format_of};
use super::refined::{OPTIMIZER, PEAK, POWER, RefinedPeaks, TO_REFINE, VERSION};
use super::stored::Stored;
use super::{RunInfo, Validity, validate};
use crate::refine::{Optimizer, Refined};
use crate::{Error, Result};

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
                "was written with another configuration than this one with fgmf or fdpt; give the \
                 output directory \
                 of the search, and its configuration"
                    .to_owned(),
            ),
        };
    }
    let file = Stored::open(path)?;
    let there = [PEAK, POWER].map(|name| file.has(name));
    if there == [false, false] {
        return Ok(Optimized::Absent);
    }
    let shape = match there {
        [true, true] => file.shape(POWER).ok(),
        _ => None,
    };
    let Some(shape) = shape else {
        return Ok(Optimized::Other);
    };
    let attribute = |name| file.attribute(Part::Variable(POWER), name);
    let is_ours = attribute(OPTIMIZER)? == Some(Value::Text(optimizer.name().to_owned()))
        && attribute(VERSION.0)? == Some(Value::Integer(VERSION.1))
        && shape == [in_file(&file)?, 1];
    if !is_ours {
        return Ok(Optimized::Other);
    }
    let mut rows = RefinedPeaks::read(&file)?.map_or_else(Vec::new, |kept| kept.rows);
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
    let file = Stored::open(path)?;
    let read = |name: &str| -> Result<Vec<f64>> {
        let mut values: Vec<f64> = file.column(name)?;
        if values.len() >= integrations {
            values.truncate(integrations);
            return Ok(values);
        }
        Err(Error::Format {
            path: path.to_path_buf(),
            problem: format!(
                "{name} has {} integrations instead of {integrations}; run the search again with \
                 --clobber",
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
    let file = Stored::open(path)?;
    let mut rows = rows.to_vec();
    let before = RefinedPeaks::read(&file)?
        .filter(|kept| (kept.optimizer.as_str(), kept.version) == (optimizer.name(), VERSION.1));
    let before = before.map_or_else(Vec::new, |kept| kept.rows);
    for row in rows.len()..in_file(&file)? {
        rows.push(before.get(row).copied().unwrap_or(TO_REFINE));
    }
    let kept = RefinedPeaks {
        optimizer: optimizer.name().to_owned(),
        version: VERSION.1,
        rows,
    };
    format_of(path).replace(path, &kept.variables())
}

/// The number of integrations of a file.
fn in_file(file: &Stored) -> Result<usize> {
    Ok(file.shape("gmf")?.first().copied().unwrap_or(0))
}
