use std::ffi::CStr;
use std::fmt;
use std::sync::Arc;

use cudarc::driver::sys::CUresult;
use cudarc::driver::{DriverError, result};
use jobwise_core::{Cause, Indices};

/// Why a lane cannot be made, or a batch was not computed.
#[derive(Debug)]
pub enum Fault {
    /// The driver refused, or the device failed.
    Driver(DriverError),
    /// Anything else.
    Cause(Cause),
}

impl Fault {
    /// Whether the device has too little memory, so that fewer items may fit.
    pub(crate) fn is_memory(&self) -> bool {
        matches!(
            self,
            Fault::Driver(DriverError(CUresult::CUDA_ERROR_OUT_OF_MEMORY))
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Driver(error) => f.write_str(&said(*error)),
            Fault::Cause(cause) => cause.fmt(f),
        }
    }
}

impl From<DriverError> for Fault {
    fn from(error: DriverError) -> Fault {
        Fault::Driver(error)
    }
}

impl From<Cause> for Fault {
    fn from(cause: Cause) -> Fault {
        Fault::Cause(cause)
    }
}

impl From<String> for Fault {
    fn from(text: String) -> Fault {
        Fault::Cause(text.into())
    }
}

impl From<&str> for Fault {
    fn from(text: &str) -> Fault {
        Fault::Cause(text.into())
    }
}

impl From<Fault> for Cause {
    fn from(fault: Fault) -> Cause {
        match fault {
            Fault::Driver(error) => said(error).into(),
            Fault::Cause(cause) => cause,
        }
    }
}

/// What the driver says of an error, and its name.
pub(crate) fn said(error: DriverError) -> String {
    let DriverError(code) = error;
    let text = match result::DriverError::error_string(&error) {
        Ok(text) => CStr::to_string_lossy(text).into_owned(),
        Err(_) => "an error without a text".to_owned(),
    };
    format!("{text} ({code:?})")
}

/// A device that failed for good while it computed: nobody knows which item it was.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub(crate) Arc<str>);

/// `3, 5 to 9`.
pub(crate) fn listed(items: &Indices) -> String {
    let ranges = items.ranges().map(|range| match range.len() {
        1 => range.start.to_string(),
        _ => format!("{} to {}", range.start, range.end - 1),
    });
    ranges.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_named_by_their_ranges() {
        let mut items = Indices::from(3..4);
        items.push(5..10);
        assert_eq!(listed(&items), "3, 5 to 9");
    }
}
