use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;

use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_kit::h5::raw_rows::{self, Transfer};
use jobwise_kit::h5::writable::Writable;

use super::place::{self, Place};
use super::{COMPLETED, Cut, Output, Per, Rows};
use crate::error::refused;
use crate::{Error, Result};

/// Brings batches of rows into a results group and marks their positions: never a mark before its rows are on the disk.
#[derive(Debug)]
pub(super) struct Store<'w> {
    cut: Cut,
    outputs: Vec<Output>,
    /// Positions marked.
    complete: IndexSet,
    /// Batches that are not in the file yet.
    pending: BTreeMap<usize, Rows>,
    bytes: usize,
    /// Whether the file refused something: rows may be lost since then, and nothing more is marked.
    broken: bool,
    way: Way<'w>,
}

/// How rows get into the file.
#[derive(Debug)]
enum Way<'w> {
    /// Positioned writes into contiguous datasets.
    InPlace {
        path: PathBuf,
        file: File,
        outputs: Vec<Place>,
        marks: Place,
    },
    /// Amendments of the file, for datasets whose chunks move.
    Amending {
        file: &'w mut Writable,
        group: String,
    },
}

impl<'w> Store<'w> {
    /// Rows kept in memory before they are written, in bytes.
    const BUFFER: usize = 16 << 20;

    /// Stores into `group` of the file, in which `complete` is done already.
    pub(super) fn open(
        file: &'w mut Writable,
        group: &str,
        outputs: &[Output],
        cut: Cut,
        complete: IndexSet,
    ) -> Result<Store<'w>> {
        let path = file.path().to_path_buf();
        // An amendment that changes nothing sees the file as it is now; handles from before the group was made do not.
        let places = file.amend(|open| places(open, group, outputs))?;
        let way = match places {
            Some((outputs, marks)) => Way::InPlace {
                file: File::options()
                    .write(true)
                    .open(&path)
                    .map_err(|source| Error::Io {
                        path: path.clone(),
                        source,
                    })?,
                path,
                outputs,
                marks,
            },
            None => Way::Amending {
                file,
                group: group.to_owned(),
            },
        };
        Ok(Store {
            cut,
            outputs: outputs.to_vec(),
            complete,
            pending: BTreeMap::new(),
            bytes: 0,
            broken: false,
            way,
        })
    }

    /// The positions that are done.
    pub(super) fn complete(&self) -> &IndexSet {
        &self.complete
    }

    /// The first row of an output's part of a batch.
    fn first_row(&self, output: usize, item: usize) -> usize {
        first_row(&self.cut, self.outputs[output].rows, item)
    }

    /// Runs of neighbouring batches, their rows joined: fewer and longer writes.
    fn pieces(&mut self) -> Vec<(Range<usize>, Vec<Vec<u8>>)> {
        let mut pieces: Vec<(Range<usize>, Vec<Vec<u8>>)> = Vec::new();
        for (item, rows) in std::mem::take(&mut self.pending) {
            match pieces.last_mut() {
                Some((run, joined)) if run.end == item => {
                    run.end = item + 1;
                    for (all, more) in joined.iter_mut().zip(rows.outputs()) {
                        all.extend_from_slice(more);
                    }
                }
                _ => pieces.push((item..item + 1, rows.into_outputs())),
            }
        }
        self.bytes = 0;
        pieces
    }

    /// Writes what is in memory. In-place rows are not marked yet; amendments mark theirs with them.
    fn spill(&mut self) -> Result<()> {
        let pieces = self.pieces();
        if pieces.is_empty() {
            return Ok(());
        }
        let mut writes = Vec::new();
        for (items, outputs) in pieces {
            for (output, bytes) in outputs.into_iter().enumerate() {
                writes.push((output, self.first_row(output, items.start), bytes));
            }
            if matches!(self.way, Way::Amending { .. }) {
                let positions = positions_of(&self.cut, &items);
                self.complete.insert(positions.clone());
                writes.push((
                    self.outputs.len(),
                    positions.start,
                    vec![1; positions.len()],
                ));
            }
        }
        match &mut self.way {
            Way::InPlace {
                path,
                file,
                outputs,
                ..
            } => {
                for (output, first, bytes) in writes {
                    let written = outputs[output].write(file, first, &bytes);
                    written.map_err(|source| Error::Io {
                        path: path.clone(),
                        source,
                    })?;
                }
                Ok(())
            }
            Way::Amending { file, group } => {
                let path = file.path().to_path_buf();
                let heights: Vec<usize> = self
                    .outputs
                    .iter()
                    .map(Output::row_bytes)
                    .chain([1])
                    .collect();
                let names: Vec<&str> = self
                    .outputs
                    .iter()
                    .map(|output| output.name.as_str())
                    .chain([COMPLETED])
                    .collect();
                file.amend(|open| -> Result<()> {
                    for (output, first, bytes) in &writes {
                        let name = names[*output];
                        let dataset = open
                            .dataset(&format!("{group}/{name}"))
                            .map_err(jobwise_kit::h5::Error::hdf5(&path, name))?;
                        let rows = *first..*first + bytes.len() / heights[*output];
                        raw_rows::write(&dataset, rows, bytes, Transfer::Independent)?;
                    }
                    Ok(())
                })
            }
        }
    }

    /// Remembers that `outcome` is an error.
    fn noting(&mut self, outcome: Result<()>) -> Result<()> {
        self.broken |= outcome.is_err();
        outcome
    }

    /// Marks positions whose rows are in the file.
    fn mark(&mut self, fresh: &IndexSet) -> Result<()> {
        if fresh.is_empty() {
            return Ok(());
        }
        let Way::InPlace {
            path, file, marks, ..
        } = &self.way
        else {
            return Ok(());
        };
        place::force(file, path)?;
        for items in fresh.runs() {
            let positions = positions_of(&self.cut, &items);
            let ones = vec![1u8; positions.len()];
            let marked = marks.write(file, positions.start, &ones);
            marked.map_err(|source| Error::Io {
                path: path.clone(),
                source,
            })?;
        }
        place::force(file, path)?;
        for items in fresh.runs() {
            self.complete.insert(positions_of(&self.cut, &items));
        }
        Ok(())
    }
}

