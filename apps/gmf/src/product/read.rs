//! Reading the files of an analysis one after the other.

use std::ops::Range;
use std::path::{Path, PathBuf};

use jobwise_kit::Inputs;
use ndarray::Array2;

use super::Layout;
use super::content::Number;
use super::health;
use super::listing::{files, start_of};
use super::refined::PEAK;
use super::stored::Stored;
use crate::clock::{TimeLimit, format_utc};
use crate::{Error, Result};

/// Instants that differ by less are the same: floating-point seconds of today are good to a quarter
/// of it.
const SAME: f64 = 1e-6;

/// The files of an analysis, in order of time. One is open at a time.
#[derive(Clone, Debug)]
pub struct Products {
    paths: Vec<PathBuf>,
    layout: Layout,
    /// Start (inclusive) and end (exclusive) of the integrations wanted, in s since 1970.
    window: Range<f64>,
}

impl Products {
    /// Opens the analysis in a directory: its files are listed, and the first is read for what all
    /// have in common.
    ///
    /// Integrations count whose start lies within the limits (the end is exclusive); relative
    /// limits count from the start of the first file.
    ///
    /// # Errors
    /// When there is no output file, one within the limits is damaged, or the limits leave nothing.
    pub fn open(root: &Path, limits: (Option<TimeLimit>, Option<TimeLimit>)) -> Result<Products> {
        Self::open_with(root, limits, &Inputs::new(true))
    }

    /// As [`open`](Self::open); files within the limits that are damaged are passed over.
    ///
    /// # Errors
    /// When there is no output file, none within the limits can be read, or the limits leave
    /// nothing; and for the first damaged file where `inputs` are not passed over.
    pub fn open_with(
        root: &Path,
        (start, end): (Option<TimeLimit>, Option<TimeLimit>),
        inputs: &Inputs,
    ) -> Result<Products> {
        let (mut paths, mut starts) = (Vec::new(), Vec::new());
        for path in files(root)? {
            match start_of(&path) {
                Ok(start) => {
                    paths.push(path);
                    starts.push(start);
                }
                Err(problem) => inputs.pass_over(&path, problem)?,
            }
        }
        let Some(&first) = starts.first() else {
            return Err(health::none_left(root));
        };
        let seconds = |limit: Option<TimeLimit>, default| match limit {
            None => default,
            Some(TimeLimit::Absolute(microseconds)) => microseconds as f64 / 1e6,
            Some(TimeLimit::Relative(seconds)) => first as f64 / 1e6 + seconds,
        };
        let window = seconds(start, f64::NEG_INFINITY)..seconds(end, f64::INFINITY);
        // A file ends where the next starts, or before.
        let ends = starts[1..]
            .iter()
            .map(|&next| next as f64 / 1e6)
            .chain([f64::INFINITY]);
        let wanted: Vec<PathBuf> = paths
            .iter()
            .zip(starts.iter().zip(ends))
            .filter(|(_, (start, end))| {
                **start as f64 / 1e6 - SAME < window.end && *end + SAME >= window.start
            })
            .map(|(path, _)| path.clone())
            .collect();
        if wanted.is_empty() {
            return Err(nothing(root, first)?);
        }
        let wanted = health::healthy(wanted, inputs)?;
        let layout = Layout::read(wanted.first().ok_or_else(|| health::none_left(root))?)?;
        let products = Products {
            paths: wanted,
            layout,
            window,
        };
        if products.rows().next().transpose()?.is_none() {
            return Err(nothing(root, first)?);
        }
        Ok(products)
    }

    /// What all files have in common.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The number of files that are read.
    pub fn files(&self) -> usize {
        self.paths.len()
    }

    /// The number of integrations within the limits. Every file is opened.
    ///
    /// # Errors
    /// When a file cannot be read or is of another configuration.
    pub fn count(&self) -> Result<usize> {
        self.rows().map(|rows| Ok(rows?.count())).sum()
    }

    /// The files in order of time, opened one by one; those without an integration within the
    /// limits are left out.
    ///
    /// An item is an error when the file is damaged, foreign, or of another configuration.
    pub fn rows(&self) -> impl Iterator<Item = Result<Rows<'_>>> {
        self.paths
            .iter()
            .map(|path| Rows::open(path, self))
            .filter(|rows| rows.as_ref().map_or(true, |rows| rows.count() > 0))
    }
}

/// The error of limits between which there is nothing.
fn nothing(root: &Path, first: i64) -> Result<Error> {
    Ok(Error::Request(format!(
        "{} holds no integration between those limits; it starts at {}",
        root.display(),
        format_utc(first)?
    )))
}

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
    fn open(path: &Path, products: &'a Products) -> Result<Rows<'a>> {
        let file = Stored::open(path)?;
        let layout = &products.layout;
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
        let wanted = first_from(products.window.start)..first_from(products.window.end);
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
        if !self.file.has(PEAK) {
            return Ok(None);
        }
        let all: Array2<f64> = self.file.matrix(PEAK, 3)?;
        self.enough(PEAK, all.nrows())?;
        let rows = all.outer_iter().map(|row| [row[0], row[1], row[2]]);
        Ok(Some(
            rows.skip(self.wanted.start).take(self.count()).collect(),
        ))
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
