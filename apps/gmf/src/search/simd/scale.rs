//! Magnitudes of about one: squares then neither overflow nor vanish, whatever the units of the
//! samples.

use pulp::{Simd, WithSimd};

use super::complex::{lanes_mut, numbers};
use super::level::WIDEST;

/// Multiplies every lane by a power of two, which loses nothing, so that its largest part lies in
/// `1..2`; the result tells the exponents. The first `used` lanes are scaled, the others set to
/// zero.
pub(super) struct Scale<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) used: usize,
}

impl WithSimd for Scale<'_> {
    type Output = [i32; WIDEST];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let values = lanes_mut(simd, self.values);
        let mut largest = simd.splat_f32s(0.0);
        for z in values.iter() {
            // What is not a number stays out of the maximum: the second operand wins then.
            largest = simd.max_f32s(simd.abs_f32s(z[0]), largest);
            largest = simd.max_f32s(simd.abs_f32s(z[1]), largest);
        }
        let mut exponents = [0; WIDEST];
        let mut factors = [0.0; WIDEST];
        let lanes = numbers::<S>(&largest).iter().take(self.used).enumerate();
        for (lane, &largest) in lanes {
            exponents[lane] = exponent(largest);
            factors[lane] = f32::from_bits(((127 - exponents[lane]) as u32) << 23);
        }
        let factors = S::as_simd_f32s(&factors).0[0];
        for z in values {
            *z = [simd.mul_f32s(z[0], factors), simd.mul_f32s(z[1], factors)];
        }
        exponents
    }
}

/// The power of two at or below a number, as far as its inverse is a normal number too.
fn exponent(number: f32) -> i32 {
    if number.is_finite() && number > 0.0 {
        (((number.to_bits() >> 23) & 0xff) as i32 - 127).clamp(-126, 126)
    } else {
        0
    }
}
