use jobwise_figures::{Axis, HeatMap, Mark, Panel, Series};
use ndarray::Array2;

use super::{Picture, Results};
use crate::Result;
use crate::error::refused;
use crate::format::{Dimension, Image, Main};

/// The image before and after, what was removed, a line through the middle; and the singular
/// values.
pub(super) fn pictures(results: &Results) -> Result<Vec<Picture>> {
    results.must_be_done(0..results.source.positions())?;
    let raw = Image::of(&results.source)?;
    let image = |name: &str| -> Result<Array2<f64>> {
        let failed = refused(results.group.filename(), name);
        Ok(Image::of(&Main::open(&results.group.dataset(name).map_err(failed)?)?)?.pixels)
    };
    let (clean, noise) = (image("Cleaned_Image")?, image("Removed_Noise")?);
    let label = format!("{} [{}]", results.source.quantity(), results.source.units());
    let map = |title: &str, pixels: Array2<f64>| {
        let axes = (range(&raw.x), range(&raw.y));
        let heat = HeatMap::new(&label, pixels, axes.0.clone(), axes.1.clone());
        Panel::new(
            title,
            along(&raw.x).limits(axes.0),
            // The first row is at the top, as other programs show pictures.
            along(&raw.y).limits(axes.1).downwards(),
        )
        .heat(heat.between_quantiles(0.002, 0.998))
    };
    let middle = raw.y.values.len() / 2;
    let line = |pixels: &Array2<f64>| {
        let row = pixels.column(middle).to_vec();
        raw.x.values.iter().copied().zip(row).collect::<Vec<_>>()
    };
    let at = raw.y.values.get(middle).copied().unwrap_or(0.0);
    let profile = Panel::new(
        &format!("Profile at {} = {at:.4} {}", raw.y.name, raw.y.units),
        along(&raw.x),
        Axis::linear(&label),
    )
    .series(Series::new("before", Mark::Line, line(&raw.pixels)).faint())
    .series(Series::new("after", Mark::Line, line(&clean)).colour(0));
    let before = map("Before", raw.pixels.clone());
    let panels = vec![before, map("After", clean), map("Removed", noise), profile];
    let mut pictures = vec![Picture {
        name: "clean",
        size: (1300, 1100),
        title: results.name(),
        columns: 2,
        panels,
    }];
    if results.has("S") {
        pictures.push(scree(results, &results.numbers("S")?));
    }
    Ok(pictures)
}

/// Singular values over the largest, and how much of the sum of squares the first so many hold.
fn scree(results: &Results, singular: &[f64]) -> Picture {
    let largest = singular.first().copied().unwrap_or(1.0);
    let total: f64 = singular.iter().map(|s| s * s).sum();
    let mut sum = 0.0;
    let held = singular.iter().enumerate().map(|(index, s)| {
        sum += s * s;
        ((index + 1) as f64, 100.0 * sum / total)
    });
    let levels = singular
        .iter()
        .enumerate()
        .map(|(index, s)| ((index + 1) as f64, (s / largest).log10()));
    let number = || Axis::linear("component, counted from 1");
    Picture {
        name: "scree",
        size: (1200, 480),
        title: format!("{}: singular values", results.name()),
        columns: 2,
        panels: vec![
            Panel::new("Scree", number(), Axis::linear("log10 of S / largest S"))
                .series(Series::new("S", Mark::Dot, levels)),
            Panel::new(
                "Variance held by the first components",
                number(),
                Axis::linear("percent of the sum of squares"),
            )
            .series(Series::new("held", Mark::Line, held)),
        ],
    }
}

fn along(dimension: &Dimension) -> Axis {
    let Dimension { name, units, .. } = dimension;
    match units.as_str() {
        "" => Axis::linear(name),
        units => Axis::linear(&format!("{name} [{units}]")),
    }
}

/// From edge to edge of the pixels.
fn range(dimension: &Dimension) -> std::ops::Range<f64> {
    let values = &dimension.values;
    let (first, last) = (values[0], values[values.len() - 1]);
    let half = match values.len() {
        1 => 0.5,
        count => (last - first) / (2.0 * (count - 1) as f64),
    };
    first - half..last + half
}
