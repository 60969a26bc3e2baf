//! Whether a file of an earlier run may stand for this one.

use std::io::ErrorKind;
use std::path::Path;

use hdf5::{File, Group};
use jobwise_hdf5::attributes::{self, Value};
use jobwise_hdf5::file_access;

use super::RunInfo;
use super::attributes::{Attributes, experiment, is_incidental, processing};
use super::health::damage;
use crate::Result;

/// What a file at the place of a task is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validity {
    /// There is no file.
    Absent,
    /// It holds what the task would write.
    Complete,
    /// It holds the first integrations only: the recording was shorter when it was written.
    Shorter,
    /// It holds more than the task would write, that first: the recording has lost its end, or less
    /// of it is wanted.
    Longer,
    /// It is sound, but of another configuration, window or program; or it cannot be told what it
    /// is.
    Different {
        /// The first difference, or why nothing can be told.
        what: String,
    },
    /// It is a directory, a FIFO or the like, or may not be read: nothing can be told, and it is
    /// not ours to replace.
    Unreadable {
        /// What is wrong.
        why: String,
    },
    /// It is no file any more that this program, or anybody, has written: cut, changed since,
    /// empty, or no HDF5 file.
    Damaged {
        /// What is wrong.
        why: String,
    },
}

/// Judges the file of a task of `integrations` integrations.
///
/// A file with a `config_hash` must have that of the run; one without (written by the peer) must
/// have equal attributes, apart from those that do not determine numbers.
pub fn validate(path: &Path, run: &RunInfo, integrations: usize) -> Validity {
    let damaged = |why| Validity::Damaged { why };
    let unreadable = |error: &dyn std::fmt::Display| Validity::Unreadable {
        why: error.to_string(),
    };
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Validity::Absent,
        // What lies in the place of its directory is told by who writes there.
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Validity::Absent,
        Err(error) => return unreadable(&jobwise_hdf5::Error::io(path)(error)),
    }
    let unknown = |why: &dyn std::fmt::Display| Validity::Different {
        what: format!("it cannot be judged ({why})"),
    };
    match damage(path) {
        Err(error) => return unreadable(&error),
        Ok(Some(why)) => return damaged(why),
        Ok(None) => {}
    }
    let file = match file_access::open(path) {
        Ok(file) => file,
        Err(error) => return unreadable(&error),
    };
    match judge(&file, run, integrations) {
        Ok(judged) => judged,
        // Only a file of this run may be thrown away.
        Err(error) if is_of(&file, run) => damaged(error.to_string()),
        Err(error) => unknown(&error),
    }
}

fn is_of(file: &File, run: &RunInfo) -> bool {
    let hash = attributes::find(file, "config_hash");
    hash.is_ok_and(|hash| hash == Some(Value::Text(run.config_hash.clone())))
}

fn judge(file: &File, run: &RunInfo, integrations: usize) -> Result<Validity> {
    let different = |what| Ok(Validity::Different { what });
    let shape = |name: &str| {
        file.dataset(name)
            .map(|dataset| dataset.shape())
            .map_err(jobwise_hdf5::Error::hdf5(file.filename(), name))
    };
    let gmf = shape("gmf")?;
    shape("epoch_unix")?;
    let expected = [integrations, run.parameters.ranges.len()];
    if let Some(Value::Text(hash)) = attributes::find(file, "config_hash")? {
        if hash != run.config_hash {
            let what = "it was written with another configuration (its config_hash differs)";
            return different(what.to_owned());
        }
    } else {
        for (name, wanted) in [
            ("processing", processing(&run.settings, &run.parameters)),
            ("experiment", experiment(&run.experiment, &run.parameters)),
        ] {
            let group = file
                .group(name)
                .map_err(jobwise_hdf5::Error::hdf5(file.filename(), name))?;
            if let Some(what) = first_difference(&group, wanted)? {
                return different(format!("{name}: {what}"));
            }
        }
    }
    match gmf[..] {
        _ if gmf == expected => Ok(Validity::Complete),
        [rows, gates] if gates == expected[1] && rows < integrations => Ok(Validity::Shorter),
        [_, gates] if gates == expected[1] => Ok(Validity::Longer),
        _ => different(format!(
            "its gmf has the shape {gmf:?} instead of {expected:?}"
        )),
    }
}

fn first_difference(group: &Group, wanted: Attributes) -> Result<Option<String>> {
    for (name, wanted) in wanted {
        if is_incidental(&name) {
            continue;
        }
        match attributes::find(group, &name)? {
            Some(found) if found == wanted => {}
            Some(found) => return Ok(Some(format!("{name} is {found} instead of {wanted}"))),
            None => return Ok(Some(format!("{name} is absent instead of {wanted}"))),
        }
    }
    Ok(None)
}
