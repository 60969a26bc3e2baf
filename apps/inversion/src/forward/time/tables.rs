use super::evaluation::mean_conductivity;
use super::{Geometry, TimeDomain, bessel};
use crate::earth::Layers;

impl TimeDomain {
    /// At how many frequencies the earth is asked.
    pub(crate) fn frequencies(&self) -> usize {
        self.transfer.frequencies.len()
    }

    /// `omega mu_0` of each frequency.
    pub(crate) fn omega_mu(&self) -> Vec<f64> {
        self.omega_mu[..self.frequencies()].to_vec()
    }

    /// The nodes of a Hankel transform.
    pub(crate) fn abscissae(&self) -> usize {
        self.abscissae
    }

    /// m; 0 for a dipole.
    pub(crate) fn loop_radius(&self) -> f64 {
        self.loop_radius
    }

    /// The weights of all windows by value: real parts of all frequencies, then imaginary parts.
    pub(crate) fn window_weights(&self) -> Vec<f64> {
        let values = 2 * self.frequencies();
        let row = |value: usize| self.transfer.matrix.iter().skip(value).step_by(values);
        (0..values).flat_map(|value| row(value).copied()).collect()
    }

    /// By component, what a field becomes.
    pub(crate) fn scales(&self) -> impl Iterator<Item = f64> {
        self.components.iter().map(|component| component.scale)
    }

    /// By component, what the three integrals are multiplied with.
    pub(crate) fn integral_weights(&self, geometry: &Geometry) -> impl Iterator<Item = [f64; 3]> {
        let weights = geometry.secondary();
        self.components
            .iter()
            .map(move |component| weights[component.axis])
    }

    /// S/m: of the half-space that nodes are looked for with first.
    pub(crate) fn mean_conductivity(layers: Layers<'_>) -> f64 {
        mean_conductivity(layers)
    }

    /// Polynomials of J0 and J1 about multiples of 1 / 8, the lowest power first.
    pub(crate) fn bessel_table() -> Vec<f64> {
        bessel::TABLE.iter().flatten().flatten().copied().collect()
    }
}

impl Geometry {
    /// 2 `tx_height` + `txrx_dz`, with the transmitter so many m higher.
    pub(crate) fn height_sum_at(&self, height_change: f64) -> f64 {
        let tx_height = self.tx_height + height_change;
        Geometry { tx_height, ..*self }.height_sum()
    }

    /// The horizontal distance in m.
    pub(crate) fn horizontal(&self) -> f64 {
        self.distance()
    }
}
