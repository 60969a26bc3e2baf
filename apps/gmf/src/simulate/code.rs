//! The phase code of the transmission.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rows of chips, each +1 or -1; rows may differ in length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    rows: Vec<Vec<i8>>,
}

/// The stream of random numbers that belongs to the code; those below it belong to pulses.
const STREAM: u64 = u64::MAX;

impl Code {
    /// Independent random chips.
    pub fn random(seed: u64, rows: usize, chips: usize) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(STREAM);
        let mut row = || {
            (0..chips)
                .map(|_| if generator.next_u32() & 1 == 1 { 1 } else { -1 })
                .collect()
        };
        Self {
            rows: (0..rows).map(|_| row()).collect(),
        }
    }

    /// One row per line: `+` and `-`, or `0x` and hexadecimal digits, whose bits are chips (1 is
    /// +1), most significant first.
    ///
    /// # Errors
    /// The problem with the first line that is neither, or with an empty text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rows: Vec<_> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| {
                row(line).ok_or_else(|| format!("'{line}' is neither of + and - nor hexadecimal"))
            })
            .collect::<Result<_, _>>()?;
        if rows.is_empty() {
            return Err("a code needs at least one row".to_owned());
        }
        Ok(Self { rows })
    }

    /// The chips of a pulse: rows repeat.
    pub fn row(&self, pulse: u64) -> &[i8] {
        &self.rows[(pulse % self.rows.len() as u64) as usize]
    }

    /// Chips in the longest row.
    pub fn longest(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }
}

fn row(line: &str) -> Option<Vec<i8>> {
    let sign = |set: bool| if set { 1 } else { -1 };
    match line.strip_prefix("0x") {
        Some("") => None,
        Some(digits) => {
            let mut chips = Vec::with_capacity(4 * digits.len());
            for digit in digits.chars() {
                let bits = digit.to_digit(16)?;
                chips.extend((0..4).rev().map(|bit| sign(bits >> bit & 1 == 1)));
            }
            Some(chips)
        }
        None => line
            .chars()
            .map(|c| matches!(c, '+' | '-').then_some(sign(c == '+')))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_agree() {
        let code = Code::parse("\n0xa6\n +-+--++- \n").unwrap();
        assert_eq!(code.row(0), [1, -1, 1, -1, -1, 1, 1, -1]);
        assert_eq!(code.row(1), code.row(0));
        assert_eq!(code.row(2), code.row(0));
        for bad in ["", "0x", "0xg", "+1"] {
            assert!(Code::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn random_codes_are_balanced_and_repeatable() {
        let code = Code::random(3, 50, 40);
        assert_eq!(code, Code::random(3, 50, 40));
        assert_ne!(code, Code::random(4, 50, 40));
        let sum: i32 = (0..50)
            .flat_map(|p| code.row(p))
            .map(|&c| i32::from(c))
            .sum();
        // 2000 chips: five standard deviations.
        assert!(sum.abs() < 224, "{sum}");
        assert_ne!(code.row(0), code.row(1));
    }
}
