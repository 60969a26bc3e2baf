/// Number `i` (from 1) of the sequence that splitmix64 gives from `seed`, in 0..1.
pub(crate) fn uniform(seed: u64, i: u64) -> f64 {
    let mut z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_uniform_and_seeds_differ() {
        let noise: Vec<f64> = (1..=10_000).map(|i| uniform(1, i)).collect();
        assert!(noise.iter().all(|u| (0.0..1.0).contains(u)));
        let mean = noise.iter().sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert!((uniform(1, 1) - uniform(2, 1)).abs() > 1e-3);
    }
}
