use std::ops::Range;

use jobwise_figures::{Axis, Figure, Mark, Panel, Series};

use super::amplitude_spectrum;
use crate::filter::Polynomial;
use crate::frame::{Error, Frame};
use crate::object::{Time, Timestream};

/// What is drawn of a scan.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The name of the timestreams.
    pub timestreams: String,
    /// Which of them: names; the first three where there are none.
    pub detectors: Vec<String>,
    /// What is taken from them.
    pub polynomial: Polynomial,
}

/// How many timestreams are drawn where nobody says which.
const FEW: usize = 3;

/// The usual size, in pixels.
const SIZE: (u32, u32) = (1240, 900);

/// A timestream, and its spectrum: points of a panel each.
struct Drawn {
    samples: Vec<(f64, f64)>,
    spectrum: Vec<(f64, f64)>,
}

/// Draws timestreams of a scan and their amplitude spectra, before (left) and after the filter.
///
/// # Errors
/// There are no timestreams of that name, or none of a detector.
pub fn timestreams(
    scan: &Frame,
    selection: &mut Selection,
    size: Option<(u32, u32)>,
) -> Result<Figure, String> {
    let told = |error: Error| error.to_string();
    let all = scan.timestreams(&selection.timestreams).map_err(told)?;
    let names: Vec<String> = if selection.detectors.is_empty() {
        all.names().take(FEW).map(ToString::to_string).collect()
    } else {
        selection.detectors.clone()
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut units = String::new();
    for name in names {
        let missing = || {
            let (at, key) = (scan.at(), &selection.timestreams);
            format!("{at}{key}: there is no timestream {name}")
        };
        let timestream = all.get(&name).ok_or_else(missing)?;
        units = timestream.units.to_string();
        let mut samples = timestream.samples.to_f64().into_owned();
        before.push((name.clone(), drawn(timestream, &samples)));
        selection.polynomial.filter(&mut samples);
        after.push((name, drawn(timestream, &samples)));
    }
    let order = selection.polynomial.order();
    let sides = [
        (before, "before the filter".to_owned()),
        (
            after,
            format!("after it: without a polynomial of order {order}"),
        ),
    ];
    let spectra = sides.iter().flat_map(|(side, _)| side);
    let limits = range(spectra.flat_map(|(_, drawn)| drawn.spectrum.iter().map(|point| point.1)));
    let mut panels = Vec::new();
    for (side, title) in &sides {
        let (x, y) = (
            Axis::linear("time [s]"),
            Axis::linear(&format!("samples [{units}]")),
        );
        panels.push(panel(title, x, y, side, |drawn| &drawn.samples));
    }
    for (side, title) in &sides {
        let x = Axis::linear("log10 frequency [Hz]");
        let mut y = Axis::linear(&format!("log10 amplitude [{units}/sqrt(Hz)]"));
        if let Some(limits) = &limits {
            y = y.limits(limits.clone());
        }
        let title = format!("spectrum {title}");
        panels.push(panel(&title, x, y, side, |drawn| &drawn.spectrum));
    }
    let place = scan.place().map(|place| {
        let file = place.file.file_name().unwrap_or_default();
        format!("{}, frame {}: ", file.display(), place.frame)
    });
    let title = format!("{}{}", place.unwrap_or_default(), selection.timestreams);
    Ok(Figure::new(&title, size.unwrap_or(SIZE)).panels(2, panels))
}

fn panel(
    title: &str,
    x: Axis,
    y: Axis,
    side: &[(String, Drawn)],
    points: impl Fn(&Drawn) -> &Vec<(f64, f64)>,
) -> Panel {
    let series = side.iter().enumerate().map(|(i, (name, drawn))| {
        Series::new(name, Mark::Line, points(drawn).iter().copied()).colour(i)
    });
    series.fold(Panel::new(title, x, y), Panel::series)
}

fn drawn(timestream: &Timestream, samples: &[f64]) -> Drawn {
    // Where the times say nothing, a sample per second.
    let rate = timestream
        .sample_rate()
        .map_or(1.0, |rate| rate * Time::SECOND as f64);
    let spectrum = amplitude_spectrum(samples, rate).into_iter();
    // What is nothing has no logarithm.
    let logarithms = spectrum.map(|(frequency, amplitude)| (frequency.log10(), amplitude.log10()));
    Drawn {
        samples: (0..)
            .map(|i| f64::from(i) / rate)
            .zip(samples.iter().copied())
            .collect(),
        spectrum: logarithms
            .filter(|(_, amplitude)| amplitude.is_finite())
            .collect(),
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    let ends = |ends: Option<Range<f64>>, value: f64| match ends {
        None => Some(value..value),
        Some(ends) => Some(ends.start.min(value)..ends.end.max(value)),
    };
    let all = values.fold(None, ends)?;
    // The lowest values are rounding.
    Some(all.start.max(all.end - 6.0) - 0.1..all.end + 0.1)
}
