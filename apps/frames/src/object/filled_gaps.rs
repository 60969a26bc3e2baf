//! Super-timestreams as maps of timestreams, whose samples have equal distances.

use super::{Samples, SuperTimestream, Time, Timestream, TimestreamMap, Units};

/// The name of the timestream that tells where samples were missing.
pub(super) const MASK: &str = "_nanmask";

/// The most samples that a channel may have with its gaps filled: 8 GiB of them. A time that is
/// damaged can be very far from the others.
const MOST: f64 = (1u64 << 30) as f64;

/// The gaps between times would take too many samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("with its gaps filled the array would have {samples} samples for each channel")]
pub struct TooLong {
    /// Samples of a channel.
    pub samples: u128,
}

impl SuperTimestream {
    /// The channels as timestreams without units, in the order of the names.
    ///
    /// Times are taken to be as far from each other as most of them are (the median). Where two are
    /// farther apart, samples are put between them: NaN, or 0 for whole numbers. A further
    /// timestream `_nanmask` of whole numbers then tells where: 1 for each sample that was missing.
    ///
    /// # Errors
    /// The gaps are so long that a channel would have more than 2^30 samples.
    pub fn to_timestream_map(&self) -> Result<TimestreamMap, TooLong> {
        let missing = self.missing()?;
        let start = self.times.first().copied().unwrap_or_default();
        let stop = self.times.last().copied().unwrap_or_default();
        let timestream = |samples| Timestream::new(samples, Units::NONE, start, stop);
        let mut map = TimestreamMap::new();
        let length = self.times.len();
        for (channel, name) in self.names.iter().enumerate() {
            let range = channel * length..(channel + 1) * length;
            let samples: Samples = match &self.samples {
                Samples::F64(all) => filled(&all[range], &missing, f64::NAN).into(),
                Samples::F32(all) => filled(&all[range], &missing, f32::NAN).into(),
                Samples::I32(all) => filled(&all[range], &missing, 0).into(),
                Samples::I64(all) => filled(&all[range], &missing, 0).into(),
            };
            map.insert(name.clone(), timestream(samples));
        }
        if missing.iter().any(|&count| count > 0) {
            let mask = filled(&vec![0i32; length], &missing, 1);
            let mask = match self.samples {
                Samples::I64(_) => mask.into_iter().map(i64::from).collect::<Vec<i64>>().into(),
                _ => Samples::I32(mask),
            };
            map.insert(MASK, timestream(mask));
        }
        Ok(map)
    }

    /// How many samples are missing behind each but the last.
    fn missing(&self) -> Result<Vec<usize>, TooLong> {
        let distance = |pair: &[Time]| pair[1].0.saturating_sub(pair[0].0);
        let distances: Vec<i64> = self.times.windows(2).map(distance).collect();
        let mut sorted = distances.clone();
        let middle = sorted.len() / 2;
        let usual = match sorted.get(middle) {
            Some(_) => *sorted.select_nth_unstable(middle).1,
            None => return Ok(Vec::new()),
        };
        // Times that stand still, or go back, have no gaps.
        if usual <= 0 {
            return Ok(vec![0; distances.len()]);
        }
        let counts = distances
            .iter()
            .map(|&distance| (distance as f64 / usual as f64 - 1.0).round().max(0.0));
        let samples = self.times.len() as f64 + counts.clone().sum::<f64>();
        if samples > MOST {
            return Err(TooLong {
                samples: samples as u128,
            });
        }
        Ok(counts.map(|count| count as usize).collect())
    }
}

/// The samples, and behind each as many of `blank` as are missing there.
fn filled<T: Copy>(samples: &[T], missing: &[usize], blank: T) -> Vec<T> {
    let mut all = Vec::with_capacity(samples.len() + missing.iter().sum::<usize>());
    let counts = missing.iter().copied().chain(std::iter::repeat(0));
    for (&sample, count) in samples.iter().zip(counts) {
        all.push(sample);
        all.resize(all.len() + count, blank);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(times: &[i64], samples: impl Into<Samples>) -> SuperTimestream {
        SuperTimestream {
            names: vec!["b".into(), "a".into()],
            times: times.iter().map(|&time| Time(time)).collect(),
            samples: samples.into(),
            ..SuperTimestream::default()
        }
    }

    #[test]
    fn gaps_are_filled_and_told() {
        let times = [10, 20, 51, 60];
        let map = array(&times, (1..9).collect::<Vec<i32>>());
        let map = map.to_timestream_map().unwrap();
        let names: Vec<_> = map.names().map(|name| name.to_str().into_owned()).collect();
        assert_eq!(names, ["b", "a", "_nanmask"]);
        let a = map.get("a").unwrap();
        assert_eq!((a.start, a.stop), (Time(10), Time(60)));
        assert_eq!(a.samples, vec![5, 6, 0, 0, 7, 8].into());
        assert_eq!(
            map.get("_nanmask").unwrap().samples,
            vec![0, 0, 1, 1, 0, 0].into()
        );
        let map = array(&times, vec![1.0f32; 8]).to_timestream_map().unwrap();
        let Samples::F32(b) = &map.get("b").unwrap().samples else {
            panic!("{map:?}");
        };
        assert!(b[2].is_nan() && b[3].is_nan() && b.iter().sum::<f32>().is_nan());
        assert_eq!(map.len(), 3);
    }

    #[test]
    fn without_gaps_there_is_no_mask() {
        for times in [
            &[0, 10, 20][..],
            &[7],
            &[],
            &[5, 5, 5],
            &[30, 20, 10],
            &[0, 10, 5],
        ] {
            let map = array(times, vec![1i64; 2 * times.len()]);
            let map = map.to_timestream_map().unwrap();
            assert_eq!(map.len(), 2, "{times:?}");
            assert_eq!(map.get("a").unwrap().len(), times.len());
        }
    }

    #[test]
    fn a_time_far_away_takes_no_memory() {
        let far = array(&[0, 1, 2, i64::MAX], vec![0.0; 8]);
        assert!(far.to_timestream_map().is_err());
    }
}
