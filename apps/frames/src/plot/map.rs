use jobwise_figures::{Axis, ColourMap, Figure, HeatMap, Panel};

use super::cells::Cells;
use crate::map::{Layer, StoredMap};

/// The usual width of a panel, and of what is drawn in it, in pixels.
const PANEL: u32 = 620;
const INSIDE: f64 = 470.0;

/// What labels take of the height of a panel.
const LABELS: u32 = 70;

/// Draws a map: T, Q and U without their weights, where it has weights, and the hits, or else the
/// weight of T.
pub fn map(map: &StoredMap, size: Option<(u32, u32)>) -> Figure {
    let sum = &map.sum;
    let has = |layer| sum.layers().contains(&layer);
    let sky: Vec<(u64, [f64; 3])> = if map.is_weighted && has(Layer::TT) {
        sum.unweighted().collect()
    } else {
        let layers = [Layer::T, Layer::Q, Layer::U];
        let values = |pixel| layers.map(|layer| sum.value(layer, pixel));
        sum.seen().map(|pixel| (pixel, values(pixel))).collect()
    };
    let seen: Vec<u64> = sky.iter().map(|(pixel, _)| *pixel).collect();
    let cells = Cells::new(sum.geometry(), &seen);
    let panel = |title: &str, heat: HeatMap| {
        let (x, y) = (Axis::linear(&cells.x_label), Axis::linear(&cells.y_label));
        Panel::new(title, x, y).heat(heat)
    };
    let heat = |label: &str, values: &[(u64, f64)]| {
        let filled = cells.fill(values);
        HeatMap::new(label, filled, cells.x.clone(), cells.y.clone())
    };
    let units = sum.units().unwrap_or_default();
    let mut panels = Vec::new();
    for (i, layer) in [Layer::T, Layer::Q, Layer::U].into_iter().enumerate() {
        if has(layer) {
            let values: Vec<(u64, f64)> = sky.iter().map(|(p, sky)| (*p, sky[i])).collect();
            let is_weighted = map.is_weighted && !has(Layer::TT);
            let label = if is_weighted {
                format!("{layer} times weight [{units}]")
            } else {
                format!("{layer} [{units}]")
            };
            let heat = heat(&label, &values).between_quantiles(0.01, 0.99);
            let is_known = values.iter().any(|(_, value)| value.is_finite());
            let title = if is_known {
                layer.to_string()
            } else {
                format!("{layer}: the weights say too little in every pixel")
            };
            panels.push(panel(&title, heat));
        }
    }
    let (layer, title, label) = if has(Layer::H) {
        (Layer::H, "hits", "samples per pixel")
    } else {
        (Layer::TT, "weight of T", "weight")
    };
    if has(layer) {
        let values: Vec<(u64, f64)> = sum.values(layer).collect();
        let largest = values.iter().map(|value| value.1).fold(0.0, f64::max);
        let heat = heat(label, &values)
            .limits(0.0..largest.max(f64::MIN_POSITIVE))
            .colours(ColourMap::Cividis);
        panels.push(panel(title, heat));
    }
    let columns = panels.len().clamp(1, 2);
    let rows = panels.len().div_ceil(columns).max(1) as u32;
    let height = (INSIDE * cells.aspect()).clamp(160.0, 800.0) as u32 + LABELS;
    let usual = (PANEL * columns as u32, height * rows);
    let title = format!("{}: {}", map.id, sum.geometry());
    Figure::new(&title, size.unwrap_or(usual)).panels(columns, panels)
}
