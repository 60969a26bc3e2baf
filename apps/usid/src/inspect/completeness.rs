//! How far a results group is.

use hdf5::{Dataset, Group};

use super::short;
use crate::Result;
use crate::error::refused;
use crate::format::{BOOKKEEPING, Member, Value, attributes, members, results};

/// The attribute of older programs: all positions below it are done.
const LAST_PIXEL: &str = "last_pixel";

/// Attributes that are no parameters, besides book-keeping.
const TOLD: [&str; 6] = [
    LAST_PIXEL,
    "tool",
    "num_source_dsets",
    results::SOURCE,
    results::SOURCE_FILE,
    results::SOURCE_DATASET,
];

/// Marks are read so many at a time.
const SLAB: usize = 1 << 20;

/// What the marks of a group say, or else its `last_pixel`, of so many positions of the source.
pub(super) fn of(group: &Group, positions: Option<usize>) -> Result<String> {
    let mut states = Vec::new();
    for (name, member) in members(group)? {
        if let (Some(what), Member::Dataset(marks)) = (name.strip_prefix("completed_"), &member) {
            states.push(match count(marks, positions)? {
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
fn count(marks: &Dataset, positions: Option<usize>) -> Result<Option<(usize, usize)>> {
    let &[all] = marks.shape().as_slice() else {
        return Ok(None);
    };
    if positions.is_some_and(|positions| positions != all)
        || !marks.dtype().is_ok_and(|dtype| dtype.is::<u8>())
    {
        return Ok(None);
    }
    let mut done = 0;
    for start in (0..all).step_by(SLAB) {
        let slab = marks
            .read_slice_1d::<u8, _>(start..(start + SLAB).min(all))
            .map_err(refused(marks.filename(), marks.name()))?;
        done += slab.iter().filter(|&&mark| mark == 1).count();
    }
    Ok(Some((done, all)))
}

/// The parameters of a group, on one line.
pub(super) fn parameters(group: &Group) -> Result<String> {
    let is_told = |name: &str| {
        TOLD.contains(&name) || BOOKKEEPING.contains(&name) || name.starts_with("jobwise_")
    };
    let parameters: Vec<String> = attributes(group)?
        .iter()
        .filter(|(name, value)| !is_told(name) && !matches!(value, Value::Reference(_)))
        .map(|(name, value)| format!("{name} = {}", short(value)))
        .collect();
    Ok(parameters.join(", "))
}
