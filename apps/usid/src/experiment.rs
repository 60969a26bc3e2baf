//! Numbers that describe the experiment.

use crate::format::Main;
use crate::{Error, Result};

/// The attribute with the excitation's frequency.
pub(crate) const EXCITATION: &str = "excitation_frequency_[Hz]";

/// A number of the request, or else the attribute of this name of the source's channel or measurement.
///
/// # Errors
/// Neither is there; the message names the flag that gives it.
pub(crate) fn number(source: &Main, given: Option<f64>, name: &str, flag: &str) -> Result<f64> {
    match given {
        Some(number) => Ok(number),
        None => source.experiment_number(name)?.ok_or_else(|| {
            Error::Request(format!(
                "{}: neither its channel nor its measurement has the attribute {name}; give {flag}",
                source.path()
            ))
        }),
    }
}
