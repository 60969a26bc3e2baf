//! Figures of results groups, each by the tool that made it.

mod clean;
mod filter;
mod giv;
mod group;

use std::path::Path;

use hdf5::Group;
use jobwise_core::Cancel;
use jobwise_figures::{Figure, Panel};
use jobwise_hdf5::file_access;

use crate::format::Main;
use crate::process::verify;
use crate::{Error, Result};
pub use group::Results;

/// A figure to be, and the name of its file.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Part of a file name.
    pub name: &'static str,
    /// The usual width and height in pixels.
    pub size: (u32, u32),
    title: String,
    columns: usize,
    panels: Vec<Panel>,
}

impl Picture {
    /// The figure, in this size.
    pub fn figure(self, size: (u32, u32)) -> Figure {
        Figure::new(&self.title, size).panels(self.columns, self.panels)
    }
}

/// Warns of a results group that is not as it was written, or whose source has changed.
///
/// # Errors
/// The group cannot be read.
pub fn tell(group: &Group, source: Option<&Main>) -> Result<()> {
    for problem in verify::group(group, source, &Cancel::default())?.unwrap_or_default() {
        log::warn!("{}: {}: {problem}", group.filename(), group.name());
    }
    Ok(())
}

/// The figures of a results group: `group` is its path in the file, or `None` for the newest;
/// positions are those that figures of single positions show.
///
/// # Errors
/// There is no such group, its tool has no figures, it is not complete enough, or the file cannot
/// be read.
pub fn of(path: &Path, group: Option<&str>, positions: &[usize]) -> Result<Vec<Picture>> {
    let file = file_access::open(path)?;
    let results = Results::find(&file, group)?;
    tell(&results.group, Some(&results.source))?;
    match results.tool.as_str() {
        "Image_Cleaning" => clean::pictures(&results),
        "FFT_Filtering" => filter::pictures(&results, positions),
        "Bayesian_Inference" => giv::pictures(&results, positions),
        other => Err(Error::Format {
            path: path.to_path_buf(),
            object: results.group.name(),
            problem: format!(
                "is of the tool {other}; there are figures of Image_Cleaning, FFT_Filtering and \
                 Bayesian_Inference"
            ),
        }),
    }
}
