//! Files as disks, power failures and other programs leave them.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Numbers that lengths, addresses and counts are least ready for.
const ODD: [u64; 10] = [
    0,
    1,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 32,
    1 << 36,
    i64::MAX as u64,
    u64::MAX,
];

/// A damaged copy of `whole`, the same for the same `seed`: flipped bits, a cut, a field
/// overwritten, a piece moved, a piece of zeros; mostly where an HDF5 file keeps what it says about
/// itself.
pub fn damaged(whole: &[u8], seed: u64) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bytes = whole.to_vec();
    for _ in 0..random.random_range(1..=4) {
        if bytes.is_empty() {
            break;
        }
        change(&mut bytes, &mut random);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let at = place(bytes, random);
    let rest = bytes.len() - at;
    match random.random_range(0..12) {
        0..5 => bytes[at] ^= 1 << random.random_range(0..8),
        5..8 => {
            let width = [1, 2, 4, 8][random.random_range(0..4)].min(rest);
            let odd = ODD[random.random_range(0..ODD.len())].to_le_bytes();
            bytes[at..at + width].copy_from_slice(&odd[..width]);
        }
        8 => {
            let length = random.random_range(1..=64).min(rest);
            random.fill(&mut bytes[at..at + length]);
        }
        9 => {
            let length = random.random_range(1..=512).min(rest);
            let from = random.random_range(0..=bytes.len() - length);
            bytes.copy_within(from..from + length, at);
        }
        10 => {
            let length = random.random_range(1..=4096).min(rest);
            bytes[at..at + length].fill(0);
        }
        _ => bytes.truncate(at),
    }
}

/// A place in a file, most often near bytes that are not zero: there lies what readers go by.
fn place(bytes: &[u8], random: &mut ChaCha8Rng) -> usize {
    let mut at = random.random_range(0..bytes.len());
    for _ in 0..8 {
        if bytes[at] != 0 {
            break;
        }
        at = random.random_range(0..bytes.len());
    }
    at
}
