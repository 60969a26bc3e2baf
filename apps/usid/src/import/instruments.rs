//! What files of instruments say of the axes of their pictures: `HyperSpy`, NCEM's EMD, Velox.

use hdf5::{Dataset, Group};
use jobwise_hdf5::lengths;
use ndarray::{Array1, s};

use super::axes::Axis;
use super::{Scale, hyperspy};
use crate::Result;
use crate::format::Value;

/// Most bytes of the description of a picture.
const LONGEST: usize = 1 << 20;

/// Most places of an axis that are looked at.
const PLACES: usize = 1 << 24;

/// Whether a dataset lies where such a file keeps its pictures.
pub(super) fn is_picture(dataset: &Dataset) -> bool {
    is_velox(dataset) || parent(dataset).is_some_and(|group| is_emd(&group))
}

/// What the file says of each axis of a dataset.
///
/// # Errors
/// What it says cannot be read.
pub(super) fn axes(dataset: &Dataset) -> Result<Vec<Axis>> {
    let all = 0..dataset.ndim();
    let Some(group) = parent(dataset) else {
        return Ok(vec![Axis::default(); all.len()]);
    };
    if is_velox(dataset) {
        return Ok(velox(&group, all.len()));
    }
    if is_emd(&group) {
        return all.map(|k| emd_axis(&group, k)).collect();
    }
    all.map(|k| hyperspy::axis(&group, k)).collect()
}

/// The group of a dataset.
pub(super) fn parent(dataset: &Dataset) -> Option<Group> {
    let path = dataset.name();
    let (parent, _) = path.rsplit_once('/')?;
    let file = dataset.file().ok()?;
    file.group(&format!("{parent}/")).ok()
}

fn is_velox(dataset: &Dataset) -> bool {
    let path = dataset.name();
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), ["", "Data", "Image", _, "Data"])
}

fn is_emd(group: &Group) -> bool {
    let kind = Value::find(group, "emd_group_type").ok().flatten();
    kind.and_then(|kind| kind.number()) == Some(1.0)
}

/// The places of an axis are a dataset of their own, `dim1` those of the first.
fn emd_axis(group: &Group, number: usize) -> Result<Axis> {
    let Ok(places) = group.dataset(&format!("dim{}", number + 1)) else {
        return Ok(Axis::default());
    };
    let text = |name: &str| -> Result<Option<String>> {
        Ok(match Value::find(&places, name)? {
            Some(Value::Text(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => None,
        })
    };
    // As in `[n_m]`.
    let units = text("units")?.map(|units| units.replace(['[', ']', '_'], ""));
    let mut scale = None;
    if places.ndim() == 1 && (2..=PLACES).contains(&places.size()) {
        let values: Array1<f64> = lengths::read_slice(&places, s![..])?;
        let (first, last) = (values[0], values[values.len() - 1]);
        let step = (last - first) / (values.len() - 1) as f64;
        scale = (step.is_finite() && step != 0.0).then_some(Scale {
            offset: first,
            step,
            units: units.filter(|units| !units.is_empty()),
        });
    }
    let name = text("name")?;
    // Pictures of a series are counted, not measured.
    let counts = name.as_deref().is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        ["t", "time", "frame", "frames", "n", "index", "z"].contains(&name.as_str())
    });
    Ok(Axis {
        name,
        scale,
        counts,
    })
}

/// Rows, columns, pictures; the description of the first picture is JSON, in bytes. One that
/// cannot be read is none.
fn velox(group: &Group, axes: usize) -> Vec<Axis> {
    let said = description(group).unwrap_or_default();
    let of = |side: &str, name: &str| {
        let number = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        };
        let binary = &said["BinaryResult"];
        let step: Option<f64> = number(&binary["PixelSize"][side]);
        let offset: Option<f64> = number(&binary["Offset"][name]);
        let units = binary[format!("PixelUnit{}", name.to_uppercase()).as_str()].as_str();
        let step = step.filter(|step| step.is_finite() && *step != 0.0);
        step.map(|step| Scale {
            offset: offset.filter(|offset| offset.is_finite()).unwrap_or(0.0),
            step,
            units: units.filter(|units| !units.is_empty()).map(str::to_owned),
        })
    };
    let mut found = vec![Axis::default(); axes];
    for (axis, (side, name)) in found.iter_mut().zip([("height", "y"), ("width", "x")]) {
        axis.name = Some(name.to_owned());
        axis.scale = of(side, name);
    }
    for axis in found.iter_mut().skip(2) {
        axis.counts = true;
    }
    found
}

fn description(group: &Group) -> Option<serde_json::Value> {
    let dataset = group.dataset("Metadata").ok()?;
    let shape = dataset.shape();
    let (&[length, pictures], true) = (shape.as_slice(), dataset.ndim() == 2) else {
        return None;
    };
    if length > LONGEST || pictures == 0 {
        return None;
    }
    let bytes: Array1<u8> = lengths::read_slice(&dataset, s![.., 0]).ok()?;
    let text = bytes.iter().copied().take_while(|&byte| byte != 0);
    serde_json::from_slice(&text.collect::<Vec<u8>>()).ok()
}
