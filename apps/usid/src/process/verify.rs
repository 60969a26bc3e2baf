//! Whether rows are what was written, and were computed from what the source holds now.

use hdf5::{Group, LocationToken};
use jobwise_core::{Cancel, IndexSet};
use jobwise_hdf5::row_store::Partition;

use super::marks::read_marks;
use super::{COMPLETED, DIGESTS, FINGERPRINT, LAST_PIXEL, digests, fingerprint, seal};
use crate::error::refused;
use crate::format::{Ancillary, Element, Main, SourceRows, Value, believable};
use crate::{Error, Result};

/// The attribute with the positions of a unit.
pub const UNIT: &str = "jobwise_unit";

/// The dataset of marks, u8, 1 for each position that was done before the group got its digests.
/// Only in groups that a program without digests began.
pub(super) const UNDIGESTED: &str = "jobwise_undigested";

/// Bytes of rows that are looked at together.
const SLAB: usize = 1 << 22;

/// What was found of the positions that are marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The source holds other rows than those that the results were computed from.
    pub changed: IndexSet,
    /// The results are not those that were written, or cannot be read; or a mark was set that no
    /// program set.
    pub damaged: IndexSet,
    /// The source can no longer be read.
    pub unreadable: IndexSet,
    /// A program that keeps no digests did them.
    pub unchecked: IndexSet,
}

/// Looks at a results group and its source; what is not as it was written, in words. `None` where
/// it keeps no digests.
///
/// # Errors
/// The group cannot be read, or is not laid out as it says; or the run was cancelled.
pub fn group(group: &Group, source: Option<&Main>, cancel: &Cancel) -> Result<Option<Vec<String>>> {
    let Some(mut problems) = seal::broken(group)? else {
        return Ok(None);
    };
    let failed = |name: &str| refused(group.filename(), format!("{}/{name}", group.name()));
    let marks = group.dataset(COMPLETED).map_err(failed(COMPLETED))?;
    let positions = marks.shape().first().copied().unwrap_or(0);
    let Some(done) = read_marks(&marks, positions) else {
        problems.push(COMPLETED.to_owned());
        return Ok(Some(problems));
    };
    if let (Some(source), Some(Value::Text(stored))) = (source, Value::find(group, FINGERPRINT)?) {
        let (now, _) = fingerprint::of(source, None);
        if stored.split('-').next() != Some(&now) {
            problems.push("its source has changed (rows, columns, units or labels)".to_owned());
        }
    }
    // What was written last, and is sealed.
    let has_ended = matches!(
        Value::find(group, LAST_PIXEL)?,
        Some(Value::Integer(last)) if usize::try_from(last) == Ok(positions)
    );
    if let Some(first) = done.missing(0..positions).first().filter(|_| has_ended) {
        problems.push(format!(
            "{} positions are no longer marked, the first is {}",
            positions - done.len(),
            first.start
        ));
    }
    let verdict = rows(group, source, &done, cancel)?;
    for (set, what) in [
        (&verdict.damaged, "damaged"),
        (&verdict.changed, "of a source that has changed"),
        (&verdict.unreadable, "of a source that cannot be read"),
    ] {
        if let Some(first) = set.runs().next() {
            let count = set.len();
            problems.push(format!(
                "{count} positions {what}, the first is {}",
                first.start
            ));
        }
    }
    Ok(Some(problems))
}

/// What of the datasets that describe the rows and columns of main datasets cannot be read, in
/// words. Each is looked at once.
#[derive(Debug, Default)]
pub struct Tables {
    met: Vec<LocationToken>,
}

impl Tables {
    /// Those of a main dataset that were not looked at before.
    pub fn unreadable(&mut self, main: &Main) -> Vec<String> {
        let mut problems = Vec::new();
        for which in Ancillary::ALL {
            let dataset = main.ancillary(which);
            let token = dataset.loc_info().map(|info| info.token);
            if let Ok(token) = token {
                if self.met.contains(&token) {
                    continue;
                }
                self.met.push(token);
            }
            let content = fingerprint::content(dataset);
            problems.extend(content.err().map(|error| error.to_string()));
        }
        problems
    }
}

