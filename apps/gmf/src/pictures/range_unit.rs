use std::str::FromStr;

use crate::units::LengthUnit;
use crate::{Error, Result};

/// The unit of ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeUnit {
    /// Samples from the start of the inter-pulse period.
    Sample,
    /// A length, from the start of transmission.
    Length(LengthUnit),
}

impl FromStr for RangeUnit {
    type Err = Error;

    /// Reads `sample` or the name of a [`LengthUnit`].
    fn from_str(text: &str) -> Result<RangeUnit> {
        if text.eq_ignore_ascii_case("sample") {
            return Ok(RangeUnit::Sample);
        }
        text.parse().map(RangeUnit::Length).map_err(|_: Error| {
            let names = LengthUnit::ALL.map(LengthUnit::name).join(", ");
            Error::Request(format!(
                "{text:?} is no unit of range: choose of sample, {names}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_range() {
        assert_eq!("Sample".parse::<RangeUnit>().unwrap(), RangeUnit::Sample);
        assert_eq!(
            "ld".parse::<RangeUnit>().unwrap(),
            RangeUnit::Length(LengthUnit::LunarDistance)
        );
        let message = "mile".parse::<RangeUnit>().unwrap_err().to_string();
        assert!(message.contains("sample, m, km"), "{message}");
    }
}
