//! Vectors of f64 and what both inner loops need of them.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use aligned_vec::{AVec, ConstAlign, avec};
use pulp::{Arch, Simd, WithSimd};

/// Numbers that begin on cache lines.
pub(super) type Floats = AVec<f64, ConstAlign<64>>;

/// `length` zeros.
pub(super) fn zeros(length: usize) -> Floats {
    avec!([64] | 0.0; length)
}

/// `a b + c`. Without an instruction for it pulp would compute the exact sum, slowly.
#[inline(always)]
pub(super) fn fused<S: Simd>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
    if S::F64_LANES <= 2 {
        simd.add_f64s(simd.mul_f64s(a, b), c)
    } else {
        simd.mul_add_e_f64s(a, b, c)
    }
}

/// How many numbers a vector of this processor holds.
pub(super) fn width() -> usize {
    struct Width;
    impl WithSimd for Width {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F64_LANES
        }
    }
    Arch::new().dispatch(Width)
}
