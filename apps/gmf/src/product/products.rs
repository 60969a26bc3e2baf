//! The files of an analysis, read one after the other.

use std::ops::Range;
use std::path::{Path, PathBuf};

use jobwise_kit::Inputs;

use super::listing::{files, start_of};
use super::rows::{Rows, SAME};
use super::{Layout, health};
use crate::clock::{TimeLimit, format_utc};
use crate::{Error, Result};

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
            .map(|path| Rows::open(path, &self.layout, &self.window))
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
