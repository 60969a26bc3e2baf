/// The number that a variable of the environment asks for, if it is set.
///
/// # Panics
/// It is no number.
pub fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={text}: is no number")))
}

/// A fraction of 1 from a seed and a position in its sequence (the mixing function of
/// `SplitMix64`): the instants of a test that `JOBWISE_SEED` repeats.
pub fn fraction(seed: u64, position: u64) -> f64 {
    let mut z = seed.wrapping_add(position.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as f64 / u64::MAX as f64
}
