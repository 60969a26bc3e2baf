//! Results groups of earlier runs of the same thing. Looking never writes.

use hdf5::Group;
use jobwise_core::{Cancel, IndexSet};
use jobwise_hdf5::attributes;

use super::marks::read_marks;
use super::{COMPLETED, FINGERPRINT, LAST_PIXEL, ON_CUDA, Parameters, seal, verify};
use crate::format::results::{self, ResultsGroup};
use crate::format::{BOOKKEEPING, Main, Value};
use crate::{Error, Result};

/// The attribute of a results group with the digest of its parameters.
pub const DIGEST: &str = "jobwise_digest";

/// Attributes of results groups that are no parameters.
const NO_PARAMETERS: [&str; 12] = [
    DIGEST,
    FINGERPRINT,
    ON_CUDA,
    seal::SEAL,
    seal::OUTPUTS,
    verify::UNIT,
    LAST_PIXEL,
    "tool",
    "num_source_dsets",
    "algorithm",
    "algorithm_author",
    "source_file_path",
];

/// A results group with the same parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its path in the file.
    pub path: String,
    /// The positions that are done.
    pub done: IndexSet,
    /// Whether it has marks of its own; older programs left only [`LAST_PIXEL`].
    pub marked: bool,
    /// The positions that were done and whose rows are damaged since.
    pub damaged: IndexSet,
    /// Positions done without digests: whether they are as they were written cannot be told.
    pub unchecked: usize,
    /// Positions done whose source can no longer be read.
    pub unreadable: usize,
    /// Whether the run that did its last position also ended, and added what belongs to the whole.
    pub ended: bool,
    /// Positions of the source.
    positions: usize,
}

impl Earlier {
    /// Whether every position is done, and what belongs to the whole is there.
    pub fn is_complete(&self) -> bool {
        self.done.len() == self.positions && self.ended
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Groups of the same parameters, oldest first.
    pub groups: Vec<Earlier>,
    /// Groups of the same source and tool that are not, and why.
    pub others: Vec<(String, Other)>,
}

/// Why a group is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// In words.
    pub reason: String,
    /// Whether it would have been taken, had nothing happened to it or to its source: worth a
    /// warning.
    pub is_told: bool,
}

impl Other {
    fn because(reason: String) -> Other {
        Other {
            reason,
            is_told: true,
        }
    }

    fn quiet(reason: String) -> Other {
        Other {
            reason,
            is_told: false,
        }
    }
}

impl Found {
    /// The newest group that is complete, or else the newest of all.
    pub fn best(&self) -> Option<&Earlier> {
        let complete = self.groups.iter().rev().find(|group| group.is_complete());
        complete.or(self.groups.last())
    }
}

/// What an earlier run must have in common with this one.
#[derive(Debug)]
pub struct Same<'a> {
    /// The source, now.
    pub source: &'a Main,
    /// What the source says of its rows and columns, now.
    pub fingerprint: &'a str,
    /// The parameters.
    pub parameters: &'a Parameters,
    /// Ends the look at what earlier runs left.
    pub cancel: &'a Cancel,
}

/// Looks in `parent` for results of `tool` from a source with these parameters, and at what they
/// hold.
///
/// # Errors
/// The file cannot be read, or the run was cancelled.
pub fn search(parent: &Group, tool: &str, same: &Same<'_>) -> Result<Found> {
    let mut found = Found::default();
    for candidate in results::existing(parent, same.source, tool)? {
        match judge(&candidate, same) {
            Ok(Ok(earlier)) => found.groups.push(earlier),
            Ok(Err(reason)) => found.others.push((candidate.path, reason)),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => {
                let reason = Other::because(format!("damaged: {error}"));
                found.others.push((candidate.path, reason));
            }
        }
    }
    Ok(found)
}

