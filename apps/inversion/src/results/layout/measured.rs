//! What was measured, and what the best earth predicts of it.

use super::super::cell::{Cell, Level};
use super::super::entry::{Constant, Element};
use super::super::line_results::LineResults;
use super::builder::Builder;
use super::histogram::{self, Axis};
use super::{frequency, time};
use crate::options::DataType;
use crate::survey::Sounding;

pub(super) fn add(b: &mut Builder, of: &LineResults<'_>) {
    let repr = of.task.options.data_type.to_string();
    b.group("data", &repr, None, None);
    let column = |of_sounding: fn(&Sounding) -> f64| -> Vec<f64> {
        of.soundings().iter().map(of_sounding).collect()
    };
    b.known("data/x", "Easting", Some("m"), column(|s| s.x));
    b.known("data/y", "Northing", Some("m"), column(|s| s.y));
    b.known(
        "data/elevation",
        "Elevation",
        Some("m"),
        column(|s| s.elevation),
    );
    b.known("data/fiducial", "fiducial", None, column(|s| s.fiducial));
    b.known("data/line_number", "Line number", None, column(|s| s.line));
    height(b, of);
    let (name, units) = of.data_name();
    let data = of.soundings().iter().flat_map(|s| s.data.iter().copied());
    b.known("data/data", name, Some(units), data.collect());
    b.group("data/std", "DataArray", Some("Data"), Some(units));
    let channels = [of.channels()];
    b.rows(
        "data/std/data",
        Element::Number,
        &channels,
        Cell::Deviations,
    );
    let is_of_time = of.task.options.data_type != DataType::Fdem;
    let predicted = if is_of_time {
        "Predicted secondary field"
    } else {
        "Predicted Data"
    };
    b.group(
        "data/predicted_data",
        "DataArray",
        Some(predicted),
        Some(units),
    );
    let path = "data/predicted_data/data";
    b.rows(path, Element::Number, &channels, Cell::Predicted);
    errors(b, of, units);
    if is_of_time {
        time::add(b, of);
    } else {
        frequency::add(b, of);
    }
}

/// The height: that of the best earth, where there is one.
fn height(b: &mut Builder, of: &LineResults<'_>) {
    let repr = match of.task.settings.height {
        Some(_) => "StatArray",
        None => "DataArray",
    };
    b.group("data/z", repr, Some("Height"), Some("m"));
    b.changing("data/z/data", of.heights(), Cell::Height);
    if let Some(walk) = of.task.settings.height {
        b.constant("data/z/n_posteriors", Constant::Whole(1));
        let axis = Axis::height(of, walk);
        histogram::add(b, "data/z/posterior", &[axis], Cell::HeightCounts);
    }
}

fn errors(b: &mut Builder, of: &LineResults<'_>, units: &str) {
    let kinds = [
        (
            "data/relative_error",
            [r"$\epsilon_{Relative}x10^{2}$", "%"],
            &of.task.settings.relative_error,
            Level::Relative,
        ),
        (
            "data/additive_error",
            [r"$\epsilon_{Additive}$", units],
            &of.task.settings.additive_error,
            Level::Additive,
        ),
    ];
    for (path, [name, units], levels, level) in kinds {
        b.group(path, "StatArray", Some(name), Some(units));
        let shape: &[usize] = match levels.len() {
            1 => &[],
            count => &[count],
        };
        let data = format!("{path}/data");
        b.rows(&data, Element::Number, shape, Cell::BestLevels(level));
        histogram::levels(b, path, [name, units], levels, level);
    }
}
