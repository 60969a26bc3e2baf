//! Complex numbers of many range gates at once: one vector of real parts, one of imaginary parts.

use pulp::{Scalar128b, Simd, bytemuck};

/// `a b + c`. Without an instruction for it (which every level but the baseline has) pulp would
/// compute the exact sum, slowly.
#[inline(always)]
pub(super) fn fused<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if S::F32_LANES == Scalar128b::F32_LANES {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    } else {
        simd.mul_add_e_f32s(a, b, c)
    }
}

/// `c - a b`.
#[inline(always)]
pub(super) fn fused_negative<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if S::F32_LANES == Scalar128b::F32_LANES {
        simd.sub_f32s(c, simd.mul_f32s(a, b))
    } else {
        simd.negate_mul_add_e_f32s(a, b, c)
    }
}

/// One complex number per lane: real parts, then imaginary parts.
pub(super) type Z<S> = [<S as Simd>::f32s; 2];

/// A constant complex number, the same for all lanes.
pub(crate) type W = [f32; 2];

/// Floats as complex lanes.
#[inline(always)]
pub(super) fn lanes<S: Simd>(_: S, floats: &[f32]) -> &[Z<S>] {
    S::as_simd_f32s(floats).0.as_chunks().0
}

/// Floats as complex lanes.
#[inline(always)]
pub(super) fn lanes_mut<S: Simd>(_: S, floats: &mut [f32]) -> &mut [Z<S>] {
    S::as_mut_simd_f32s(floats).0.as_chunks_mut().0
}

/// A vector as the numbers of its lanes.
#[inline(always)]
pub(super) fn numbers<S: Simd>(vector: &S::f32s) -> &[f32] {
    bytemuck::cast_slice(std::slice::from_ref(vector))
}

#[inline(always)]
pub(super) fn add<S: Simd>(simd: S, a: Z<S>, b: Z<S>) -> Z<S> {
    [simd.add_f32s(a[0], b[0]), simd.add_f32s(a[1], b[1])]
}

#[inline(always)]
pub(super) fn sub<S: Simd>(simd: S, a: Z<S>, b: Z<S>) -> Z<S> {
    [simd.sub_f32s(a[0], b[0]), simd.sub_f32s(a[1], b[1])]
}

/// `a b + c` for real `b`.
#[inline(always)]
pub(super) fn mul_real_add<S: Simd>(simd: S, a: Z<S>, b: S::f32s, c: Z<S>) -> Z<S> {
    [fused(simd, a[0], b, c[0]), fused(simd, a[1], b, c[1])]
}

#[inline(always)]
pub(super) fn mul<S: Simd>(simd: S, a: Z<S>, b: Z<S>) -> Z<S> {
    [
        fused_negative(simd, a[1], b[1], simd.mul_f32s(a[0], b[0])),
        fused(simd, a[0], b[1], simd.mul_f32s(a[1], b[0])),
    ]
}

/// `a b + c`.
#[inline(always)]
pub(super) fn mul_add<S: Simd>(simd: S, a: Z<S>, b: Z<S>, c: Z<S>) -> Z<S> {
    let re = fused(simd, a[0], b[0], c[0]);
    let im = fused(simd, a[0], b[1], c[1]);
    [
        fused_negative(simd, a[1], b[1], re),
        fused(simd, a[1], b[0], im),
    ]
}

#[inline(always)]
pub(super) fn splat<S: Simd>(simd: S, w: W) -> Z<S> {
    [simd.splat_f32s(w[0]), simd.splat_f32s(w[1])]
}

/// Squared magnitudes.
#[inline(always)]
pub(super) fn power<S: Simd>(simd: S, a: Z<S>) -> S::f32s {
    fused(simd, a[1], a[1], simd.mul_f32s(a[0], a[0]))
}

/// Whether the first is at least the second in any lane.
#[inline(always)]
pub(super) fn any_at_least<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> bool {
    let mask = simd.greater_than_or_equal_f32s(a, b);
    // A mask is a bit per lane or a word per lane.
    if size_of::<S::m32s>() == size_of::<u16>() {
        bytemuck::cast_slice::<_, u16>(std::slice::from_ref(&mask))[0] != 0
    } else {
        bytemuck::cast_slice::<_, u32>(std::slice::from_ref(&mask))
            .iter()
            .fold(0, |any, word| any | word)
            != 0
    }
}

/// `exp(-2 pi i turns / of)`, rounded from f64. The turns are reduced in integers, so they may be
/// many.
pub(super) fn turn(turns: i128, of: i128) -> W {
    let angle = -2.0 * std::f64::consts::PI * turns.rem_euclid(of) as f64 / of as f64;
    [angle.cos() as f32, angle.sin() as f32]
}
