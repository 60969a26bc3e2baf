use std::f64::consts::TAU;

use ndarray::Array2;

/// The image of the published timings: a hexagonal lattice of period 11.3 pixels, a slope and uniform noise of standard deviation 0.5.
/// `[size, size]`.
pub fn benchmark_image(size: usize) -> Array2<f32> {
    Array2::from_shape_fn((size, size), |(x, y)| {
        let noise = 0.5 * 12.0_f64.sqrt() * (uniform((x * size + y + 1) as u64) - 0.5);
        let (x, y) = (x as f64, y as f64);
        let wave = |turn: f64| libm::cos(TAU * turn / 11.3);
        let across = 0.866_025_403_784_438_6 * y;
        let lattice = (wave(x) + wave(x / 2.0 + across) + wave(-x / 2.0 + across)) / 3.0;
        (lattice + 0.1 * y / size as f64 + noise) as f32
    })
}

/// Output `i` of splitmix64 from state 1, in 0..1.
fn uniform(i: u64) -> f64 {
    let mut z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_uniform_and_repeats() {
        let noise: Vec<f64> = (1..=10_000).map(uniform).collect();
        assert!(noise.iter().all(|u| (0.0..1.0).contains(u)));
        let mean = noise.iter().sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert_eq!(benchmark_image(8), benchmark_image(8));
    }
}
