//! How far a results group is.

use hdf5::{Dataset, Group};
use jobwise_hdf5::attributes;

use super::short;
use crate::Result;
use crate::format::{BOOKKEEPING, Member, Value, members, results};
use crate::process::{LAST_PIXEL, ON_CUDA, read_marks};

/// Attributes that are no parameters, besides book-keeping.
const TOLD: [&str; 6] = [
    LAST_PIXEL,
    "tool",
    "num_source_dsets",
    results::SOURCE,
    results::SOURCE_FILE,
    results::SOURCE_DATASET,
];

/// What the marks of a group say, or else its `last_pixel`, of so many positions of the source.
pub(super) fn of(group: &Group, positions: Option<usize>) -> Result<String> {
    let mut states = Vec::new();
    for (name, member) in members(group)? {
        if let (Some(what), Member::Dataset(marks)) = (name.strip_prefix("completed_"), &member) {
            states.push(match count(marks, positions) {
                Some((done, all)) => state(what, done, all),
                None => format!("{name} is damaged"),
            });
        }
    }
    if states.is_empty() {
        states.push(match (Value::find(group, LAST_PIXEL)?, positions) {
            (Some(Value::Integer(last)), Some(all)) => {
                let done = usize::try_from(last).unwrap_or(0).min(all);
                format!("{}, by last_pixel", state("positions", done, all))
            }
            (Some(last), None) => format!("last_pixel {last} of a source that is not here"),
            _ => "no marks: how complete it is cannot be told".to_owned(),
        });
    }
    Ok(states.join("; "))
}

fn state(what: &str, done: usize, all: usize) -> String {
    if done == all {
        format!("complete ({all} {what})")
    } else {
        let percent = 100.0 * done as f64 / all as f64;
        format!("partial ({done} of {all} {what}, {percent:.1} %)")
    }
}

/// How many marks are set, and of how many; `None` where these are no marks.
fn count(marks: &Dataset, positions: Option<usize>) -> Option<(usize, usize)> {
    let all = positions.or(marks.shape().first().copied())?;
    Some((read_marks(marks, all)?.len(), all))
}

/// What devices computed, if they computed anything.
pub(super) fn devices(group: &Group) -> Result<Option<String>> {
    let stages = Value::find(group, ON_CUDA)?;
    Ok(stages.map(|stages| format!("computed on CUDA devices: {}", short(&stages))))
}

/// The parameters of a group, on one line; without those that cannot be read.
pub(super) fn parameters(group: &Group) -> Result<String> {
    let is_told = |name: &str| {
        TOLD.contains(&name) || BOOKKEEPING.contains(&name) || name.starts_with("jobwise_")
    };
    let read = |name: String| Some((Value::find(group, &name).ok()??, name));
    let parameters: Vec<String> = attributes::names(group)?
        .into_iter()
        .filter(|name| !is_told(name))
        .filter_map(read)
        .filter(|(value, _)| !matches!(value, Value::Reference(_)))
        .map(|(value, name)| format!("{name} = {}", short(&value)))
        .collect();
    Ok(parameters.join(", "))
}
