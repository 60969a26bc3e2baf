//! What killed runs left in the directories of output files.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jobwise_core::Comm;
use jobwise_kit::{Sharing, atomic};

use super::window::Window;
use crate::clock::{Rate, parse_directory_stamp};
use crate::product::hour;
use crate::{Error, Result};

/// When the temporary files of killed runs are looked for.
#[derive(Debug)]
pub(super) enum Leftovers {
    /// Whenever a file is begun: other processes write there too, and may be killed at any time.
    OfOthers,
    /// When the first file of a directory is begun. Those directories are known.
    ByDirectory(BTreeSet<PathBuf>),
    /// Never again: they were removed when the run began.
    Gone,
}

impl Leftovers {
    /// Those of a run whose files are dealt in this way.
    pub(super) fn new(sharing: Sharing) -> Leftovers {
        match sharing {
            Sharing::Leased(_) => Leftovers::OfOthers,
            Sharing::Static | Sharing::Dynamic => Leftovers::ByDirectory(BTreeSet::new()),
        }
    }

    /// Removes them from the directories of a window's files, as those below `root` are now. One
    /// rank of each node does so, and the others list no directory: who has died is known on its
    /// own node only. Collective.
    ///
    /// # Errors
    /// On this rank, when a directory cannot be listed or a file cannot be removed.
    pub(super) fn remove(
        &mut self,
        root: &Path,
        window: &Window,
        rate: Rate,
        comm: &dyn Comm,
    ) -> Result<()> {
        if !matches!(self, Leftovers::ByDirectory(_)) {
            return Ok(());
        }
        *self = Leftovers::Gone;
        if comm.nodes().place(comm.rank()) != 0 || window.integrations() == 0 {
            return Ok(());
        }
        let last = window.sample(window.integrations() - 1);
        let hours = hour(window.first_sample(), rate)..=hour(last, rate);
        let refused = |source| Error::Io {
            path: root.to_path_buf(),
            source,
        };
        let entries = match fs::read_dir(root) {
            // Who writes there says what is wrong.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(());
            }
            entries => entries.map_err(refused)?,
        };
        for entry in entries {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name();
            let is_of_files = name.to_str().is_some_and(|name| {
                parse_directory_stamp(name).is_some() && hours.contains(&name.to_owned())
            });
            if is_of_files && entry.path().is_dir() {
                atomic::remove_stale(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes them from the directory of a file that is begun, if that is to be done now.
    ///
    /// # Errors
    /// When the directory cannot be listed or a file cannot be removed.
    pub(super) fn remove_beside(&mut self, file: &Path) -> Result<()> {
        let Some(directory) = file.parent() else {
            return Ok(());
        };
        let is_due = match self {
            Leftovers::OfOthers => true,
            Leftovers::ByDirectory(known) => known.insert(directory.to_path_buf()),
            Leftovers::Gone => false,
        };
        if is_due && directory.is_dir() {
            atomic::remove_stale(directory)?;
        }
        Ok(())
    }
}
