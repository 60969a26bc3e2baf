use hdf5::Dataset;

use crate::Result;
use crate::format::{Absent, Ancillary, Main};
use crate::hash::hash;

use super::seal;

/// A digest of what a source says of its rows and columns: type, shape, quantity, units, the four
/// datasets and their labels. Behind a dash `rows`, a digest of what else all results depend on.
///
/// A dataset that cannot be read makes a problem, named beside the digest, and no error: few
/// processes need all.
pub(super) fn of(source: &Main, rows: Option<u64>) -> (String, Vec<String>) {
    let mut problems = Vec::new();
    let mut sum = hash(
        0,
        format!(
            "{} {} x {} {:?} {:?}",
            source.element(),
            source.positions(),
            source.width(),
            source.quantity(),
            source.units()
        )
        .as_bytes(),
    );
    for which in Ancillary::ALL {
        let content = content(source.ancillary(which)).unwrap_or_else(|error| {
            problems.push(error.to_string());
            0
        });
        let labels: Vec<_> = source.labels(which).collect();
        sum = hash(sum ^ content, format!("{labels:?}").as_bytes());
    }
    let rows = rows.map_or_else(String::new, |rows| format!("-{rows:016x}"));
    (format!("{sum:016x}{rows}"), problems)
}

/// The digest of a dataset that describes rows or columns.
pub(super) fn content(dataset: &Dataset) -> Result<u64> {
    Absent::refuse_any(dataset)?;
    seal::of_dataset(dataset, true)
}
