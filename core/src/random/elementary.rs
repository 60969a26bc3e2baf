//! Logarithm and cosine in `f32`, as sums and products in a fixed order: the same bits on any
//! processor, and in lanes.

use std::f32::consts::TAU;

/// Minimax coefficients of `(ln(1 + f) - f + f^2 / 2) / f^3` over `1 + f` from `sqrt(1/2)` to
/// `sqrt(2)`, lowest power first.
const LN: [f32; 8] = [
    0.333_333_16,
    -0.250_008_1,
    0.200_022_86,
    -0.166_245_54,
    0.141_811_97,
    -0.131_287_68,
    0.128_816_22,
    -0.078_595_46,
];

/// Minimax coefficients of `sin(2 pi h) / h` in `h^2`, for h up to a quarter.
const SINE: [f32; 5] = [TAU, -41.341_66, 81.601_16, -76.552_82, 39.556_946];

/// `-ln U` for the uniform number `U = (k + 1/2) / 2^31`, k the upper 31 bits.
#[inline(always)]
pub fn minus_ln_unit(bits: u32) -> f32 {
    /// 2^-31.
    const UNIT: f32 = 1.0 / 2_147_483_648.0;
    /// Bits of `sqrt(1/2)`: mantissas from here to twice it.
    const LOWEST: i32 = 0x3f35_04f3;
    // As a signed number: conversion of unsigned ones is slow.
    let uniform = ((bits >> 1) as i32 as f32 + 0.5) * UNIT;
    let above = uniform.to_bits() as i32 - LOWEST;
    let exponent = above >> 23;
    let mantissa = f32::from_bits(((above & 0x7f_ffff) + LOWEST) as u32);
    let f = mantissa - 1.0;
    let square = f * f;
    let fraction = f - (0.5 * square - f * square * polynomial(LN, f));
    // ln 2 in two parts: the first times a small whole number is exact.
    let whole = exponent as f32;
    -(whole * 0.693_359_4 + (fraction - whole * 2.121_944_4e-4))
}

/// `cos(2 pi v)` for the uniform number `v = k / 2^32`, k the signed bits.
#[inline(always)]
pub fn cos_turn(bits: u32) -> f32 {
    /// 2^-32.
    const UNIT: f32 = 1.0 / 4_294_967_296.0;
    let turn = (bits as i32 as f32 * UNIT).abs();
    let h = 0.25 - turn;
    // Rounding may pass the ends.
    (h * polynomial(SINE, h * h)).clamp(-1.0, 1.0)
}

#[inline(always)]
fn polynomial<const N: usize>(coefficients: [f32; N], x: f32) -> f32 {
    let mut sum = coefficients[N - 1];
    for &coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum * x + coefficient;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that fall everywhere, and the ends.
    fn words() -> impl Iterator<Item = u32> {
        let ends = [0, 1, 2, 3, u32::MAX, u32::MAX - 1, 1 << 31, (1 << 31) - 1];
        ends.into_iter()
            .chain((0..2_000_000).map(|i: u32| i.wrapping_mul(0x9e37_79b9)))
            .chain((0..32).map(|shift| 1 << shift))
            .chain((0..32).map(|shift| u32::MAX << shift))
    }

    #[test]
    fn logarithms_are_accurate() {
        for bits in words() {
            let uniform = ((bits >> 1) as f32 + 0.5) / 2_147_483_648.0;
            let exact = -f64::from(uniform).ln();
            let found = f64::from(minus_ln_unit(bits));
            assert!(
                (found - exact).abs() <= 2e-7 * exact,
                "{bits:#x}: {found} is not {exact}"
            );
        }
    }

    #[test]
    fn cosines_are_accurate() {
        for bits in words() {
            let turn = f64::from(bits as i32) / 4_294_967_296.0;
            let exact = (std::f64::consts::TAU * turn).cos();
            let found = f64::from(cos_turn(bits));
            assert!(
                (found - exact).abs() <= 4e-7,
                "{bits:#x}: {found} is not {exact}"
            );
            assert!(found.abs() <= 1.0, "{bits:#x}: {found}");
        }
    }
}
