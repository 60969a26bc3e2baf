use std::borrow::Cow;

use super::{Error, Export, Result};
use crate::archive::Text;
use crate::frame::Frame;
use crate::object::{Quat, Time, TimestreamMap, Units};
use crate::pointing::rotations;

/// What an observation needs of a scan.
#[derive(Debug)]
pub(super) struct Scan<'f> {
    timestreams: Cow<'f, TimestreamMap>,
    pub(super) boresight: &'f [Quat],
    pub(super) span: Span,
    pub(super) units: Units,
}

/// When a scan was, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: Time,
    /// The instant of the last sample.
    pub(super) stop: Time,
    pub(super) samples: usize,
    pub(super) is_turnaround: bool,
}

impl Span {
    /// Seconds from one sample to the next; `None` where there is one sample only.
    pub(super) fn step(&self) -> Option<f64> {
        let span = self.stop.0.checked_sub(self.start.0)? as f64 / Time::SECOND as f64;
        (self.samples > 1).then(|| span / (self.samples - 1) as f64)
    }

    /// The instant of each sample, in seconds since 1970.
    pub(super) fn times(&self) -> Vec<f64> {
        let (first, step) = (self.start.seconds(), self.step().unwrap_or_default());
        let mut times: Vec<f64> = (0..self.samples).map(|i| first + i as f64 * step).collect();
        if let Some(last) = times.last_mut() {
            *last = self.stop.seconds();
        }
        times
    }
}

impl<'f> Scan<'f> {
    /// A scan whose timestreams and boresight have one length, at equal times.
    pub(super) fn read(frame: &'f Frame, export: &Export) -> Result<Scan<'f>> {
        let timestreams = frame.timestreams(&export.timestreams)?;
        let boresight = rotations(frame, &export.pointing)?;
        let Some((first, shared)) = timestreams.iter().next() else {
            let problem = format!("{}: there are no timestreams", export.timestreams);
            return Err(Error::scan(frame, problem));
        };
        let key = (shared.start, shared.stop, shared.len(), shared.units);
        for (name, other) in timestreams.iter() {
            if (other.start, other.stop, other.len(), other.units) != key {
                let problem = format!("{name} has other samples, times or units than {first}");
                return Err(Error::scan(frame, problem));
            }
        }
        let (start, stop, samples, units) = key;
        if boresight.len() != samples {
            let (pointing, count) = (&export.pointing, boresight.len());
            let problem = format!("{count} samples of {pointing}, and {samples} of {first}");
            return Err(Error::scan(frame, problem));
        }
        if samples > 0 && (stop < start || (samples > 1 && stop == start)) {
            return Err(Error::scan(frame, format!("{first} ends before it begins")));
        }
        let is_turnaround = frame.find_as::<bool>("Turnaround")? == Some(&true);
        Ok(Scan {
            boresight,
            units,
            span: Span {
                start,
                stop,
                samples,
                is_turnaround,
            },
            timestreams,
        })
    }

    /// The detectors.
    pub(super) fn detectors(&self) -> impl Iterator<Item = &Text> {
        self.timestreams.names()
    }

    /// The samples of a detector, and 1 for each that is none; all of them for a detector that is
    /// not in this scan.
    pub(super) fn samples(&self, detector: &Text) -> (Vec<f64>, Vec<u8>) {
        let count = self.span.samples;
        let Some(timestream) = self.timestreams.get(detector) else {
            return (vec![f64::NAN; count], vec![1; count]);
        };
        let samples = timestream.samples.to_f64().into_owned();
        let flags = samples.iter().map(|it| u8::from(!it.is_finite()));
        let flags = flags.collect();
        (samples, flags)
    }
}
