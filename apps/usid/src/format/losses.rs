use std::fmt;
use std::ops::AddAssign;

use jobwise_core::{Result as WireResult, Wire};

/// How many numbers changed because the type that they went into does not hold them. The rounding
/// of a float to the nearest one of its width is no loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Whole numbers beyond 2^53 that became the nearest 64-bit float.
    pub coarse: usize,
    /// Fractions that became whole numbers.
    pub rounded: usize,
    /// Numbers beyond the limits of an integer type, which end there.
    pub clipped: usize,
    /// NaN that became 0 in an integer type.
    pub undefined: usize,
    /// Numbers that became infinite in a float type.
    pub infinite: usize,
    /// Numbers that a float type holds with fewer digits than others, or as 0, because they are so
    /// small.
    pub vanished: usize,
}

impl Losses {
    const COUNT: usize = 6;

    fn counts(self) -> [usize; Losses::COUNT] {
        [
            self.coarse,
            self.rounded,
            self.clipped,
            self.undefined,
            self.infinite,
            self.vanished,
        ]
    }

    /// Whether every number is what it was.
    pub fn is_none(self) -> bool {
        self.counts() == [0; Losses::COUNT]
    }
}

impl AddAssign for Losses {
    fn add_assign(&mut self, other: Losses) {
        self.coarse += other.coarse;
        self.rounded += other.rounded;
        self.clipped += other.clipped;
        self.undefined += other.undefined;
        self.infinite += other.infinite;
        self.vanished += other.vanished;
    }
}

impl Wire for Losses {
    fn put(&self, out: &mut Vec<u8>) {
        self.counts().iter().for_each(|count| count.put(out));
    }

    fn take(input: &mut &[u8]) -> WireResult<Losses> {
        Ok(Losses {
            coarse: Wire::take(input)?,
            rounded: Wire::take(input)?,
            clipped: Wire::take(input)?,
            undefined: Wire::take(input)?,
            infinite: Wire::take(input)?,
            vanished: Wire::take(input)?,
        })
    }
}

/// For people: `3 rounded to whole numbers, 5 ended at the limits of the type`.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            "whole numbers beyond 2^53 rounded to f64",
            "rounded to whole numbers",
            "ended at the limits of the type",
            "NaN stored as 0",
            "too large for the type and stored as infinite",
            "too small for the type and stored with fewer digits or as 0",
        ];
        let mut first = true;
        for (count, words) in self.counts().into_iter().zip(words) {
            if count > 0 {
                let comma = if first { "" } else { ", " };
                write!(f, "{comma}{count} {words}")?;
                first = false;
            }
        }
        Ok(())
    }
}
