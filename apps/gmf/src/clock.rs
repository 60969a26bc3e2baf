//! Exact arithmetic between sample indices and instants.
//!
//! A sample index counts samples since 1970-01-01T00:00:00 UTC, without leap seconds, at a rate of
//! `numerator / denominator` samples per second: sample `i` is taken at `i * denominator /
//! numerator` seconds. Today's indices exceed 2^53 for rates above some 5 MHz, so nothing here
//! passes through floating point: products are formed in 128 bits, and quotients are floored or
//! rounded up exactly.

mod calendar;
mod limit;

pub use calendar::{directory_stamp, format_utc, hour_directory, parse_directory_stamp, parse_utc};
pub use limit::TimeLimit;

use crate::{Error, Result};

/// Numerators and denominators (in lowest terms) must be below this, so that no product of a
/// 64-bit index with one of them and with 10^6 leaves 128 bits. In Hz: 8.8 THz.
const LARGEST: u64 = 1 << 43;

/// A sample rate in Hz, as an exact fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    numerator: u64,
    denominator: u64,
}

/// The unit in which an instant counts from 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 1 s.
    Seconds,
    /// 1 ms.
    Milliseconds,
    /// 1 us.
    Microseconds,
}

impl Unit {
    fn per_second(self) -> i128 {
        match self {
            Self::Seconds => 1,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1_000_000,
        }
    }
}

impl Rate {
    /// The rate `numerator / denominator` Hz.
    ///
    /// # Errors
    /// One of them is 0, or at least 2^43 in lowest terms.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self> {
        let wrong = || {
            Error::Request(format!(
                "sample rate {numerator}/{denominator} Hz: numerator and denominator must lie \
                 between 1 and 2^43"
            ))
        };
        if numerator == 0 || denominator == 0 {
            return Err(wrong());
        }
        let divisor = common_divisor(numerator, denominator);
        let rate = Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        };
        if rate.numerator >= LARGEST || rate.denominator >= LARGEST {
            return Err(wrong());
        }
        Ok(rate)
    }

    /// The rate `hertz` Hz.
    ///
    /// # Errors
    /// It is 0 or at least 2^43.
    pub fn hertz(hertz: u64) -> Result<Self> {
        Self::new(hertz, 1)
    }

    /// The numerator in lowest terms.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// The denominator in lowest terms.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// The nearest floating-point number, in Hz.
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The last sample at or before an instant: `floor(time * rate)`.
    pub fn index_at(self, time: i64, unit: Unit) -> i128 {
        let (dividend, divisor) = self.index_quotient(time, unit);
        dividend.div_euclid(divisor)
    }

    /// The first sample at or after an instant: `ceil(time * rate)`.
    pub fn index_from(self, time: i64, unit: Unit) -> i128 {
        let (dividend, divisor) = self.index_quotient(time, unit);
        -(-dividend).div_euclid(divisor)
    }

    /// The instant of a sample, rounded down to whole units.
    pub fn time_of(self, index: u64, unit: Unit) -> i128 {
        i128::from(index) * i128::from(self.denominator) * unit.per_second()
            / i128::from(self.numerator)
    }

    fn index_quotient(self, time: i64, unit: Unit) -> (i128, i128) {
        let dividend = i128::from(time) * i128::from(self.numerator);
        (dividend, i128::from(self.denominator) * unit.per_second())
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.denominator == 1 {
            write!(f, "{} Hz", self.numerator)
        } else {
            write!(f, "{}/{} Hz", self.numerator, self.denominator)
        }
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests;
