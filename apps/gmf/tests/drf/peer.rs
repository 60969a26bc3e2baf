//! What Python reads, and its comparison with what we read.

use std::collections::BTreeMap;
use std::path::Path;

use jobwise_gmf::drf::{Channel, Element, Kind, Recording};
use jobwise_testing::Python;
use num_complex::Complex;

const SCRIPT: &str = include_str!("peer.py");

/// One channel as the peer reads it.
#[derive(Debug, Default)]
pub(crate) struct PeerChannel {
    /// First and last index, fill included.
    pub(crate) bounds: (u64, u64),
    /// First index and the bytes of all samples: little-endian, sub-channels side by side.
    pub(crate) blocks: Vec<(u64, u64, Vec<u8>)>,
}

/// Reads all channels of a recording with the peer.
pub(crate) fn read(python: &Python, top: &Path) -> BTreeMap<String, PeerChannel> {
    let scratch = tempfile::tempdir().unwrap();
    let mut channels: BTreeMap<String, PeerChannel> = BTreeMap::new();
    for line in python.run(SCRIPT, [top, scratch.path()]).lines() {
        let words = line.split(' ').collect::<Vec<_>>();
        let [first, second] = [words[2], words[3]].map(|word| word.parse::<u64>().unwrap());
        let channel = channels.entry(words[1].to_owned()).or_default();
        match words[0] {
            "bounds" => channel.bounds = (first, second),
            _ => channel
                .blocks
                .push((first, second, std::fs::read(words[4]).unwrap())),
        }
    }
    channels
}

/// Demands that we read every sample of every channel and sub-channel as the peer does.
///
/// What the peer reads as fill must be missing for us, and nothing else may be. Returns how many
/// samples were compared and how many were missing.
pub(crate) fn assert_equal(python: &Python, top: &Path) -> (u64, u64) {
    let recording = Recording::open(top).unwrap();
    let peer = read(python, top);
    let names = peer.keys().cloned().collect::<Vec<_>>();
    assert_eq!(recording.channels(), names);
    let (mut compared, mut missing) = (0, 0);
    for (name, peer) in peer {
        let channel = recording.channel(&name).unwrap();
        let (first, last) = peer.bounds;
        assert_eq!(
            channel.padded_bounds().unwrap(),
            Some(first..last + 1),
            "{name}"
        );
        for (start, length, bytes) in peer.blocks {
            let (ours, absent) = bytes_of(&channel, start, length as usize);
            assert!(
                ours == bytes,
                "{name}: samples from {start} differ from the peer's"
            );
            compared += length * channel.properties().subchannels as u64;
            missing += absent;
        }
    }
    (compared, missing)
}

/// Our samples in the peer's order, with the fill value where we report them missing.
fn bytes_of(channel: &Channel, start: u64, length: usize) -> (Vec<u8>, u64) {
    macro_rules! dispatch {
        ($($kind:ident: $name:ty),*) => {
            match channel.element().unwrap().unwrap().kind {
                $(Kind::$kind => typed_bytes::<$name, _>(channel, start, length, |x| {
                    x.to_le_bytes().to_vec()
                }),)*
            }
        };
    }
    dispatch!(I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
              F32: f32, F64: f64)
}

fn typed_bytes<T: Element, F: Fn(T) -> Vec<u8>>(
    channel: &Channel,
    start: u64,
    length: usize,
    encode: F,
) -> (Vec<u8>, u64) {
    let properties = channel.properties();
    let mut absent = 0;
    let columns = (0..properties.subchannels)
        .map(|subchannel| {
            let mut samples = vec![Complex::<T>::new(T::default(), T::default()); length];
            let missing = channel
                .read_native(start, subchannel, &mut samples)
                .unwrap();
            for gap in missing {
                absent += gap.end - gap.start;
                for index in gap {
                    samples[(index - start) as usize] = Complex::new(T::FILL, T::FILL);
                }
            }
            samples
        })
        .collect::<Vec<_>>();
    let mut bytes = Vec::new();
    for row in 0..length {
        for column in &columns {
            bytes.extend(encode(column[row].re));
            if properties.is_complex {
                bytes.extend(encode(column[row].im));
            }
        }
    }
    (bytes, absent)
}
