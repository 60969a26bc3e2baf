//! What all files of an analysis have in common.

use std::path::{Path, PathBuf};

use hdf5::{File, Group, H5Type};
use jobwise_hdf5::attributes::{self, Value};
use jobwise_hdf5::{Error as Stored, file_access, lengths};
use ndarray::Array2;

use super::attributes::{Attributes, is_incidental};
use crate::{Error, Result};

/// The axes of the files of an analysis, read from one of them.
#[derive(Clone, Debug)]
pub struct Layout {
    path: PathBuf,
    configuration: Vec<(String, Value)>,
    /// Sample rate in Hz.
    pub sample_rate: f64,
    /// Time from one integration to the next, in s.
    pub step: f64,
    /// Number of the first range gate; 0 is one sample after the start of transmission.
    pub first_gate: i64,
    /// Step between range gates, in samples.
    pub gate_step: i64,
    /// Range of every gate in m, total path.
    pub ranges: Vec<f64>,
}

impl Layout {
    /// Reads the axes of a file.
    pub(super) fn read(path: &Path) -> Result<Layout> {
        let file = file_access::open(path)?;
        let experiment = group(&file, path, "experiment")?;
        let processing = group(&file, path, "processing")?;
        let positive = |group: &Group, name: &str| -> Result<f64> {
            let value = attributes::read_f64(group, name)?;
            if value.is_finite() && value > 0.0 {
                return Ok(value);
            }
            Err(Error::Format {
                path: path.to_path_buf(),
                problem: format!("{name} is {value}, but must be positive"),
            })
        };
        let sample_rate = positive(&experiment, "sample_rate")?;
        let samples = positive(&processing, "n_ipp")? * positive(&experiment, "ipp_samp")?;
        let ranges = column(&file, path, "ranges")?;
        if ranges.is_empty() {
            return Err(Error::Format {
                path: path.to_path_buf(),
                problem: "has no range gates".to_owned(),
            });
        }
        Ok(Layout {
            path: path.to_path_buf(),
            configuration: configuration(&file, &experiment, &processing)?,
            sample_rate,
            step: samples / sample_rate,
            first_gate: attributes::read_i64(&processing, "min_range_gate")?,
            gate_step: attributes::read_i64(&processing, "range_gate_step")?,
            ranges,
        })
    }

    /// The number of a gate by its index.
    pub fn gate(&self, index: usize) -> i64 {
        self.first_gate + self.gate_step * index as i64
    }

    /// Checks that a file has the same axes and was written with the same configuration.
    pub(super) fn check(&self, file: &File, path: &Path) -> Result<()> {
        let experiment = group(file, path, "experiment")?;
        let processing = group(file, path, "processing")?;
        let found = configuration(file, &experiment, &processing)?;
        let different = |what: String| Error::Format {
            path: path.to_path_buf(),
            problem: format!(
                "was written with another configuration than {}: {what}; give a directory of one analysis",
                self.path.display()
            ),
        };
        for (name, wanted) in &self.configuration {
            match found.iter().find(|(present, _)| present == name) {
                Some((_, value)) if value == wanted => {}
                Some((_, value)) => {
                    return Err(different(format!("{name} is {value} instead of {wanted}")));
                }
                None => return Err(different(format!("{name} is absent"))),
            }
        }
        let ranges = column::<f64>(file, path, "ranges")?;
        if ranges != self.ranges {
            return Err(different("the range gates differ".to_owned()));
        }
        Ok(())
    }
}

/// Everything that determines the numbers in a file. Files by other versions may lack the digest.
fn configuration(file: &File, experiment: &Group, processing: &Group) -> Result<Attributes> {
    let mut all = attributes::list(experiment)?;
    all.extend(attributes::list(processing)?);
    all.retain(|(name, _)| !is_incidental(name));
    // The digest comes last: the name of an attribute says more.
    let digest = attributes::find(file, "config_hash")?;
    all.extend(digest.map(|digest| ("config_hash".to_owned(), digest)));
    Ok(all)
}

fn group(file: &File, path: &Path, name: &str) -> Result<Group> {
    Ok(file.group(name).map_err(Stored::hdf5(path, name))?)
}

/// A dataset of one dimension, whole.
pub(crate) fn column<T: H5Type>(file: &File, path: &Path, name: &str) -> Result<Vec<T>> {
    let dataset = file.dataset(name).map_err(Stored::hdf5(path, name))?;
    Ok(lengths::read(&dataset)?)
}

/// A dataset of two dimensions, whole, that has so many columns.
pub(super) fn matrix<T: H5Type>(
    file: &File,
    path: &Path,
    name: &str,
    columns: usize,
) -> Result<Array2<T>> {
    let dataset = file.dataset(name).map_err(Stored::hdf5(path, name))?;
    let shape = dataset.shape();
    if shape.len() != 2 || shape[1] != columns {
        return Err(Error::Format {
            path: path.to_path_buf(),
            problem: format!("{name} has the shape {shape:?} instead of (integrations, {columns})"),
        });
    }
    Ok(lengths::read_matrix(&dataset)?)
}
