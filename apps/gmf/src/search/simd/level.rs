//! Which vector instructions this processor has.

use std::fmt;

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};
use pulp::{Scalar128b, Simd, WithSimd};

/// Most range gates that one vector holds.
pub(super) const WIDEST: usize = 16;

/// A set of vector instructions that this processor has: a value of this type proves it.
#[derive(Clone, Copy, Debug)]
pub struct Level(Instructions);

#[derive(Clone, Copy, Debug)]
enum Instructions {
    /// What every processor of this architecture has: 4 gates a vector.
    Baseline,
    /// AVX2 and FMA: 8 gates.
    #[cfg(target_arch = "x86_64")]
    Avx2(V3),
    /// AVX-512: 16 gates.
    #[cfg(target_arch = "x86_64")]
    Avx512(V4),
}

impl Level {
    /// Every level that this processor has, the fastest last.
    pub fn available() -> Vec<Level> {
        let baseline = Level(Instructions::Baseline);
        #[cfg(target_arch = "x86_64")]
        let wider = [
            V3::try_new().map(Instructions::Avx2),
            V4::try_new().map(Instructions::Avx512),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let wider = [];
        std::iter::once(baseline)
            .chain(wider.into_iter().flatten().map(Level))
            .collect()
    }

    /// The fastest level of this processor.
    pub fn fastest() -> Level {
        let available = Level::available();
        available[available.len() - 1]
    }

    /// Range gates in one vector.
    pub fn lanes(self) -> usize {
        match self.0 {
            Instructions::Baseline => Scalar128b::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(_) => V3::F32_LANES,
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(_) => V4::F32_LANES,
        }
    }

    /// Runs an operation compiled for this level.
    pub(super) fn run<Op: WithSimd>(self, operation: Op) -> Op::Output {
        match self.0 {
            Instructions::Baseline => Simd::vectorize(Scalar128b, operation),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(simd) => Simd::vectorize(simd, operation),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(simd) => Simd::vectorize(simd, operation),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Instructions::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(_) => "AVX-512",
        })
    }
}
