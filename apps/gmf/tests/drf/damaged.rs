//! Damaged files of recordings, through what the commands call. `JOBWISE_DAMAGED=100000` reads so
//! many of each kind; `JOBWISE_SEED` begins elsewhere.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_gmf::clock::Rate;
use jobwise_gmf::dmd::{Metadata, MetadataProperties, MetadataWriter};
use jobwise_gmf::drf::{Channel, Order};
use jobwise_gmf::inspect;
use jobwise_kit::Inputs;
use jobwise_testing::{Reader, forked, tree};
use num_complex::Complex;

use crate::signal::{START, Storage, record};

fn files(top: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let names = tree(top).into_keys();
    names
        .filter(|name| wanted(name))
        .map(PathBuf::from)
        .collect()
}

fn read_channel(top: &Path) -> Result<(), String> {
    let inputs = Arc::new(Inputs::new(false));
    let inspected = inspect::recording(top, &inputs).map(black_box);
    let channel = Channel::open(top.join("channel")).map_err(|error| error.to_string())?;
    let _ = black_box((channel.blocks(), channel.element()));
    let bounds = channel.bounds().map(black_box);
    let read = channel.read(START, 0, &mut vec![Complex::default(); 560]);
    inspected.map_err(|error| error.to_string())?;
    bounds.map_err(|error| error.to_string())?;
    read.map_err(|error| error.to_string())?;
    match inputs.count() {
        0 => Ok(()),
        count => Err(format!("{count} files are passed over")),
    }
}

#[test]
fn damaged_properties_are_refused() {
    forked::alone("damaged::damaged_properties_are_refused", || {
        let top = tempfile::tempdir().unwrap();
        let channel = top.path().join("channel");
        record::<i16>(&channel, Order::Little, true, 1, Storage::Gapped);
        Reader {
            name: "properties",
            sound: top.path(),
            files: files(top.path(), |name| name.ends_with("properties.h5")),
            read: &read_channel,
            cases: 600,
        }
        .run();
    });
}

#[test]
fn damaged_samples_are_refused() {
    forked::alone("damaged::damaged_samples_are_refused", || {
        let top = tempfile::tempdir().unwrap();
        let channel = top.path().join("channel");
        record::<i16>(&channel, Order::Little, true, 1, Storage::Gapped);
        Reader {
            name: "data",
            sound: top.path(),
            files: files(top.path(), |name| name.contains("rf@")),
            read: &read_channel,
            cases: 600,
        }
        .run();
    });
}

#[test]
fn damaged_metadata_are_refused() {
    forked::alone("damaged::damaged_metadata_are_refused", || {
        let top = tempfile::tempdir().unwrap();
        let properties = MetadataProperties {
            rate: Rate::hertz(100).unwrap(),
            subdirectory_seconds: 3600,
            file_seconds: 10,
            file_name: "meta".to_owned(),
        };
        let fields = ["azimuth", "elevation"];
        let mut writer = MetadataWriter::create(top.path(), properties, &fields).unwrap();
        for index in 0..20 {
            writer
                .write(161_822_974_000 + 100 * index, &[1.0, 2.0])
                .unwrap();
        }
        writer.finish().unwrap();
        Reader {
            name: "metadata",
            sound: top.path(),
            files: files(top.path(), |_| true),
            read: &|top| {
                let metadata = Metadata::open(top).map_err(|error| error.to_string())?;
                let range = metadata.range(0..=u64::MAX).map(black_box);
                let before = metadata.at_or_before(161_822_975_000).map(black_box);
                metadata
                    .bounds()
                    .map(black_box)
                    .map_err(|error| error.to_string())?;
                range.map_err(|error| error.to_string())?;
                before.map(drop).map_err(|error| error.to_string())
            },
            cases: 600,
        }
        .run();
    });
}
