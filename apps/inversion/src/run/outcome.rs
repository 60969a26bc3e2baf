use std::path::PathBuf;
use std::time::Duration;

/// What is done after a run, of the soundings that were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Files of results.
    pub files: usize,
    /// Soundings of the request, with those of other jobs.
    pub soundings: usize,
    /// Computed now, on all ranks.
    pub computed: usize,
    /// Soundings with results, whoever computed them.
    pub done: usize,
    /// Soundings without results to rely on, with their reason in their file.
    pub failed: usize,
    /// The first of those: the file, the fiducial and the reason.
    pub reasons: Vec<(PathBuf, f64, String)>,
    /// Soundings that met with an error of the program, which are still open: why.
    pub broken: Vec<String>,
    /// Rows of the survey that are no soundings.
    pub refused: usize,
    /// From the start to the end.
    pub elapsed: Duration,
}
