//! What a file holds beside the results of the search: it stays with the integrations that stay.

use std::path::Path;

use super::content::Value;
use super::describe::FIRST_SAMPLE;
use super::format::Part;
use super::refined::{RefinedPeaks, TO_REFINE};
use super::stored::Stored;
use crate::Result;

/// The pointing and the refined peaks of a file, before it is replaced.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Of every integration; empty in files of other programs.
    pub(crate) pointing: Vec<[f32; 2]>,
    refined: Option<RefinedPeaks>,
    kept: Vec<bool>,
}

impl Earlier {
    /// Reads what goes with the integrations that are `kept`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(path: &Path, kept: &[bool]) -> Result<Earlier> {
        let file = Stored::open(path)?;
        let pointing = if file.has("pointing") {
            let stored = file.matrix::<f32>("pointing", 2)?;
            stored.outer_iter().map(|row| [row[0], row[1]]).collect()
        } else {
            Vec::new()
        };
        Ok(Earlier {
            pointing,
            refined: RefinedPeaks::read(&file)?,
            kept: kept.to_vec(),
        })
    }

    /// Keeps the pointing of integrations for which none is known now, of a file of so many
    /// integrations.
    pub(crate) fn keep_pointing(&self, pointing: &mut Option<Vec<[f32; 2]>>, integrations: usize) {
        let is_known = |angles: &[f32; 2]| angles.iter().any(|angle| !angle.is_nan());
        if pointing.is_none() && self.pointing.iter().any(is_known) {
            *pointing = Some(vec![[f32::NAN; 2]; integrations]);
        }
        for (now, before) in pointing.iter_mut().flatten().zip(&self.pointing) {
            if !is_known(now) {
                *now = *before;
            }
        }
    }

    /// The refined peaks of a file of so many integrations: those of integrations that were kept;
    /// NaN for the others, which are still to be refined. `None` without refined peaks.
    pub(crate) fn refined(&self, integrations: usize) -> Option<RefinedPeaks> {
        let before = self.refined.as_ref()?;
        let kept = |row: usize| self.kept.get(row).copied().unwrap_or(false);
        let rows = (0..integrations).map(|row| match before.rows.get(row) {
            Some(refined) if kept(row) => *refined,
            _ => TO_REFINE,
        });
        Some(RefinedPeaks {
            rows: rows.collect(),
            ..before.clone()
        })
    }
}

/// The missing samples of each integration of a file; nothing for files of other programs, which do
/// not tell.
///
/// # Errors
/// The file cannot be read.
pub fn missing_samples(path: &Path) -> Result<Vec<u64>> {
    let file = Stored::open(path)?;
    if !file.has("missing_samples") {
        return Ok(Vec::new());
    }
    let missing = file.column::<i64>("missing_samples")?;
    Ok(missing.into_iter().map(|n| n.max(0) as u64).collect())
}

/// The first sample of a file, counted from 1970; `None` for files of other programs, which do not
/// tell.
///
/// # Errors
/// The file cannot be read.
pub fn first_sample(path: &Path) -> Result<Option<u64>> {
    let told = Stored::open(path)?.attribute(Part::File, FIRST_SAMPLE)?;
    Ok(told.and_then(|value| match value {
        Value::Integer(sample) => u64::try_from(sample).ok(),
        Value::Unsigned(sample) => Some(sample),
        _ => None,
    }))
}
