//! Limits in time, as a user gives them.

use super::{Rate, Unit, parse_utc};
use crate::{Error, Result};

/// A limit in time, as the user gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeLimit {
    /// Microseconds since 1970-01-01T00:00:00 UTC.
    Absolute(i64),
    /// Seconds after the first sample.
    Relative(f64),
}

impl TimeLimit {
    /// Reads an ISO 8601 instant, or seconds after the first sample where `relative`.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str, relative: bool) -> Result<TimeLimit> {
        if relative {
            let seconds = text.trim().parse().ok().filter(|s: &f64| s.is_finite());
            seconds.map(TimeLimit::Relative).ok_or_else(|| {
                Error::Request(format!(
                    "{text:?} is no number of seconds (--relative_time)"
                ))
            })
        } else {
            parse_utc(text).map(TimeLimit::Absolute)
        }
    }

    /// The sample at this limit, in exact arithmetic.
    pub(crate) fn sample(self, first: u64, rate: Rate) -> i128 {
        match self {
            TimeLimit::Absolute(microseconds) => rate.index_at(microseconds, Unit::Microseconds),
            TimeLimit::Relative(seconds) => {
                i128::from(first).saturating_add((seconds * rate.as_f64()).round() as i128)
            }
        }
    }
}
