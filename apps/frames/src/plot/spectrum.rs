use std::f64::consts::TAU;

use realfft::RealFftPlanner;

/// The amplitude spectral density of samples at so many per second: pairs of frequency in Hz and
/// amplitude in units per root of Hz, without frequency 0. The mean is taken out, samples that are
/// not finite count as the mean, and the ends fade out (a Hann window).
pub fn amplitude_spectrum(samples: &[f64], rate: f64) -> Vec<(f64, f64)> {
    let n = samples.len();
    if n < 2 {
        return Vec::new();
    }
    let finite = || samples.iter().filter(|sample| sample.is_finite());
    let mean = finite().sum::<f64>() / finite().count().max(1) as f64;
    let window = |i: usize| 0.5 - 0.5 * (TAU * (i as f64 + 0.5) / n as f64).cos();
    let power: f64 = (0..n).map(|i| window(i) * window(i)).sum();
    let transform = RealFftPlanner::new().plan_fft_forward(n);
    let mut input = transform.make_input_vec();
    for (i, (into, sample)) in input.iter_mut().zip(samples).enumerate() {
        *into = if sample.is_finite() {
            window(i) * (sample - mean)
        } else {
            0.0
        };
    }
    let mut output = transform.make_output_vec();
    if transform.process(&mut input, &mut output).is_err() {
        unreachable!("buffers are those of the plan");
    }
    let scale = (2.0 / (rate * power)).sqrt();
    let bins = output.iter().enumerate().skip(1);
    bins.map(|(bin, value)| (bin as f64 * rate / n as f64, scale * value.norm()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrum_holds_the_power_of_the_samples() {
        let (n, rate) = (4096, 200.0);
        // Noise of variance 1/12, and a line of amplitude 3.
        let mut state = 7u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let line = |i: usize| 3.0 * (TAU * 25.0 * i as f64 / rate).sin();
        let samples: Vec<f64> = (0..n).map(|i| 40.0 + noise() + line(i)).collect();
        let spectrum = amplitude_spectrum(&samples, rate);
        assert_eq!(spectrum.len(), n / 2);
        let step = rate / n as f64;
        let power = |range: std::ops::Range<f64>| -> f64 {
            let within = spectrum.iter().filter(|(f, _)| range.contains(f));
            within
                .map(|(_, amplitude)| amplitude * amplitude * step)
                .sum()
        };
        let line = power(24.0..26.0);
        assert!((line - 4.5).abs() < 0.1, "{line}");
        let noise = power(30.0..100.1);
        assert!((noise - 0.7 / 12.0).abs() < 0.006, "{noise}");
        assert!(amplitude_spectrum(&[1.0], 1.0).is_empty());
        let some = amplitude_spectrum(&[1.0, f64::NAN, 2.0], 1.0);
        assert!(some.iter().all(|(_, amplitude)| amplitude.is_finite()));
    }
}
