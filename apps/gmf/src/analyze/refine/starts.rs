//! The peaks to start from.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Result;
use crate::analyze::window::Window;
use crate::clock::Rate;
use crate::product::{Format, file_path, peaks};

/// Files whose peaks are kept: lanes work on a few neighbours at a time.
const KEPT: usize = 8;

/// The peaks of a file's integrations.
type Peaks = Arc<Vec<[f64; 3]>>;

/// The peaks of a search, read from its files as they are asked for.
#[derive(Debug)]
pub(super) struct Starts {
    root: PathBuf,
    rate: Rate,
    format: &'static dyn Format,
    kept: Mutex<VecDeque<(usize, Peaks)>>,
}

impl Starts {
    pub(super) fn new(root: &Path, rate: Rate, format: &'static dyn Format) -> Starts {
        Starts {
            root: root.to_path_buf(),
            rate,
            format,
            kept: Mutex::new(VecDeque::new()),
        }
    }

    /// Where a file lies.
    pub(super) fn path(&self, file: usize, window: &Window) -> Result<PathBuf> {
        let first = window.integrations_of(file).start;
        file_path(&self.root, window.sample(first), self.rate, self.format)
    }

    /// The peak of an integration.
    pub(super) fn of(&self, integration: usize, window: &Window) -> Result<[f64; 3]> {
        let file = window.file_of(integration);
        let all = window.integrations_of(file);
        // A reader that panicked left the queue as it was.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(number, _)| *number == file);
        let peaks = if let Some((_, peaks)) = found {
            Arc::clone(peaks)
        } else {
            let peaks = Arc::new(peaks(&self.path(file, window)?, all.len())?);
            kept.truncate(KEPT - 1);
            kept.push_front((file, Arc::clone(&peaks)));
            peaks
        };
        Ok(peaks[integration - all.start])
    }
}
