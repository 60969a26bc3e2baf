//! A fast digest of 64 bits, against accidents: flipped bits, cut or exchanged rows.
//!
//! Words go in turns to eight lanes. With each word, a lane is stirred by steps that can be undone,
//! and the word is added: so any change of a single word changes its lane, wherever the word lies.
//! Lanes are folded by products.

use pulp::Arch;

/// Numbers without a pattern (fractional digits of the square roots of 2, 3, 5, 7, 11, 13, 17, 19).
const KEYS: [u64; 8] = [
    0x6a09_e667_f3bc_c909,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// Another one (of the golden section): no lane begins with it, so that no factor vanishes but by
/// chance.
const LAST: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bytes taken at once: a word for each lane.
const BLOCK: usize = 64;

/// Lanes are stirred by these shifts; of flips in any two places of 200 words, no two give the same
/// lane.
const TURN: u32 = 29;
const SHIFT: u32 = 13;

/// Both halves of a product.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline(always)]
#[allow(clippy::inline_always)] // only what is inlined gets the instructions that there are
fn take(lanes: &mut [u64; 8], block: &[u8; BLOCK]) {
    for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
        let turned = *lane ^ (*lane >> TURN);
        *lane = turned
            .wrapping_add(turned << SHIFT)
            .wrapping_add(u64::from_le_bytes(*word));
    }
}

/// The digest of `bytes` that follow what `seed` stands for: a number, or the digest of what comes
/// before. Never 0. The same on every processor.
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut lanes = KEYS.map(|key| key ^ seed);
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    // Integers: whatever instructions there are, the result is the same.
    Arch::new().dispatch(|| {
        for block in blocks {
            take(&mut lanes, block);
        }
    });
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        take(&mut lanes, &last);
    }
    let start = fold(bytes.len() as u64 ^ KEYS[4], LAST);
    let sum = lanes.iter().zip(KEYS).fold(start, |sum, (&lane, key)| {
        fold(sum ^ key, lane ^ LAST).wrapping_add(lane)
    });
    fold(sum ^ KEYS[1], seed ^ LAST).max(1)
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
