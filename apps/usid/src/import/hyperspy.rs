//! What the files of `HyperSpy` say about their pictures: groups `axis-0`, `axis-1` .. beside the dataset.

use hdf5::{Dataset, Group};

use super::{Picture, Scale};
use crate::Result;
use crate::format::Value;

/// Texts that stand for nothing.
const NOTHING: [&str; 5] = ["", "_None_", "None", "<undefined>", "t.Undefined"];

/// Adds scale, units and quantity where the file says them.
pub(super) fn describe(dataset: &Dataset, picture: &mut Picture) -> Result<()> {
    let path = dataset.name();
    let Some((parent, _)) = path.rsplit_once('/') else {
        return Ok(());
    };
    let Ok(experiment) = dataset
        .file()
        .and_then(|file| file.group(&format!("{parent}/")))
    else {
        return Ok(());
    };
    // Of a stack, the last two axes are those of its pictures.
    let first = dataset.ndim() - 2;
    for (k, scale) in picture.scales.iter_mut().enumerate() {
        if let Ok(axis) = experiment.group(&format!("axis-{}", first + k)) {
            *scale = self::scale(&axis)?;
        }
    }
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
