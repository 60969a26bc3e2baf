use proptest::prelude::*;

use super::*;

/// Numbers that look random, from a seed.
pub(super) fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// Samples of `depth` bits of one of many kinds.
fn signal(kind: u32, length: usize, depth: u32, seed: u64) -> Vec<i32> {
    let mut next = random(seed);
    let (least, most) = (-(1i64 << (depth - 1)), (1i64 << (depth - 1)) - 1);
    let mut walk = 0i64;
    (0..length)
        .map(|i| {
            let noise = next() as i64;
            let value = match kind {
                0 => 7,
                1 => noise >> (64 - depth),
                2 => {
                    walk += noise >> 60;
                    walk
                }
                3 => ((i as f64 / 20.0).sin() * most as f64 * 0.9) as i64 + (noise >> 61),
                4 => (noise >> (64 - depth)) & !7,
                5 => [least, most][i % 2],
                6 => {
                    if noise.trailing_zeros() > 9 {
                        most
                    } else {
                        noise >> 62
                    }
                }
                7 => i as i64 * i as i64,
                _ => [0, least][usize::from(i > length / 2)],
            };
            value.clamp(least, most) as i32
        })
        .collect()
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        kind in 0u32..9, length in 0usize..9000, depth in 4u32..=32, level in 0u32..=8, seed: u64,
    ) {
        let samples = signal(kind, length, depth, seed);
        let stream = encode(&samples, depth, level).unwrap();
        let mut decoded = vec![0i32; length];
        decode(&stream, &mut decoded).unwrap();
        prop_assert_eq!(&decoded, &samples);
        // Never more than the samples as they are, but for what frames need.
        let plain = length * depth as usize / 8;
        prop_assert!(stream.len() <= plain + 80 + 20 * (length / 1000 + 1));
        let wide: Vec<i64> = decode_all(&stream, length).unwrap();
        prop_assert!(wide.iter().zip(&samples).all(|(a, &b)| *a == i64::from(b)));
    }
}

#[test]
fn what_samples_become_is_what_the_language_makes_of_them() {
    let samples = [0, -1, i32::MIN, i32::MAX, 0x0123_4567];
    let stream = encode(&samples, 32, 5).unwrap();
    assert_eq!(
        decode_all::<i64>(&stream, 5).unwrap(),
        samples.map(i64::from)
    );
    let doubles = decode_all::<f64>(&stream, 5).unwrap();
    assert_eq!(doubles, samples.map(f64::from));
    let floats = decode_all::<f32>(&stream, 5).unwrap();
    assert_eq!(floats, samples.map(|sample| sample as f32));
}

