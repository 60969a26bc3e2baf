//! Short Fourier transforms in registers.

use pulp::Simd;

use super::complex::{W, Z, add, mul_add, mul_real_add, splat, sub};

/// `-i a`.
#[inline(always)]
fn rotated<S: Simd>(simd: S, a: Z<S>) -> Z<S> {
    [a[1], simd.neg_f32s(a[0])]
}

#[inline(always)]
pub(super) fn two<S: Simd>(simd: S, x: [Z<S>; 2]) -> [Z<S>; 2] {
    [add(simd, x[0], x[1]), sub(simd, x[0], x[1])]
}

#[inline(always)]
pub(super) fn four<S: Simd>(simd: S, x: [Z<S>; 4]) -> [Z<S>; 4] {
    let [even, odd] = two(simd, [x[0], x[2]]);
    let [sum, difference] = two(simd, [x[1], x[3]]);
    let turned = rotated(simd, difference);
    [
        add(simd, even, sum),
        add(simd, odd, turned),
        sub(simd, even, sum),
        sub(simd, odd, turned),
    ]
}

/// Roots of unity, for [`odd`].
#[inline(always)]
pub(super) fn roots<S: Simd, const R: usize>(simd: S, roots: &[W]) -> [Z<S>; R] {
    std::array::from_fn(
        #[inline(always)]
        |k| splat(simd, roots[k]),
    )
}

/// An odd prime `R`, by sums and differences of mirrored elements; `roots[k] = exp(-2 pi i k / R)`.
#[inline(always)]
pub(super) fn odd<S: Simd, const R: usize>(simd: S, x: [Z<S>; R], roots: &[Z<S>; R]) -> [Z<S>; R] {
    let mut sums = x;
    let mut differences = x;
    let mut y = x;
    for j in 1..=R / 2 {
        sums[j] = add(simd, x[j], x[R - j]);
        differences[j] = sub(simd, x[j], x[R - j]);
        y[0] = add(simd, y[0], sums[j]);
    }
    for k in 1..=R / 2 {
        let root = roots[k];
        // The first terms apart: they start the sums. -i sin(...) is the imaginary part of the
        // root.
        let mut even = mul_real_add(simd, sums[1], root[0], x[0]);
        let mut odd = [
            simd.mul_f32s(differences[1][0], root[1]),
            simd.mul_f32s(differences[1][1], root[1]),
        ];
        for j in 2..=R / 2 {
            let root = roots[j * k % R];
            even = mul_real_add(simd, sums[j], root[0], even);
            odd = mul_real_add(simd, differences[j], root[1], odd);
        }
        // i odd, added and subtracted.
        y[k] = [
            simd.sub_f32s(even[0], odd[1]),
            simd.add_f32s(even[1], odd[0]),
        ];
        y[R - k] = [
            simd.add_f32s(even[0], odd[1]),
            simd.sub_f32s(even[1], odd[0]),
        ];
    }
    y
}

/// One output of any length: the sum of `x[j] roots[j k mod R]` over `x`, where `R` is the length
/// of `roots`.
#[inline(always)]
pub(super) fn one<S: Simd>(simd: S, x: impl Iterator<Item = Z<S>>, roots: &[W], k: usize) -> Z<S> {
    let mut sum = splat(simd, [0.0; 2]);
    let mut turn = 0;
    for x in x {
        sum = mul_add(simd, x, splat(simd, roots[turn]), sum);
        turn += k;
        if turn >= roots.len() {
            turn -= roots.len();
        }
    }
    sum
}

/// `N = A B` for coprime `A` and `B`: `B` transforms of length `A` and `A` of length `B`, without
/// factors between them (Good and Thomas).
#[inline(always)]
pub(super) fn coprime<S: Simd, const A: usize, const B: usize, const N: usize>(
    x: [Z<S>; N],
    first: impl Fn([Z<S>; A]) -> [Z<S>; A],
    second: impl Fn([Z<S>; B]) -> [Z<S>; B],
) -> [Z<S>; N] {
    const { assert!(A * B == N) };
    // Loops, as closures of the standard library's arrays are not always inlined.
    let mut parts = [[x[0]; B]; A];
    for n in 0..B {
        let mut part = [x[0]; A];
        for j in 0..A {
            part[j] = x[(B * j + A * n) % N];
        }
        let part = first(part);
        for k in 0..A {
            parts[k][n] = part[k];
        }
    }
    for part in &mut parts {
        *part = second(*part);
    }
    let mut y = x;
    for k in 0..N {
        y[k] = parts[k % A][k % B];
    }
    y
}
