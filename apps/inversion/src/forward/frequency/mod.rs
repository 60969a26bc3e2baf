// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::ops::Range;

use aligned_vec::avec;
use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};

use super::floats::{Floats, WIDEST, changes_mut, dispatch, lanes_mut, vectors, vectors_mut};
use super::lanes::{Complex, Lanes};
use super::recursion::{Nodes, Sums, reflection};
use super::{LIGHT, MU_0, Response, Wanted, hankel};
use crate::earth::Layers;
use crate::system::{Coils, FrequencySystem, Pair};

/// What all nodes left out together may add to a channel, in ppm.
const LEFT_OUT: f64 = 1e-10;

/// A frequency-domain system, ready to be evaluated: in-phase parts of all frequencies, then
/// quadrature parts, in ppm of the primary field.
///
/// The formulas are those of Ward and Hohmann ("Electromagnetic theory for geophysical
/// applications", 1988) for magnetic dipoles over a layered earth, displacement currents included.
#[derive(Clone, Debug)]
pub struct FrequencyDomain {
    pub(super) arch: Arch,
    pub(super) channels: Vec<Channel>,
    /// `l^2 - omega^2 mu_0 eps_0` at each node of all channels, one after the other.
    pub(super) square: Floats,
    /// `u_0`, as real parts and imaginary parts.
    pub(super) air: [Floats; 2],
    /// What falls with the height: `exp(-2 decay height)`.
    pub(super) decay: [Floats; 2],
    /// What the reflection is weighted with at height 0, in ppm.
    pub(super) weight: [Floats; 2],
}

#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) omega_mu: f64,
    nodes: Range<usize>,
}

/// Memory of one lane for one system.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The height that the weights are of; not a number at first.
    height: f64,
    weight: [Floats; 2],
    by_height: [Floats; 2],
    /// The nodes of each channel that matter at this height.
    pub(super) nodes: Vec<Range<usize>>,
    changes: Floats,
    sums: Floats,
}

impl FrequencyDomain {
    /// Computes all that depends on the system alone.
    pub fn new(system: &FrequencySystem) -> FrequencyDomain {
        let mut prepared = FrequencyDomain {
            arch: Arch::new(),
            channels: Vec::new(),
            square: avec![[64]| ],
            air: [avec![[64]| ], avec![[64]| ]],
            decay: [avec![[64]| ], avec![[64]| ]],
            weight: [avec![[64]| ], avec![[64]| ]],
        };
        for pair in system.pairs() {
            prepared.add(pair);
        }
        prepared
    }

    /// The number of values: two per frequency.
    pub fn channels(&self) -> usize {
        2 * self.channels.len()
    }

    /// Memory for earths of up to `layers` layers.
    pub fn workspace(&self, layers: usize) -> Workspace {
        let nodes = || avec![[64]| 0.0; self.square.len()];
        Workspace {
            height: f64::NAN,
            weight: [nodes(), nodes()],
            by_height: [nodes(), nodes()],
            nodes: self
                .channels
                .iter()
                .map(|channel| channel.nodes.clone())
                .collect(),
            changes: avec![[64]| 0.0; 4 * WIDEST * layers],
            sums: avec![[64]| 0.0; 2 * WIDEST * layers],
        }
    }

    /// Computes what the system measures at `height` m above these layers.
    ///
    /// # Panics
    /// The workspace was made for fewer layers, or for another system.
    pub fn evaluate(
        &self,
        layers: Layers<'_>,
        height: f64,
        wanted: Wanted,
        workspace: &mut Workspace,
        response: &mut Response,
    ) {
        let (channels, count) = (self.channels(), layers.count());
        response.predicted.resize(channels, 0.0);
        let columns = if wanted.jacobian.is_some() { count } else { 0 };
        response.jacobian.resize(channels * columns, 0.0);
        let heights = if wanted.height { channels } else { 0 };
        response.by_height.resize(heights, 0.0);
        let evaluation = Evaluation {
            system: self,
            layers,
            height,
            wanted,
            workspace,
            response,
        };
        dispatch(self.arch, evaluation);
    }

