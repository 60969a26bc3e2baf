//! The samples that the user wants.

use std::ops::{Range, RangeInclusive};

use super::instant;
use crate::clock::{Rate, TimeLimit};
use crate::{Error, Result};

/// Samples from `start` on and before `end` that the user wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Whether they begin where the recording does.
    pub(super) is_whole: bool,
}

impl Wanted {
    /// The samples of a recording within the limits. `extent` says in words what was recorded.
    ///
    /// # Errors
    /// When a limit lies outside the recording, or the end is not after the start.
    pub(super) fn within(
        recorded: &Range<u64>,
        extent: &str,
        (start, end): (Option<TimeLimit>, Option<TimeLimit>),
        rate: Rate,
    ) -> Result<Wanted> {
        let limit =
            |which, limit: Option<TimeLimit>, range: RangeInclusive<u64>, default| match limit {
                None => Ok(default),
                Some(limit) => {
                    let sample = limit.sample(recorded.start, rate);
                    u64::try_from(sample)
                    .ok()
                    .filter(|s| range.contains(s))
                    .ok_or_else(|| {
                        let at = instant(sample, rate);
                        Error::Request(format!(
                            "the {which} ({at}) lies outside the recording ({extent}); choose one \
                             inside"
                        ))
                    })
                }
            };
        let wanted = Wanted {
            start: limit(
                "start",
                start,
                recorded.start..=recorded.end.saturating_sub(1),
                recorded.start,
            )?,
            end: limit("end", end, recorded.start..=recorded.end, recorded.end)?,
            is_whole: start.is_none(),
        };
        if wanted.end <= wanted.start {
            return Err(Error::Request(format!(
                "the end ({}) is not after the start ({})",
                instant(wanted.end.into(), rate),
                instant(wanted.start.into(), rate)
            )));
        }
        Ok(wanted)
    }
}
