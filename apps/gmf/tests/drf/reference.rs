//! The reference recordings: bounds, blocks and values as the peer gives them.

use jobwise_gmf::clock::Rate;
use jobwise_gmf::dmd::{Metadata, Value};
use jobwise_gmf::drf::{Block, Channel, Kind, Recording};
use num_complex::Complex;

use jobwise_testing::reference;

/// A channel and what the peer reads from it.
struct Expected {
    recording: &'static str,
    channel: &'static str,
    kind: Kind,
    hertz: u64,
    blocks: &'static [(u64, u64)],
    first: (f32, f32),
    last: (f32, f32),
    /// Sums over all samples, formed in f64.
    sum: (f64, f64),
}

const EXPECTED: [Expected; 5] = [
    Expected {
        recording: "A_drf",
        channel: "sim",
        kind: Kind::F32,
        hertz: 1_000_000,
        blocks: &[(1_618_229_740_000_000, 250_000)],
        first: (-0.166_703_15, 0.864_475_7),
        last: (0.097_886_63, 0.649_312_44),
        sum: (22_697.099_901_857_91, -650.312_792_451_423_2),
    },
    Expected {
        recording: "B_drf",
        channel: "uhf",
        kind: Kind::I16,
        hertz: 1_000_000,
        blocks: &[(1_618_232_399_899_877, 440_000)],
        first: (41.0, -5.0),
        last: (-19.0, 0.0),
        sum: (-1_576_115.0, -7_451.0),
    },
    Expected {
        recording: "C_drf",
        channel: "rx0",
        kind: Kind::F32,
        hertz: 1_000_000,
        blocks: &[
            (1_650_000_000_007_000, 120_000),
            (1_650_000_000_132_000, 3_000),
        ],
        first: (-0.325_895_58, -0.551_888_8),
        last: (-0.464_522_78, -0.392_078_22),
        sum: (288.254_885_976_199_7, 179.769_326_019_308_2),
    },
    Expected {
        recording: "C_drf",
        channel: "tx0",
        kind: Kind::F32,
        hertz: 1_000_000,
        blocks: &[
            (1_650_000_000_007_000, 120_000),
            (1_650_000_000_132_000, 3_000),
        ],
        first: (0.0, 0.0),
        last: (0.0, 0.0),
        sum: (-1_440.0, 0.0),
    },
    Expected {
        recording: "S_drf",
        channel: "sim",
        kind: Kind::F32,
        hertz: 500_000,
        blocks: &[(827_063_999_749_500, 30_000)],
        first: (0.0, 0.0),
        last: (0.0, 0.0),
        sum: (-9.393_337_553_105_084, 36.689_937_950_570_31),
    },
];

fn blocks_of(pairs: &[(u64, u64)]) -> Vec<Block> {
    pairs
        .iter()
        .map(|&(start, length)| Block { start, length })
        .collect()
}

fn read(channel: &Channel, start: u64, length: usize) -> Vec<Complex<f32>> {
    let mut samples = vec![Complex::new(f32::NAN, f32::NAN); length];
    assert_eq!(channel.read(start, 0, &mut samples).unwrap(), []);
    samples
}

#[test]
fn bounds_blocks_and_values_are_the_peers() {
    let Some(root) = reference("gmf") else { return };
    for expected in &EXPECTED {
        let name = format!("{}/{}", expected.recording, expected.channel);
        let recording = Recording::open(root.join(expected.recording)).unwrap();
        let channel = recording.channel(expected.channel).unwrap();
        assert_eq!(
            channel.element().unwrap().unwrap().kind,
            expected.kind,
            "{name}"
        );
        assert_eq!(
            channel.properties().rate,
            Rate::hertz(expected.hertz).unwrap(),
            "{name}"
        );
        assert_eq!(channel.properties().warning(), None);
        let blocks = blocks_of(expected.blocks);
        assert_eq!(channel.blocks().unwrap(), blocks, "{name}");
        let (first, last) = (blocks[0].start, blocks[blocks.len() - 1].end());
        assert_eq!(channel.bounds().unwrap(), Some(first..last), "{name}");
        assert_eq!(
            channel.padded_bounds().unwrap(),
            Some(first..last),
            "{name}"
        );
        let value = |(re, im)| Complex::<f32>::new(re, im);
        assert_eq!(read(&channel, first, 1)[0], value(expected.first), "{name}");
        assert_eq!(
            read(&channel, last - 1, 1)[0],
            value(expected.last),
            "{name}"
        );
        let mut sum = Complex::new(0.0, 0.0);
        for block in blocks {
            for z in read(&channel, block.start, block.length as usize) {
                sum += Complex::new(f64::from(z.re), f64::from(z.im));
            }
        }
        // Summed in another order: 4e5 terms of some 10^2 in f64.
        assert!((sum.re - expected.sum.0).abs() < 1e-8, "{name}: {sum}");
        assert!((sum.im - expected.sum.1).abs() < 1e-8, "{name}: {sum}");
    }
}

