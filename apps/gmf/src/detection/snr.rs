/// The signal-to-noise ratio of a matched-filter power over a noise floor:
/// `(sqrt(gmf) - sqrt(floor))^2 / floor`, the power of what is left when the amplitude of noise is
/// taken away. 0 for powers below the floor, NaN when either is NaN or both are 0.
///
/// The formula is that of hardtarget, which squares a negative amplitude too and so gives powers
/// below the floor a ratio of up to 1.
pub fn snr(gmf: f32, floor: f32) -> f64 {
    let (gmf, floor) = (f64::from(gmf), f64::from(floor));
    if gmf < floor {
        return 0.0;
    }
    (gmf.sqrt() - floor.sqrt()).powi(2) / floor
}

/// A ratio of powers in dB; 0 is minus infinity.
pub fn decibel(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amplitude_of_noise_is_taken_away() {
        assert!((snr(9.0, 1.0) - 4.0).abs() < 1e-15);
        assert!((decibel(snr(121.0, 1.0)) - 20.0).abs() < 1e-12);
        assert!(snr(1.0, 4.0) == 0.0 && snr(4.0, 4.0) == 0.0);
        assert!(snr(1.0, f32::NAN).is_nan() && snr(0.0, 0.0).is_nan());
        assert!(snr(1.0, 0.0).is_infinite());
    }
}
