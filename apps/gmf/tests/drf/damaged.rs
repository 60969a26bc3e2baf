//! Damaged files of recordings, through what the commands call. `JOBWISE_DAMAGED=100000` reads so
//! many of each kind; `JOBWISE_SEED` begins elsewhere.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_faults::{Reader, forked, tree};
use jobwise_gmf::clock::Rate;
use jobwise_gmf::dmd::{Metadata, MetadataProperties, MetadataWriter};
use jobwise_gmf::drf::{Channel, Order};
use jobwise_gmf::inspect;
use jobwise_kit::Inputs;
use num_complex::Complex;

use crate::signal::{START, Storage, record};

fn files(top: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let names = tree(top).into_keys();
    names
        .filter(|name| wanted(name))
        .map(PathBuf::from)
        .collect()
}

fn read_channel(top: &Path) {
    let inputs = Arc::new(Inputs::new(false));
    let _ = black_box(inspect::recording(top, &inputs));
    let Ok(channel) = Channel::open(top.join("channel")) else {
        return;
    };
    let _ = black_box((channel.bounds(), channel.blocks(), channel.element()));
    let _ = channel.read(START, 0, &mut vec![Complex::default(); 560]);
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
                if let Ok(metadata) = Metadata::open(top) {
                    let _ = black_box((metadata.bounds(), metadata.range(0..=u64::MAX)));
                    let _ = black_box(metadata.at_or_before(161_822_975_000));
                }
            },
            cases: 600,
        }
        .run();
    });
}
