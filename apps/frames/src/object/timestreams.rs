//! Timestreams to compute with.

use std::borrow::Cow;

use super::filled_gaps::MASK;
use super::{Object, Result, SuperTimestream, Timestream, TimestreamMap};

impl Object {
    /// The timestreams of a map, or of an array with names. Samples that a timestream `_nanmask`
    /// says to be missing, as in an array with gaps, are NaN (whole numbers become `f64` then), and
    /// that timestream is not among them.
    ///
    /// # Errors
    /// It is something else, its bytes are damaged, or the gaps of an array are too long.
    pub fn timestreams(&self) -> Result<Cow<'_, TimestreamMap>> {
        let map: Cow<TimestreamMap> = match self.get::<SuperTimestream>() {
            Ok(array) => Cow::Owned(array.to_timestream_map()?),
            Err(_) => Cow::Borrowed(self.get()?),
        };
        Ok(match map.get(MASK) {
            Some(mask) => Cow::Owned(without_missing(&map, mask)),
            None => map,
        })
    }
}

fn without_missing(map: &TimestreamMap, mask: &Timestream) -> TimestreamMap {
    let is_missing = mask.samples.to_f64();
    let detectors = map.iter().filter(|(name, _)| ***name != *MASK.as_bytes());
    let seen = detectors.map(|(name, timestream)| {
        let mut timestream = timestream.clone();
        if timestream.len() == is_missing.len() {
            let mut samples = timestream.samples.to_f64().into_owned();
            for (sample, missing) in samples.iter_mut().zip(&*is_missing) {
                if *missing != 0.0 {
                    *sample = f64::NAN;
                }
            }
            timestream.samples = samples.into();
        }
        (name.clone(), timestream)
    });
    seen.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Samples, Time};

    #[test]
    fn missing_samples_are_nan() {
        let array = SuperTimestream {
            names: vec!["b".into(), "a".into()],
            times: [10, 20, 51, 60].map(Time).to_vec(),
            samples: (1..9).collect::<Vec<i32>>().into(),
            ..SuperTimestream::default()
        };
        // As an array, and as the map that others make of it.
        let map = array.to_timestream_map().unwrap();
        for object in [Object::from(array), Object::from(map)] {
            let all = object.timestreams().unwrap();
            assert!(all.names().map(ToString::to_string).eq(["b", "a"]));
            let Samples::F64(a) = &all.get("a").unwrap().samples else {
                panic!("{all:?}");
            };
            assert!(a[2].is_nan() && a[3].is_nan());
            assert_eq!((a.len(), a[1], a[4]), (6, 6.0, 7.0));
        }
        let number = Object::from(7i64);
        let told = number.timestreams().unwrap_err().to_string();
        assert!(
            told.contains("it is a G3Int and not a G3TimestreamMap"),
            "{told}"
        );
    }
}
