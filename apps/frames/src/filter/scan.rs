use super::Polynomial;
use crate::archive::Text;
use crate::frame::{Error, Frame};
use crate::object::{Timestream, TimestreamMap};

/// Filters the timestreams of scans.
#[derive(Clone, Debug)]
pub struct ScanFilter {
    /// The name of the timestreams.
    pub timestreams: Text,
    /// The name of the filtered ones; the same name replaces them.
    pub filtered: Text,
    /// What is taken from them.
    pub polynomial: Polynomial,
}

impl ScanFilter {
    /// Puts filtered timestreams, of 64 bits, into a scan. False for a scan that is to be left out
    /// (`Turnaround`). There is a warning where timestreams have too few samples: they are zero
    /// then.
    ///
    /// # Errors
    /// There are no timestreams of that name.
    pub fn filter(&mut self, scan: &mut Frame) -> Result<bool, Error> {
        if scan.find_as::<bool>("Turnaround")? == Some(&true) {
            return Ok(false);
        }
        let timestreams = scan.timestreams(&self.timestreams)?;
        let mut too_short = 0;
        let filtered = timestreams.iter().map(|(name, timestream)| {
            let mut samples = timestream.samples.to_f64().into_owned();
            too_short += u32::from(!self.polynomial.filter(&mut samples));
            let Timestream {
                units, start, stop, ..
            } = *timestream;
            (name, Timestream::new(samples, units, start, stop))
        });
        let filtered: TimestreamMap = filtered.collect();
        if too_short > 0 {
            let (at, name) = (scan.at(), &self.timestreams);
            log::warn!(
                "{at}{name}: {too_short} timestreams have too few samples for the polynomial: they \
                 are zero"
            );
        }
        scan.put(&self.filtered, filtered);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameType;
    use crate::object::{Time, Units};

    #[test]
    fn scans_get_filtered_timestreams() {
        let mut filter = ScanFilter {
            timestreams: "Raw".into(),
            filtered: "Filtered".into(),
            polynomial: Polynomial::new(1).unwrap(),
        };
        let mut scan = Frame::new(FrameType::SCAN);
        assert!(
            filter
                .filter(&mut scan)
                .unwrap_err()
                .to_string()
                .contains("Raw")
        );
        let line: Vec<i32> = (0..50).map(|i| 3 * i - 7).collect();
        let new = |samples: Vec<i32>| Timestream::new(samples, Units::COUNTS, Time(1), Time(50));
        let raw = [("b", new(line)), ("a", new(vec![5, 6]))];
        scan.put("Raw", raw.into_iter().collect::<TimestreamMap>());
        assert!(filter.filter(&mut scan).unwrap());
        let filtered: &TimestreamMap = scan.get_as("Filtered").unwrap();
        assert!(filtered.names().map(ToString::to_string).eq(["b", "a"]));
        for (_, timestream) in filtered.iter() {
            assert_eq!((timestream.start, timestream.stop), (Time(1), Time(50)));
            assert_eq!(timestream.units, Units::COUNTS);
            let samples = timestream.samples.to_f64();
            assert!(samples.iter().all(|sample| sample.abs() < 1e-12));
        }
        scan.put("Turnaround", true);
        assert!(!filter.filter(&mut scan).unwrap());
    }
}
