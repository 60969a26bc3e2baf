//! A file is written.

use std::path::Path;

use super::format::format_of;
use super::refined::RefinedPeaks;
use super::{Origin, Product, RunInfo};
use crate::Result;

impl Product {
    /// Writes the file at once under its final name, missing directories included, in the format
    /// that its ending tells.
    ///
    /// # Errors
    /// When the vectors do not fit each other, or the file cannot be written.
    pub fn write(&self, path: &Path, run: &RunInfo) -> Result<()> {
        self.write_with(path, run, None, None)
    }

    /// As [`write`](Self::write), with refined peaks of before, and with a note of what it was
    /// computed from. The file and its note get their name together.
    pub(crate) fn write_with(
        &self,
        path: &Path,
        run: &RunInfo,
        refined: Option<&RefinedPeaks>,
        origin: Option<&Origin>,
    ) -> Result<()> {
        let mut content = self.content(run)?;
        content.refined = refined.map_or_else(Vec::new, RefinedPeaks::variables);
        format_of(path).write(path, &content, run.compression, origin)
    }
}
