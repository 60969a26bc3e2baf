//! The same values, compressed in another way.

use std::ops::AddAssign;

use crate::frame::Frame;
use crate::object::{
    Compression, Error, Object, Result, Samples, Timestream, TimestreamMap, Units, Value,
};

/// How timestreams are to be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recompress {
    /// As they are.
    AsBefore,
    /// Not at all.
    Plain,
    /// So, where FLAC holds all samples exactly; and not at all otherwise.
    Flac(Compression),
}

/// What became of timestreams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recompressed {
    /// As asked for.
    pub done: u64,
    /// Not compressed, since they would lose something: fractions, infinities, units, or bits.
    pub left: u64,
}

impl AddAssign for Recompressed {
    fn add_assign(&mut self, other: Recompressed) {
        self.done += other.done;
        self.left += other.left;
    }
}

/// A frame whose objects are all decoded and encoded in their newest version. Those of unknown
/// classes stay as they are. Timestreams and maps of them are compressed as `how` says.
///
/// # Errors
/// An object is damaged; its name comes first.
pub fn recompressed(
    frame: &Frame,
    how: Recompress,
) -> Result<(Frame, Recompressed), (String, Error)> {
    let mut new = Frame::new(frame.kind());
    if let Some(place) = frame.place() {
        new.set_place(place.clone());
    }
    let mut all = Recompressed::default();
    for (name, object) in frame.iter() {
        let (object, outcome) =
            again(object, how).map_err(|error| (name.to_str().into_owned(), error))?;
        all += outcome;
        new.put(name.clone(), object);
    }
    Ok((new, all))
}

fn again(object: &Object, how: Recompress) -> Result<(Object, Recompressed)> {
    let mut outcome = Recompressed::default();
    let value = match object.value() {
        Ok(value) => value,
        Err(Error::Unknown(_)) => return Ok((object.clone(), outcome)),
        Err(error) => return Err(error),
    };
    let mut convert = |timestream: &Timestream| {
        let mut new = timestream.clone();
        match how {
            Recompress::AsBefore => return new,
            Recompress::Flac(compression) if is_exact(timestream) => {
                new.compression = Some(compression);
                outcome.done += 1;
            }
            Recompress::Plain => {
                new.compression = None;
                outcome.done += 1;
            }
            Recompress::Flac(_) => {
                new.compression = None;
                outcome.left += 1;
            }
        }
        new
    };
    let value: Value = match value {
        Value::Timestream(timestream) => convert(timestream).into(),
        Value::TimestreamMap(map) => {
            let mut new = TimestreamMap::new();
            for (name, timestream) in map.iter() {
                new.insert(name.clone(), convert(timestream));
            }
            new.into()
        }
        other => other.clone(),
    };
    Ok((Object::new(value), outcome))
}

/// Whether FLAC holds all samples exactly: whole numbers of 32 bits, or NaN.
fn is_exact(timestream: &Timestream) -> bool {
    let is_whole = |sample: f64| {
        let is_within = sample >= f64::from(i32::MIN) && sample <= f64::from(i32::MAX);
        // Of zeros, FLAC has no negative one.
        sample.is_nan()
            || (is_within && sample.fract() == 0.0 && !(sample == 0.0 && sample.is_sign_negative()))
    };
    matches!(timestream.units, Units::NONE | Units::COUNTS)
        && match &timestream.samples {
            Samples::F64(samples) => samples.iter().all(|&sample| is_whole(sample)),
            Samples::F32(samples) => samples.iter().all(|&sample| is_whole(f64::from(sample))),
            Samples::I32(_) => true,
            Samples::I64(samples) => samples.iter().all(|&sample| i32::try_from(sample).is_ok()),
        }
}
