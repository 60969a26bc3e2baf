//! Numbers in memory that vectors of any instruction set begin at.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use aligned_vec::{AVec, ConstAlign};
use pulp::{Arch, Scalar128b, Simd, WithSimd};

use super::lanes::Complex;
use super::recursion::Change;

/// Numbers that begin at a cache line.
pub(super) type Floats = AVec<f64, ConstAlign<64>>;

/// The lanes of the widest vector: so many numbers are whole vectors of any instruction set.
pub(super) const WIDEST: usize = 8;

/// Runs an operation on the vectors of this processor. Where it has none of those that are known,
/// on pairs: a number alone has no vector of halves, as `exp` needs.
pub(super) fn dispatch<Op: WithSimd>(arch: Arch, operation: Op) -> Op::Output {
    match arch {
        Arch::Scalar => Simd::vectorize(Scalar128b, operation),
        arch => arch.dispatch(operation),
    }
}

/// Every set of vectors of this processor.
#[cfg(test)]
pub(super) fn every_arch() -> Vec<Arch> {
    let mut all = vec![Arch::Scalar];
    #[cfg(target_arch = "x86_64")]
    {
        all.extend(pulp::x86::V3::try_new().map(Arch::V3));
        all.extend(pulp::x86::V4::try_new().map(Arch::V4));
    }
    all
}

#[inline(always)]
pub(super) fn vectors<S: Simd>(floats: &[f64]) -> &[S::f64s] {
    S::as_simd_f64s(floats).0
}

#[inline(always)]
pub(super) fn vectors_mut<S: Simd>(floats: &mut [f64]) -> &mut [S::f64s] {
    S::as_mut_simd_f64s(floats).0
}

/// As complex lanes.
#[inline(always)]
pub(super) fn lanes_mut<S: Simd>(floats: &mut [f64]) -> &mut [Complex<S>] {
    vectors_mut::<S>(floats).as_chunks_mut().0
}

/// As the changes of layers.
#[inline(always)]
pub(super) fn changes_mut<S: Simd>(floats: &mut [f64]) -> &mut [Change<S>] {
    lanes_mut::<S>(floats).as_chunks_mut().0
}
