//! What the files of `HyperSpy` say about their pictures: groups `axis-0`, `axis-1` .. beside the
//! dataset.

use hdf5::Group;

use super::axes::Axis;
use super::{Picture, Scale};
use crate::Result;
use crate::format::Value;

/// Texts that stand for nothing.
const NOTHING: [&str; 5] = ["", "_None_", "None", "<undefined>", "t.Undefined"];

/// An axis of the dataset of an experiment.
pub(super) fn axis(experiment: &Group, number: usize) -> Result<Axis> {
    let Ok(axis) = experiment.group(&format!("axis-{number}")) else {
        return Ok(Axis::default());
    };
    let navigate = Value::find(&axis, "navigate")?.and_then(|value| value.number());
    Ok(Axis {
        name: text(&axis, "name")?,
        scale: scale(&axis)?,
        counts: navigate.is_some_and(|navigate| navigate != 0.0),
    })
}

/// Adds the quantity where the file says it.
pub(super) fn describe(experiment: &Group, picture: &mut Picture) -> Result<()> {
    if let Ok(signal) = experiment.group("metadata/Signal")
        && let Some(quantity) = text(&signal, "quantity")?
    {
        // As in `Intensity (a.u.)`.
        picture.quantity = match quantity.strip_suffix(')').and_then(|q| q.rsplit_once('(')) {
            Some((name, units)) => [Some(name.trim().to_owned()), Some(units.trim().to_owned())],
            None => [Some(quantity), None],
        };
    }
    Ok(())
}

fn scale(axis: &Group) -> Result<Option<Scale>> {
    let number = |name: &str| -> Result<Option<f64>> {
        Ok(Value::find(axis, name)?.and_then(|value| value.number()))
    };
    let step = number("scale")?.filter(|step| step.is_finite() && *step != 0.0);
    let Some(step) = step else {
        return Ok(None);
    };
    Ok(Some(Scale {
        offset: number("offset")?.unwrap_or(0.0),
        step,
        units: text(axis, "units")?,
    }))
}

fn text(group: &Group, name: &str) -> Result<Option<String>> {
    Ok(match Value::find(group, name)? {
        Some(Value::Text(text)) if !NOTHING.contains(&text.as_str()) => Some(text),
        _ => None,
    })
}
