//! Histograms of posteriors, one per sounding, with their axes.

use super::super::cell::{Cell, Level};
use super::super::entry::{Constant, Element};
use super::super::line_results::LineResults;
use super::builder::{Builder, CONDUCTIVITY};
use crate::posterior::{Bins, Posterior};
use crate::settings;

/// An axis of a histogram beside that of soundings.
pub(super) struct Axis {
    pub(super) name: String,
    pub(super) units: String,
    /// Less what they are relative to.
    pub(super) edges: Vec<f64>,
    /// What geobipy stores here.
    pub(super) dimension: i32,
    pub(super) is_logarithmic: bool,
    pub(super) relative_to: Option<RelativeTo>,
}

/// What edges are relative to.
pub(super) enum RelativeTo {
    /// One number per sounding, known beforehand.
    Known(Vec<f64>),
    /// What chains find.
    Found(Cell),
}

impl Axis {
    pub(super) fn new(name: &str, units: &str, edges: Vec<f64>, dimension: i32) -> Axis {
        Axis {
            name: name.to_owned(),
            units: units.to_owned(),
            edges,
            dimension,
            is_logarithmic: false,
            relative_to: None,
        }
    }

    /// Depths of interfaces.
    pub(super) fn interfaces(of: &LineResults<'_>) -> Axis {
        let bins = Posterior::new(&of.task.settings, 1.0).interfaces.bins();
        Axis::new("Depth", "m", edges(bins), 0)
    }

    /// Depths of conductivities.
    pub(super) fn depth(of: &LineResults<'_>) -> Axis {
        let bins = Posterior::new(&of.task.settings, 1.0).depth();
        Axis::new("Depth", "m", edges(bins), 2)
    }

    /// log10 of conductivities, relative to the best half-space.
    pub(super) fn conductivity(of: &LineResults<'_>) -> Axis {
        let posterior = Posterior::new(&of.task.settings, 1.0);
        let bins = posterior.conductivity[0].bins();
        Axis {
            is_logarithmic: true,
            relative_to: Some(RelativeTo::Found(Cell::LogHalfSpace)),
            ..Axis::new("Conductivity", CONDUCTIVITY, edges(bins), 1)
        }
    }

    /// log10 of the levels of an error, relative to half of their range.
    pub(super) fn level(name: &str, units: &str, walk: settings::LevelWalk, rows: usize) -> Axis {
        let middle = (0.5 * (walk.maximum - walk.minimum)).log10();
        let bins = Posterior::level_bins(walk);
        Axis {
            is_logarithmic: true,
            relative_to: Some(RelativeTo::Known(vec![middle; rows])),
            ..Axis::new(
                name,
                units,
                edges(bins).iter().map(|edge| edge - middle).collect(),
                1,
            )
        }
    }

    /// Heights, relative to those of the file of data.
    pub(super) fn height(of: &LineResults<'_>, walk: settings::HeightWalk) -> Axis {
        Axis {
            relative_to: Some(RelativeTo::Known(of.heights())),
            ..Axis::new("Height", "m", edges(Posterior::height_bins(walk)), 1)
        }
    }
}

/// All edges of bins.
fn edges(bins: Bins) -> Vec<f64> {
    (0..=bins.count()).map(|place| bins.edge(place)).collect()
}

/// Adds a histogram: the axis of soundings, and one or two others.
pub(super) fn add(b: &mut Builder, path: &str, axes: &[Axis], cell: Cell) {
    b.group(path, "Histogram", None, None);
    let mesh = format!("{path}/mesh");
    let repr = format!("RectilinearMesh{}D", axes.len() + 1);
    b.group(&mesh, &repr, None, None);
    soundings(b, &format!("{mesh}/x"));
    for (letter, axis) in ["y", "z"].iter().zip(axes) {
        let path = format!("{mesh}/{letter}");
        b.group(&path, "RectilinearMesh1D", None, None);
        let dimension = Constant::Smalls(vec![axis.dimension]);
        b.constant(&format!("{path}/dimension"), dimension);
        if axis.is_logarithmic {
            b.constant(&format!("{path}/log"), Constant::Whole(10));
        }
        let edges = Constant::Numbers(axis.edges.clone());
        b.same(&format!("{path}/edges"), &axis.name, &axis.units, edges);
        let relative = format!("{path}/relative_to");
        match &axis.relative_to {
            None => {}
            Some(RelativeTo::Known(values)) => {
                b.known(&relative, &axis.name, Some(&axis.units), values.clone());
            }
            Some(RelativeTo::Found(cell)) => {
                b.group(&relative, "DataArray", None, None);
                b.rows(&format!("{relative}/data"), Element::Number, &[], *cell);
            }
        }
    }
    b.group(
        &format!("{path}/values"),
        "DataArray",
        Some("Frequency"),
        None,
    );
    let shape: Vec<usize> = axes.iter().map(|axis| axis.edges.len() - 1).collect();
    let values = format!("{path}/values/data");
    if axes.len() > 1 {
        b.packed(&values, Element::Small, &shape, cell);
    } else {
        b.rows(&values, Element::Small, &shape, cell);
    }
}

/// The axis of soundings.
pub(super) fn soundings(b: &mut Builder, path: &str) {
    b.group(path, "RectilinearMesh1D", None, None);
    b.constant(&format!("{path}/dimension"), Constant::Smalls(vec![0]));
    let edges = (0..=b.soundings).map(|place| place as f64 - 0.5).collect();
    b.same(&format!("{path}/edges"), "", "", Constant::Numbers(edges));
}

/// The histogram of misfits, which geobipy fills only where it plots.
pub(super) fn misfit(b: &mut Builder, of: &LineResults<'_>) {
    const BINS: usize = 49;
    b.constant("phids/n_posteriors", Constant::Whole(1));
    let (name, units) = of.data_name();
    let last = 2.0 * of.channels() as f64;
    let edge = |place: usize| 1.0 + (last - 1.0) * place as f64 / BINS as f64;
    let axis = Axis::new(name, units, (0..=BINS).map(edge).collect(), 1);
    add(b, "phids/posterior", &[axis], Cell::Zeros(BINS));
}

/// The levels of an error that are solved for.
pub(super) fn levels(
    b: &mut Builder,
    path: &str,
    [name, units]: [&str; 2],
    levels: &[settings::Level],
    level: Level,
) {
    let walks: Vec<settings::LevelWalk> = levels.iter().filter_map(|level| level.walk).collect();
    let count = Constant::Whole(walks.len() as i64);
    b.constant(&format!("{path}/n_posteriors"), count);
    for (index, walk) in walks.iter().enumerate() {
        let suffix = match walks.len() {
            1 => String::new(),
            _ => index.to_string(),
        };
        let axis = Axis::level(name, units, *walk, b.soundings);
        let cell = Cell::LevelCounts(level, index);
        add(b, &format!("{path}/posterior{suffix}"), &[axis], cell);
    }
}
