//! The results group, made whole: every dataset, room for every row, all marks 0.

use std::collections::BTreeMap;

use hdf5::Group;
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::row_store::{DONE, OPEN, create_marks, set_marks};

use super::earlier::{DIGEST, Earlier};
use super::verify::{UNDIGESTED, UNIT};
use super::{
    COMPLETED, Columns, DIGESTS, FINGERPRINT, LAST_PIXEL, ON_CUDA, OUTPUTS, Output, Parameters,
    Per, Process, digests, seal,
};
use crate::error::refused;
use crate::format::{Axis, Bookkeeping, Dimension, Main, NewMain, Side, Storage, Value, results};
use crate::{Error, Result};

/// What to make.
pub(super) struct Order<'a, P> {
    /// The path of the source.
    pub(super) source: String,
    /// The path of the group that will hold the results group; made if there is none.
    pub(super) parent: String,
    pub(super) tool: &'a str,
    pub(super) parameters: &'a Parameters,
    /// The digest of what the source says of its rows and columns.
    pub(super) fingerprint: &'a str,
    pub(super) process: &'a P,
    pub(super) storage: Storage,
    pub(super) bookkeeping: &'a Bookkeeping,
}

impl<P: Process> Order<'_, P> {
    /// Makes the group in an open file; its path.
    pub(super) fn carry_out(&self, file: &hdf5::File) -> Result<String> {
        let source = Main::find(file, &self.source)?;
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
        Value::from(self.fingerprint).write(&group, FINGERPRINT)?;
        Value::Integer(0).write(&group, LAST_PIXEL)?;
        add_devices(&group, self.process)?;
        self.process.write_constants(&group, &source)?;
        let mut axes = Axes::default();
        for output in self.process.outputs() {
            self.output(&group, &source, output, &mut axes)?;
        }
        create_marks(&group, COMPLETED, source.positions())?;
        add_digests(&group, source.positions(), self.process)?;
        seal::write(&group)?;
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

/// The dataset of digests, all 0, and what they are of.
fn add_digests<P: Process>(group: &Group, positions: usize, process: &P) -> Result<()> {
    digests::create(group, positions.div_ceil(process.unit()))?;
    let names = process.outputs().iter().map(|output| output.name.clone());
    Value::Texts(names.collect()).write(group, OUTPUTS)?;
    Value::Integer(process.unit() as i64).write(group, UNIT)
}

/// Notes the stages that CUDA devices computed beside those of earlier runs; whether there are new
/// ones.
fn add_devices<P: Process>(group: &Group, process: &P) -> Result<bool> {
    let mut stages = match Value::find(group, ON_CUDA)? {
        Some(Value::Texts(stages)) => stages,
        Some(Value::Text(stage)) => vec![stage],
        _ => Vec::new(),
    };
    let before = stages.len();
    for stage in process.on_cuda() {
        if !stages.iter().any(|known| known == stage) {
            stages.push((*stage).to_owned());
        }
    }
    let is_more = stages.len() > before;
    if is_more {
        Value::Texts(stages).write(group, ON_CUDA)?;
    }
    Ok(is_more)
}

/// Makes an earlier group ready to be continued: positions whose rows are damaged are no longer
/// marked, and a group of an older program gets marks and digests of its own.
pub(super) fn make_ready<P: Process>(
    file: &mut Writable,
    earlier: &Earlier,
    positions: usize,
    process: &P,
) -> Result<()> {
    let path = &earlier.path;
    file.amend(|open| {
        let group = open.group(path).map_err(refused(open.filename(), path))?;
        let has_digests = group.link_exists(DIGESTS);
        let marks = if earlier.marked {
            let found = group.dataset(COMPLETED);
            found.map_err(refused(open.filename(), COMPLETED))?
        } else {
            create_marks(&group, COMPLETED, positions)?
        };
        set_marks(&marks, &earlier.damaged, OPEN)?;
        if !earlier.marked {
            set_marks(&marks, &earlier.done, DONE)?;
        }
        let is_on_more = add_devices(&group, process)?;
        if has_digests {
            return if is_on_more {
                seal::write(&group)
            } else {
                Ok(())
            };
        }
        let undigested = create_marks(&group, UNDIGESTED, positions)?;
        set_marks(&undigested, &earlier.done, DONE)?;
        add_digests(&group, positions, process)?;
        seal::write(&group)
    })
}

/// Ends a run of which every row is there: what the process adds, unless the run that is repaired
/// had ended; the attribute that says so to programs without marks; and the seal.
pub(super) fn finish<P: Process>(
    file: &mut Writable,
    group: &str,
    source: &str,
    process: &P,
    ended_before: bool,
) -> Result<()> {
    file.amend(|open| {
        let source = Main::find(open, source)?;
        let group = open.group(group).map_err(refused(open.filename(), group))?;
        if !ended_before {
            process.finish(&group, &source)?;
        }
        Value::Integer(source.positions() as i64).write(&group, LAST_PIXEL)?;
        seal::write(&group)
    })
}

/// Whether an earlier group can take the rows of this process.
pub(super) fn check_fit<P: Process>(source: &Main, group: &str, process: &P) -> Result<()> {
    let path = source.dataset().filename();
    let file = source.dataset().file().map_err(refused(&path, group))?;
    let digests = file.link_exists(&format!("{group}/{DIGESTS}"));
    let digests = digests.then(digests::output);
    for output in process.outputs().iter().chain(&digests) {
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
        output.element.must_lie_in(&dataset)?;
    }
    Ok(())
}
