use std::ops::Range;

use jobwise_core::{Error as WireError, Result as WireResult, Wire};

use super::{DONE, OPEN, Plan};

/// What an item brings: rows of some of its units, in the bytes of the file, and their marks.
///
/// A unit that it does not bring stays as it was, and is not marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub(super) runs: Vec<Run>,
}

/// Neighbouring units with the same mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) units: Range<usize>,
    pub(super) mark: u8,
    /// The bytes of their rows in each dataset of the plan. None: the dataset stays as it is there.
    pub(super) datasets: Vec<Vec<u8>>,
}

impl Rows {
    /// Brings nothing yet.
    pub fn new() -> Rows {
        Rows::default()
    }

    /// The rows of units that are done: the bytes of each dataset of the plan, in its order.
    pub fn done(units: Range<usize>, datasets: Vec<Vec<u8>>) -> Rows {
        Rows::marked(units, DONE, datasets)
    }

    /// As [`done`](Self::done), with another mark, for units that were given up. Where a dataset
    /// has no bytes, it stays as it is.
    pub fn marked(units: Range<usize>, mark: u8, datasets: Vec<Vec<u8>>) -> Rows {
        let mut rows = Rows::new();
        rows.push(units, mark, datasets);
        rows
    }

    /// Adds units behind the others, as [`marked`](Self::marked).
    pub fn push(&mut self, units: Range<usize>, mark: u8, datasets: Vec<Vec<u8>>) {
        self.runs.push(Run {
            units,
            mark,
            datasets,
        });
    }

    /// Bytes in all.
    pub fn bytes(&self) -> usize {
        self.runs.iter().map(Run::bytes).sum()
    }

    /// The runs, if they are what an item may bring; else what is wrong with them.
    pub(super) fn runs_of(self, plan: &Plan, item: usize) -> Result<Vec<Run>, String> {
        let mut left = plan.partition.units_of(item);
        for run in &self.runs {
            let Range { start, end } = run.units;
            if start >= end || start < left.start || end > left.end {
                return Err(format!(
                    "item {item} brings units {start} to {end}, which are not its own, or twice"
                ));
            }
            left.start = end;
            run.check(plan)?;
        }
        Ok(self.runs)
    }
}

/// Joins those that are neighbours, up to `longest` bytes. They come in order.
pub(super) fn join_all(runs: impl IntoIterator<Item = Run>, longest: usize) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        let left = match joined.last_mut() {
            Some(last) => last.join(run, longest),
            None => Some(run),
        };
        joined.extend(left);
    }
    joined
}

impl Run {
    fn check(&self, plan: &Plan) -> Result<(), String> {
        let Range { start, end } = self.units;
        if self.mark == OPEN {
            return Err(format!("units {start} to {end} are marked as never done"));
        }
        let (given, planned) = (self.datasets.len(), plan.datasets.len());
        if given != planned {
            return Err(format!(
                "units {start} to {end} bring rows of {given} datasets instead of {planned}"
            ));
        }
        for (index, (bytes, dataset)) in self.datasets.iter().zip(&plan.datasets).enumerate() {
            let wanted = plan.rows_of(index, &self.units).len() * dataset.row_bytes();
            let stays = bytes.is_empty() && self.mark != DONE;
            if bytes.len() != wanted && !stays {
                let (name, got) = (&dataset.name, bytes.len());
                return Err(format!(
                    "{name}: units {start} to {end} gave {got} bytes instead of {wanted}"
                ));
            }
        }
        Ok(())
    }

    /// Bytes in all.
    pub(super) fn bytes(&self) -> usize {
        self.datasets.iter().map(Vec::len).sum()
    }

    /// Joins the units behind these to them, if they are treated alike and both together have at
    /// most so many bytes; else gives them back.
    fn join(&mut self, next: Run, longest: usize) -> Option<Run> {
        let mut both = self.datasets.iter().zip(&next.datasets);
        let is_alike = self.units.end == next.units.start
            && self.mark == next.mark
            && self.bytes() + next.bytes() <= longest
            && both.all(|(these, those)| these.is_empty() == those.is_empty());
        if !is_alike {
            return Some(next);
        }
        self.units.end = next.units.end;
        for (all, more) in self.datasets.iter_mut().zip(&next.datasets) {
            all.extend_from_slice(more);
        }
        None
    }
}

impl Wire for Rows {
    fn put(&self, out: &mut Vec<u8>) {
        self.runs.len().put(out);
        for run in &self.runs {
            (run.units.start, run.units.end).put(out);
            run.mark.put(out);
            run.datasets.len().put(out);
            for bytes in &run.datasets {
                bytes.len().put(out);
                out.extend_from_slice(bytes);
            }
        }
    }

    fn take(input: &mut &[u8]) -> WireResult<Self> {
        let mut rows = Rows::new();
        for _ in 0..usize::take(input)? {
            let (start, end) = Wire::take(input)?;
            let mark = u8::take(input)?;
            let mut datasets = Vec::new();
            for _ in 0..usize::take(input)? {
                let len = usize::take(input)?;
                let short = || WireError::Malformed(format!("rows of {len} bytes"));
                let (head, tail) = input.split_at_checked(len).ok_or_else(short)?;
                datasets.push(head.to_vec());
                *input = tail;
            }
            rows.push(start..end, mark, datasets);
        }
        Ok(rows)
    }
}