/// Looks at the `done` positions of a results group; without its `source`, at the results only.
///
/// # Errors
/// The group is not laid out as it says, or the run was cancelled.
pub fn rows(
    group: &Group,
    source: Option<&Main>,
    done: &IndexSet,
    cancel: &Cancel,
) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let positions = done.runs().last().map_or(0, |run| run.end);
    let Some(held) = Held::open(group)? else {
        verdict.unchecked = done.clone();
        return Ok(verdict);
    };
    let source = source.map(SourceRows::of).transpose()?;
    let partition = Partition {
        batch: held.batch(source.as_ref()),
        ..held.partition
    };
    if positions > partition.positions {
        return Err(wrong(
            group,
            format!(
                "marks {positions} positions, and has {}",
                partition.positions
            ),
        ));
    }
    for item in 0..partition.items() {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let units = partition.units_of(item);
        if done.within(partition.positions_of(&units)).is_empty() {
            continue;
        }
        held.look(units, &partition, source.as_ref(), done, &mut verdict);
    }
    Ok(verdict)
}

/// A results group's outputs and digests.
struct Held {
    partition: Partition,
    digests: SourceRows,
    /// Each with its number of rows.
    outputs: Vec<(SourceRows, usize)>,
    /// Positions that a program without digests had done before the group got its digests.
    undigested: IndexSet,
}

impl Held {
    fn open(group: &Group) -> Result<Option<Held>> {
        let failed = |name: &str| refused(group.filename(), format!("{}/{name}", group.name()));
        let names = seal::outputs(group)?;
        let unit = match Value::find(group, UNIT)? {
            Some(Value::Integer(unit)) => usize::try_from(unit).unwrap_or(0),
            _ => 0,
        };
        if !group.link_exists(DIGESTS) || names.is_empty() || unit == 0 {
            return Ok(None);
        }
        let open = |name: &str| -> Result<(SourceRows, usize)> {
            let dataset = group.dataset(name).map_err(failed(name))?;
            let &[rows, width] = dataset.shape().as_slice() else {
                return Err(wrong(group, format!("{name} has not two dimensions")));
            };
            believable(&dataset)
                .map_err(|problem| wrong(group, format!("of {name}, {problem}")))?;
            let element = Element::of(&dataset)?;
            Ok((SourceRows::of_dataset(&dataset, &element, width)?, rows))
        };
        let marks = group.dataset(COMPLETED).map_err(failed(COMPLETED))?;
        let (digests, units) = open(DIGESTS)?;
        let partition = Partition {
            positions: marks.shape().first().copied().unwrap_or(0),
            unit,
            batch: 1,
        };
        if units != partition.units() || digests.row_bytes() != 16 {
            return Err(wrong(
                group,
                format!("{DIGESTS} has not a row for each unit"),
            ));
        }
        let outputs: Result<Vec<_>> = names.iter().map(|name| open(name)).collect();
        let outputs = outputs?;
        let fits = |rows: usize| rows == units || rows.is_multiple_of(partition.positions);
        if !outputs.iter().all(|(_, rows)| fits(*rows)) {
            return Err(wrong(
                group,
                "an output has not a row for each position".into(),
            ));
        }
        let undigested = if group.link_exists(UNDIGESTED) {
            let dataset = group.dataset(UNDIGESTED).map_err(failed(UNDIGESTED))?;
            read_marks(&dataset, partition.positions)
                .ok_or_else(|| wrong(group, format!("{UNDIGESTED} is no vector of marks")))?
        } else {
            IndexSet::new()
        };
        Ok(Some(Held {
            partition,
            digests,
            outputs,
            undigested,
        }))
    }

