//! What a file holds beside the results of the search: it stays with the integrations that stay.

use std::path::Path;

use jobwise_hdf5::file_access;

use super::layout::{column, matrix};
use super::optimized::{self, Kept};
use crate::Result;
use crate::refine::Refined;

/// The pointing and the refined peaks of a file, before it is replaced.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Of every integration; empty in files of other programs.
    pub(crate) pointing: Vec<[f32; 2]>,
    refined: Option<Kept>,
    kept: Vec<bool>,
}

impl Earlier {
    /// Reads what goes with the integrations that are `kept`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(path: &Path, kept: &[bool]) -> Result<Earlier> {
        let file = file_access::open(path)?;
        let pointing = if file.link_exists("pointing") {
            let stored = matrix::<f32>(&file, path, "pointing", 2)?;
            stored.outer_iter().map(|row| [row[0], row[1]]).collect()
        } else {
            Vec::new()
        };
        Ok(Earlier {
            pointing,
            refined: optimized::read(&file, path)?,
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
    pub(crate) fn refined(&self, integrations: usize) -> Option<Kept> {
        let before = self.refined.as_ref()?;
        let kept = |row: usize| self.kept.get(row).copied().unwrap_or(false);
        let rows = (0..integrations).map(|row| match before.rows.get(row) {
            Some(refined) if kept(row) => *refined,
            _ => Refined {
                peak: [f64::NAN; 3],
                power: f64::NAN,
            },
        });
        Some(Kept {
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
    let file = file_access::open(path)?;
    if !file.link_exists("missing_samples") {
        return Ok(Vec::new());
    }
    let missing = column::<i64>(&file, path, "missing_samples")?;
    Ok(missing.into_iter().map(|n| n.max(0) as u64).collect())
}
