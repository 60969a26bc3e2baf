//! The integrations of one file, read when they are asked for.

use std::ops::Range;
use std::path::Path;

use ndarray::Array2;

use super::Layout;
use super::content::Number;
use super::refined::{PEAK, optimised_peaks};
use super::stored::Stored;
use super::targets::{self, further_targets};
use crate::search::Target;
use crate::{Error, Result};

/// Instants that differ by less are the same: floating-point seconds of today are good to a quarter
/// of it.
pub(super) const SAME: f64 = 1e-6;

/// The integrations of one file that lie within the limits. Shapes are (integrations, gates).
#[derive(Debug)]
pub struct Rows<'a> {
    layout: &'a Layout,
    file: Stored,
    start: f64,
    wanted: Range<usize>,
}

/// The strongest range gate of an integration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Index of the gate; of equal ones the first.
    pub gate: usize,
    /// Matched-filter power.
    pub gmf: f32,
    /// Range rate in m/s at the start of the integration.
    pub range_rate: f64,
    /// Acceleration in m/s^2.
    pub acceleration: f64,
}

impl<'a> Rows<'a> {
    /// Opens a file of this layout; `window` is in s since 1970, its end exclusive.
    pub(super) fn open(path: &Path, layout: &'a Layout, window: &Range<f64>) -> Result<Rows<'a>> {
        let file = Stored::open(path)?;
        layout.check(&file)?;
        let shape = file.shape("gmf")?;
        let integrations = match shape[..] {
            [rows, gates] if rows > 0 && gates == layout.ranges.len() => rows,
            _ => {
                return Err(Error::Format {
                    path: path.to_path_buf(),
                    problem: format!(
                        "gmf has the shape {shape:?} instead of (integrations, {})",
                        layout.ranges.len()
                    ),
                });
            }
        };
        let start = file.scalar("epoch_unix")?;
        if !start.is_finite() {
            return Err(Error::Format {
                path: path.to_path_buf(),
                problem: format!("epoch_unix is {start}"),
            });
        }
        // The first integration at or after a limit.
        let first_from = |limit: f64| {
            let steps = ((limit - start - SAME) / layout.step).ceil();
            steps.clamp(0.0, integrations as f64) as usize
        };
        let wanted = first_from(window.start)..first_from(window.end);
        Ok(Rows {
            layout,
            file,
            start,
            wanted: wanted.start..wanted.end.max(wanted.start),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The number of integrations.
    pub fn count(&self) -> usize {
        self.wanted.len()
    }

    /// The number of an integration in its file.
    pub fn number(&self, row: usize) -> usize {
        self.wanted.start + row
    }

    /// The start of an integration in s since 1970.
    pub fn time(&self, row: usize) -> f64 {
        self.start + self.number(row) as f64 * self.layout.step
    }

    /// Matched-filter power.
    ///
    /// # Errors
    /// When it cannot be read, as all that follow.
    pub fn gmf(&self) -> Result<Array2<f32>> {
        self.gates("gmf")
    }

    /// Power without Doppler.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn gmf_zero_frequency(&self) -> Result<Array2<f32>> {
        self.gates("gmf_zero_frequency")
    }

    /// Transmitted power of each integration.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn tx_power(&self) -> Result<Vec<f32>> {
        self.times("tx_power")
    }

    /// Which integrations were analysed: something was transmitted, and some gate has a largest
    /// power.
    ///
    /// # Errors
    /// When the results cannot be read.
    pub fn analysed(&self) -> Result<Vec<bool>> {
        let indices: Array2<i32> = self.gates("range_rate_index")?;
        let power = self.tx_power()?;
        Ok(indices
            .outer_iter()
            .zip(power)
            .map(|(row, power)| power > 0.0 && row.iter().any(|&index| index >= 0))
            .collect())
    }

    /// The strongest gate of each integration; `None` where it was not analysed or nothing has
    /// power.
    ///
    /// # Errors
    /// When the results cannot be read.
    pub fn peaks(&self, gmf: &Array2<f32>) -> Result<Vec<Option<Peak>>> {
        let analysed = self.analysed()?;
        let range_rate: Vec<f64> = self.times("range_rate_peak")?;
        let acceleration: Vec<f64> = self.times("acceleration_peak")?;
        Ok((0..self.count())
            .map(|row| {
                let (gate, gmf) = largest(gmf.row(row)).filter(|_| analysed[row])?;
                Some(Peak {
                    gate,
                    gmf,
                    range_rate: range_rate[row],
                    acceleration: acceleration[row],
                })
            })
            .collect())
    }

    /// Azimuth and elevation in degrees of each integration; NaN where unknown.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn pointing(&self) -> Result<Vec<[f64; 2]>> {
        if !self.file.has("pointing") {
            return Ok(vec![[f64::NAN; 2]; self.count()]);
        }
        let all: Array2<f64> = self.file.matrix("pointing", 2)?;
        // The peer writes too few rows, or too many.
        let at = |row: usize| (self.number(row) < all.nrows()).then(|| all.row(self.number(row)));
        Ok((0..self.count())
            .map(|row| at(row).map_or([f64::NAN; 2], |row| [row[0], row[1]]))
            .collect())
    }

    /// Range in m, range rate in m/s and acceleration in m/s^2 that an optimisation has refined;
    /// `None` without one.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn optimized(&self) -> Result<Option<Vec<[f64; 3]>>> {
        let Some(all) = optimised_peaks(&self.file)? else {
            return Ok(None);
        };
        self.enough(PEAK, all.len())?;
        Ok(Some(all[self.wanted.clone()].to_vec()))
    }

    /// What each integration has beside its strongest target, strongest first: none where the files
    /// tell no targets apart.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn further_targets(&self) -> Result<Vec<Vec<Target>>> {
        let mut all = further_targets(&self.file)?;
        if all.is_empty() {
            return Ok(vec![Vec::new(); self.count()]);
        }
        self.enough(targets::NAMES[0], all.len())?;
        let last = self.layout.ranges.len();
        for row in &mut all {
            row.retain(|target| target.gate < last);
        }
        Ok(all.drain(self.wanted.clone()).collect())
    }

    /// A dataset of one value for each integration.
    fn times<T: Number + Copy>(&self, name: &str) -> Result<Vec<T>> {
        let all: Vec<T> = self.file.column(name)?;
        self.enough(name, all.len())?;
        Ok(all[self.wanted.clone()].to_vec())
    }

    /// A dataset of one value for each integration and gate.
    fn gates<T: Number + Copy>(&self, name: &str) -> Result<Array2<T>> {
        let all: Array2<T> = self.file.matrix(name, self.layout.ranges.len())?;
        self.enough(name, all.nrows())?;
        Ok(all.slice(ndarray::s![self.wanted.clone(), ..]).to_owned())
    }

    fn enough(&self, name: &str, rows: usize) -> Result<()> {
        if rows >= self.wanted.end {
            return Ok(());
        }
        Err(Error::Format {
            path: self.path().to_path_buf(),
            problem: format!(
                "{name} has {rows} integrations, fewer than gmf; analyse again with --clobber"
            ),
        })
    }
}

/// The first of the largest positive values.
fn largest<'a>(values: impl IntoIterator<Item = &'a f32>) -> Option<(usize, f32)> {
    let mut found = None;
    let mut most = 0.0;
    for (index, &value) in values.into_iter().enumerate() {
        if value > most {
            (found, most) = (Some(index), value);
        }
    }
    found.map(|index| (index, most))
}
