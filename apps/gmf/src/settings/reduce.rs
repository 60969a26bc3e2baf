//! Over which axes the powers of all cells are maximised.

use std::str::FromStr;

use super::choices;

/// The axes of which only the maximum is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reduce {
    /// Over range gates.
    pub range: bool,
    /// Over accelerations.
    pub acceleration: bool,
    /// Over range rates.
    pub range_rate: bool,
}

impl Reduce {
    /// The list of the configuration, in a fixed order; empty for none.
    pub fn list(self) -> String {
        let axes = [
            (self.range, "range"),
            (self.range_rate, "range_rate"),
            (self.acceleration, "acceleration"),
        ];
        let named: Vec<&str> = axes
            .iter()
            .filter(|axis| axis.0)
            .map(|axis| axis.1)
            .collect();
        named.join(", ")
    }
}

impl FromStr for Reduce {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let mut reduce = Self::default();
        let list = list.trim().trim_start_matches('[').trim_end_matches(']');
        for axis in list.split(',').map(str::trim) {
            match axis {
                "range" => reduce.range = true,
                "range_rate" => reduce.range_rate = true,
                "acceleration" => reduce.acceleration = true,
                "" | "none" => {}
                _ => return Err(choices(axis, &["range", "range_rate", "acceleration"])),
            }
        }
        Ok(reduce)
    }
}
