use jobwise_figures::{Axis, Figure, HeatMap, Mark, Panel, Series};
use ndarray::Array2;

use crate::products::{Binned, Seen};

/// Draws the posterior of a sounding, in so many pixels: conductivities, interfaces, the number of
/// layers, data, and what else was solved for.
pub fn point(seen: &Seen, size: (u32, u32)) -> Figure {
    let point = &seen.point;
    let mut panels = vec![
        conductivities(seen),
        interfaces(seen),
        data(seen),
        histogram("number of layers", "layers", &point.layers()),
    ];
    let several = |count: usize, index: usize| {
        if count > 1 {
            format!(" {index}")
        } else {
            String::new()
        }
    };
    for (errors, name, unit) in [
        (
            &point.relative_error,
            "relative error",
            "log10 of a part of the data",
        ),
        (
            &point.additive_error,
            "additive error",
            "log10 in units of the data",
        ),
    ] {
        for (index, counts) in errors.iter().enumerate() {
            let title = format!("{name}{}", several(errors.len(), index));
            panels.push(histogram(&title, unit, counts));
        }
    }
    if let Some(height) = &point.height {
        panels.push(histogram("height", "m above the ground", height));
    }
    let title = format!(
        "Line {:?}, fiducial {:?}: {} kept iterations{}",
        point.line,
        point.fiducial,
        point.kept(),
        if point.reason.is_empty() {
            String::new()
        } else {
            format!(" ({}: {})", point.status, point.reason)
        }
    );
    Figure::new(&title, size).panels(3, panels)
}

/// Counts of conductivities by depth, each depth relative to its largest, with mean, P05, P95 and
/// the best state.
fn conductivities(seen: &Seen) -> Panel {
    let hitmap = &seen.point.conductivity;
    let (columns, rows) = (hitmap.conductivities(), hitmap.depths());
    let mut cells = Array2::from_elem((columns, rows), f64::NAN);
    for row in 0..rows {
        let largest = hitmap.column(row).max().unwrap_or(0);
        for (column, count) in hitmap.column(row).enumerate() {
            if count > 0 {
                cells[[column, row]] = f64::from(count) / f64::from(largest);
            }
        }
    }
    let opacity = Array2::from_elem((columns, rows), 0.6);
    let edges = &hitmap.conductivity;
    let deepest = hitmap.depth[rows];
    let heat = HeatMap::new(
        "part of the largest at this depth",
        cells,
        edges[0]..edges[columns],
        hitmap.depth[0]..deepest,
    );
    let through = |name: &str, values: &[f64]| {
        let points = values.iter().enumerate();
        let points = points.map(|(row, value)| (*value, hitmap.middle(row)));
        Series::new(name, Mark::Line, points.collect::<Vec<_>>())
    };
    let profile = &seen.profile;
    let shown = shown(seen);
    let doi = [(shown[0], seen.doi), (shown[1], seen.doi)];
    let x = Axis::linear("log10 conductivity [S/m]").limits(shown[0]..shown[1]);
    let y = Axis::linear("depth [m]").downwards().limits(0.0..deepest);
    Panel::new("", x, y)
        .heat(heat.faded(opacity).limits(0.0..1.0))
        .series(Series::new("DOI", Mark::Line, doi).faint())
        .series(through("P05, P95", &profile.p05).colour(4))
        .series(through("", &profile.p95).colour(4))
        .series(through("mean", &profile.mean).colour(1))
        .series(Series::new("best", Mark::Line, best(seen, deepest)).colour(0))
}

/// The range of conductivities that something is counted in or that is best, with some room.
fn shown(seen: &Seen) -> [f64; 2] {
    let hitmap = &seen.point.conductivity;
    let is_counted = |bin: &usize| {
        let row = &hitmap.counts[bin * hitmap.depths()..][..hitmap.depths()];
        row.iter().any(|count| *count > 0)
    };
    let mut bins = (0..hitmap.conductivities()).filter(is_counted);
    let first = bins.next().unwrap_or(0);
    let last = bins.next_back().unwrap_or(first);
    let best = seen.point.best.conductivity.iter().map(|x| x.log10());
    let (low, high) = (hitmap.conductivity[first], hitmap.conductivity[last + 1]);
    let least = best.clone().fold(low, f64::min);
    let greatest = best.fold(high, f64::max);
    [least - 0.1, greatest + 0.1]
}