#[test]
fn lengths_are_kept_to() {
    let stream = encode(&[1, 2, 3], 24, 5).unwrap();
    let error = decode(&stream, &mut [0i32; 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "FLAC stream of 3 samples where 2 are expected"
    );
    let error = decode(&stream, &mut [0i32; 4]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "FLAC stream of 3 samples where 4 are expected"
    );
    let error = decode_all::<i32>(&stream, 2).unwrap_err();
    assert_eq!(error, Error::TooLong(2));
}

#[test]
fn what_cannot_be_encoded_is_refused() {
    let beyond = encode(&[0, 1 << 23], 24, 5).unwrap_err().to_string();
    assert_eq!(beyond, "sample 1 is 8388608, which 24 bits do not hold");
    assert_eq!(encode(&[0], 3, 5), Err(Error::Depth(3)));
    assert_eq!(encode(&[0], 33, 5), Err(Error::Depth(33)));
    assert_eq!(encode(&[0], 32, 9), Err(Error::Level(9)));
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let samples = signal(2, 5000, 24, 3);
    let stream = encode(&samples, 24, 5).unwrap();
    let mut decoded = vec![0i32; samples.len()];
    for bit in (0..8 * stream.len()).step_by(7) {
        let mut damaged = stream.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let same = decode(&damaged, &mut decoded).is_ok() && decoded == samples;
        // The vendor, the rate and the sizes that nobody needs may change.
        let is_noticed = decode(&damaged, &mut decoded).is_err();
        assert!(is_noticed || same, "bit {bit}");
    }
    for length in 0..stream.len() {
        assert!(decode(&stream[..length], &mut decoded).is_err(), "{length}");
    }
    let longer = [&stream[..], &[0]].concat();
    assert!(decode(&longer, &mut decoded).is_err());
}

/// Streams with all checksums mended, so that what lies behind them is met too.
#[test]
fn mutated_streams_are_decoded_or_refused() {
    let mut next = random(1);
    let streams: Vec<Vec<u8>> = (0..36)
        .map(|i| {
            let depth = [8, 24, 32, 17][i % 4];
            let samples = signal(i as u32 % 9, 150, depth, i as u64);
            encode(&samples, depth, [1, 5, 8][i % 3]).unwrap()
        })
        .collect();
    let mut refused = 0;
    for round in 0..100_000 {
        let mut stream = streams[round % streams.len()].clone();
        for _ in 0..=next() % 4 {
            let at = next() as usize % stream.len();
            match next() % 4 {
                0 => stream[at] ^= 1 << (next() % 8),
                1 => stream[at] = next() as u8,
                2 => stream[at] = 0,
                _ => stream.truncate(at + 1),
            }
        }
        if round % 2 == 0 {
            mend(&mut stream);
        }
        match decode_all::<i32>(&stream, 1 << 16) {
            Ok(samples) => assert!(samples.len() <= 1 << 16),
            Err(_) => refused += 1,
        }
    }
    assert!((50_000..100_000).contains(&refused), "{refused} refused");
}

/// Gives the only frame of a stream the checksums of its bytes.
fn mend(stream: &mut [u8]) {
    let Ok((_, begin)) = head::Description::read(stream) else {
        return;
    };
    let length = stream.len();
    // Heads of these frames have one byte for the number and one or two for the samples.
    for head in 6..=7 {
        if begin + head + 3 > length {
            return;
        }
        let after = (stream[begin + 2] >> 4) as usize;
        if matches!((after, head), (6, 6) | (7, 7)) {
            stream[begin + head] = checksum::crc8(&stream[begin..begin + head]);
        }
    }
    let checksum = checksum::crc16(&stream[begin..length - 2]);
    stream[length - 2..].copy_from_slice(&checksum.to_be_bytes());
}

/// A stream of `depth` bits with one frame of `samples` samples, of which `subframe` is the rest.
fn stream_of(depth: u32, samples: usize, subframe: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    let (total, md5) = (0, [0; 16]);
    head::Description { depth, total, md5 }.write(4096, &mut stream);
    let begin = stream.len();
    head::Head::write(samples, depth, 0, &mut stream);
    stream.extend_from_slice(subframe);
    let checksum = checksum::crc16(&stream[begin..]);
    stream.extend_from_slice(&checksum.to_be_bytes());
    stream
}

/// Bits as text, blanks left out, filled up with zeros to whole bytes.
fn bits(text: &str) -> Vec<u8> {
    let bits: Vec<u8> = text
        .bytes()
        .filter(|b| *b != b' ')
        .map(|b| b - b'0')
        .collect();
    let bytes = bits.chunks(8);
    bytes
        .map(|byte| (0..8).fold(0, |all, i| all << 1 | byte.get(i).copied().unwrap_or(0)))
        .collect()
}

#[test]
fn escapes_and_wide_parameters_are_read() {
    // Fixed predictor of order 1, first sample 5, one part of three numbers of 4 bits.
    let escape = bits("0 001001 0 00000101 00 0000 1111 00100 0001 1111 0010");
    let decoded: Vec<i32> = decode_all(&stream_of(8, 4, &escape), 9).unwrap();
    assert_eq!(decoded, [5, 6, 5, 7]);
    // Numbers of no bits are zeros.
    let zeros = bits("0 001001 0 00000101 00 0000 1111 00000");
    let decoded: Vec<i32> = decode_all(&stream_of(8, 4, &zeros), 9).unwrap();
    assert_eq!(decoded, [5, 5, 5, 5]);
    // Parameters of 5 bits: 16.
    let wide = bits("0 001000 0 01 0000 10000 01 0000000000000010 1 0000000000000111");
    let decoded: Vec<i32> = decode_all(&stream_of(24, 2, &wide), 9).unwrap();
    assert_eq!(decoded, [32769, -4]);
    // A shift of two bits that all samples lack.
    let wasted = bits("0 000001 1 01 000011 111111");
    let decoded: Vec<i32> = decode_all(&stream_of(8, 2, &wasted), 9).unwrap();
    assert_eq!(decoded, [12, -4]);
}

#[test]
fn predictors_of_order_32_and_samples_of_32_bits_are_exact() {
    // All coefficients -1, shift 0, and residuals of 0.
    let first: String = (0..32).fold(String::new(), |all, i| {
        format!("{all}{:032b}", i32::MIN + i)
    });
    let ones = "11".repeat(32);
    let text = format!("0 111111 0 {first} 0001 00101 {ones} 00 0000 0000 1");
    let stream = stream_of(32, 33, &bits(&text));
    let decoded: Vec<i32> = decode_all(&stream, 40).unwrap();
    // The sum of 32 numbers near the least one, over 32, with the other sign.
    assert_eq!(decoded.len(), 33);
    assert_eq!(i64::from(decoded[32]), (32 * (1i64 << 31) - 496) >> 5);
}

#[test]
fn samples_beyond_the_depth_are_noticed() {
    let beyond = bits("0 001001 0 01111111 00 0000 0000 001 1");
    let error = decode_all::<i32>(&stream_of(8, 3, &beyond), 9).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("a sample needs more bits than samples have here")
    );
}

#[test]
fn the_checksum_of_samples_is_compared_where_there_is_one() {
    use md5::{Digest, Md5};
    let samples = signal(2, 5000, 24, 1);
    let mut stream = encode(&samples, 24, 5).unwrap();
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes()[..3].to_vec())
        .collect();
    // Behind the mark, the head of the description, sizes, rate, depth and total.
    stream[26..42].copy_from_slice(&Md5::digest(&bytes));
    let mut decoded = vec![0i32; samples.len()];
    decode(&stream, &mut decoded).unwrap();
    stream[26] ^= 1;
    assert_eq!(decode(&stream, &mut decoded), Err(Error::Md5));
}

#[test]
fn streams_of_two_channels_are_refused() {
    let mut stream = encode(&[1, 2, 3], 24, 5).unwrap();
    stream[20] |= 2;
    let error = decode_all::<i32>(&stream, 9).unwrap_err().to_string();
    let told = "FLAC stream, byte 4: the stream has more than one channel";
    assert_eq!(error, told);
}
