//! Whether a file of an earlier run may stand for this one.

use std::io::ErrorKind;
use std::path::Path;

use super::RunInfo;
use super::attributes::{Attributes, experiment, is_incidental, processing};
use super::content::Value;
use super::format::{Integrity, Part, format_of};
use super::stored::Stored;
use crate::{Error, Result};

/// What a file of an earlier run is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validity {
    /// There is no file.
    Absent,
    /// It holds what this run would write.
    Complete,
    /// It holds the first integrations only: the recording was shorter when it was written.
    Shorter,
    /// It holds more than this run would write, that first: the recording has lost its end, or less
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
    /// empty, or of no format.
    Damaged {
        /// What is wrong.
        why: String,
    },
}

/// Judges the file in whose place this run would write one of so many integrations.
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
        Err(source) => {
            let path = path.to_path_buf();
            return unreadable(&Error::Io { path, source });
        }
    }
    let unknown = |why: &dyn std::fmt::Display| Validity::Different {
        what: format!("it cannot be judged ({why})"),
    };
    // Of a file that nothing vouches for, which other programs and older versions wrote, only what
    // was cut is known to be damaged.
    match format_of(path).check(path) {
        Err(error) => return unreadable(&error),
        Ok(Integrity::Damaged { why }) => return damaged(why),
        Ok(Integrity::Whole | Integrity::Unknown) => {}
    }
    let file = match Stored::open(path) {
        // It may be of another program, or the system may refuse: that it is damaged is not known.
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

fn is_of(file: &Stored, run: &RunInfo) -> bool {
    let hash = file.attribute(Part::File, "config_hash");
    hash.is_ok_and(|hash| hash == Some(Value::Text(run.config_hash.clone())))
}

fn judge(file: &Stored, run: &RunInfo, integrations: usize) -> Result<Validity> {
    let different = |what| Ok(Validity::Different { what });
    let gmf = file.shape("gmf")?;
    file.shape("epoch_unix")?;
    let expected = [integrations, run.parameters.ranges.len()];
    if let Some(Value::Text(hash)) = file.attribute(Part::File, "config_hash")? {
        if hash != run.config_hash {
            let what = difference(file, run)?.unwrap_or_else(|| {
                "its channels, sub-channels, or keys that files do not hold".to_owned()
            });
            return different(format!("it was written with another configuration: {what}"));
        }
    } else if let Some(what) = difference(file, run)? {
        return different(what);
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

/// The first key of a file's configuration or experiment that is not that of the run.
fn difference(file: &Stored, run: &RunInfo) -> Result<Option<String>> {
    for (name, wanted) in [
        ("processing", processing(&run.settings, &run.parameters)),
        ("experiment", experiment(&run.experiment, &run.parameters)),
    ] {
        if let Some(what) = first_difference(file, Part::Group(name), wanted)? {
            return Ok(Some(format!("{name}: {what}")));
        }
    }
    Ok(None)
}

fn first_difference(file: &Stored, group: Part<'_>, wanted: Attributes) -> Result<Option<String>> {
    for (name, wanted) in wanted {
        if is_incidental(&name) {
            continue;
        }
        match file.attribute(group, &name)? {
            Some(found) if found == wanted => {}
            Some(found) => return Ok(Some(format!("{name} is {found} instead of {wanted}"))),
            None => return Ok(Some(format!("{name} is absent instead of {wanted}"))),
        }
    }
    Ok(None)
}
