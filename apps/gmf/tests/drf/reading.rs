//! How much is read from the disk.

use jobwise_testing::impossible_here;
use std::fs;
use std::path::Path;

use jobwise_gmf::clock::Rate;
use jobwise_gmf::drf::{
    CHUNK_CACHE, Cadence, Channel, ElementType, Kind, Order, Properties, Writer, WriterOptions,
};
use jobwise_hdf5::file_access;
use num_complex::Complex;

const RATE: u64 = 100_000_000;
const START: u64 = 1_618_228_800 * RATE;
/// Samples of the files of these tests, each in one file.
const LENGTH: usize = 1 << 20;

/// The bytes that this thread has read so far, from whatever cache; `None` where the system does
/// not tell.
fn bytes_read() -> Option<u64> {
    let table = fs::read_to_string("/proc/thread-self/io").ok();
    let table =
        table.or_else(|| impossible_here("the system does not tell how much a thread reads"));
    let line = table?.lines().next()?.to_owned();
    Some(line.strip_prefix("rchar: ")?.parse().unwrap())
}

/// The system's table is itself read, a few times.
const SLACK: u64 = 8192;

fn element() -> ElementType {
    ElementType {
        kind: Kind::I8,
        order: Order::Little,
        is_complex: true,
    }
}

fn sample(offset: usize) -> Complex<i8> {
    let number = (offset as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    Complex::new(number as i8 | 1, (number >> 8) as i8)
}

/// A channel of two bytes a sample that do not compress.
fn record(directory: &Path, compression: u8) -> Channel {
    let rate = Rate::hertz(RATE).unwrap();
    let cadence = Cadence::new(3600, 1000).unwrap();
    let properties = Properties::new(rate, cadence, element(), 1, compression == 0);
    let options = WriterOptions {
        compression,
        checksum: false,
        uuid: "reading".into(),
    };
    let mut writer = Writer::create(directory, properties, options).unwrap();
    let samples: Vec<_> = (0..LENGTH).map(sample).collect();
    writer.write(START, &samples).unwrap();
    writer.finish().unwrap();
    Channel::open(directory).unwrap()
}

fn assert_read(channel: &Channel, offset: usize, length: usize) {
    let mut window = vec![Complex::new(0.0, 0.0); length];
    let gaps = channel.read(START + offset as u64, 0, &mut window).unwrap();
    assert_eq!(gaps, []);
    for at in [0, length / 2, length - 1] {
        let (re, im) = (sample(offset + at).re, sample(offset + at).im);
        assert_eq!(window[at], Complex::new(f32::from(re), f32::from(im)));
    }
}

#[test]
fn of_contiguous_files_only_the_windows_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let channel = record(&directory.path().join("a"), 0);
    assert_read(&channel, 0, 1000);
    let Some(before) = bytes_read() else { return };
    for pulse in 1..50 {
        assert_read(&channel, pulse * 20_000, 1000);
    }
    let read = bytes_read().unwrap() - before;
    assert!(read <= 49 * 1000 * 2 + SLACK, "{read} bytes");
}

#[test]
fn every_chunk_is_decoded_once() {
    let directory = tempfile::tempdir().unwrap();
    let channel = record(&directory.path().join("a"), 1);
    let Some(before) = bytes_read() else { return };
    // Windows that overlap, so that every chunk is in several.
    for offset in (0..LENGTH - 40_000).step_by(10_000) {
        assert_read(&channel, offset, 40_000);
    }
    // A chunk is decoded where its bytes are read.
    let read = bytes_read().unwrap() - before;
    let stored = 2 * LENGTH as u64;
    assert!(read < stored + stored / 8, "{read} bytes");
    let before = bytes_read().unwrap();
    assert_read(&channel, 0, LENGTH - 40_000);
    let read = bytes_read().unwrap() - before;
    assert!(read <= SLACK, "{read} bytes");
}

#[test]
fn a_chunk_larger_than_the_cache_is_decoded_once_too() {
    let directory = tempfile::tempdir().unwrap();
    let channel = directory.path().join("a");
    drop(record(&channel, 1));
    let path = channel.join("2021-04-12T12-00-00/rf@1618228800.000.h5");
    // Instead of its samples, one chunk that holds them and zeros.
    let rows = CHUNK_CACHE / 2 + 1;
    let mut samples: Vec<_> = (0..LENGTH).map(sample).collect();
    samples.resize(rows, Complex::new(0, 0));
    let file = file_access::open_rw(&path).unwrap();
    file.unlink("rf_data").unwrap();
    let dataset = file
        .new_dataset_builder()
        .chunk((rows, 1))
        .deflate(1)
        .empty_as(element().datatype().unwrap())
        .shape((rows, 1))
        .create("rf_data")
        .unwrap();
    dataset.write_raw(&samples).unwrap();
    drop((dataset, file));
    let channel = Channel::open(&channel).unwrap();
    assert_read(&channel, 0, 1000);
    let Some(before) = bytes_read() else { return };
    for pulse in 1..4 {
        assert_read(&channel, pulse * 20_000, 1000);
    }
    let read = bytes_read().unwrap() - before;
    assert!(read <= SLACK, "{read} bytes");
}
