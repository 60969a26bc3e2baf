//! A fast digest of 64 bits, against accidents: flipped bits, cut or exchanged rows.

/// Odd numbers without a pattern (fractional digits of the square roots of 2, 3, 5, 7).
const KEYS: [u64; 4] = [
    0x6a09_e667_f3bc_c909,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
];

/// Bytes taken at once: two words on each of four lanes.
const BLOCK: usize = 64;

/// Both halves of a product.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The digest of `bytes` that follow what `seed` stands for: a number, or the digest of what comes before. Never 0.
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut lanes = KEYS.map(|key| seed.wrapping_add(key));
    let mix = |lanes: &mut [u64; 4], block: &[u8; BLOCK]| {
        let words = block.as_chunks::<8>().0;
        for (k, lane) in lanes.iter_mut().enumerate() {
            let [a, b] = [words[2 * k], words[2 * k + 1]].map(u64::from_le_bytes);
            *lane = fold(a ^ KEYS[k], b ^ *lane).wrapping_add(*lane);
        }
    };
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        mix(&mut lanes, block);
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        mix(&mut lanes, &last);
    }
    let sum = lanes.iter().fold(bytes.len() as u64, |sum, &lane| {
        fold(sum ^ KEYS[1], lane ^ KEYS[2]).wrapping_add(lane)
    });
    fold(sum ^ KEYS[0], KEYS[3] ^ seed).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_bit_every_length_and_every_seed_counts() {
        for length in [0, 1, 7, 8, 63, 64, 65, 200] {
            let bytes: Vec<u8> = (0..length).map(|k| (k * 37) as u8).collect();
            let mut met = BTreeSet::from([hash(5, &bytes), hash(6, &bytes)]);
            for bit in 0..8 * length {
                let mut other = bytes.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                met.insert(hash(5, &other));
            }
            let longer = [bytes.as_slice(), &[0]].concat();
            met.insert(hash(5, &longer));
            assert_eq!(met.len(), 8 * length + 3, "{length} bytes");
        }
        let zeros: BTreeSet<u64> = (0..300).map(|n| hash(1, &vec![0; n])).collect();
        assert_eq!(zeros.len(), 300);
    }
}
