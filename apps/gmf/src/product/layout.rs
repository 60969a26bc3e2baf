//! What all files of an analysis have in common.

use std::path::{Path, PathBuf};

use super::attributes::{Attributes, is_incidental};
use super::content::Value;
use super::format::Part;
use super::stored::Stored;
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
        let file = Stored::open(path)?;
        let positive = |group: &str, name: &str| -> Result<f64> {
            let value = file.number(group, name)?;
            if value.is_finite() && value > 0.0 {
                return Ok(value);
            }
            Err(Error::Format {
                path: path.to_path_buf(),
                problem: format!("{name} is {value}, but must be positive"),
            })
        };
        let sample_rate = positive("experiment", "sample_rate")?;
        let samples = positive("processing", "n_ipp")? * positive("experiment", "ipp_samp")?;
        let ranges = file.column("ranges")?;
        if ranges.is_empty() {
            return Err(Error::Format {
                path: path.to_path_buf(),
                problem: "has no range gates".to_owned(),
            });
        }
        Ok(Layout {
            path: path.to_path_buf(),
            configuration: configuration(&file)?,
            sample_rate,
            step: samples / sample_rate,
            first_gate: file.integer("processing", "min_range_gate")?,
            gate_step: file.integer("processing", "range_gate_step")?,
            ranges,
        })
    }

    /// The number of a gate by its index.
    pub fn gate(&self, index: usize) -> i64 {
        self.first_gate + self.gate_step * index as i64
    }

    /// Checks that a file has the same axes and was written with the same configuration.
    pub(super) fn check(&self, file: &Stored) -> Result<()> {
        let found = configuration(file)?;
        let different = |what: String| Error::Format {
            path: file.path().to_path_buf(),
            problem: format!(
                "was written with another configuration than {}: {what}; give a directory of one \
                 analysis",
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
        let ranges = file.column::<f64>("ranges")?;
        if ranges != self.ranges {
            return Err(different("the range gates differ".to_owned()));
        }
        Ok(())
    }
}

/// Everything that determines the numbers in a file. Files by other versions may lack the digest.
fn configuration(file: &Stored) -> Result<Attributes> {
    let mut all = file.attributes(Part::Group("experiment"))?;
    all.extend(file.attributes(Part::Group("processing"))?);
    all.retain(|(name, _)| !is_incidental(name));
    // The digest comes last: the name of an attribute says more.
    let digest = file.attribute(Part::File, "config_hash")?;
    all.extend(digest.map(|digest| ("config_hash".to_owned(), digest)));
    Ok(all)
}
