//! Which range gates an experiment has, and which of them lie in ranges of interest.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use jobwise_kit::Inputs;

use crate::drf::Recording;
use crate::experiment::Experiment;
use crate::parameters::Timing;
use crate::pulses::{Known, Look, asked_for, find};
use crate::units::{LengthUnit, metres_per_sample, range_of_gate};
use crate::{Error, Result};

/// Ranges of the total path, in a unit that is given with them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ranges {
    /// Where the search shall start.
    pub start: Option<f64>,
    /// Where it shall end.
    pub end: Option<f64>,
    /// Up to where echoes of the ground are received.
    pub clutter: Option<f64>,
}

/// What a recording says against the windows of its experiment: that its transmission lies
/// elsewhere, shows nowhere, or is not there. `None` when all is well, or `path` is a metadata.ini
/// alone. Files that cannot be used are passed over if `inputs` says so.
///
/// # Errors
/// When the recording cannot be read.
pub fn disagreement(path: &Path, inputs: &Arc<Inputs>) -> Result<Option<String>> {
    if path.is_file() {
        return Ok(None);
    }
    let experiment = Experiment::read(&path.join("metadata.ini"))?;
    let recording = match Recording::open(path) {
        // Nothing but an experiment.
        Err(Error::Format { .. }) if !path.join(&experiment.tx_channel).exists() => {
            return Ok(None);
        }
        recording => recording?,
    };
    let timing = Timing::new(&experiment)?;
    let channel = recording.channel_with(&experiment.tx_channel, Arc::clone(inputs))?;
    let Some(recorded) = channel.bounds()? else {
        return Ok(Some(format!(
            "{}: holds no samples, so its windows cannot be compared with its pulses",
            channel.directory().display()
        )));
    };
    let rate = channel.properties().rate;
    let stretches = channel.stretches(&recorded, timing.ipp as u64)?;
    let known = Known {
        fixed: asked_for(None, &experiment, rate)?,
        start: None,
        first: recorded.start,
    };
    let look = Look::new((&channel, 0), &stretches, &timing)?;
    Ok(find(known, &look, &timing, rate).warning)
}

/// Describes the gates of the experiment of a recording, and those at `ranges`. `path` is the
/// recording or its metadata.ini.
///
/// Sample `s` of an inter-pulse period is gate `s - (tx_start + 1)`: gate 0 is one sample after the
/// start of transmission. A range becomes the nearest gate, but for clutter the first gate whose
/// echo holds none of it: the range's sample is rounded up, and a pulse length added.
///
/// # Errors
/// There is no experiment, or a range lies outside of what is received.
pub fn range_gates(path: &Path, unit: LengthUnit, ranges: Ranges) -> Result<String> {
    let path = if path.is_dir() {
        path.join("metadata.ini")
    } else {
        path.to_path_buf()
    };
    let experiment = Experiment::read(&path)?;
    let gates = Gates {
        timing: Timing::new(&experiment)?,
        sample_rate: experiment.sample_rate.as_f64(),
        unit,
    };
    let timing = gates.timing;
    let pulse = timing.tx_end - timing.tx_start;
    let mut text = String::new();
    gates.put(&mut text, "first", timing.tx_start + 1);
    gates.put(&mut text, "end of transmission", timing.tx_end);
    gates.put(&mut text, "last whole echo", timing.rx_end - pulse);
    gates.put(&mut text, "end of reception", timing.rx_end);
    if let Some(range) = ranges.clutter {
        let sample = gates.samples(range).ceil() + (timing.tx_start + pulse) as f64;
        let sample = gates.received(range, "clutter", sample)?;
        gates.put(&mut text, "free of clutter", sample);
    }
    for (range, name) in [(ranges.start, "start"), (ranges.end, "end")] {
        if let Some(range) = range {
            let sample = (gates.samples(range) + timing.tx_start as f64).round();
            let sample = gates.received(range, name, sample)?;
            gates.put(&mut text, name, sample);
        }
    }
    if let (Some(start), Some(end)) = (ranges.start, ranges.end)
        && end < start
    {
        return Err(Error::Request(format!(
            "the end {end} {unit} lies before the start {start} {unit}"
        )));
    }
    Ok(text)
}

struct Gates {
    timing: Timing,
    sample_rate: f64,
    unit: LengthUnit,
}

impl Gates {
    /// How many samples light takes for a range.
    fn samples(&self, range: f64) -> f64 {
        range * self.unit.metres() / metres_per_sample(self.sample_rate)
    }

    /// The sample, if it is one at which an echo is received.
    fn received(&self, range: f64, name: &str, sample: f64) -> Result<i64> {
        let (first, last) = (self.timing.rx_start + 1, self.timing.rx_end);
        // False for what is no number, too.
        if sample >= first as f64 && sample <= last as f64 {
            return Ok(sample as i64);
        }
        Err(Error::Request(format!(
            "the range {range} {} ({name}) is sample {sample}; echoes are received at samples \
             {first} to {last}, \
             ranges {:.3} to {:.3} {}",
            self.unit,
            self.range(first),
            self.range(last),
            self.unit
        )))
    }

    fn gate(&self, sample: i64) -> i64 {
        sample - (self.timing.tx_start + 1)
    }

    fn range(&self, sample: i64) -> f64 {
        range_of_gate(self.gate(sample), self.sample_rate) / self.unit.metres()
    }

    // Writing to a String cannot fail.
    fn put(&self, text: &mut String, name: &str, sample: i64) {
        let _ = writeln!(
            text,
            "{name:<20} gate {:>7}  sample {sample:>7}  range {:>14.6} {}",
            self.gate(sample),
            self.range(sample),
            self.unit
        );
    }
}
