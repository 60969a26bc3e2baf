// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::ops::Range;

use aligned_vec::avec;
use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};

use self::terms::{Term, terms};
use super::floats::{Floats, WIDEST, changes_mut, dispatch, lanes_mut, vectors};
use super::lanes::{Complex, Lanes};
use super::recursion::{Nodes, Sums, reflection};
use super::{LIGHT, MU_0, Response, Wanted};
use crate::earth::Layers;
use crate::system::{FrequencySystem, Pair};

mod terms;
mod weights;

pub(super) use weights::weigh;

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
