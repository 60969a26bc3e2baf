//! The results group, made whole: every dataset, room for every row, all marks 0.

use std::collections::BTreeMap;

use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::{Dataset, Group};
use jobwise_core::IndexSet;
use jobwise_kit::h5::raw_rows::{self, Transfer};
use jobwise_kit::h5::writable::Writable;

use super::earlier::{DIGEST, LAST_PIXEL};
use super::{COMPLETED, Columns, Output, Parameters, Per, Process};
use crate::error::refused;
use crate::format::{
    Axis, Bookkeeping, Dimension, Element, Main, NewMain, Side, Storage, Value, results,
};
use crate::{Error, Result};

/// What to make.
pub(super) struct Order<'a, P> {
    /// The path of the source.
    pub(super) source: String,
    /// The path of the group that will hold the results group; made if there is none.
    pub(super) parent: String,
    pub(super) tool: &'a str,
    pub(super) parameters: &'a Parameters,
    pub(super) process: &'a P,
    pub(super) storage: Storage,
    pub(super) bookkeeping: &'a Bookkeeping,
}

impl<P: Process> Order<'_, P> {
    /// Makes the group in an open file; its path.
    pub(super) fn carry_out(&self, file: &hdf5::File) -> Result<String> {
        let source = Main::at(file, &self.source)?;
        let parent = match file.group(&self.parent) {
            Ok(parent) => parent,
            Err(_) => file
                .create_group(&self.parent)
                .map_err(refused(file.filename(), &self.parent))?,
        };
        let index = results::next_index(&parent, &source, self.tool)?;
        let group = results::create(&parent, &source, self.tool, index, self.bookkeeping)?;
        for (name, value) in self.parameters.attributes() {
            value.write(&group, name)?;
        }
        Value::Text(self.parameters.digest()).write(&group, DIGEST)?;
        Value::Integer(0).write(&group, LAST_PIXEL)?;
        self.process.write_constants(&group, &source)?;
        let mut axes = Axes::default();
        for output in self.process.outputs() {
            self.output(&group, &source, output, &mut axes)?;
        }
        marks(&group, source.positions())?;
        Ok(group.name())
    }

    fn output(&self, group: &Group, source: &Main, output: &Output, axes: &mut Axes) -> Result<()> {
        let unit = self.process.unit();
        let (rows, position) = match output.rows {
            Per::Unit if unit > 1 => {
                let firsts = (0..source.positions()).step_by(unit);
                let values: Vec<f64> = firsts.map(|first| first as f64).collect();
                let (rows, axis) = (values.len(), Dimension::new("First Position", "", values));
                (rows, axes.own(group, "Unit", Side::Position, &[axis])?)
            }
            Per::Piece(count) => {
                let columns = (0..count).map(|column| column as f64).collect();
                let mut dimensions = source.position_dimensions()?;
                dimensions.push(Dimension::new("Column", "", columns));
                let axis = axes.own(group, "Position", Side::Position, &dimensions)?;
                (source.positions() * count, axis)
            }
            _ => (source.positions(), Axis::of(source, Side::Position)),
        };
        let spectroscopic = match &output.columns {
            Columns::OfSource { .. } => Axis::of(source, Side::Spectroscopic),
            Columns::Own { prefix, dimensions } => {
                axes.own(group, prefix, Side::Spectroscopic, dimensions)?
            }
        };
        let new = NewMain {
            name: &output.name,
            positions: rows,
            width: output.width(),
            element: &output.element,
            quantity: &output.quantity,
            units: &output.units,
            storage: self.storage,
            position,
            spectroscopic,
        };
        new.create(group, self.bookkeeping)?;
        Ok(())
    }
}

/// The axes made so far, by prefix: outputs share them.
#[derive(Default)]
struct Axes(BTreeMap<String, Axis>);

impl Axes {
    fn own(
        &mut self,
        group: &Group,
        prefix: &str,
        side: Side,
        dimensions: &[Dimension],
    ) -> Result<Axis> {
        if let Some(axis) = self.0.get(prefix) {
            return Ok(axis.clone());
        }
        let axis = Axis::create(group, prefix, side, dimensions)?;
        self.0.insert(prefix.to_owned(), axis.clone());
        Ok(axis)
    }
}

/// The dataset of marks, all 0.
fn marks(group: &Group, positions: usize) -> Result<Dataset> {
    let created = group
        .new_dataset::<u8>()
        .layout(Layout::Contiguous)
        .alloc_time(Some(AllocTime::Early))
        .fill_value(0u8)
        .fill_time(FillTime::Alloc)
        .shape(positions)
        .create(COMPLETED);
    created.map_err(refused(group.filename(), COMPLETED))
}

/// Gives a group of an older program marks of its own, set where `done`.
pub(super) fn add_marks(
    file: &mut Writable,
    group: &str,
    positions: usize,
    done: &IndexSet,
) -> Result<()> {
    file.amend(|open| {
        let group = open.group(group).map_err(refused(open.filename(), group))?;
        let marks = marks(&group, positions)?;
        for run in done.runs() {
            let ones = vec![1; run.len()];
            raw_rows::write(&marks, run, &ones, Transfer::Independent)?;
        }
        Ok(())
    })
}

/// Ends a run of which every row is there: what the process adds, and the attribute that says so to programs without marks.
pub(super) fn finish<P: Process>(
    file: &mut Writable,
    group: &str,
    source: &str,
    process: &P,
) -> Result<()> {
    file.amend(|open| {
        let source = Main::at(open, source)?;
        let group = open.group(group).map_err(refused(open.filename(), group))?;
        process.finish(&group, &source)?;
        Value::Integer(source.positions() as i64).write(&group, LAST_PIXEL)
    })
}

/// Whether an earlier group can take the rows of this process.
pub(super) fn check_fit<P: Process>(source: &Main, group: &str, process: &P) -> Result<()> {
    let path = source.dataset().filename();
    let file = source.dataset().file().map_err(refused(&path, group))?;
    for output in process.outputs() {
        let name = format!("{group}/{}", output.name);
        let wrong = |problem: String| Error::Format {
            path: path.clone().into(),
            object: name.clone(),
            problem: format!("{problem}; --override starts a new results group"),
        };
        let dataset = file
            .dataset(&name)
            .map_err(|_| wrong("there is no such dataset to continue".into()))?;
        let rows = match output.rows {
            Per::Unit => source.positions().div_ceil(process.unit()),
            per => per.of(source.positions()),
        };
        if dataset.shape() != [rows, output.width()] {
            let (stored, width) = (dataset.shape(), output.width());
            return Err(wrong(format!(
                "has shape {stored:?}, not [{rows}, {width}]"
            )));
        }
        let stored = Element::of(&dataset)?;
        if stored != output.element {
            return Err(wrong(format!("holds {stored:?}, not {:?}", output.element)));
        }
    }
    Ok(())
}
