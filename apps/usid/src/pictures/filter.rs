use jobwise_figures::{Axis, Mark, Panel, Series};
use realfft::RealFftPlanner;

use super::group::row_of;
use super::{Picture, Results};
use crate::Result;

/// For each position: its spectrum with the mask and the noise floor, and the signal before and
/// after.
pub(super) fn pictures(results: &Results, positions: &[usize]) -> Result<Vec<Picture>> {
    results.must_be_done(positions.iter().copied())?;
    let rate = match crate::format::Value::find(&results.group, "samp_rate")? {
        Some(rate) => rate.number().unwrap_or(1.0),
        None => 1.0,
    };
    let mut panels = Vec::new();
    for &position in positions {
        let raw = row_of(&results.source, position)?;
        let filtered = if results.has("Filtered_Data") {
            Some(results.row("Filtered_Data", position)?)
        } else {
            None
        };
        panels.push(spectra(results, position, rate, &raw, filtered.as_deref())?);
        panels.push(signals(results, position, &raw, filtered.as_deref())?);
    }
    Ok(vec![Picture {
        name: "filter",
        size: (1200, 60 + 420 * positions.len().max(1) as u32),
        title: results.name(),
        columns: 2,
        panels,
    }])
}

/// Amplitudes in decibels against frequency, at most some thousand of them.
fn spectra(
    results: &Results,
    position: usize,
    rate: f64,
    raw: &[f64],
    filtered: Option<&[f64]>,
) -> Result<Panel> {
    let step = rate / raw.len() as f64;
    let (unit, scale) = match rate {
        rate if rate >= 1e5 => ("kHz", 1e-3),
        _ => ("Hz", 1.0),
    };
    let curve = |numbers: &[f64]| {
        let bins = decibels(numbers);
        let every = bins.len().div_ceil(2000);
        // The largest of neighbours: a narrow line must not vanish.
        bins.chunks(every)
            .enumerate()
            .map(|(index, bins)| {
                let highest = bins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                ((index * every) as f64 * step * scale, highest)
            })
            .collect::<Vec<_>>()
    };
    let raw = curve(raw);
    let top = raw
        .iter()
        .map(|(_, y)| *y)
        .fold(f64::NEG_INFINITY, f64::max);
    let bottom = raw
        .iter()
        .map(|(_, y)| *y)
        .fold(top, f64::min)
        .max(top - 200.0)
        - 20.0;
    let last = raw.last().map_or(1.0, |(x, _)| *x);
    let mut panel = Panel::new(
        &format!("Spectrum of position {position}"),
        Axis::linear(&format!("frequency [{unit}]")),
        Axis::linear("amplitude [dB]").limits(bottom..top + 10.0),
    )
    .series(Series::new("raw", Mark::Line, raw).faint());
    if let Some(filtered) = filtered {
        panel = panel.series(Series::new("filtered", Mark::Line, curve(filtered)).colour(0));
    }
    if results.has("Composite_Filter") {
        let mask = results.numbers("Composite_Filter")?;
        let step = rate / mask.len() as f64;
        let half = &mask[mask.len() / 2..];
        let every = half.len().div_ceil(2000);
        let points = half.iter().enumerate().step_by(every).map(|(bin, pass)| {
            let level = bottom + (top + 10.0 - bottom) * pass;
            (bin as f64 * step * scale, level)
        });
        panel = panel.series(Series::new("mask (0 to 1)", Mark::Line, points).colour(1));
    }
    if results.has("Noise_Floors") {
        let floors = results.numbers("Noise_Floors")?;
        let of = position * floors.len() / results.source.positions().max(1);
        let floor = 20.0 * floors.get(of).copied().unwrap_or(f64::NAN).log10();
        let ends = [(0.0, floor), (last, floor)];
        panel = panel.series(Series::new("noise floor", Mark::Line, ends).colour(2));
    }
    Ok(panel)
}

/// The signal before and after, the first thousand points.
fn signals(
    results: &Results,
    position: usize,
    raw: &[f64],
    filtered: Option<&[f64]>,
) -> Result<Panel> {
    const SHOWN: usize = 1000;
    let columns = results.source.spectroscopic_dimensions()?;
    let label = match columns.as_slice() {
        [axis] => format!("{} [{}]", axis.name, axis.units),
        _ => "point".to_owned(),
    };
    let at = |index: usize| match columns.as_slice() {
        [axis] => axis.values[index],
        _ => index as f64,
    };
    let curve = |numbers: &[f64]| -> Vec<(f64, f64)> {
        let shown = numbers.iter().take(SHOWN).enumerate();
        shown.map(|(index, &y)| (at(index), y)).collect()
    };
    let (quantity, units) = (results.source.quantity(), results.source.units());
    let mut panel = Panel::new(
        &format!(
            "Signal of position {position}, first {} points",
            raw.len().min(SHOWN)
        ),
        Axis::linear(&label),
        Axis::linear(&format!("{quantity} [{units}]")),
    )
    .series(Series::new("raw", Mark::Line, curve(raw)).faint());
    if let Some(filtered) = filtered {
        panel = panel.series(Series::new("filtered", Mark::Line, curve(filtered)).colour(0));
    }
    Ok(panel)
}

/// The amplitude of each bin from zero up, as the filter sees it, in dB.
fn decibels(signal: &[f64]) -> Vec<f64> {
    let transform = RealFftPlanner::new().plan_fft_forward(signal.len());
    let mut spectrum = transform.make_output_vec();
    let mut signal = signal.to_vec();
    // The lengths are those of the plan.
    if transform.process(&mut signal, &mut spectrum).is_err() {
        spectrum.clear();
    }
    spectrum
        .iter()
        .map(|bin| 20.0 * bin.norm().max(1e-300).log10())
        .collect()
}
