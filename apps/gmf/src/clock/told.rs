//! Rates on their way between ranks.

use jobwise_core::{Error as Broken, Result as Received, Wire};

use super::Rate;

impl Wire for Rate {
    fn put(&self, out: &mut Vec<u8>) {
        (self.numerator, self.denominator).put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        let (numerator, denominator) = Wire::take(input)?;
        Rate::new(numerator, denominator).map_err(|error| Broken::Malformed(error.to_string()))
    }
}