    /// Units that are looked at together.
    fn batch(&self, source: Option<&SourceRows>) -> usize {
        let rows = |(output, rows): &(SourceRows, usize)| {
            output.row_bytes() * rows.div_ceil(self.partition.units().max(1))
        };
        let results: usize = self.outputs.iter().map(rows).sum();
        let unit = results + source.map_or(0, |source| source.row_bytes() * self.partition.unit);
        (SLAB / unit.max(1)).max(1)
    }

    /// The rows of some units in an output.
    fn rows_of(&self, rows: usize, units: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        if self.partition.unit > 1 && rows == self.partition.units() {
            return units.clone();
        }
        let each = rows / self.partition.positions.max(1);
        let positions = self.partition.positions_of(units);
        positions.start * each..positions.end * each
    }

    /// Looks at some units; at each alone where they cannot be read together.
    fn look(
        &self,
        units: std::ops::Range<usize>,
        partition: &Partition,
        source: Option<&SourceRows>,
        done: &IndexSet,
        verdict: &mut Verdict,
    ) {
        let positions = partition.positions_of(&units);
        let alone = units.len() == 1;
        let stored = self.digests.read(units.clone());
        let results: Result<Vec<Vec<u8>>> = self
            .outputs
            .iter()
            .map(|(output, rows)| output.read(self.rows_of(*rows, &units)))
            .collect();
        let from = source
            .map(|source| source.read(positions.clone()))
            .transpose();
        let (stored, results, from) = match (stored, results, from) {
            (Ok(stored), Ok(results), Ok(from)) => (stored, results, from),
            (Ok(_), Ok(_), Err(_)) if alone => {
                verdict.unreadable.insert(positions);
                return self.look(units, partition, None, done, verdict);
            }
            _ if alone => return verdict.damaged.insert(positions),
            _ => {
                for unit in units {
                    let its = partition.positions_of(&(unit..unit + 1));
                    if !done.within(its).is_empty() {
                        self.look(unit..unit + 1, partition, source, done, verdict);
                    }
                }
                return;
            }
        };
        for unit in units.clone() {
            let its = partition.positions_of(&(unit..unit + 1));
            if !done.missing(its.clone()).is_empty() {
                // Units are marked whole: the other marks of this one say nothing.
                for run in done.within(its).runs() {
                    for run in self.undigested.missing(run) {
                        verdict.damaged.insert(run);
                    }
                }
                continue;
            }
            let part = |range: std::ops::Range<usize>, first: usize, row_bytes: usize| {
                (range.start - first) * row_bytes..(range.end - first) * row_bytes
            };
            let of_unit = self
                .outputs
                .iter()
                .zip(&results)
                .map(|((output, rows), bytes)| {
                    let first = self.rows_of(*rows, &units).start;
                    let range = self.rows_of(*rows, &(unit..unit + 1));
                    &bytes[part(range, first, output.row_bytes())]
                });
            let results = digests::of_results(unit, of_unit);
            let at = (unit - units.start) * 16;
            let digest = |at: usize| {
                let word = stored[at..].first_chunk().copied();
                word.map_or(0, u64::from_le_bytes)
            };
            let kept = [digest(at), digest(at + 8)];
            if kept == [0, 0] {
                // The digests are written before the mark: without them, nobody did the position.
                if self.undigested.missing(its.clone()).is_empty() {
                    verdict.unchecked.insert(its);
                } else {
                    verdict.damaged.insert(its);
                }
                continue;
            }
            if kept[1] != results {
                verdict.damaged.insert(its.clone());
            }
            if let (Some(source), Some(bytes)) = (source, &from) {
                let range = part(its.clone(), positions.start, source.row_bytes());
                if kept[0] != digests::of_source(unit, &bytes[range]) {
                    verdict.changed.insert(its);
                }
            }
        }
    }
}

fn wrong(group: &Group, problem: String) -> Error {
    Error::Format {
        path: group.filename().into(),
        object: group.name(),
        problem,
    }
}
