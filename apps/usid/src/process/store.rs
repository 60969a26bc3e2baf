use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;

use jobwise_core::{Cause, IndexSet, Sink};
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::raw_rows::{self, Transfer};

use super::pieces::{Pending, Piece, Plan};
use super::place::{self, Place};
use super::{COMPLETED, Output, Rows};
use crate::error::refused;
use crate::format::{Element, Scalar};
use crate::{Error, Result};

/// Brings batches of rows into a results group and marks their positions: never a mark before its
/// rows are on the disk.
#[derive(Debug)]
pub(super) struct Store<'w> {
    plan: Plan,
    /// Positions marked.
    complete: IndexSet,
    /// Rows that are not in the file yet.
    pending: Pending,
    /// Units whose rows are in the file, and that are not marked yet.
    unmarked: IndexSet,
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
        plan: Plan,
        complete: IndexSet,
    ) -> Result<Store<'w>> {
        let path = file.path().to_path_buf();
        // An amendment that changes nothing sees the file as it is now; handles from before the
        // group was made do not.
        let places = file.amend(|open| places(open, group, &plan.outputs))?;
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
            plan,
            complete,
            pending: Pending::default(),
            unmarked: IndexSet::new(),
            broken: false,
            way,
        })
    }

    /// The positions that are done.
    pub(super) fn complete(&self) -> &IndexSet {
        &self.complete
    }

    /// Writes what is in memory. In-place rows are not marked yet; amendments mark theirs with
    /// them.
    fn spill(&mut self) -> Result<()> {
        let pieces = self.pending.take();
        if pieces.is_empty() {
            return Ok(());
        }
        match &mut self.way {
            Way::InPlace {
                path,
                file,
                outputs,
                ..
            } => {
                for piece in pieces {
                    for (output, bytes) in piece.outputs.iter().enumerate() {
                        let first = self.plan.first_row(output, piece.units.start);
                        let written = outputs[output].write(file, first, bytes);
                        written.map_err(|source| Error::Io {
                            path: path.clone(),
                            source,
                        })?;
                    }
                    self.unmarked.insert(piece.units);
                }
            }
            Way::Amending { file, group } => {
                amend(file, group, &self.plan, &pieces)?;
                for piece in pieces {
                    self.complete
                        .insert(self.plan.cut.positions_of(&piece.units));
                }
            }
        }
        Ok(())
    }

    /// Remembers that `outcome` is an error.
    fn noting(&mut self, outcome: Result<()>) -> Result<()> {
        self.broken |= outcome.is_err();
        outcome
    }

    /// Marks positions whose rows are in the file.
    fn mark(&mut self) -> Result<()> {
        let Way::InPlace {
            path, file, marks, ..
        } = &self.way
        else {
            return Ok(());
        };
        if self.unmarked.is_empty() {
            return Ok(());
        }
        place::force(file, path)?;
        let cut = &self.plan.cut;
        let fresh: Vec<Range<usize>> = self
            .unmarked
            .runs()
            .map(|units| cut.positions_of(&units))
            .collect();
        for positions in &fresh {
            let ones = vec![1u8; positions.len()];
            let marked = marks.write(file, positions.start, &ones);
            marked.map_err(|source| Error::Io {
                path: path.clone(),
                source,
            })?;
        }
        place::force(file, path)?;
        for positions in fresh {
            self.complete.insert(positions);
        }
        self.unmarked = IndexSet::new();
        Ok(())
    }
}

impl Sink<Rows> for Store<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.plan.items_done(&self.complete, within))
    }

    fn write(&mut self, item: usize, rows: Rows) -> Result<(), Cause> {
        self.pending.add(&self.plan, item, rows)?;
        if self.pending.bytes() >= Store::BUFFER {
            let spilled = self.spill();
            self.noting(spilled)?;
        }
        Ok(())
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        if self.broken {
            // The error that broke it is on its way.
            return Ok(());
        }
        let stored = self.spill().and_then(|()| self.mark());
        self.noting(stored)?;
        Ok(())
    }
}

/// Writes rows and their marks in one amendment.
fn amend(file: &mut Writable, group: &str, plan: &Plan, pieces: &[Piece]) -> Result<()> {
    let path = file.path().to_path_buf();
    file.amend(|open| -> Result<()> {
        let write = |name: &str, first: usize, height: usize, bytes: &[u8]| -> Result<()> {
            let dataset = open
                .dataset(&format!("{group}/{name}"))
                .map_err(refused(&path, name))?;
            let rows = first..first + bytes.len() / height;
            Ok(raw_rows::write(
                &dataset,
                rows,
                bytes,
                Transfer::Independent,
            )?)
        };
        for piece in pieces {
            for (index, bytes) in piece.outputs.iter().enumerate() {
                let output = &plan.outputs[index];
                let first = plan.first_row(index, piece.units.start);
                write(&output.name, first, output.row_bytes(), bytes)?;
            }
            let positions = plan.cut.positions_of(&piece.units);
            write(COMPLETED, positions.start, 1, &vec![1; positions.len()])?;
        }
        Ok(())
    })
}

/// Where the rows of all outputs and the marks lie, if each has a place of its own.
fn places(
    file: &hdf5::File,
    group: &str,
    outputs: &[Output],
) -> Result<Option<(Vec<Place>, Place)>> {
    let place = |name: &str, element: &Element| -> Result<Option<Place>> {
        let name = format!("{group}/{name}");
        let dataset = file.dataset(&name);
        Place::of(&dataset.map_err(refused(file.filename(), name))?, element)
    };
    let outputs: Result<Vec<Option<Place>>> = outputs
        .iter()
        .map(|output| place(&output.name, &output.element))
        .collect();
    let outputs: Option<Vec<Place>> = outputs?.into_iter().collect();
    Ok(outputs.zip(place(COMPLETED, &Element::Real(Scalar::MARK))?))
}
