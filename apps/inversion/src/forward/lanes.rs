//! Complex numbers and elementary functions of many Hankel nodes at once: one node per lane.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::f64::consts::{FRAC_2_PI, LOG2_E};

use pulp::{Simd, bytemuck};

/// One complex number per lane: real parts, then imaginary parts.
pub(super) type Complex<S> = [<S as Simd>::f64s; 2];

/// Arithmetic on vectors of the instruction set `S`.
#[derive(Clone, Copy)]
pub(super) struct Lanes<S>(pub(super) S);

/// 1.5 x 2^52: what is added to it is rounded to a whole number.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// 1.5 x 2^20 + 1023: the whole number that is added to it lies in the upper half of the bits.
const EXPONENT: f64 = 1_572_864.0 + 1023.0;
/// Beyond this, `exp` stays what it is here.
const LARGEST: f64 = 708.0;
/// 1 / k!, from k = 13 down to 0.
const EXP: [f64; 14] = inverse_factorials::<14, 1>(13);
/// (-1)^j / (2 j + 1)!, from j = 7 down to 0: `sin r = r P(r r)`.
const SINE: [f64; 8] = inverse_factorials::<8, 2>(15);
/// (-1)^j / (2 j)!, from j = 8 down to 0: `cos r = P(r r)`.
const COSINE: [f64; 9] = inverse_factorials::<9, 2>(16);
/// ln 2 in two parts: the first times a whole number below 2^11 is exact.
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/// pi / 2 in three parts: the first two times a whole number below 2^20 are exact.
const HALF_PI: [f64; 3] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_795_950_6e-21,
];

/// `1 / k!` for k from `highest` down in steps of `STEP`; with steps of 2, signs in turns that end
/// with `+`.
const fn inverse_factorials<const N: usize, const STEP: usize>(highest: usize) -> [f64; N] {
    let mut inverse = [0.0; N];
    let mut i = 0;
    while i < N {
        let mut factorial = 1.0;
        let mut factor = highest - STEP * i;
        while factor > 1 {
            factorial *= factor as f64;
            factor -= 1;
        }
        let odd = STEP == 2 && (N - 1 - i) % 2 == 1;
        inverse[i] = if odd {
            -1.0 / factorial
        } else {
            1.0 / factorial
        };
        i += 1;
    }
    inverse
}

impl<S: Simd> Lanes<S> {
    #[inline(always)]
    pub(super) fn splat(self, x: f64) -> S::f64s {
        self.0.splat_f64s(x)
    }

    #[inline(always)]
    pub(super) fn add_real(self, a: S::f64s, b: S::f64s) -> S::f64s {
        self.0.add_f64s(a, b)
    }

    #[inline(always)]
    pub(super) fn sub_real(self, a: S::f64s, b: S::f64s) -> S::f64s {
        self.0.sub_f64s(a, b)
    }

    #[inline(always)]
    pub(super) fn mul_real(self, a: S::f64s, b: S::f64s) -> S::f64s {
        self.0.mul_f64s(a, b)
    }

    /// `a b + c`. Without an instruction for it pulp would compute the exact sum, slowly.
    #[inline(always)]
    pub(super) fn fused(self, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
        if S::F64_LANES <= 2 {
            self.0.add_f64s(self.0.mul_f64s(a, b), c)
        } else {
            self.0.mul_add_e_f64s(a, b, c)
        }
    }

    /// `c - a b`.
    #[inline(always)]
    pub(super) fn fused_negative(self, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
        if S::F64_LANES <= 2 {
            self.0.sub_f64s(c, self.0.mul_f64s(a, b))
        } else {
            self.0.negate_mul_add_e_f64s(a, b, c)
        }
    }

    #[inline(always)]
    pub(super) fn zero(self) -> Complex<S> {
        [self.splat(0.0); 2]
    }

    #[inline(always)]
    pub(super) fn add(self, a: Complex<S>, b: Complex<S>) -> Complex<S> {
        [self.add_real(a[0], b[0]), self.add_real(a[1], b[1])]
    }

    #[inline(always)]
    pub(super) fn sub(self, a: Complex<S>, b: Complex<S>) -> Complex<S> {
        [self.sub_real(a[0], b[0]), self.sub_real(a[1], b[1])]
    }

