// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use super::bessel::bessel;
use super::{Geometry, TimeDomain, Workspace};
use crate::earth::Layers;
use crate::forward::Wanted;
use crate::forward::floats::{changes_mut, lanes_mut, vectors, vectors_mut};
use crate::forward::lanes::{Complex, Lanes};
use crate::forward::recursion::{Change, Nodes, reflection};

/// How far beyond the ends of what matters the nodes reach, in ln l.
const BELOW: f64 = 4.44;
const ABOVE: f64 = 1.84;

/// The integrals of one earth at all frequencies, for whatever vectors there are.
pub(super) struct Evaluation<'a> {
    pub(super) system: &'a TimeDomain,
    pub(super) layers: Layers<'a>,
    pub(super) geometry: &'a Geometry,
    pub(super) wanted: Wanted,
    pub(super) workspace: &'a mut Workspace,
}

impl WithSimd for Evaluation<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let math = Lanes(simd);
        let Evaluation {
            system,
            layers,
            geometry,
            wanted,
            workspace,
        } = self;
        peaks(math, system, layers, workspace);
        let height = geometry.height_sum();
        let needed = needed(geometry, system);
        let frequencies = system.transfer.frequencies.len();
        let quantities = 2 + if wanted.jacobian.is_some() {
            layers.count()
        } else {
            0
        };
        for frequency in 0..frequencies {
            let peak = workspace.peak[frequency];
            let range = [
                peak.min(2.0 / height).ln() - BELOW,
                peak.max(3.0 / height).ln() + ABOVE,
            ];
            nodes(math, system, geometry, range, workspace);
            let sums = &mut lanes_mut::<S>(&mut workspace.sums)[..3 * quantities];
            sums.fill(math.zero());
            let changes = changes_mut::<S>(&mut workspace.changes);
            let omega_mu = math.splat(system.omega_mu[frequency]);
            let wavenumbers = vectors::<S>(&workspace.wavenumber);
            for (node, wavenumber) in wavenumbers.iter().enumerate() {
                let nodes = Nodes {
                    square: math.mul_real(*wavenumber, *wavenumber),
                    air: [*wavenumber, math.splat(0.0)],
                    omega_mu,
                };
                let found = reflection(math, nodes, layers, wanted.jacobian, changes);
                for (integral, weights) in workspace.weights.iter().enumerate() {
                    if needed[integral] {
                        let weight = vectors::<S>(weights)[node];
                        let sums = &mut sums[integral * quantities..][..quantities];
                        add(math, found, *wavenumber, weight, wanted, changes, sums);
                    }
                }
            }
            for (place, sum) in sums.iter().enumerate() {
                let (integral, quantity) = (place / quantities, place % quantities);
                let [re, im] = math.sum(*sum);
                let at = (quantity * 3 + integral) * 2 * frequencies + frequency;
                workspace.integrals[at] = re;
                workspace.integrals[at + frequencies] = im;
            }
        }
    }
}

/// Adds to the sums of the value, of the height and of each layer what one vector of nodes gives.
#[inline(always)]
fn add<S: Simd>(
    math: Lanes<S>,
    (reflection, slope): (Complex<S>, Complex<S>),
    wavenumber: S::f64s,
    weight: S::f64s,
    wanted: Wanted,
    changes: &[Change<S>],
    sums: &mut [Complex<S>],
) {
    let value = math.scale(reflection, weight);
    sums[0] = math.add(value, sums[0]);
    if wanted.height {
        let falling = math.mul_real(math.splat(-2.0), wavenumber);
        sums[1] = math.add(math.scale(value, falling), sums[1]);
    }
    let mut path = math.scale(slope, weight);
    for (sum, [own, below]) in sums[2..].iter_mut().zip(changes) {
        *sum = math.mul_add(path, *own, *sum);
        path = math.mul(path, *below);
    }
}

/// Which integrals a component that is measured is made of.
fn needed(geometry: &Geometry, system: &TimeDomain) -> [bool; 3] {
    let weights = geometry.secondary();
    [0, 1, 2].map(|integral| {
        let mut components = system.components.iter();
        components.any(|component| weights[component.axis][integral] != 0.0)
    })
}

