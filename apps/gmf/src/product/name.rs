//! Where a file lies and when it starts, in exact integer arithmetic.

use std::path::{Path, PathBuf};

use super::Format;
use crate::clock::{Rate, Unit, hour_directory};
use crate::{Error, Result};

/// The file of a format that starts at a sample: below `root`, in the directory of its UTC hour,
/// named by the microseconds since 1970.
///
/// # Errors
/// When the instant lies beyond the calendar.
pub fn file_path(root: &Path, start: u64, rate: Rate, format: &dyn Format) -> Result<PathBuf> {
    let microseconds = i64::try_from(rate.time_of(start, Unit::Microseconds)).map_err(|_| {
        Error::Request(format!(
            "sample {start} at {rate} lies beyond the calendar; check the recording's sample \
             indices"
        ))
    })?;
    Ok(root
        .join(hour_directory(microseconds)?)
        .join(format!("gmf-{microseconds:08}.{}", format.ending())))
}

/// The directory of that file, below the root; where the calendar ends, one for all that follows.
pub fn hour(start: u64, rate: Rate) -> String {
    let microseconds = i64::try_from(rate.time_of(start, Unit::Microseconds));
    let hour = microseconds.map(hour_directory);
    hour.map_or_else(
        |_| BEYOND.to_owned(),
        |hour| hour.unwrap_or_else(|_| BEYOND.to_owned()),
    )
}

const BEYOND: &str = "beyond-the-calendar";

/// The name of that file alone; also where the calendar ends.
pub fn file_name(start: u64, rate: Rate, format: &dyn Format) -> String {
    let microseconds = rate.time_of(start, Unit::Microseconds);
    format!("gmf-{microseconds:08}.{}", format.ending())
}

/// The instant of a sample in seconds since 1970.
pub fn epoch_unix(start: u64, rate: Rate) -> f64 {
    let ticks = u128::from(start) * u128::from(rate.denominator());
    let numerator = u128::from(rate.numerator());
    (ticks / numerator) as f64 + (ticks % numerator) as f64 / numerator as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::Hdf5;

    #[test]
    fn names_are_exact_where_floats_are_not() {
        let path = |start, rate| file_path(Path::new("out"), start, rate, &Hdf5).unwrap();
        let mega = Rate::hertz(1_000_000).unwrap();
        assert_eq!(
            path(1_618_229_740_000_000, mega),
            Path::new("out/2021-04-12T12-00-00/gmf-1618229740000000.h5")
        );
        assert_eq!(
            path(7, mega),
            Path::new("out/1970-01-01T00-00-00/gmf-00000007.h5")
        );
        // The last sample of an hour at 25 MHz: index beyond 2^53, one tick before 13:00.
        let fast = Rate::hertz(25_000_000).unwrap();
        let end = 1_618_232_400 * 25_000_000;
        assert_eq!(
            path(end - 1, fast),
            Path::new("out/2021-04-12T12-00-00/gmf-1618232399999999.h5")
        );
        assert_eq!(
            path(end, fast),
            Path::new("out/2021-04-12T13-00-00/gmf-1618232400000000.h5")
        );
        assert!(file_path(Path::new("out"), u64::MAX, Rate::hertz(1).unwrap(), &Hdf5).is_err());
    }

    #[test]
    fn epochs() {
        let rate = Rate::new(1_000_000, 3).unwrap();
        assert!((epoch_unix(1_000_001, rate) - 3.000_003).abs() < 1e-15);
        let mega = Rate::hertz(1_000_000).unwrap();
        let exact = epoch_unix(1_618_229_740_080_000, mega);
        assert_eq!(exact.to_bits(), 1_618_229_740.08_f64.to_bits());
    }
}