#[test]
fn a_gap_is_missing_and_zero() {
    let Some(root) = reference("gmf") else { return };
    let channel = Channel::open(root.join("C_drf/rx0")).unwrap();
    let start = 1_650_000_000_126_000;
    let mut samples = vec![Complex::new(1.0, 1.0); 10_000];
    let missing = channel.read(start, 0, &mut samples).unwrap();
    let gap = 1_650_000_000_127_000..1_650_000_000_132_000;
    assert_eq!(missing, [gap, 1_650_000_000_135_000..start + 10_000]);
    assert!(
        samples[1_000..6_000]
            .iter()
            .all(|z| *z == Complex::new(0.0, 0.0))
    );
    assert_ne!(samples[999], Complex::new(0.0, 0.0));
    assert_ne!(samples[6_000], Complex::new(0.0, 0.0));
}

#[test]
fn a_window_across_an_hour_equals_its_parts() {
    let Some(root) = reference("gmf") else { return };
    let channel = Channel::open(root.join("B_drf/uhf")).unwrap();
    let (hour, half) = (1_618_232_400_000_000, 5_000);
    let whole = read(&channel, hour - half, 10_000);
    assert_eq!(whole[..5_000], read(&channel, hour - half, 5_000));
    assert_eq!(whole[5_000..], read(&channel, hour, 5_000));
    assert!(whole.iter().any(|z| z.norm() > 0.0));
}

#[test]
fn a_converted_recording_is_continuous_over_fifty_files() {
    let Some(root) = reference("gmf") else { return };
    let channel = Channel::open(root.join("eiscat_drf/uhf")).unwrap();
    let (start, length) = (1_618_228_786_600_000, 51_200_000);
    assert_eq!(channel.blocks().unwrap(), [Block { start, length }]);
    assert_eq!(read(&channel, start, 1)[0], Complex::new(-30.0, 0.0));
}

#[test]
fn pointing_is_read_with_its_gap() {
    let Some(root) = reference("gmf") else { return };
    let pointing = Metadata::open(root.join("B_drf/pointing")).unwrap();
    assert_eq!(pointing.properties().rate, Rate::hertz(25).unwrap());
    let (first, last, gap) = (40_455_809_997, 40_455_810_008, 40_455_810_001);
    assert_eq!(pointing.bounds().unwrap(), Some(first..=last));
    let entries = pointing.range(first..=last).unwrap();
    let indices = entries.iter().map(|(index, _)| *index).collect::<Vec<_>>();
    assert_eq!(
        indices,
        (first..=last)
            .filter(|&index| index != gap)
            .collect::<Vec<_>>()
    );
    let angles = |position: usize| {
        let entry = &entries[position].1;
        (entry["azimuth"].clone(), entry["elevation"].clone())
    };
    assert_eq!(angles(0), (Value::Float(90.0), Value::Float(75.0)));
    assert_eq!(angles(10), (Value::Float(92.75), Value::Float(73.625)));
    let (found, entry) = pointing.at_or_before(gap).unwrap().unwrap();
    assert_eq!((found, &entry), (gap - 1, &entries[3].1));
    assert_eq!(pointing.at_or_before(first - 1).unwrap(), None);
    assert_eq!(pointing.at_or_before(last + 100).unwrap().unwrap().0, last);
}
