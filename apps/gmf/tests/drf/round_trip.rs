//! Everything we write is read back equal, by us and by the peer.

use std::path::Path;

use jobwise_gmf::drf::{Block, Channel, Kind, Order};
use num_complex::Complex;

use crate::peer;
use crate::signal::{
    PIECES, START, STORAGES, Sample, Storage, complex_sample, is_recorded, record,
};
use jobwise_testing::Python;

/// Writes one channel per combination of layout, and reads each back ourselves.
fn record_all<T: Sample>(top: &Path) {
    for order in [Order::Little, Order::Big] {
        for is_complex in [true, false] {
            for subchannels in [1, 3] {
                for storage in STORAGES {
                    let kind = T::KIND;
                    let name = format!("{kind:?}-{order:?}-{is_complex}-{subchannels}-{storage:?}");
                    let directory = top.join(&name);
                    record::<T>(&directory, order, is_complex, subchannels, storage);
                    read_back::<T>(&directory, &name, storage);
                }
            }
        }
    }
}

fn read_back<T: Sample>(directory: &Path, name: &str, storage: Storage) {
    let channel = Channel::open(directory).unwrap();
    let end = PIECES[2].end;
    assert_eq!(
        channel.bounds().unwrap(),
        Some(START..START + end),
        "{name}"
    );
    let is_complex = channel.properties().is_complex;
    // The format does not tell few fill values inside a file from samples, unless they are NaN.
    let is_hidden = matches!(storage, Storage::Padded) && !T::KIND.is_float();
    // One sample more at either end, which is missing.
    let pauses = PIECES
        .windows(2)
        .map(|pair| START + pair[0].end..START + pair[1].start)
        .filter(|pause| !is_hidden || pause.end - pause.start > 7);
    let expected_gaps = std::iter::once(START - 1..START)
        .chain(pauses)
        .chain(std::iter::once(START + end..START + end + 1))
        .collect::<Vec<_>>();
    for subchannel in 0..channel.properties().subchannels {
        let zero = Complex::new(T::default(), T::default());
        let mut samples = vec![complex_sample::<T>(1, 1); end as usize + 2];
        let gaps = channel
            .read_native::<T>(START - 1, subchannel, &mut samples)
            .unwrap();
        assert_eq!(gaps, expected_gaps, "{name}");
        let mut rounded = vec![Complex::new(9.0, 9.0); end as usize + 2];
        let mut gaps = channel.read(START - 1, subchannel, &mut rounded).unwrap();
        // Those that no float of 32 bits holds are missing too.
        if T::KIND == Kind::F64 {
            gaps.retain(|gap| gap.end - gap.start > 2);
            assert!(gaps.len() >= 2, "{gaps:?}");
        } else {
            assert_eq!(gaps, expected_gaps);
        }
        assert_eq!(
            (samples[0], samples[end as usize + 1]),
            (zero, zero),
            "{name}"
        );
        for offset in 0..end {
            let mut expected = zero;
            if is_recorded(offset) {
                expected = complex_sample(offset, subchannel);
            } else if is_hidden && offset < 157 {
                expected = Complex::new(T::FILL, T::FILL);
            }
            if !is_complex {
                expected.im = T::default();
            }
            let found = samples[offset as usize + 1];
            assert_eq!(
                found, expected,
                "{name}, sample {offset}, sub-channel {subchannel}"
            );
            let mut expected = Complex::new(expected.re.to_f32(), expected.im.to_f32());
            if expected.re.is_infinite() || expected.im.is_infinite() {
                expected = Complex::default();
            }
            assert_eq!(rounded[offset as usize + 1], expected, "{name}, rounded");
        }
    }
    let blocks = channel.blocks().unwrap();
    if matches!(storage, Storage::Padded) {
        // The files of 12:30:38 to 42 and of 46 are there; what is between them is not.
        assert_eq!(blocks.len(), 2, "{name}");
        assert_eq!((blocks[0].start, blocks[1].end()), (START, START + end));
    } else {
        let expected = PIECES.map(|p| Block {
            start: START + p.start,
            length: p.end - p.start,
        });
        assert_eq!(blocks, expected, "{name}");
    }
}

macro_rules! round_trips {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            let top = tempfile::tempdir().unwrap();
            record_all::<$name>(top.path());
            let Some(python) = Python::with("h5py, digital_rf") else { return };
            let (compared, _) = peer::assert_equal(&python, top.path());
            let recorded: u64 = PIECES.iter().map(|piece| piece.end - piece.start).sum();
            // Two byte orders, real and complex, three storages, 1 + 3 sub-channels.
            assert!(compared >= 2 * 2 * 3 * 4 * recorded, "{compared}");
        }
    )*};
}
round_trips!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

#[test]
fn threads_may_share_a_channel() {
    let top = tempfile::tempdir().unwrap();
    record::<i16>(top.path(), Order::Big, true, 3, Storage::Compressed);
    let channel = Channel::open(top.path()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..6_u64 {
            let channel = &channel;
            scope.spawn(move || {
                for start in (0..130).map(|k| (k * 7 + thread * 20) % 130) {
                    let (mut samples, column) = ([Complex::default(); 20], thread as usize % 3);
                    let gaps = channel.read_native::<i16>(START + start, column, &mut samples);
                    assert_eq!(gaps.unwrap(), []);
                    let expected =
                        std::array::from_fn(|k| complex_sample(start + k as u64, column));
                    assert_eq!(samples, expected);
                }
            });
        }
    });
}
