//! A recorder that is stopped and started again.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use jobwise_gmf::drf::{Channel, Writer, WriterOptions};
use num_complex::Complex;

use super::{Recorder, bench, follow, plain, table_lines};
use crate::bench::Bench;

/// Writes samples of the recording to the live one, 10 ms at a time, as fast as they were recorded.
fn record(bench: &Bench, writer: &mut Writer, samples: std::ops::Range<usize>) {
    let channel = Channel::open(bench.path("recording/sim")).unwrap();
    let first = channel.bounds().unwrap().unwrap().start;
    for begin in samples.clone().step_by(1000) {
        let mut piece = vec![Complex::default(); 1000.min(samples.end - begin)];
        let at = first + begin as u64;
        channel.read_native::<f32>(at, 0, &mut piece).unwrap();
        writer.write(at, &piece).unwrap();
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_gap_is_missing_and_the_grid_stays() {
    for options in [
        WriterOptions::default(),
        WriterOptions {
            compression: 1,
            ..WriterOptions::default()
        },
    ] {
        let bench = bench();
        // The experiment and the channel's properties.
        Recorder::begin(&bench, "sim");
        let live = bench.path("live/sim");
        let mut properties = Channel::open(&live).unwrap().properties().clone();
        properties.is_unsigned = Some(false);
        let create = || Writer::create(&live, properties.clone(), options.clone()).unwrap();
        let flags = ["--idle-timeout", "2", "--settle", "0.1", "--threads", "2"];
        let running = follow(&bench, "out", &flags);
        // Stops within a file, which is then padded with fill if it is stored plainly.
        let mut writer = create();
        record(&bench, &mut writer, 0..84_300);
        writer.finish().unwrap();
        // What a killed recorder leaves.
        let directory = fs::read_dir(&live).unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            path.is_dir().then_some(path)
        });
        fs::write(directory.unwrap().join("tmp.rf@1618228800.540.h5"), "half").unwrap();
        sleep(Duration::from_millis(300));
        let mut writer = create();
        record(&bench, &mut writer, 121_700..200_050);
        writer.finish().unwrap();
        let ended = running.end();
        assert!(ended.succeeded(), "{ended:?}");
        let lines = table_lines(&ended);
        assert_eq!(lines.len(), 20);
        for (number, line) in lines.iter().enumerate() {
            let is_missing = (8..=12).contains(&number);
            assert_eq!(line.contains("not analysed"), is_missing, "{line}");
        }
        bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
    }
}
