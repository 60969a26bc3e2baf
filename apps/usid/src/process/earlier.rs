//! Results groups of earlier runs of the same thing. Looking never writes.

use hdf5::{Dataset, Group};
use jobwise_core::IndexSet;
use ndarray::s;

use super::{COMPLETED, Parameters};
use crate::Result;
use crate::format::results::{self, ResultsGroup};
use crate::format::{self, BOOKKEEPING, Main, Value};

/// The attribute of a results group with the digest of its parameters.
pub const DIGEST: &str = "jobwise_digest";

/// The attribute of older programs: all positions below it are done.
pub const LAST_PIXEL: &str = "last_pixel";

/// Attributes of results groups that are no parameters.
const NO_PARAMETERS: [&str; 7] = [
    DIGEST,
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
    /// Whether the run that did its last position also ended, and added what belongs to the whole.
    ended: bool,
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
    pub others: Vec<(String, String)>,
}

impl Found {
    /// The newest group that is complete, or else the newest of all.
    pub fn best(&self) -> Option<&Earlier> {
        let complete = self.groups.iter().rev().find(|group| group.is_complete());
        complete.or(self.groups.last())
    }
}

/// Looks in `parent` for results of `tool` from `source` with these parameters.
///
/// # Errors
/// The file cannot be read.
pub fn search(parent: &Group, source: &Main, tool: &str, parameters: &Parameters) -> Result<Found> {
    let mut found = Found::default();
    for candidate in results::existing(parent, source, tool)? {
        match judge(&candidate, source.positions(), parameters)? {
            Ok(earlier) => found.groups.push(earlier),
            Err(reason) => found.others.push((candidate.path, reason)),
        }
    }
    Ok(found)
}

/// What is done in a group of the same parameters; or why it is none.
fn judge(
    candidate: &ResultsGroup,
    positions: usize,
    parameters: &Parameters,
) -> Result<std::result::Result<Earlier, String>> {
    let group = &candidate.group;
    let attributes = format::attributes(group)?;
    let find = |wanted: &str| {
        let mut named = attributes.iter().filter(|(name, _)| name == wanted);
        named.next().map(|(_, value)| value)
    };
    let digest = match find(DIGEST) {
        Some(Value::Text(digest)) => Some(digest),
        _ => None,
    };
    let differs = if let Some(digest) = digest {
        (*digest != parameters.digest()).then(|| "other parameters".to_owned())
    } else {
        let theirs = attributes.iter().filter(|(name, _)| is_parameter(name));
        let theirs: Vec<(String, Value)> = theirs.cloned().collect();
        parameters.differs_from(&theirs)
    };
    if let Some(reason) = differs {
        return Ok(Err(reason));
    }
    let last = match find(LAST_PIXEL) {
        Some(Value::Integer(last)) => Some(usize::try_from(*last).unwrap_or(0)),
        _ => None,
    };
    let mut earlier = Earlier {
        path: candidate.path.clone(),
        done: IndexSet::new(),
        marked: true,
        // Programs that leave no digest add nothing at the end.
        ended: digest.is_none() || last.is_some_and(|last| last >= positions),
        positions,
    };
    Ok(if group.link_exists(COMPLETED) {
        let marks = group.dataset(COMPLETED).ok();
        match marks.and_then(|marks| read_marks(&marks, positions)) {
            Some(done) => Ok(Earlier { done, ..earlier }),
            None => Err(format!(
                "{COMPLETED} is not a vector of {positions} bytes that are 0 or 1"
            )),
        }
    } else if let Some(last) = last {
        earlier.done.insert(0..last.min(positions));
        Ok(Earlier {
            marked: false,
            ..earlier
        })
    } else {
        Err(format!("it has neither {COMPLETED} nor {LAST_PIXEL}"))
    })
}

/// Whether an attribute of another program's group is a parameter.
fn is_parameter(name: &str) -> bool {
    !BOOKKEEPING.contains(&name) && !NO_PARAMETERS.contains(&name) && !name.starts_with("source_")
}

/// The marked positions; `None` when the dataset is not one of marks.
pub fn read_marks(marks: &Dataset, positions: usize) -> Option<IndexSet> {
    /// Marks read at once.
    const SLAB: usize = 1 << 20;
    let is_u8 = marks.dtype().ok()?.is::<u8>();
    if !is_u8 || marks.shape() != [positions] {
        return None;
    }
    let mut done = IndexSet::new();
    for start in (0..positions).step_by(SLAB) {
        let slab = marks
            .read_slice_1d::<u8, _>(s![start..positions.min(start + SLAB)])
            .ok()?;
        for (mark, position) in slab.into_iter().zip(start..) {
            match mark {
                0 => {}
                1 => done.insert(position..position + 1),
                _ => return None,
            }
        }
    }
    Some(done)
}