    #[inline(always)]
    pub(super) fn scale(self, a: Complex<S>, b: S::f64s) -> Complex<S> {
        [self.mul_real(a[0], b), self.mul_real(a[1], b)]
    }

    #[inline(always)]
    pub(super) fn mul(self, a: Complex<S>, b: Complex<S>) -> Complex<S> {
        [
            self.fused_negative(a[1], b[1], self.mul_real(a[0], b[0])),
            self.fused(a[0], b[1], self.mul_real(a[1], b[0])),
        ]
    }

    /// `a b + c`.
    #[inline(always)]
    pub(super) fn mul_add(self, a: Complex<S>, b: Complex<S>, c: Complex<S>) -> Complex<S> {
        let re = self.fused(a[0], b[0], c[0]);
        let im = self.fused(a[0], b[1], c[1]);
        [
            self.fused_negative(a[1], b[1], re),
            self.fused(a[1], b[0], im),
        ]
    }

    /// `i a b` for real `b`.
    #[inline(always)]
    pub(super) fn turn(self, a: Complex<S>, b: S::f64s) -> Complex<S> {
        let negative = self.mul_real(a[1], b);
        [
            self.sub_real(self.splat(0.0), negative),
            self.mul_real(a[0], b),
        ]
    }

    /// The squared magnitude.
    #[inline(always)]
    pub(super) fn power(self, a: Complex<S>) -> S::f64s {
        self.fused(a[1], a[1], self.mul_real(a[0], a[0]))
    }

    #[inline(always)]
    pub(super) fn divide_real(self, a: S::f64s, b: S::f64s) -> S::f64s {
        self.0.div_f64s(a, b)
    }

    /// `1 / a`.
    #[inline(always)]
    pub(super) fn invert(self, a: Complex<S>) -> Complex<S> {
        let inverse = self.divide_real(self.splat(1.0), self.power(a));
        self.scale(self.conjugate(a), inverse)
    }

    #[inline(always)]
    pub(super) fn conjugate(self, a: Complex<S>) -> Complex<S> {
        [a[0], self.sub_real(self.splat(0.0), a[1])]
    }

    /// The principal root of a number whose imaginary part is not negative, and its squared
    /// magnitude.
    #[inline(always)]
    pub(super) fn root(self, a: Complex<S>) -> (Complex<S>, S::f64s) {
        let simd = self.0;
        let half = self.splat(0.5);
        let magnitude = simd.sqrt_f64s(self.power(a));
        let larger =
            simd.sqrt_f64s(self.mul_real(half, self.add_real(magnitude, simd.abs_f64s(a[0]))));
        let smaller = self.divide_real(self.mul_real(half, a[1]), larger);
        let is_right = simd.greater_than_or_equal_f64s(a[0], self.splat(0.0));
        let root = [
            simd.select_f64s(is_right, larger, smaller),
            simd.select_f64s(is_right, smaller, larger),
        ];
        (root, magnitude)
    }

