use jobwise_kit::plot::{Axis, Mark, Panel, Series};

use super::{Picture, Results};
use crate::Result;
use crate::format::Ancillary;

/// For each position: the current's loop, raw and corrected, and the resistance with its uncertainty.
pub(super) fn pictures(results: &Results, positions: &[usize]) -> Result<Vec<Picture>> {
    results.must_be_done(positions.iter().copied())?;
    let bias = axis(&results.source)?;
    let resistance = crate::format::Main::open(&results.group.dataset("Resistance").map_err(
        crate::error::refused(results.group.filename(), "Resistance"),
    )?)?;
    let grid = axis(&resistance)?;
    let mut panels = Vec::new();
    for &position in positions {
        let raw = results.row_of(&results.source, position)?;
        let corrected = results.row("Corrected_Current", position)?;
        let pair = |current: &[f64]| {
            bias.iter()
                .copied()
                .zip(current.to_vec())
                .collect::<Vec<_>>()
        };
        let (quantity, units) = (results.source.quantity(), results.source.units());
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

/// Resistance against bias in both directions, with one standard deviation.
fn resistances(position: usize, grid: &[f64], mean: &[f64], variance: &[f64]) -> Panel {
    let half = grid.len() / 2;
    let mut panel = Panel::new(
        &format!("Resistance of position {position}"),
        Axis::linear("bias [V]"),
        Axis::linear("resistance [GOhm]").limits(0.0..highest(mean)),
    );
    for (name, range, colour) in [("forward", 0..half, 0), ("reverse", half..grid.len(), 1)] {
        let at = |offset: f64| {
            let points = range.clone().map(move |index| {
                let deviation = variance[index].max(0.0).sqrt();
                (grid[index], mean[index] + offset * deviation)
            });
            points.collect::<Vec<_>>()
        };
        for offset in [-1.0, 1.0] {
            panel = panel.series(Series::new("one deviation", Mark::Line, at(offset)).faint());
        }
        panel = panel.series(Series::new(name, Mark::Line, at(0.0)).colour(colour));
    }
    panel
}

/// A limit above most resistances: where hardly any current flows, they have no bound.
fn highest(mean: &[f64]) -> f64 {
    let mut positive: Vec<f64> = mean.iter().copied().filter(|r| *r > 0.0).collect();
    positive.sort_by(f64::total_cmp);
    let most = positive.get(positive.len() * 9 / 10).copied();
    1.5 * most.unwrap_or(1.0)
}

/// The first spectroscopic dimension's value in every column.
fn axis(main: &crate::format::Main) -> Result<Vec<f64>> {
    let values = main.entries(Ancillary::SpectroscopicValues, 0..main.width())?;
    Ok(values.column(0).to_vec())
}