impl Sink<Rows> for Store<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(items_done(&self.cut, &self.complete, within))
    }

    fn write(&mut self, item: usize, rows: Rows) -> Result<(), Cause> {
        check(&self.cut, &self.outputs, item, &rows)?;
        self.bytes += rows.bytes();
        self.pending.insert(item, rows);
        if self.bytes >= Store::BUFFER {
            let spilled = self.spill();
            self.noting(spilled)?;
        }
        Ok(())
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        if self.broken {
            // The error that broke it is on its way.
            return Ok(());
        }
        let mut sorted = fresh.to_vec();
        sorted.sort_unstable();
        let fresh: IndexSet = sorted.into_iter().collect();
        let stored = self.spill().and_then(|()| self.mark(&fresh));
        self.noting(stored)?;
        Ok(())
    }
}

/// Where the rows of all outputs and the marks lie, if each has a place of its own.
fn places(
    file: &hdf5::File,
    group: &str,
    outputs: &[Output],
) -> Result<Option<(Vec<Place>, Place)>> {
    let place = |name: &str| -> Result<Option<Place>> {
        let name = format!("{group}/{name}");
        let dataset = file.dataset(&name);
        Ok(Place::of(&dataset.map_err(refused(file.filename(), name))?))
    };
    let outputs: Result<Vec<Option<Place>>> =
        outputs.iter().map(|output| place(&output.name)).collect();
    let outputs: Option<Vec<Place>> = outputs?.into_iter().collect();
    Ok(outputs.zip(place(COMPLETED)?))
}

/// The batches whose positions are all done.
pub(super) fn items_done(cut: &Cut, complete: &IndexSet, within: Range<usize>) -> IndexSet {
    let done = |item: &usize| {
        let positions = positions_of(cut, &(*item..*item + 1));
        complete.missing(positions).is_empty()
    };
    within.filter(done).collect()
}

/// The positions of neighbouring batches.
pub(super) fn positions_of(cut: &Cut, items: &Range<usize>) -> Range<usize> {
    let (first, last) = (cut.units_of(items.start), cut.units_of(items.end - 1));
    cut.positions_of(&(first.start..last.end))
}

/// The first row of a batch in an output.
pub(super) fn first_row(cut: &Cut, rows: Per, item: usize) -> usize {
    let units = cut.units_of(item);
    match rows {
        Per::Unit => units.start,
        per => per.of(cut.positions_of(&units).start),
    }
}

/// Whether a batch brings the rows that it should.
pub(super) fn check(cut: &Cut, outputs: &[Output], item: usize, rows: &Rows) -> Result<()> {
    let units = cut.units_of(item);
    for (output, bytes) in outputs.iter().zip(rows.outputs()) {
        let count = match output.rows {
            Per::Unit => units.len(),
            per => per.of(cut.positions_of(&units).len()),
        };
        if bytes.len() != count * output.row_bytes() {
            let (name, got) = (&output.name, bytes.len());
            let wanted = count * output.row_bytes();
            return Err(Error::Request(format!(
                "{name}: units {} to {} gave {got} bytes instead of {wanted}",
                units.start, units.end
            )));
        }
    }
    Ok(())
}
