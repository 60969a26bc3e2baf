//! A fast digest of 64 bits, against accidents: other samples, other files.

use num_complex::Complex;

const KEYS: [u64; 4] = [
    0x9e37_79b9_7f4a_7c15,
    0xbf58_476d_1ce4_e5b9,
    0x94d0_49bb_1331_11eb,
    0xd6e8_feb8_6659_fd93,
];

/// A digest of what `before` stands for, followed by `value`.
pub(crate) fn fold(before: u64, value: u64) -> u64 {
    let mixed = (before ^ value).wrapping_mul(KEYS[0]) ^ before.rotate_left(29);
    (mixed ^ (mixed >> 32)).wrapping_mul(KEYS[1])
}

/// A digest of what `before` stands for, followed by samples, bit by bit.
pub(crate) fn samples(before: u64, samples: &[Complex<f32>]) -> u64 {
    let word = |z: &Complex<f32>| u64::from(z.re.to_bits()) | u64::from(z.im.to_bits()) << 32;
    // Four at once: one multiplication need not wait for the other.
    let mut sums = KEYS.map(|key| key ^ before);
    let (blocks, rest) = samples.as_chunks::<4>();
    for block in blocks {
        for (sum, z) in sums.iter_mut().zip(block) {
            *sum = (*sum ^ word(z)).wrapping_mul(KEYS[1]).rotate_left(31);
        }
    }
    let rest = rest.iter().map(word);
    let all = sums.into_iter().chain(rest);
    all.fold(samples.len() as u64, fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_and_place_counts() {
        let signal: Vec<_> = (0..41).map(|n| Complex::new(n as f32, -1.0)).collect();
        let whole = samples(7, &signal);
        assert_eq!(whole, samples(7, &signal));
        assert_ne!(whole, samples(8, &signal));
        assert_ne!(whole, samples(7, &signal[..40]));
        for place in 0..41 {
            let mut other = signal.clone();
            other[place].im = f32::from_bits(other[place].im.to_bits() ^ 1);
            assert_ne!(whole, samples(7, &other), "{place}");
        }
        let mut other = signal.clone();
        other.swap(3, 7);
        assert_ne!(whole, samples(7, &other));
        assert_ne!(fold(fold(0, 1), 2), fold(fold(0, 2), 1));
    }
}
