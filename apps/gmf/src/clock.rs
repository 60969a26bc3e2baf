//! Exact arithmetic between sample indices and instants.
//!
//! A sample index counts samples since 1970-01-01T00:00:00 UTC, without leap seconds, at a rate of
//! `numerator / denominator` samples per second: sample `i` is taken at `i * denominator /
//! numerator` seconds. Today's indices exceed 2^53 for rates above some 5 MHz, so nothing here
//! passes through floating point: products are formed in 128 bits, and quotients are floored or
//! rounded up exactly.

mod calendar;
mod limit;
mod told;

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

    /// A whole number of Hz that is known to be one.
    pub(crate) const fn whole(hertz: u32) -> Self {
        assert!(hertz > 0);
        Self {
            numerator: hertz as u64,
            denominator: 1,
        }
    }

    /// The rate `hertz` Hz.
    ///
    /// # Errors
    /// It is 0 or at least 2^43.
    pub fn hertz(hertz: u64) -> Result<Self> {
        Self::new(hertz, 1)
    }

    /// The fraction with the smallest denominator that is this number of Hz as well as a
    /// floating-point number says it; `None` where there is none within the limits.
    pub fn simplest(hertz: f64) -> Option<Self> {
        if !hertz.is_finite() || hertz <= 0.0 {
            return None;
        }
        // Continued fractions: each convergent is the best of its denominator.
        let (mut before, mut last) = ((0u64, 1u64), (1u64, 0u64));
        let mut rest = hertz;
        for _ in 0..64 {
            let whole = rest.floor();
            if whole >= LARGEST as f64 {
                return None;
            }
            let next =
                |last: u64, before: u64| (whole as u64).checked_mul(last)?.checked_add(before);
            let found = (next(last.0, before.0)?, next(last.1, before.1)?);
            (before, last) = (last, found);
            let rate = Self::new(found.0, found.1);
            if let Ok(rate) = rate
                && (rate.as_f64() - hertz).abs() <= 2.0 * f64::EPSILON * hertz
            {
                return Some(rate);
            }
            rest = 1.0 / (rest - whole);
        }
        None
    }

    /// Whether another rate is this one, as people write it: equal to seven digits.
    pub fn is_near(self, other: Rate) -> bool {
        (self.as_f64() - other.as_f64()).abs() <= 1e-7 * self.as_f64()
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
