//! Which pulses of a recording are shown.

use std::ops::Range;
use std::sync::Arc;

use super::RtiRequest;
use crate::clock::{Rate, TimeLimit, Unit, format_utc};
use crate::drf::{Channel, Recording};
use crate::experiment::Experiment;
use crate::parameters::Timing;
use crate::pulses::{Known, Look, asked_for, find};
use crate::{Error, Result};

/// The channel of the transmission where it is one of its own, and can be used.
fn transmission(request: &RtiRequest, experiment: &Experiment) -> Result<Option<Channel>> {
    let name = &experiment.tx_channel;
    if *name == experiment.rx_channel {
        return Ok(None);
    }
    let recording = Recording::open(&request.recording)?;
    if !recording.channels().contains(name) {
        log::warn!(
            "{}: has no channel {name} of the transmission; pulses are looked for in {}",
            request.recording.display(),
            experiment.rx_channel
        );
        return Ok(None);
    }
    let opened = recording.channel_with(name, Arc::clone(&request.inputs));
    opened.map(Some).or_else(|error| {
        let path = request.recording.join(name);
        request.inputs.pass_over(&path, error).map(|()| None)
    })
}

/// A sample at which an inter-pulse period begins.
pub(super) fn origin(
    request: &RtiRequest,
    experiment: &Experiment,
    channel: &Channel,
    stretches: &[Range<u64>],
    first: u64,
) -> Result<u64> {
    let (rate, timing) = (channel.properties().rate, Timing::new(experiment)?);
    let start = request.limits.0.map(|limit| limit.sample(first, rate));
    let other = transmission(request, experiment)?;
    let known = Known {
        fixed: asked_for(request.pulse_origin, experiment, rate)?,
        start: start
            .and_then(|start| u64::try_from(start).ok())
            .filter(|&start| start >= first),
        first,
    };
    let seen = match &other {
        Some(other) => (other, 0),
        None => (channel, request.subchannel.unwrap_or(0)),
    };
    let look = Look::new(seen, stretches, &timing)?;
    let found = find(known, &look, &timing, rate);
    if let Some(warning) = found.warning {
        log::warn!("{warning}");
    }
    Ok(found.origin)
}

/// The samples of the whole inter-pulse periods within the limits.
pub(super) fn pulses_within(
    recorded: &Range<u64>,
    origin: u64,
    (start, end): (Option<TimeLimit>, Option<TimeLimit>),
    rate: Rate,
    ipp: u64,
) -> Result<Range<u64>> {
    let sample = |limit: Option<TimeLimit>, default: u64| match limit {
        None => default,
        // Limits beyond the recording show all there is.
        Some(limit) => {
            let (first, last) = (i128::from(recorded.start), i128::from(recorded.end));
            limit.sample(recorded.start, rate).clamp(first, last) as u64
        }
    };
    let (start, end) = (sample(start, recorded.start), sample(end, recorded.end));
    // Periods from the origin on, which may lie anywhere.
    let (origin, wide) = (i128::from(origin), i128::from(ipp));
    let up = (origin - i128::from(start)).rem_euclid(wide) as u64;
    let down = (i128::from(end) - origin).rem_euclid(wide) as u64;
    let (first, last) = (start.saturating_add(up), end.saturating_sub(down));
    if last <= first {
        let instant = |sample| {
            let microseconds = rate.time_of(sample, Unit::Microseconds);
            format_utc(i64::try_from(microseconds).unwrap_or(i64::MAX))
        };
        return Err(Error::Request(format!(
            "there is no whole pulse of {ipp} samples between those limits; the recording lasts \
             from {} to {}",
            instant(recorded.start)?,
            instant(recorded.end)?
        )));
    }
    Ok(first..last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_pulses_count_and_the_first_is_one() {
        let rate = Rate::hertz(1000).unwrap();
        let within = |start: Option<f64>, end: Option<f64>| {
            let limits = (start.map(TimeLimit::Relative), end.map(TimeLimit::Relative));
            pulses_within(&(5_000..5_095), 5_000, limits, rate, 10)
        };
        assert_eq!(within(None, None).unwrap(), 5_000..5_090);
        assert_eq!(within(Some(0.0), Some(0.02)).unwrap(), 5_000..5_020);
        assert_eq!(within(Some(0.001), Some(0.029)).unwrap(), 5_010..5_020);
        assert_eq!(within(Some(-7.0), Some(1e9)).unwrap(), 5_000..5_090);
        let message = within(Some(0.021), Some(0.039)).unwrap_err().to_string();
        assert!(
            message.contains("no whole pulse of 10 samples"),
            "{message}"
        );
        assert!(within(Some(0.05), Some(0.02)).is_err());
    }
}