/// The steps of the best state.
fn best(seen: &Seen, deepest: f64) -> Vec<(f64, f64)> {
    let best = &seen.point.best;
    let tops = [0.0].into_iter().chain(best.depth.iter().copied());
    let bottoms = best.depth.iter().copied().chain([deepest]);
    let layers = best.conductivity.iter().zip(tops.zip(bottoms));
    let steps = layers.flat_map(|(conductivity, (top, bottom))| {
        let log = conductivity.log10();
        [(log, top), (log, bottom)]
    });
    steps.collect()
}

fn interfaces(seen: &Seen) -> Panel {
    let counts = &seen.point.interfaces;
    let probability = seen.point.interface_probability();
    let steps = probability.iter().zip(counts.edges.windows(2));
    let steps = steps.flat_map(|(part, edges)| [(*part, edges[0]), (*part, edges[1])]);
    let deepest = counts.edges[counts.edges.len() - 1];
    let title = format!("interfaces, per {:.2} m", counts.edges[1] - counts.edges[0]);
    let y = Axis::linear("depth [m]").downwards().limits(0.0..deepest);
    Panel::new(&title, Axis::linear("probability"), y).series(Series::new(
        "interfaces",
        Mark::Line,
        steps.collect::<Vec<_>>(),
    ))
}

/// Residuals in standard deviations, channel by channel.
fn data(seen: &Seen) -> Panel {
    let point = &seen.point;
    let values = point.data.iter().zip(&point.best.predicted);
    let residuals = values.zip(&point.deviations).enumerate();
    let residuals = residuals.map(|(channel, ((datum, predicted), deviation))| {
        (channel as f64 + 1.0, (datum - predicted) / deviation)
    });
    let (misfit, count) = point.misfit();
    let title = format!("best state: misfit {misfit:.1} of {count} data");
    let last = point.data.len() as f64 + 0.5;
    let level = |at: f64| Series::new("", Mark::Line, [(0.5, at), (last, at)]).faint();
    let x = Axis::linear("channel").limits(0.5..last);
    let y = Axis::linear("residual [standard deviations]");
    Panel::new(&title, x, y)
        .series(level(-1.0))
        .series(level(1.0))
        .series(Series::new("", Mark::Dot, residuals.collect::<Vec<_>>()))
}

/// Counts as steps.
fn histogram(title: &str, label: &str, counts: &Binned) -> Panel {
    let counts = trimmed(counts);
    let total = counts.total() as f64;
    let steps = counts.counts.iter().zip(counts.edges.windows(2));
    let steps = steps.flat_map(|(count, edges)| {
        let part = f64::from(*count) / total;
        [(edges[0], part), (edges[1], part)]
    });
    let ends = [counts.edges[0], counts.edges[counts.edges.len() - 1]];
    let closed = [(ends[0], 0.0)]
        .into_iter()
        .chain(steps)
        .chain([(ends[1], 0.0)]);
    let series = Series::new(title, Mark::Line, closed.collect::<Vec<_>>());
    Panel::new(title, Axis::linear(label), Axis::linear("probability")).series(series)
}

/// Without the empty bins at the ends, but one.
fn trimmed(counts: &Binned) -> Binned {
    let is_counted = |count: &u32| *count > 0;
    let first = counts.counts.iter().position(is_counted).unwrap_or(0);
    let last = counts.counts.iter().rposition(is_counted).unwrap_or(0);
    let bins = first.saturating_sub(1)..(last + 2).min(counts.counts.len());
    Binned {
        edges: counts.edges[bins.start..=bins.end].to_vec(),
        counts: counts.counts[bins].to_vec(),
    }
}
