//! Time-domain systems.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Geometry`] | where transmitter and receiver are |
//! | `transfer`, `spline` | from frequencies to windows: one real matrix |
//! | `bessel` | Bessel functions |
//! | `evaluation` | integrals of one earth |
//! | `tables` | what a CUDA device needs of a system |

mod bessel;
mod evaluation;
mod geometry;
mod spline;
#[cfg(feature = "cuda")]
mod tables;
mod transfer;

use aligned_vec::avec;
use pulp::Arch;

use super::floats::{Floats, WIDEST, dispatch};
use super::{Response, Wanted};
use crate::earth::Layers;
use crate::system::TimeSystem;
use evaluation::Evaluation;
pub use geometry::Geometry;
use transfer::Transfer;

/// A time-domain system, ready to be evaluated: windows of x, of y and of z, those components that
/// the system scales with 0 left out.
///
/// Signs are those of GA-AEM, with z up. The field of a dipole or a loop over a layered earth is
/// computed in the frequency domain without displacement currents, at some frequencies per decade,
/// and brought to windows by a matrix.
#[derive(Clone, Debug)]
pub struct TimeDomain {
    arch: Arch,
    /// `omega mu_0` of the frequencies, padded with copies of the last to a multiple of [`WIDEST`].
    omega_mu: Floats,
    transfer: Transfer,
    components: Vec<Component>,
    windows: usize,
    loop_radius: f64,
    abscissae: usize,
}

/// A direction that is measured.
#[derive(Clone, Copy, Debug)]
struct Component {
    axis: usize,
    /// What a field becomes.
    scale: f64,
}

/// Memory of one lane for one system.
#[derive(Clone, Debug)]
pub struct Workspace {
    changes: Floats,
    sums: Floats,
    /// Wavenumbers of one frequency, and what the reflection is weighted with there.
    wavenumber: Floats,
    weights: [Floats; 3],
    /// Where the reflection is looked at first, for each frequency.
    peak: Floats,
    /// Three integrals of the value, of the height and of each layer, for all frequencies.
    integrals: Vec<f64>,
    /// A component at all frequencies.
    field: Vec<f64>,
}

impl TimeDomain {
    /// Computes all that depends on the system alone.
    pub fn new(system: &TimeSystem) -> TimeDomain {
        let transfer = Transfer::new(system);
        let mut omega_mu = avec![[64]| ];
        for frequency in &transfer.frequencies {
            omega_mu.push(2.0 * std::f64::consts::PI * frequency * super::MU_0);
        }
        while !omega_mu.len().is_multiple_of(WIDEST) {
            omega_mu.push(omega_mu[omega_mu.len() - 1]);
        }
        let field = super::MU_0 * system.loop_area * system.turns * system.peak_current;
        let components = system
            .scaling
            .iter()
            .enumerate()
            .filter(|(_, scaling)| **scaling != 0.0);
        TimeDomain {
            arch: Arch::new(),
            omega_mu,
            transfer,
            components: components
                .map(|(axis, scaling)| Component {
                    axis,
                    scale: field * scaling,
                })
                .collect(),
            windows: system.windows.len(),
            loop_radius: system.loop_radius,
            abscissae: system.abscissae,
        }
    }

    /// The number of values: one per component and window.
    pub fn channels(&self) -> usize {
        self.components.len() * self.windows
    }

    /// The number of windows of a component.
    pub fn windows(&self) -> usize {
        self.windows
    }

    /// The axes of the components: 0 for x, 1 for y, 2 for z.
    pub fn axes(&self) -> impl Iterator<Item = usize> {
        self.components.iter().map(|component| component.axis)
    }

    /// The field of the transmitter alone, one value per component.
    pub fn primary(&self, geometry: &Geometry) -> Vec<f64> {
        let field = geometry.primary();
        let components = self.components.iter();
        components
            .map(|component| component.scale * self.transfer.primary * field[component.axis])
            .collect()
    }

    /// Memory for earths of up to `layers` layers.
    pub fn workspace(&self, layers: usize) -> Workspace {
        let nodes = || avec![[64]| 0.0; self.abscissae.next_multiple_of(WIDEST)];
        Workspace {
            changes: avec![[64]| 0.0; 4 * WIDEST * layers],
            sums: avec![[64]| 0.0; 2 * WIDEST * 3 * (layers + 2)],
            wavenumber: nodes(),
            weights: [nodes(), nodes(), nodes()],
            peak: avec![[64]| 0.0; self.omega_mu.len()],
            integrals: vec![0.0; 6 * (layers + 2) * self.transfer.frequencies.len()],
            field: vec![0.0; 2 * self.transfer.frequencies.len()],
        }
    }

    /// Computes the secondary field that the system measures over these layers. Derivatives hold
    /// the nodes of the Hankel transforms, which depend on the earth, where they are.
    ///
    /// # Panics
    /// The workspace was made for fewer layers, or for another system.
    pub fn evaluate(
        &self,
        layers: Layers<'_>,
        geometry: &Geometry,
        wanted: Wanted,
        workspace: &mut Workspace,
        response: &mut Response,
    ) {
        let evaluation = Evaluation {
            system: self,
            layers,
            geometry,
            wanted,
            workspace,
        };
        dispatch(self.arch, evaluation);
        self.to_windows(layers.count(), geometry, wanted, workspace, response);
    }

    /// Integrals to components, and frequencies to windows.
    fn to_windows(
        &self,
        layers: usize,
        geometry: &Geometry,
        wanted: Wanted,
        workspace: &mut Workspace,
        response: &mut Response,
    ) {
        let channels = self.channels();
        let columns = if wanted.jacobian.is_some() { layers } else { 0 };
        response.predicted.resize(channels, 0.0);
        response.jacobian.resize(channels * columns, 0.0);
        let heights = if wanted.height { channels } else { 0 };
        response.by_height.resize(heights, 0.0);
        let weights = geometry.secondary();
        let values = 2 * self.transfer.frequencies.len();
        let (integrals, field) = (&workspace.integrals, &mut workspace.field);
        for (index, component) in self.components.iter().enumerate() {
            let weights = weights[component.axis];
            // The value, the height, then layers.
            for quantity in 0..columns + 2 {
                if quantity == 1 && !wanted.height {
                    continue;
                }
                let integrals = &integrals[quantity * 3 * values..][..3 * values];
                let (zero, rest) = integrals.split_at(values);
                let (one, two) = rest.split_at(values);
                for (i, value) in field.iter_mut().enumerate() {
                    *value = component.scale
                        * (weights[0] * zero[i] + weights[1] * one[i] + weights[2] * two[i]);
                }
                for window in 0..self.windows {
                    let row = &self.transfer.matrix[window * values..][..values];
                    let value: f64 = row.iter().zip(&*field).map(|(a, b)| a * b).sum();
                    let channel = index * self.windows + window;
                    match quantity {
                        0 => response.predicted[channel] = value,
                        1 => response.by_height[channel] = value,
                        layer => response.jacobian[channel * columns + layer - 2] = value,
                    }
                }
            }
        }
    }
}
