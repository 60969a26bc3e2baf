//! The matched filter: receiving windows correlated with the transmitted pulses.

use num_complex::Complex;

use crate::parameters::Parameters;
use crate::search::{Sample, wide};

/// The shape of the correlation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Echo {
    pulse: usize,
    window: usize,
    decimation: usize,
    step: usize,
}

impl Echo {
    pub(super) fn new(parameters: &Parameters) -> Self {
        Self {
            pulse: parameters.tx_pulse_samps,
            window: parameters.rx_window_samps(),
            decimation: parameters.decimation,
            step: parameters.range_gate_step,
        }
    }

    /// The echo of one gate: element `k * L + j` is the sum over `decimation` samples, from sample
    /// `j * decimation` of pulse `k` on, of weight times received sample `gate * step` later.
    ///
    /// Summed in f64, so that a large decimation costs no digits.
    pub(super) fn correlate(
        self,
        weights: &[Sample],
        rx: &[Sample],
        gate: usize,
        echo: &mut [Sample],
    ) {
        let delay = gate * self.step;
        let per_pulse = self.pulse / self.decimation;
        for ((weights, rx), echo) in weights
            .chunks_exact(self.pulse)
            .zip(rx.chunks_exact(self.window))
            .zip(echo.chunks_exact_mut(per_pulse))
        {
            let rx = &rx[delay..delay + self.pulse];
            for ((weights, rx), echo) in weights
                .chunks_exact(self.decimation)
                .zip(rx.chunks_exact(self.decimation))
                .zip(echo)
            {
                let sum: Complex<f64> = weights
                    .iter()
                    .zip(rx)
                    .map(|(&w, &z)| wide(w) * wide(z))
                    .sum();
                *echo = Sample::new(sum.re as f32, sum.im as f32);
            }
        }
    }
}
