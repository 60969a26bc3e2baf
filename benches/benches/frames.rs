//! Frames: read with their checksums, found by their lengths, decoded, written. The same on both
//! sizes of frames: scans of 200 detectors x 2000 numbers (3.2 MB), and of 4 x 64 (2.5 kB).

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::object::{Time, Timestream, TimestreamMap, Units};

/// Scans one after the other, as in a file.
fn file(scans: usize, detectors: usize, samples: usize) -> Bytes {
    let mut file = Vec::new();
    for scan in 0..scans {
        let mut frame = Frame::new(FrameType::SCAN);
        let start = Time(160_000_000_000_000_000 + 1_000_000 * (scan * samples) as i64);
        let stop = Time(start.0 + 1_000_000 * (samples as i64 - 1));
        let map: TimestreamMap = (0..detectors)
            .map(|detector| {
                let sample = |index: usize| (detector * 37 + index * index % 101) as f64;
                let samples: Vec<f64> = (0..samples).map(sample).collect();
                let stream = Timestream::new(samples, Units::COUNTS, start, stop);
                (format!("det{detector:04}"), stream)
            })
            .collect();
        frame.put("RawTimestreams_I", map);
        frame.put("ScanNumber", scan as i64);
        frame.put("SourceName", "field3");
        frame.put("ObservationID", 1003i64);
        frame.put("Turnaround", false);
        file.extend_from_slice(&frame.to_bytes().unwrap());
    }
    file.into()
}

fn frames(file: &Bytes) -> Vec<Frame> {
    let (mut frames, mut at) = (Vec::new(), 0);
    while at < file.len() {
        let (frame, end) = Frame::parse(file, at).unwrap();
        frames.push(frame);
        at = end;
    }
    frames
}

fn of_size(c: &mut Criterion, name: &str, file: &Bytes) {
    let mut group = c.benchmark_group(name);
    let count = frames(file).len() as u64;
    group.throughput(Throughput::ElementsAndBytes {
        elements: count,
        bytes: file.len() as u64,
    });
    group.bench_function("read", |b| {
        b.iter(|| {
            let mut at = 0;
            while at < file.len() {
                at = black_box(Frame::parse(file, at).unwrap()).1;
            }
        });
    });
    group.bench_function("find", |b| {
        b.iter(|| {
            let mut at = 0;
            while at < file.len() {
                at += black_box(Frame::length(file, at).unwrap()).1;
            }
        });
    });
    group.bench_function("decode", |b| {
        b.iter(|| {
            for frame in frames(file) {
                for (_, object) in frame.iter() {
                    black_box(object.value().unwrap());
                }
            }
        });
    });
    group.bench_function("write", |b| {
        let values = frames(file).into_iter().map(|frame| {
            let mut changed = Frame::new(frame.kind());
            for (name, object) in frame.iter() {
                changed.put(name, object.value().unwrap().clone());
            }
            changed
        });
        let values: Vec<Frame> = values.collect();
        // Each frame keeps the bytes that it once had.
        b.iter_batched(
            || values.iter().map(fresh).collect::<Vec<Frame>>(),
            |frames| {
                for frame in frames {
                    black_box(frame.to_bytes().unwrap());
                }
            },
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn fresh(frame: &Frame) -> Frame {
    let mut fresh = Frame::new(frame.kind());
    for (name, object) in frame.iter() {
        fresh.put(name, object.value().unwrap().clone());
    }
    fresh
}

fn all(c: &mut Criterion) {
    of_size(c, "frames/big", &file(30, 200, 2000));
    of_size(c, "frames/small", &file(2000, 4, 64));
}

criterion_group!(benches, all);
criterion_main!(benches);
