//! The reflection of a layered earth at many wavenumbers at once, and its derivatives.
//!
//! With `u_k = sqrt(l^2 + i omega mu_0 (sigma_k + i omega eps_0))` and admittances times
//! `i omega mu_0`, `y_n = u_n` and from the bottom up
//!
//! `y_k = u_k (p + m) / (p - m)`, `p = y_(k+1) + u_k`, `m = exp(-2 u_k t_k) (y_(k+1) - u_k)`,
//!
//! which is the recursion of Wait ("Geo-Electromagnetism", 1982) with the hyperbolic tangent
//! written out. The reflection is `R = (u_0 - y_1) / (u_0 + y_1)`.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use pulp::Simd;

use super::lanes::{Complex, Lanes};
use super::{Formula, Wanted};
use crate::earth::Layers;

/// What one vector of wavenumbers needs.
#[derive(Clone, Copy)]
pub(super) struct Nodes<S: Simd> {
    /// `l^2 - omega^2 mu_0 eps_0`.
    pub(super) square: S::f64s,
    /// `u_0`.
    pub(super) air: Complex<S>,
    /// `omega mu_0`.
    pub(super) omega_mu: S::f64s,
}

/// How the admittance at the top of a layer changes: with the logarithm of the layer's
/// conductivity, and with the admittance at the top of the next layer.
pub(super) type Change<S> = [Complex<S>; 2];

/// The reflection, its derivative by the admittance at the surface and, where a Jacobian is wanted,
/// the changes of the layers in `changes`.
#[inline(always)]
pub(super) fn reflection<S: Simd>(
    math: Lanes<S>,
    nodes: Nodes<S>,
    layers: Layers<'_>,
    jacobian: Option<Formula>,
    changes: &mut [Change<S>],
) -> (Complex<S>, Complex<S>) {
    let (conductivity, thickness) = (layers.conductivity(), layers.thickness());
    let last = thickness.len();
    let imaginary = |layer: usize| math.mul_real(nodes.omega_mu, math.splat(conductivity[layer]));

    let (mut y, magnitude) = math.root([nodes.square, imaginary(last)]);
    if jacobian.is_some() {
        // i b / (2 u).
        let half = math.divide_real(math.mul_real(math.splat(0.5), imaginary(last)), magnitude);
        changes[last] = [math.turn(math.conjugate(y), half), math.zero()];
    }
    for layer in (0..last).rev() {
        let b = imaginary(layer);
        let (u, magnitude) = math.root([nodes.square, b]);
        let double = math.splat(-2.0 * thickness[layer]);
        let e = math.exp(math.scale(u, double));
        let p = math.add(y, u);
        let m = math.mul(e, math.sub(y, u));
        let q = math.sub(p, m);
        // One division for 1 / q and 1 / u.
        let power = math.power(q);
        let both = math.divide_real(math.splat(1.0), math.mul_real(power, magnitude));
        let inverse = math.scale(math.conjugate(q), math.mul_real(both, magnitude));
        if let Some(formula) = jacobian {
            let square = math.mul(inverse, inverse);
            let half = math.mul_real(
                math.mul_real(math.splat(0.5), b),
                math.mul_real(both, power),
            );
            // i b / (2 u), over q^2.
            let factor = math.mul(math.turn(math.conjugate(u), half), square);
            let uu = math.mul(u, u);
            let eeuu = math.scale(math.mul(e, uu), math.splat(4.0));
            let own = numerator(math, formula, y, u, e, thickness[layer]);
            changes[layer] = [math.mul(factor, own), math.mul(eeuu, square)];
        }
        y = math.mul(math.mul(u, math.add(p, m)), inverse);
    }
    let inverse = math.invert(math.add(nodes.air, y));
    let reflection = math.mul(math.sub(nodes.air, y), inverse);
    let slope = math.mul(nodes.air, math.mul(inverse, inverse));
    (reflection, math.scale(slope, math.splat(-2.0)))
}

/// `2 u y (1 - e)^2 + (y^2 + u^2)(1 - e^2) + 4 e t u (u^2 - y^2)`: the change of a layer's
/// admittance with its conductivity, but for factors.
///
/// geobipy has `(y^2 - u^2)(1 - e^2) + 2 u^2 (1 + e)^2` in place of the second term, which is the
/// same only where the layer is thick.
#[inline(always)]
fn numerator<S: Simd>(
    math: Lanes<S>,
    formula: Formula,
    y: Complex<S>,
    u: Complex<S>,
    e: Complex<S>,
    thickness: f64,
) -> Complex<S> {
    let one = [math.splat(1.0), math.splat(0.0)];
    let (less, more) = (math.sub(one, e), math.add(one, e));
    let (yy, uu, uy) = (math.mul(y, y), math.mul(u, u), math.mul(u, y));
    let mixed = math.mul(less, more);
    let first = math.scale(math.mul(uy, math.mul(less, less)), math.splat(2.0));
    let second = match formula {
        Formula::Correct => math.mul(math.add(yy, uu), mixed),
        Formula::Peer => {
            let thick = math.scale(math.mul(uu, math.mul(more, more)), math.splat(2.0));
            math.mul_add(math.sub(yy, uu), mixed, thick)
        }
    };
    let third = math.mul(math.mul(e, u), math.sub(uu, yy));
    let third = math.scale(third, math.splat(4.0 * thickness));
    math.add(math.add(first, second), third)
}

/// Adds to a sum over nodes: values, and where they are wanted their derivatives.
pub(super) struct Sums<'w, S: Simd> {
    /// The value, and its derivative by the height.
    pub(super) value: Complex<S>,
    pub(super) by_height: Complex<S>,
    /// One per layer.
    pub(super) jacobian: &'w mut [Complex<S>],
}

impl<S: Simd> Sums<'_, S> {
    /// Adds the reflection times `weight`, its height derivative with weight `by_height`, and the
    /// derivatives by layers.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        math: Lanes<S>,
        (reflection, slope): (Complex<S>, Complex<S>),
        weight: Complex<S>,
        by_height: Complex<S>,
        wanted: Wanted,
        changes: &[Change<S>],
    ) {
        self.value = math.mul_add(reflection, weight, self.value);
        if wanted.height {
            self.by_height = math.mul_add(reflection, by_height, self.by_height);
        }
        if wanted.jacobian.is_some() {
            let mut path = math.mul(weight, slope);
            for (sum, [own, below]) in self.jacobian.iter_mut().zip(changes) {
                *sum = math.mul_add(path, *own, *sum);
                path = math.mul(path, *below);
            }
        }
    }
}
