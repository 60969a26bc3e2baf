//! The grid of files that an output directory has already.

use std::ops::Range;
use std::path::Path;

use crate::clock::{Rate, Unit};
use crate::product::{RunInfo, Validity, files, first_sample, validate};
use crate::{Error, Result};

/// The first sample of the file of an earlier run with one of these configurations that lies
/// nearest to `before`: of those that begin before that sample the last, else the first of the
/// others. `None` when there is no such file.
///
/// Files of other programs give it to a microsecond by their names. Where several samples lie
/// within that, the first sample is the one that `fits`, else the first of them.
///
/// # Errors
/// When the directory cannot be listed.
pub(super) fn nearest(
    root: &Path,
    runs: &[RunInfo],
    rate: Rate,
    before: u64,
    fits: impl Fn(u64) -> bool,
) -> Result<Option<u64>> {
    if !root.is_dir() {
        return Ok(None);
    }
    let files = match files(root) {
        Ok(files) => files,
        // None yet.
        Err(Error::Format { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_ours = |path: &Path| {
        let mut judged = runs.iter().map(|run| validate(path, run, 1));
        // However many integrations it has.
        judged.any(|validity| {
            matches!(
                validity,
                Validity::Shorter | Validity::Complete | Validity::Longer
            )
        })
    };
    let mut starts: Vec<_> = files
        .iter()
        .filter_map(|path| Some((named(path, rate)?, path)))
        .collect();
    starts.sort_unstable_by_key(|(named, _)| named.start);
    let later = starts.partition_point(|(named, _)| named.start < before);
    let nearest = starts[..later].iter().rev().chain(&starts[later..]);
    let mut nearest = nearest.filter(|(_, path)| is_ours(path));
    let Some((named, path)) = nearest.next() else {
        return Ok(None);
    };
    let told = first_sample(path)?.filter(|sample| named.contains(sample));
    let fitting = || named.clone().find(|&sample| fits(sample));
    Ok(told.or_else(fitting).or(Some(named.start)))
}

/// The samples that may be the first of a file, whose name gives its microsecond.
fn named(path: &Path, rate: Rate) -> Option<Range<u64>> {
    let name = path.file_stem()?.to_str()?;
    let microseconds: i64 = name.strip_prefix("gmf-")?.parse().ok()?;
    let from = |time| u64::try_from(rate.index_from(time, Unit::Microseconds)).ok();
    let named = from(microseconds)?..from(microseconds.checked_add(1)?)?;
    // Below 1 MHz a microsecond may hold no sample: the file is another's.
    Some(named).filter(|named| !named.is_empty())
}
