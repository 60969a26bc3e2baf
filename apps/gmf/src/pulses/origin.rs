//! The sample that pulses are counted from.

use super::Look;
use crate::clock::{Rate, Unit, format_utc, parse_utc};
use crate::experiment::Experiment;
use crate::parameters::Timing;
use crate::{Error, Result};

/// The key of metadata.ini that gives the origin.
const KEY: &str = "pulse_origin";

/// The beginning of an inter-pulse period, as the user gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PulseOrigin {
    /// Microseconds since 1970-01-01T00:00:00 UTC.
    Instant(i64),
    /// A sample, counted since then.
    Sample(u64),
}

impl PulseOrigin {
    /// Reads an ISO 8601 instant or a sample's number.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str) -> Result<PulseOrigin> {
        let text = text.trim();
        if let Ok(sample) = text.parse() {
            return Ok(PulseOrigin::Sample(sample));
        }
        parse_utc(text).map(PulseOrigin::Instant).map_err(|_| {
            Error::Request(format!(
                "{text:?} is neither an instant (2021-04-12T13:00:00.5, UTC) nor the number of a \
                 sample since 1970"
            ))
        })
    }

    fn sample(self, rate: Rate) -> Result<u64> {
        match self {
            PulseOrigin::Sample(sample) => {
                let time = i64::try_from(rate.time_of(sample, Unit::Microseconds));
                let is_dated = time.is_ok_and(|time| format_utc(time).is_ok());
                // Periods are counted from there on too.
                if is_dated && sample <= u64::MAX / 2 {
                    return Ok(sample);
                }
                Err(Error::Request(format!(
                    "the pulse origin {sample} lies beyond the calendar: it is the number of a \
                     sample since 1970, at {rate}"
                )))
            }
            PulseOrigin::Instant(microseconds) => {
                let sample = rate.index_at(microseconds, Unit::Microseconds);
                u64::try_from(sample)
                    .map_err(|_| Error::Request("the pulse origin lies before 1970".to_owned()))
            }
        }
    }
}

/// The origin that the user gave: with the request, or as the key `pulse_origin` of metadata.ini.
///
/// # Errors
/// When the origin lies outside of what can be counted, or the key's value is none.
pub(crate) fn asked_for(
    given: Option<PulseOrigin>,
    experiment: &Experiment,
    rate: Rate,
) -> Result<Option<u64>> {
    if let Some(given) = given {
        return given.sample(rate).map(Some);
    }
    let Some((_, text)) = experiment.extra.iter().find(|(key, _)| key == KEY) else {
        return Ok(None);
    };
    let origin = PulseOrigin::parse(text).and_then(|origin| origin.sample(rate));
    origin
        .map(Some)
        .map_err(|error| experiment.wrong(KEY, error.to_string()))
}

/// What is known of where periods begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Given by the user, or by the results of an earlier run.
    pub(crate) fixed: Option<u64>,
    /// The start that the user asked for.
    pub(crate) start: Option<u64>,
    /// The first recorded sample.
    pub(crate) first: u64,
}

/// Where periods begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// A sample at which one begins.
    pub(crate) origin: u64,
    /// What is worth saying about it.
    pub(crate) warning: Option<String>,
}

/// Decides where periods begin: where it is fixed; at the start asked for, if the transmission
/// confirms it or shows nothing; at the first recorded sample, if the transmission confirms that;
/// where the transmission's pulses are; else at the first sample.
pub(crate) fn find(known: Known, look: &Look, timing: &Timing, rate: Rate) -> Found {
    let Known {
        fixed,
        start,
        first,
    } = known;
    let chosen = fixed
        .or_else(|| start.filter(|&start| look.holds_all(start) || !look.is_clear()))
        .or_else(|| Some(first).filter(|&first| look.holds(first)));
    let length = |samples: u64| {
        format!(
            "{samples} samples ({:.3} us)",
            samples as f64 / rate.as_f64() * 1e6
        )
    };
    let window = format!(
        "samples {} to {} of a period",
        timing.tx_start, timing.tx_end
    );
    let (origin, warning) = match (chosen, look.late_by(chosen.unwrap_or(first))) {
        (Some(origin), _) if look.holds(origin) => (origin, None),
        (Some(origin), Some(late)) => (
            origin,
            Some(format!(
                "with periods counted from sample {origin} the transmission window ({window}) \
                 holds no more power than its \
                 surroundings; the strongest pulse comes {} later: --pulse-origin {} counts from \
                 there",
                length(late),
                origin.saturating_add(late)
            )),
        ),
        (None, Some(late)) => (
            first + late,
            Some(format!(
                "the recording does not begin with a period: pulses were found {} later, and \
                 periods are counted from \
                 sample {}; --pulse-origin chooses another",
                length(late),
                first + late
            )),
        ),
        (chosen, None) => {
            let origin = chosen.unwrap_or(first);
            (
                origin,
                Some(format!(
                    "the transmission window ({window}, counted from sample {origin}) holds no \
                     more power than its \
                     surroundings, and no pulse stands out anywhere: nothing may be found; check \
                     tx_start, tx_end, ipp and \
                     the channel"
                )),
            )
        }
    };
    Found { origin, warning }
}

#[cfg(test)]
mod tests;