    /// `exp x` to 2 units in the last place for x up to 708 either way, and the values at these
    /// ends beyond.
    #[inline(always)]
    pub(super) fn exp_real(self, x: S::f64s) -> S::f64s {
        let simd = self.0;
        let x = simd.min_f64s(x, self.splat(LARGEST));
        let x = simd.max_f64s(x, self.splat(-LARGEST));
        let whole = self.splat(WHOLE);
        let twos = self.sub_real(self.fused(x, self.splat(LOG2_E), whole), whole);
        let rest = self.fused_negative(twos, self.splat(LN_2[0]), x);
        let rest = self.fused_negative(twos, self.splat(LN_2[1]), rest);
        let mantissa = self.polynomial(EXP, rest);
        let bits: S::u32s = bytemuck::cast(self.add_real(twos, self.splat(EXPONENT)));
        let bits = simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(20));
        self.mul_real(mantissa, bytemuck::cast(bits))
    }

    /// `(cos x, sin x)` to 2^-52 for x up to 10^6 either way.
    #[inline(always)]
    pub(super) fn cosine_sine(self, x: S::f64s) -> Complex<S> {
        let simd = self.0;
        let whole = self.splat(WHOLE);
        let quarters = self.sub_real(self.fused(x, self.splat(FRAC_2_PI), whole), whole);
        let mut rest = x;
        for part in HALF_PI {
            rest = self.fused_negative(quarters, self.splat(part), rest);
        }
        let square = self.mul_real(rest, rest);
        let sine = self.mul_real(rest, self.polynomial(SINE, square));
        let cosine = self.polynomial(COSINE, square);
        // -2 to 2: where in the turn.
        let turns = self.sub_real(self.fused(quarters, self.splat(0.25), whole), whole);
        let quarter = self.fused_negative(turns, self.splat(4.0), quarters);
        let is_odd = simd.equal_f64s(simd.abs_f64s(quarter), self.splat(1.0));
        let (c, s) = (
            simd.select_f64s(is_odd, sine, cosine),
            simd.select_f64s(is_odd, cosine, sine),
        );
        let (above, below) = (
            |x: f64| simd.greater_than_f64s(quarter, self.splat(x)),
            |x: f64| simd.less_than_f64s(quarter, self.splat(x)),
        );
        let cosine_is_negative = simd.or_m64s(above(0.5), below(-1.5));
        let sine_is_negative = simd.or_m64s(above(1.5), below(-0.5));
        let minus = |x| self.sub_real(self.splat(0.0), x);
        [
            simd.select_f64s(cosine_is_negative, minus(c), c),
            simd.select_f64s(sine_is_negative, minus(s), s),
        ]
    }

    /// `exp a`, as [`exp_real`](Self::exp_real) and [`cosine_sine`](Self::cosine_sine).
    #[inline(always)]
    pub(super) fn exp(self, a: Complex<S>) -> Complex<S> {
        self.scale(self.cosine_sine(a[1]), self.exp_real(a[0]))
    }

    /// The sum of all lanes.
    #[inline(always)]
    pub(super) fn sum(self, a: Complex<S>) -> [f64; 2] {
        [self.0.reduce_sum_f64s(a[0]), self.0.reduce_sum_f64s(a[1])]
    }

    /// A polynomial with these coefficients, the highest power first.
    #[inline(always)]
    fn polynomial<const N: usize>(self, coefficients: [f64; N], x: S::f64s) -> S::f64s {
        let mut sum = self.splat(coefficients[0]);
        for coefficient in &coefficients[1..] {
            sum = self.fused(sum, x, self.splat(*coefficient));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;

    use super::*;
    use crate::forward::floats::{dispatch, every_arch};

    /// exp, cosine and sine of each number.
    struct Elementary(Vec<f64>);

    impl WithSimd for Elementary {
        type Output = Vec<[f64; 4]>;

        fn with_simd<S: Simd>(self, simd: S) -> Vec<[f64; 4]> {
            let math = Lanes(simd);
            let first = |x: &S::f64s| bytemuck::cast_slice::<_, f64>(std::slice::from_ref(x))[0];
            let of = |x: f64| {
                let exp = math.exp_real(math.splat(x));
                let [cosine, sine] = math.cosine_sine(math.splat(1000.0 * x));
                [x, first(&exp), first(&cosine), first(&sine)]
            };
            self.0.into_iter().map(of).collect()
        }
    }

    #[test]
    fn elementary_functions_are_as_exact_as_they_say() {
        let mut numbers: Vec<f64> = (-70_000..70_000).map(|i| 0.01 * f64::from(i)).collect();
        numbers.extend([0.0, -0.0, 1e-300, 708.0, -708.0, 999.9, 1e-9]);
        for arch in every_arch() {
            for [x, exp, cosine, sine] in dispatch(arch, Elementary(numbers.clone())) {
                let exact = x.clamp(-LARGEST, LARGEST).exp();
                assert!(
                    (exp - exact).abs() <= 4.5e-16 * exact,
                    "{arch:?}: exp {x} is {exp}"
                );
                let angle = 1000.0 * x;
                for (found, exact) in [(cosine, angle.cos()), (sine, angle.sin())] {
                    assert!(
                        (found - exact).abs() <= f64::EPSILON,
                        "{arch:?}: {angle}: {found}"
                    );
                }
            }
        }
    }
}
