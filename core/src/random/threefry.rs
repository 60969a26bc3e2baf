//! Threefry-4x32 with 20 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
//! as 1, 2, 3" (2011).

/// Rotations of the two words that are mixed, in eight rounds after which they repeat: the first
/// four and the others.
const ROTATIONS: [[[u32; 2]; 4]; 2] = [
    [[10, 26], [11, 21], [13, 27], [23, 5]],
    [[6, 20], [17, 11], [25, 10], [18, 20]],
];
/// Keeps a key of zeros from giving a schedule of zeros.
const PARITY: u32 = 0x1bd1_1bda;

/// The four random words of that counter under that key.
#[inline(always)]
pub fn threefry(key: [u32; 4], counter: [u32; 4]) -> [u32; 4] {
    let parity = PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3];
    let schedule = [key[0], key[1], key[2], key[3], parity];
    let mut x = counter;
    for word in 0..4 {
        x[word] = x[word].wrapping_add(schedule[word]);
    }
    // Not a loop: what is to run in lanes must have none inside.
    four_rounds::<1>(&mut x, &schedule);
    four_rounds::<2>(&mut x, &schedule);
    four_rounds::<3>(&mut x, &schedule);
    four_rounds::<4>(&mut x, &schedule);
    four_rounds::<5>(&mut x, &schedule);
    x
}

/// The `TURN`th four rounds, counted from one, and the key that follows them.
#[inline(always)]
fn four_rounds<const TURN: usize>(x: &mut [u32; 4], schedule: &[u32; 5]) {
    let [r0, r1, r2, r3] = ROTATIONS[(TURN - 1) % 2];
    mix::<0, 1>(x, r0[0]);
    mix::<2, 3>(x, r0[1]);
    mix::<0, 3>(x, r1[0]);
    mix::<2, 1>(x, r1[1]);
    mix::<0, 1>(x, r2[0]);
    mix::<2, 3>(x, r2[1]);
    mix::<0, 3>(x, r3[0]);
    mix::<2, 1>(x, r3[1]);
    for word in 0..4 {
        x[word] = x[word].wrapping_add(schedule[(TURN + word) % 5]);
    }
    x[3] = x[3].wrapping_add(TURN as u32);
}

#[inline(always)]
fn mix<const A: usize, const B: usize>(x: &mut [u32; 4], rotation: u32) {
    x[A] = x[A].wrapping_add(x[B]);
    x[B] = x[B].rotate_left(rotation) ^ x[A];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers published with the generator: zeros, ones, and digits of pi.
    #[test]
    fn known_answers() {
        let ones = u32::MAX;
        let cases = [
            (
                [0; 4],
                [0; 4],
                [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8],
            ),
            (
                [ones; 4],
                [ones; 4],
                [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89],
                [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84],
            ),
        ];
        for (counter, key, answer) in cases {
            assert_eq!(threefry(key, counter), answer);
        }
    }
}
