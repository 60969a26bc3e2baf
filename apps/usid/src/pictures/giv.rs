use std::ops::Range;

use jobwise_figures::{Axis, Mark, Panel, Series};

use super::group::row_of;
use super::{Picture, Results};
use crate::Result;
use crate::experiment::factor;
use crate::format::{Ancillary, Main};

/// For each position: the current's loop, raw and corrected, and the resistance with its
/// uncertainty.
pub(super) fn pictures(results: &Results, positions: &[usize]) -> Result<Vec<Picture>> {
    results.must_be_done(positions.iter().copied())?;
    let open = |name: &str| {
        let dataset = results.group.dataset(name);
        let failed = crate::error::refused(results.group.filename(), name);
        Main::open(&dataset.map_err(failed)?)
    };
    let bias = axis(&results.source)?;
    let (bias_label, bias_units) = results
        .source
        .labels(Ancillary::SpectroscopicValues)
        .next()
        .unwrap_or_default();
    // As the inference converted them.
    let volt = factor(&results.source, "the bias", (bias_label, bias_units), "V")?;
    let bias: Vec<f64> = bias.into_iter().map(|bias| volt * bias).collect();
    let current = open("Corrected_Current")?;
    let (quantity, units) = (current.quantity().to_owned(), current.units().to_owned());
    let said = (results.source.quantity(), results.source.units());
    let scale = if said.1 == units {
        1.0
    } else {
        factor(&results.source, "the current", said, &units)?
    };
    let resistance = open("Resistance")?;
    let grid = axis(&resistance)?;
    let mut panels = Vec::new();
    for &position in positions {
        let raw = row_of(&results.source, position)?;
        let raw: Vec<f64> = raw.into_iter().map(|current| scale * current).collect();
        let corrected = results.row("Corrected_Current", position)?;
        let pair = |current: &[f64]| {
            bias.iter()
                .copied()
                .zip(current.to_vec())
                .collect::<Vec<_>>()
        };
        panels.push(
            Panel::new(
                &format!("Current of position {position}"),
                Axis::linear("bias [V]"),
                Axis::linear(&format!("{quantity} [{units}]")),
            )
            .series(Series::new("raw", Mark::Line, pair(&raw)).faint())
            .series(Series::new("without capacitance", Mark::Line, pair(&corrected)).colour(0)),
        );
        let mean = results.row("Resistance", position)?;
        let variance = results.row("R_variance", position)?;
        panels.push(resistances(position, &grid, &mean, &variance));
    }
    Ok(vec![Picture {
        name: "giv",
        size: (1200, 60 + 420 * positions.len().max(1) as u32),
        title: results.name(),
        columns: 2,
        panels,
    }])
}

/// Resistance against bias in both directions, with one standard deviation, where it is determined:
/// where hardly any current flows, the deviation exceeds the resistance, and nothing is drawn.
fn resistances(position: usize, grid: &[f64], mean: &[f64], variance: &[f64]) -> Panel {
    let deviation = |index: usize| variance[index].max(0.0).sqrt();
    let at = |range: Range<usize>, offset: f64| {
        range.map(move |index| {
            let determined = deviation(index) < mean[index];
            let value = mean[index] + offset * deviation(index);
            (grid[index], if determined { value } else { f64::NAN })
        })
    };
    let half = grid.len() / 2;
    let (forward, reverse) = (0..half, half..grid.len());
    let mut bounds = Vec::new();
    for (range, offset) in [
        (forward.clone(), -1.0),
        (forward.clone(), 1.0),
        (reverse.clone(), -1.0),
        (reverse.clone(), 1.0),
    ] {
        bounds.extend(at(range, offset));
        // Lines of one series, apart.
        bounds.push((f64::NAN, f64::NAN));
    }
    Panel::new(
        &format!("Resistance of position {position}"),
        Axis::linear("bias [V]"),
        Axis::linear("resistance [GOhm]"),
    )
    .series(Series::new("± one deviation", Mark::Line, bounds).faint())
    .series(Series::new("forward", Mark::Line, at(forward, 0.0)).colour(0))
    .series(Series::new("reverse", Mark::Line, at(reverse, 0.0)).colour(1))
}

/// The first spectroscopic dimension's value in every column.
fn axis(main: &Main) -> Result<Vec<f64>> {
    let values = main.entries(Ancillary::SpectroscopicValues, 0..main.width())?;
    Ok(values.column(0).to_vec())
}
