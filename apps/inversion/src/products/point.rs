use std::fmt;

use super::axis::Axis;
use super::{Binned, Hitmap, LineFile, Own};
use crate::Result;

/// What a file has of one sounding.
#[derive(Clone, Debug)]
pub struct Point {
    /// Of the file, from 0.
    pub row: usize,
    /// The number of the line.
    pub line: f64,
    /// The number on the line.
    pub fiducial: f64,
    /// m to the east.
    pub x: f64,
    /// m to the north.
    pub y: f64,
    /// m, of the ground; not a number where it is not known.
    pub elevation: f64,
    /// What has become of it.
    pub status: Status,
    /// Why it failed, where it did.
    pub reason: String,
    /// S/m: the half-space that fits best, where chains began.
    pub half_space: f64,
    /// Kept iterations by their number of layers, from 0.
    pub layers: Vec<u32>,
    /// Kept iterations by conductivity and depth.
    pub conductivity: Hitmap,
    /// Kept iterations with an interface of some contrast, by depth in m.
    pub interfaces: Binned,
    /// By log10, one per error that is solved for.
    pub relative_error: Vec<Binned>,
    /// By log10, one per error that is solved for.
    pub additive_error: Vec<Binned>,
    /// By m above the ground, where it is solved for.
    pub height: Option<Binned>,
    /// The most probable state.
    pub best: Best,
    /// What was measured; not a number where there is no datum.
    pub data: Vec<f64>,
    /// The standard deviations of the data in the best state.
    pub deviations: Vec<f64>,
    /// What this program has beside.
    pub own: Option<Own>,
}

/// The most probable state that chains kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Best {
    /// m, of the interfaces.
    pub depth: Vec<f64>,
    /// S/m, one per layer.
    pub conductivity: Vec<f64>,
    /// m above the ground.
    pub height: f64,
    /// One per component.
    pub relative_error: Vec<f64>,
    /// One per system.
    pub additive_error: Vec<f64>,
    /// What the systems would measure.
    pub predicted: Vec<f64>,
}

/// What has become of a sounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing yet.
    Open,
    /// It has a result.
    Done,
    /// It has none to rely on.
    Failed,
}

impl Status {
    /// The marks of this program's files.
    pub(super) fn of_mark(mark: u8) -> Status {
        match mark {
            1 => Status::Done,
            2 => Status::Failed,
            _ => Status::Open,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Status::Open => "open",
            Status::Done => "done",
            Status::Failed => "failed",
        })
    }
}

/// Why a chain of geobipy failed.
const NEVER_BURNED_IN: &str = "the chain did not burn in";

impl Point {
    pub(super) fn read(file: &LineFile, row: usize) -> Result<Point> {
        let (stored, columns, axes) = (&file.stored, &file.columns, &file.axes);
        let status = columns.status[row];
        let reason = match (status, &file.own) {
            (Status::Failed, Some(_)) => stored.text("jobwise/reason", row)?,
            (Status::Failed, None) => NEVER_BURNED_IN.to_owned(),
            _ => String::new(),
        };
        let numbers = |name: &str| stored.row::<f64>(&format!("data/{name}/data"), row);
        let binned = |axis: &Axis| file.binned(axis, row);
        let edges = stored.row::<f64>("model/mesh/y/edges/data", row)?;
        let conductivity = stored.row::<f64>("model/values/data", row)?;
        let finite = |values: Vec<f64>| values.into_iter().take_while(|x| x.is_finite());
        let all = |axes: &[Axis]| axes.iter().map(&binned).collect::<Result<Vec<_>>>();
        Ok(Point {
            row,
            line: file.line,
            fiducial: columns.fiducial[row],
            x: columns.x[row],
            y: columns.y[row],
            elevation: columns.elevation[row],
            status,
            reason,
            half_space: columns.half_space[row],
            layers: file.layers(row)?,
            conductivity: file.hitmap(row)?,
            interfaces: Binned {
                edges: axes.interfaces.clone(),
                counts: file.counts("model/mesh/y/edges/posterior/values/data", row)?,
            },
            relative_error: all(&axes.relative_error)?,
            additive_error: all(&axes.additive_error)?,
            height: axes.height.as_ref().map(binned).transpose()?,
            best: Best {
                // The first edge is the surface, the last one is infinite.
                depth: finite(edges).skip(1).collect(),
                conductivity: finite(conductivity).collect(),
                height: columns.height[row],
                relative_error: numbers("relative_error")?,
                additive_error: numbers("additive_error")?,
                predicted: numbers("predicted_data")?,
            },
            data: numbers("data")?,
            deviations: numbers("std")?,
            own: file.own(row)?,
        })
    }

    /// Kept iterations.
    pub fn kept(&self) -> u64 {
        self.layers.iter().map(|count| u64::from(*count)).sum()
    }

    /// The number of layers, as counts between whole numbers.
    pub fn layers(&self) -> Binned {
        Binned {
            edges: (0..=self.layers.len())
                .map(|edge| edge as f64 - 0.5)
                .collect(),
            counts: self.layers.clone(),
        }
    }

    /// The part of the kept iterations that has an interface in each bin of depth; not a number
    /// where nothing is kept.
    pub fn interface_probability(&self) -> Vec<f64> {
        let kept = self.kept() as f64;
        let counts = self.interfaces.counts.iter();
        counts.map(|count| f64::from(*count) / kept).collect()
    }

    /// The sum of squares of what the best state leaves over, in standard deviations, and the
    /// number of data that it is over.
    pub fn misfit(&self) -> (f64, usize) {
        let data = self.data.iter().zip(&self.best.predicted);
        let left = data
            .zip(&self.deviations)
            .map(|((datum, predicted), deviation)| (predicted - datum) / deviation);
        let left: Vec<f64> = left.filter(|left| left.is_finite()).collect();
        if left.is_empty() {
            return (f64::NAN, 0);
        }
        (left.iter().map(|left| left * left).sum(), left.len())
    }
}