/// Computes for each frequency the wavenumber at which its integrand is largest, about: that of a
/// half-space that reflects as the layers do.
#[inline(always)]
fn peaks<S: Simd>(
    math: Lanes<S>,
    system: &TimeDomain,
    layers: Layers<'_>,
    workspace: &mut Workspace,
) {
    let mean = mean_conductivity(layers);
    let changes = changes_mut::<S>(&mut workspace.changes);
    for (node, peak) in vectors_mut::<S>(&mut workspace.peak).iter_mut().enumerate() {
        let omega_mu = vectors::<S>(&system.omega_mu)[node];
        let square = math.mul_real(omega_mu, math.splat(mean / 4.0));
        let wavenumber = math.0.sqrt_f64s(square);
        if layers.count() == 1 {
            *peak = wavenumber;
            continue;
        }
        let nodes = Nodes {
            square,
            air: [wavenumber, math.splat(0.0)],
            omega_mu,
        };
        let (q, _) = reflection(math, nodes, layers, None, changes);
        // a = Re(-4 l^2 q / (i omega mu_0 (1 + q)^2)); the peak is sqrt(omega mu_0 a / 4).
        let one = math.add(q, [math.splat(1.0), math.splat(0.0)]);
        let ratio = math.mul(q, math.invert(math.mul(one, one)));
        let minus = math.mul_real(math.splat(-4.0), math.mul_real(square, ratio[1]));
        let conductivity = math.divide_real(minus, omega_mu);
        let conductivity = math.0.max_f64s(conductivity, math.splat(LEAST));
        *peak = math
            .0
            .sqrt_f64s(math.mul_real(math.mul_real(omega_mu, math.splat(0.25)), conductivity));
    }
}

/// S/m, where a reflection is that of no half-space.
const LEAST: f64 = 1e-12;

/// The mean of log10 of the conductivity down to twice the depth of the last interface.
pub(super) fn mean_conductivity(layers: Layers<'_>) -> f64 {
    let (conductivity, thickness) = (layers.conductivity(), layers.thickness());
    let depth: f64 = thickness.iter().sum();
    let last = conductivity[thickness.len()].log10();
    if depth == 0.0 {
        return conductivity[0];
    }
    let above: f64 = thickness
        .iter()
        .zip(conductivity)
        .map(|(t, s)| t * s.log10())
        .sum();
    10f64.powf((above + depth * last) / (2.0 * depth))
}

/// The wavenumbers from one end to the other, equally spaced in ln l, and their weights.
#[inline(always)]
fn nodes<S: Simd>(
    math: Lanes<S>,
    system: &TimeDomain,
    geometry: &Geometry,
    [lower, upper]: [f64; 2],
    workspace: &mut Workspace,
) {
    let count = system.abscissae;
    let step = (upper - lower) / (count - 1) as f64;
    let wavenumber = &mut workspace.wavenumber;
    for (i, l) in wavenumber.iter_mut().enumerate() {
        *l = lower + step * i.min(count - 1) as f64;
    }
    for l in vectors_mut::<S>(wavenumber) {
        *l = math.exp_real(*l);
    }
    let height = math.splat(-geometry.height_sum());
    let [zero, one, two] = &mut workspace.weights;
    for (falling, l) in vectors_mut::<S>(zero)
        .iter_mut()
        .zip(vectors::<S>(wavenumber))
    {
        *falling = math.exp_real(math.mul_real(height, *l));
    }
    let distance = geometry.distance();
    for (i, l) in wavenumber.iter().enumerate() {
        // The trapezoidal rule; padding weighs nothing.
        let trapezoid = match i {
            i if i >= count => 0.0,
            i if i == 0 || i + 1 == count => 0.5 * step,
            _ => step,
        };
        let of_loop = match l * system.loop_radius {
            0.0 => 1.0,
            x => 2.0 * bessel(x)[1] / x,
        };
        let [j0, j1] = bessel(l * distance);
        let weight = zero[i] * trapezoid * of_loop * l * l;
        zero[i] = weight * l * j0;
        one[i] = weight * l * j1;
        two[i] = weight * j1;
    }
}
