//! Numbers that describe the experiment.

use hdf5::Group;
use jobwise_hdf5::attributes;

use crate::format::{Ancillary, Main, Value};
use crate::units::{Conversion, convert, quantity};
use crate::warning::warn;
use crate::{Error, Result};

/// The attribute with the excitation's frequency, without the units that follow in brackets.
pub(crate) const EXCITATION: &str = "excitation_frequency";

/// The attribute with the sampling rate, likewise.
pub(crate) const SAMPLING_RATE: &str = "IO_samp_rate";

/// A frequency in Hz: that of the request, or else an attribute of the source's channel or
/// measurement whose name is `stem` and perhaps units in brackets, as in `IO_samp_rate_[kHz]`.
///
/// # Errors
/// Neither is there (the message names the flag that gives it), or the attribute is no frequency.
pub(crate) fn frequency(source: &Main, given: Option<f64>, stem: &str, flag: &str) -> Result<f64> {
    if let Some(number) = given {
        return Ok(number);
    }
    for group in source.above()? {
        if let Some(number) = attribute(&group, stem)? {
            return Ok(number);
        }
    }
    let path = source.path();
    let axis = match axis_rate(source) {
        Some(rate) if stem == SAMPLING_RATE => {
            format!(" (by its time axis, it is about {rate:.6e})")
        }
        _ => String::new(),
    };
    Err(Error::Request(format!(
        "{path}: neither its channel nor its measurement has the attribute {stem}_[Hz]; give \
         {flag}{axis}"
    )))
}

/// A frequency among the attributes of a group.
fn attribute(group: &Group, stem: &str) -> Result<Option<f64>> {
    let usual = format!("{stem}_[Hz]");
    let mut found = Value::find(group, &usual)?.map(|value| (usual, value));
    if found.is_none() {
        // The others are not looked at: what is wrong with them is no matter here.
        let names = attributes::names(group)?.into_iter();
        let mut named = names.filter(|name| units_of(name, stem).is_some());
        if let Some(name) = named.next() {
            found = Value::find(group, &name)?.map(|value| (name, value));
        }
    }
    let Some((name, value)) = found else {
        return Ok(None);
    };
    let wrong = |problem: String| Error::Format {
        path: group.filename().into(),
        object: format!("{}@{name}", group.name()),
        problem,
    };
    let units = units_of(&name, stem).unwrap_or_default();
    let number = match &value {
        // Its own units go before those of its name.
        Value::Text(text) if text.parse::<f64>().is_err() => {
            return quantity(text, "Hz").map(Some).map_err(wrong);
        }
        Value::Text(text) => text.parse().ok(),
        Value::Floats(numbers) => <[f64; 1]>::try_from(numbers.as_slice()).ok().map(|[x]| x),
        Value::Integers(numbers) => <[i64; 1]>::try_from(numbers.as_slice())
            .ok()
            .map(|[x]| x as f64),
        other => other.number(),
    };
    let number = number.ok_or_else(|| wrong(format!("is {value}, not a number")))?;
    match convert(units, stem, "Hz").map_err(wrong)? {
        Conversion::Factor(factor) => Ok(Some(number * factor)),
        Conversion::Assumed(why) => {
            warn(group.name() + "@" + &name, &why);
            Ok(Some(number))
        }
    }
}

/// The units in the name of an attribute that begins with `stem`: none, or in brackets; `None` for
/// another attribute.
fn units_of<'a>(name: &'a str, stem: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(stem)?.trim_start_matches(['_', ' ']);
    if rest.is_empty() {
        return Some("");
    }
    let inner = |open, close| rest.strip_prefix(open)?.strip_suffix(close);
    inner('[', ']').or_else(|| inner('(', ')'))
}

/// Points per second along the only spectroscopic dimension, where that is time.
pub(crate) fn axis_rate(source: &Main) -> Option<f64> {
    let last = source.width().checked_sub(1).filter(|&last| last > 0)?;
    let mut labels = source.labels(Ancillary::SpectroscopicValues);
    let (name, units) = labels.next()?;
    let Ok(Conversion::Factor(factor)) = convert(units, name, "s") else {
        return None;
    };
    if labels.next().is_some() {
        return None;
    }
    let at = |column: usize| {
        let value = source.entries(Ancillary::SpectroscopicValues, column..column + 1);
        value.ok().map(|value| value[[0, 0]])
    };
    let rate = last as f64 / (factor * (at(last)? - at(0)?));
    rate.is_finite().then_some(rate)
}

/// The factor from the units of a file to those of a computation, for `what`; where the file does
/// not say, its numbers are taken as they are, with a warning.
///
/// # Errors
/// The units measure something else.
pub(crate) fn factor(
    source: &Main,
    what: &str,
    (label, units): (&str, &str),
    wanted: &str,
) -> Result<f64> {
    let converted = convert(units, label, wanted).map_err(|problem| Error::Format {
        path: source.dataset().filename().into(),
        object: source.path(),
        problem: format!("{what}: {problem}"),
    })?;
    Ok(match converted {
        Conversion::Factor(factor) => factor,
        Conversion::Assumed(why) => {
            warn(source.path(), &format!("{what}: {why}"));
            1.0
        }
    })
}
