//! Units of length, and range gates as ranges.
//!
//! Ranges are those of the total path, transmitter to target to receiver, as everywhere in this
//! crate. Gate 0 is one sample after the start of transmission, so gate `g` lies at
//! `(g + 1) * c / sample_rate`.

use std::fmt;
use std::str::FromStr;

use crate::parameters::SPEED_OF_LIGHT;
use crate::{Error, Result};

/// A unit of length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LengthUnit {
    /// m.
    Metre,
    /// km.
    #[default]
    Kilometre,
    /// The equatorial radius of the Earth, 6378.1 km.
    EarthRadius,
    /// The mean distance of the Moon, 384 399 km.
    LunarDistance,
    /// The astronomical unit, 149 597 870 700 m (IAU 2012).
    AstronomicalUnit,
}

impl LengthUnit {
    /// Every unit, shortest first.
    pub const ALL: [LengthUnit; 5] = [
        LengthUnit::Metre,
        LengthUnit::Kilometre,
        LengthUnit::EarthRadius,
        LengthUnit::LunarDistance,
        LengthUnit::AstronomicalUnit,
    ];

    /// The name on the command line and on axes: `m`, `km`, `R_E`, `LD`, `AU`.
    pub fn name(self) -> &'static str {
        match self {
            LengthUnit::Metre => "m",
            LengthUnit::Kilometre => "km",
            LengthUnit::EarthRadius => "R_E",
            LengthUnit::LunarDistance => "LD",
            LengthUnit::AstronomicalUnit => "AU",
        }
    }

    /// Its length in metres.
    pub fn metres(self) -> f64 {
        match self {
            LengthUnit::Metre => 1.0,
            LengthUnit::Kilometre => 1e3,
            LengthUnit::EarthRadius => 6.3781e6,
            LengthUnit::LunarDistance => 3.843_99e8,
            LengthUnit::AstronomicalUnit => 149_597_870_700.0,
        }
    }
}

impl fmt::Display for LengthUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for LengthUnit {
    type Err = Error;

    /// Reads a [`name`](Self::name), in any case.
    fn from_str(text: &str) -> Result<LengthUnit> {
        let known = |unit: &LengthUnit| unit.name().eq_ignore_ascii_case(text);
        LengthUnit::ALL.into_iter().find(known).ok_or_else(|| {
            let names = LengthUnit::ALL.map(LengthUnit::name).join(", ");
            Error::Request(format!("{text:?} is no unit of length: choose of {names}"))
        })
    }
}

/// The length in m of the total path that corresponds to one sample at `sample_rate` Hz.
pub fn metres_per_sample(sample_rate: f64) -> f64 {
    SPEED_OF_LIGHT / sample_rate
}

/// The range gate nearest to `range` (m) at `sample_rate` Hz: -1 at the start of transmission.
/// Saturates at the limits of `i64`.
pub fn gate_of_range(range: f64, sample_rate: f64) -> i64 {
    (range * sample_rate / SPEED_OF_LIGHT - 1.0).round() as i64
}

/// The range in m of a range gate at `sample_rate` Hz.
pub fn range_of_gate(gate: i64, sample_rate: f64) -> f64 {
    (gate as f64 + 1.0) * SPEED_OF_LIGHT / sample_rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_in_any_case() {
        for unit in LengthUnit::ALL {
            assert_eq!(unit.name().parse::<LengthUnit>().unwrap(), unit);
            assert_eq!(unit.to_string(), unit.name());
            let lower = unit.name().to_lowercase();
            assert_eq!(lower.parse::<LengthUnit>().unwrap(), unit);
        }
        let error = "mile".parse::<LengthUnit>().unwrap_err().to_string();
        assert!(
            error.contains("mile") && error.contains("m, km, R_E, LD, AU"),
            "{error}"
        );
    }

    #[test]
    fn each_unit_is_longer_than_the_one_before() {
        let metres = LengthUnit::ALL.map(LengthUnit::metres);
        assert!(metres.is_sorted_by(|a, b| a < b), "{metres:?}");
        let moon = LengthUnit::LunarDistance.metres() / LengthUnit::EarthRadius.metres();
        assert!((moon - 60.27).abs() < 0.01, "{moon}");
    }

    #[test]
    fn gates_and_ranges() {
        // Light takes 1 ms for 299.792458 km: 1000 samples at 1 MHz.
        assert_eq!(gate_of_range(299_792.458, 1e6), 999);
        assert_eq!(gate_of_range(0.0, 1e6), -1);
        assert!((range_of_gate(999, 1e6) - 299_792.458).abs() < 1e-9);
        assert!((metres_per_sample(1e6) - 299.792_458).abs() < 1e-12);
        for gate in [-1, 0, 1, 6960, 19_999] {
            for rate in [250e3, 1e6, 12.5e6] {
                let range = range_of_gate(gate, rate);
                assert_eq!(gate_of_range(range, rate), gate);
                // Anything nearer than half a sample has the same gate.
                let off = 0.49 * metres_per_sample(rate);
                assert_eq!(gate_of_range(range + off, rate), gate);
                assert_eq!(gate_of_range(range - off, rate), gate);
            }
        }
    }
}
