use std::fmt;

use jobwise_core::{Cause, Wire};
use serde_json::Value;

use super::{Found, Observation};
use crate::archive::Text;
use crate::frame::{Frame, FrameType};
use crate::object::{Samples, SuperTimestream, Time, TimestreamMap};

/// What is found in each data frame by the command `accumulate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The sum of each timestream of a map of that name.
    Sum(String),
    /// One.
    Count,
}

impl std::str::FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<What, String> {
        match text.split_once(':') {
            Some(("sum", name)) if !name.is_empty() => Ok(What::Sum(name.into())),
            None if text == "count" => Ok(What::Count),
            _ => Err("is neither count nor sum:NAME".into()),
        }
    }
}

/// What data frames are sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum SortValue {
    /// An integer, or a time in units of 10 ns.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl SortValue {
    /// The object of that name of a frame.
    ///
    /// # Errors
    /// When there is none, or it is none of these.
    pub fn of(frame: &Frame, name: &str) -> Result<SortValue, Cause> {
        if let Ok(number) = frame.get_as::<i64>(name) {
            return Ok(SortValue::Integer(*number));
        }
        if let Ok(time) = frame.get_as::<Time>(name) {
            return Ok(SortValue::Integer(time.0));
        }
        if let Ok(number) = frame.get_as::<f64>(name) {
            return Ok(SortValue::Number(*number));
        }
        Ok(SortValue::Text(frame.get_as::<Text>(name)?.to_string()))
    }

    /// Numbers before texts.
    pub fn compare(&self, other: &SortValue) -> std::cmp::Ordering {
        use SortValue::{Integer, Number, Text};
        match (self, other) {
            (Integer(one), Integer(other)) => one.cmp(other),
            (Number(one), Number(other)) => one.total_cmp(other),
            (Integer(one), Number(other)) => (*one as f64).total_cmp(other),
            (Number(one), Integer(other)) => one.total_cmp(&(*other as f64)),
            (Text(one), Text(other)) => one.cmp(other),
            (Text(_), _) => std::cmp::Ordering::Greater,
            (_, Text(_)) => std::cmp::Ordering::Less,
        }
    }

    /// As JSON; a number that is none is null.
    pub fn to_json(&self) -> Value {
        match self {
            SortValue::Integer(number) => (*number).into(),
            SortValue::Number(number) => (*number).into(),
            SortValue::Text(text) => text.as_str().into(),
        }
    }
}

impl fmt::Display for SortValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SortValue::Integer(number) => number.fmt(f),
            SortValue::Number(number) => number.fmt(f),
            SortValue::Text(text) => text.fmt(f),
        }
    }
}

/// What was found, as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

impl Wire for Json {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.to_string().put(out);
    }

    fn take(input: &mut &[u8]) -> jobwise_core::Result<Self> {
        let value = serde_json::from_str(&String::take(input)?);
        let value = value.map_err(|error| jobwise_core::Error::Malformed(error.to_string()))?;
        Ok(Json(value))
    }
}

/// What is known of a data frame: what it is sorted by, and when its timestreams start.
pub type Metadata = (SortValue, Option<i64>);

/// Finds in each frame of one of the types `data` what is asked for, as JSON.
pub fn find(
    what: What,
    sort: String,
    is_data: impl Fn(FrameType) -> bool + Send,
) -> impl FnMut(&Frame) -> Result<Option<Found<Metadata, Json>>, Cause> + Send {
    let mut observation = Observation::new();
    move |frame| {
        observation.see(frame);
        if !is_data(frame.kind()) {
            return Ok(None);
        }
        let (start, data) = match &what {
            What::Count => (first_start(frame), Value::from(1)),
            What::Sum(name) => {
                let map = frame.timestreams(name)?;
                let start = map.iter().next().map(|(_, timestream)| timestream.start.0);
                let sum = |(name, timestream): (&Text, &crate::object::Timestream)| {
                    Ok((name.to_string(), sum(&timestream.samples)?))
                };
                let sums: serde_json::Map<_, _> =
                    map.iter().map(sum).collect::<Result<_, Cause>>()?;
                (start, Value::Object(sums))
            }
        };
        Ok(Some(Found {
            group: observation.name(frame)?,
            metadata: (SortValue::of(frame, &sort)?, start),
            data: Json(data),
        }))
    }
}

/// When the first map of timestreams of a frame starts.
fn first_start(frame: &Frame) -> Option<i64> {
    frame.iter().find_map(|(_, object)| {
        if let Ok(array) = object.get::<SuperTimestream>() {
            return array.times.first().map(|time| time.0);
        }
        let map = object.get::<TimestreamMap>().ok()?;
        map.iter().next().map(|(_, timestream)| timestream.start.0)
    })
}

/// Integers are summed exactly, all others in their order; a sum that is no number is null.
fn sum(samples: &Samples) -> Result<Value, Cause> {
    let exact = |sum: i128| {
        let sum = i64::try_from(sum).map_err(|_| format!("the sum {sum} has more than 64 bits"))?;
        Ok(Value::from(sum))
    };
    match samples {
        Samples::I32(samples) => exact(samples.iter().map(|sample| i128::from(*sample)).sum()),
        Samples::I64(samples) => exact(samples.iter().map(|sample| i128::from(*sample)).sum()),
        Samples::F32(samples) => Ok(samples
            .iter()
            .map(|sample| f64::from(*sample))
            .sum::<f64>()
            .into()),
        Samples::F64(samples) => Ok(samples.iter().sum::<f64>().into()),
    }
}

impl Wire for SortValue {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            SortValue::Integer(number) => (0u8, *number).put(out),
            SortValue::Number(number) => (1u8, *number).put(out),
            SortValue::Text(text) => (2u8, text.clone()).put(out),
        }
    }

    fn take(input: &mut &[u8]) -> jobwise_core::Result<Self> {
        Ok(match u8::take(input)? {
            0 => SortValue::Integer(i64::take(input)?),
            1 => SortValue::Number(f64::take(input)?),
            2 => SortValue::Text(String::take(input)?),
            other => {
                let problem = format!("{other} is no kind of value to sort by");
                return Err(jobwise_core::Error::Malformed(problem));
            }
        })
    }
}