    /// Appends the nodes of a transmitter and a receiver.
    fn add(&mut self, pair: &Pair) {
        let omega = 2.0 * std::f64::consts::PI * pair.frequency;
        let wavenumber = omega / LIGHT;
        let begin = self.square.len();
        let secondary = pair.receiver_offset - 2.0 * pair.transmitter_offset;
        let terms = terms(pair);
        let root = |l: f64| Complex64::new(l * l - wavenumber * wavenumber, 0.0).sqrt();
        let decay = |term: &Term, l: f64| if term.in_air { root(l) } else { l.into() };
        let mut primary = Complex64::ZERO;
        for term in &terms {
            for (l, w) in term.nodes(pair.distance) {
                let field = term.field(l, root(l)) * w;
                primary += field * (-decay(term, l) * pair.receiver_offset).exp();
            }
        }
        let scale = 1e6 * pair.moments * terms[0].sign / primary;
        for term in &terms {
            for (l, w) in term.nodes(pair.distance) {
                let decay = decay(term, l);
                let weight = scale * term.field(l, root(l)) * w * (decay * secondary).exp();
                self.square.push(l * l - wavenumber * wavenumber);
                push(&mut self.air, root(l));
                push(&mut self.decay, decay);
                push(&mut self.weight, weight);
            }
        }
        // Padding is a node of no weight.
        while !self.square.len().is_multiple_of(WIDEST) {
            self.square.push(1.0);
            push(&mut self.air, Complex64::ONE);
            push(&mut self.decay, Complex64::ONE);
            push(&mut self.weight, Complex64::ZERO);
        }
        self.channels.push(Channel {
            omega_mu: omega * MU_0,
            nodes: begin..self.square.len(),
        });
    }
}

fn push(floats: &mut [Floats; 2], z: Complex64) {
    floats[0].push(z.re);
    floats[1].push(z.im);
}

/// One integral of a field: `sign factor l^power / u_0 (or 1)`, times what falls with the height.
#[derive(Clone, Copy, Debug)]
struct Term {
    filter: Filter,
    /// Whether the field falls with `u_0` instead of with `l`.
    in_air: bool,
    /// Of the secondary field against the primary one.
    sign: f64,
    factor: f64,
    power: i32,
    over_root: bool,
}

#[derive(Clone, Copy, Debug)]
enum Filter {
    J0,
    J1,
}

impl Term {
    /// Wavenumbers in 1/m and weights, for a horizontal distance in m.
    fn nodes(&self, distance: f64) -> impl Iterator<Item = (f64, f64)> {
        let (weights, abscissa): (&[f64], fn(usize) -> f64) = match self.filter {
            Filter::J0 => (&hankel::J0, hankel::abscissa_j0),
            Filter::J1 => (&hankel::J1, hankel::abscissa_j1),
        };
        let nodes = weights.iter().enumerate();
        nodes.map(move |(j, weight)| (abscissa(j) / distance, *weight))
    }

    fn field(&self, l: f64, root: Complex64) -> Complex64 {
        let field = Complex64::from(self.factor * l.powi(self.power));
        if self.over_root { field / root } else { field }
    }
}

/// The integrals of a pair of coils.
fn terms(pair: &Pair) -> Vec<Term> {
    let (r, x) = (pair.distance, pair.along);
    let vertical = Term {
        filter: Filter::J0,
        in_air: true,
        sign: 1.0,
        factor: 1.0,
        power: 3,
        over_root: true,
    };
    let turned = Term {
        filter: Filter::J1,
        in_air: false,
        sign: -1.0,
        factor: 1.0,
        power: 2,
        over_root: false,
    };
    match pair.coils {
        Coils::HorizontalCoplanar => vec![vertical],
        Coils::VerticalCoaxial => vec![
            Term {
                filter: Filter::J0,
                factor: (x / r).powi(2),
                ..turned
            },
            Term {
                factor: 1.0 / r - 2.0 * x * x / r.powi(3),
                power: 1,
                ..turned
            },
        ],
        Coils::VerticalToHorizontal => vec![turned],
        Coils::HorizontalToVertical => vec![Term {
            in_air: true,
            ..turned
        }],
    }
}

/// One evaluation, for whatever vectors there are.
struct Evaluation<'a> {
    system: &'a FrequencyDomain,
    layers: Layers<'a>,
    height: f64,
    wanted: Wanted,
    workspace: &'a mut Workspace,
    response: &'a mut Response,
}