/// What is done in a group of the same parameters; or why it is none.
fn judge(candidate: &ResultsGroup, same: &Same<'_>) -> Result<std::result::Result<Earlier, Other>> {
    let (group, positions) = (&candidate.group, same.source.positions());
    if let Some(broken) = seal::broken(group)?
        && !broken.is_empty()
    {
        let problem = format!("damaged since it was written: {}", broken.join(", "));
        return Ok(Err(Other::because(problem)));
    }
    // One that cannot be read is like none of ours.
    let value = |name: String| match Value::find(group, &name) {
        Ok(value) => value.map(|value| (name, value)),
        Err(error) => Some((name, Value::Other(error.to_string()))),
    };
    let names = attributes::names(group)?.into_iter();
    let attributes: Vec<(String, Value)> = names.filter_map(value).collect();
    let find = |wanted: &str| {
        let mut named = attributes.iter().filter(|(name, _)| name == wanted);
        named.next().map(|(_, value)| value)
    };
    let text = |wanted: &str| match find(wanted) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    let digest = text(DIGEST);
    let other = differs(&attributes, digest, same.parameters);
    let is_changed = text(FINGERPRINT).is_some_and(|stored| stored != same.fingerprint);
    // What looks like parameters of an earlier version may be the source's units, which were
    // others.
    if let Some(other) = other.filter(|other| !(other.is_told && is_changed)) {
        return Ok(Err(other));
    }
    if is_changed {
        return Ok(Err(Other::because(
            "its source has changed since (rows, columns, units or labels)".into(),
        )));
    }
    let last = match find(LAST_PIXEL) {
        Some(Value::Integer(last)) => Some(usize::try_from(*last).unwrap_or(0)),
        _ => None,
    };
    let mut earlier = Earlier {
        path: candidate.path.clone(),
        done: IndexSet::new(),
        damaged: IndexSet::new(),
        unchecked: 0,
        unreadable: 0,
        marked: true,
        // Programs that leave no digest add nothing at the end.
        ended: digest.is_none() || last.is_some_and(|last| last >= positions),
        positions,
    };
    if group.link_exists(COMPLETED) {
        let marks = group.dataset(COMPLETED).ok();
        let Some(done) = marks.and_then(|marks| read_marks(&marks, positions)) else {
            return Ok(Err(Other::because(format!(
                "damaged: {COMPLETED} is not a vector of {positions} bytes that are 0 or 1"
            ))));
        };
        earlier.done = done;
    } else if let Some(last) = last {
        earlier.done.insert(0..last.min(positions));
        earlier.marked = false;
    } else {
        return Ok(Err(Other::quiet(format!(
            "it has neither {COMPLETED} nor {LAST_PIXEL}"
        ))));
    }
    earlier.verified(group, same)
}

/// Why the parameters are others.
fn differs(
    attributes: &[(String, Value)],
    digest: Option<&String>,
    parameters: &Parameters,
) -> Option<Other> {
    if let Some(digest) = digest {
        if *digest == parameters.digest() {
            return None;
        }
        return Some(match parameters.before(digest) {
            Some(before) => Other::because(format!("made by an earlier version, {before}")),
            None => Other::quiet("other parameters".into()),
        });
    }
    let theirs = attributes.iter().filter(|(name, _)| is_parameter(name));
    let theirs: Vec<(String, Value)> = theirs.cloned().collect();
    parameters.differs_from(&theirs).map(Other::quiet)
}

impl Earlier {
    /// Takes only rows for done that are as they were written, from a source that is as it was.
    fn verified(
        mut self,
        group: &Group,
        same: &Same<'_>,
    ) -> Result<std::result::Result<Earlier, Other>> {
        let verdict = verify::rows(group, Some(same.source), &self.done, same.cancel)?;
        if let Some(first) = verdict.changed.runs().next() {
            return Ok(Err(Other::because(format!(
                "its source has changed since: {} positions, the first is {}",
                verdict.changed.len(),
                first.start
            ))));
        }
        for run in verdict.damaged.runs() {
            self.damaged.insert(run);
        }
        let mut kept = IndexSet::new();
        for run in self.done.runs() {
            for run in verdict.damaged.missing(run) {
                kept.insert(run);
            }
        }
        self.done = kept;
        self.unchecked = verdict.unchecked.len();
        self.unreadable = verdict.unreadable.len();
        Ok(Ok(self))
    }
}

/// Whether an attribute of another program's group is a parameter.
fn is_parameter(name: &str) -> bool {
    !BOOKKEEPING.contains(&name) && !NO_PARAMETERS.contains(&name) && !name.starts_with("source_")
}