impl WithSimd for Evaluation<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let math = Lanes(simd);
        if self.workspace.height.to_bits() != self.height.to_bits() {
            weigh(math, self.system, self.height, self.workspace);
        }
        let Evaluation {
            system,
            layers,
            wanted,
            workspace,
            response,
            ..
        } = self;
        let count = layers.count();
        let jacobian = if wanted.jacobian.is_some() { count } else { 0 };
        let (changes, sums) = (
            changes_mut::<S>(&mut workspace.changes),
            lanes_mut::<S>(&mut workspace.sums),
        );
        let frequencies = system.channels.len();
        for (channel, nodes) in workspace.nodes.iter().enumerate() {
            let sums = &mut sums[..jacobian];
            sums.fill(math.zero());
            let mut sums = Sums {
                value: math.zero(),
                by_height: math.zero(),
                jacobian: sums,
            };
            let range = nodes.start / S::F64_LANES..nodes.end / S::F64_LANES;
            let at = |floats: &[Floats; 2], node: usize| -> Complex<S> {
                [
                    vectors::<S>(&floats[0])[node],
                    vectors::<S>(&floats[1])[node],
                ]
            };
            let omega_mu = math.splat(system.channels[channel].omega_mu);
            for node in range {
                let nodes = Nodes {
                    square: vectors::<S>(&system.square)[node],
                    air: at(&system.air, node),
                    omega_mu,
                };
                let found = reflection(math, nodes, layers, wanted.jacobian, changes);
                let weight = at(&workspace.weight, node);
                let by_height = at(&workspace.by_height, node);
                sums.add(math, found, weight, by_height, wanted, changes);
            }
            for (part, row) in [channel, frequencies + channel].into_iter().enumerate() {
                response.predicted[row] = math.sum(sums.value)[part];
                if wanted.height {
                    response.by_height[row] = math.sum(sums.by_height)[part];
                }
                let columns = &mut response.jacobian[row * jacobian..][..jacobian];
                for (column, sum) in columns.iter_mut().zip(&*sums.jacobian) {
                    *column = math.sum(*sum)[part];
                }
            }
        }
    }
}

/// Computes the weights at a height, and which nodes matter there.
#[inline(always)]
pub(super) fn weigh<S: Simd>(
    math: Lanes<S>,
    system: &FrequencyDomain,
    height: f64,
    workspace: &mut Workspace,
) {
    let double = math.splat(-2.0 * height);
    let [re, im] = &mut workspace.weight;
    let (re, im) = (vectors_mut::<S>(re), vectors_mut::<S>(im));
    let [slope_re, slope_im] = &mut workspace.by_height;
    let (slope_re, slope_im) = (vectors_mut::<S>(slope_re), vectors_mut::<S>(slope_im));
    for node in 0..re.len() {
        let at = |floats: &[Floats; 2]| -> Complex<S> {
            [
                vectors::<S>(&floats[0])[node],
                vectors::<S>(&floats[1])[node],
            ]
        };
        let decay = at(&system.decay);
        let weight = math.mul(at(&system.weight), math.exp(math.scale(decay, double)));
        [re[node], im[node]] = weight;
        let slope = math.scale(math.mul(weight, decay), math.splat(-2.0));
        [slope_re[node], slope_im[node]] = slope;
    }
    for (channel, nodes) in system.channels.iter().zip(&mut workspace.nodes) {
        *nodes = significant(&workspace.weight, channel.nodes.clone());
    }
    workspace.height = height;
}

/// The nodes without those at the ends whose weights amount to less than [`LEFT_OUT`]: no
/// reflection is larger than 1.
fn significant(weight: &[Floats; 2], nodes: Range<usize>) -> Range<usize> {
    let size = |block: usize| -> f64 {
        let range = block * WIDEST..(block + 1) * WIDEST;
        let parts = weight[0][range.clone()].iter().zip(&weight[1][range]);
        parts.map(|(re, im)| re.abs() + im.abs()).sum()
    };
    let mut blocks = nodes.start / WIDEST..nodes.end / WIDEST;
    let mut left = 0.0;
    while !blocks.is_empty() {
        left += size(blocks.start);
        if left > LEFT_OUT / 2.0 {
            break;
        }
        blocks.start += 1;
    }
    let mut left = 0.0;
    while !blocks.is_empty() {
        left += size(blocks.end - 1);
        if left > LEFT_OUT / 2.0 {
            break;
        }
        blocks.end -= 1;
    }
    blocks.start * WIDEST..blocks.end * WIDEST
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::forward::Formula;
    use crate::forward::floats::every_arch;

    #[test]
    fn all_vectors_give_the_same() {
        let text = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
            400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
            90000, x, 1, 0, 0, 0, x, 1, 7, 0, 0";
        let system = FrequencySystem::parse(Path::new("coils.stm"), text).unwrap();
        let mut forward = FrequencyDomain::new(&system);
        let layers = Layers::new(&[0.01, 0.5, 0.02], &[7.0, 20.0]).unwrap();
        let wanted = Wanted {
            jacobian: Some(Formula::Correct),
            height: true,
        };
        let mut answers = Vec::new();
        for arch in every_arch() {
            forward.arch = arch;
            let mut response = Response::default();
            let mut workspace = forward.workspace(3);
            forward.evaluate(layers, 30.0, wanted, &mut workspace, &mut response);
            let Response {
                predicted,
                jacobian,
                by_height,
            } = response;
            answers.push([predicted, jacobian, by_height].concat());
        }
        for answer in &answers {
            for (a, b) in answer.iter().zip(&answers[0]) {
                assert!((a - b).abs() < 1e-9 * b.abs() + 1e-9, "{answers:?}");
            }
        }
    }
}
