use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jobwise_frames::frame::{Frame, Place};
use jobwise_frames::json::frame_to_json;
use jobwise_frames::object::{Object, Value};
use jobwise_testing::reference;
use serde_json::Value as Json;

/// The plain files of the reference.
const FILES: [&str; 25] = [
    "bigendian",
    "coadd",
    "job_car_pol",
    "job_car_unpol",
    "job_healpix_pol",
    "job_healpix_unpol",
    "job_zea_pol",
    "job_zea_unpol",
    "legacy",
    "maps",
    "obs",
    "part0000",
    "part0001",
    "part0002",
    "perscan_maps",
    "pipeinfo",
    "scalars",
    "shared_cal",
    "timestreams",
    "unknown",
    "real/so3g-hk",
    "real/so3g-super",
    "real/spt3g-test-be",
    "real/spt3g-test-le",
    "real/spt3g-test-le-v2",
];

/// Of old versions, or with the highest bytes first: they are not written as they were read.
const OLD: [&str; 3] = ["bigendian", "legacy", "real/spt3g-test-le"];

/// Those with a dump of the same name.
const DUMPS: [&str; 12] = [
    "coadd",
    "maps",
    "obs",
    "pipeinfo",
    "scalars",
    "timestreams",
    "unknown",
    "real/so3g-hk",
    "real/so3g-super",
    "real/spt3g-test-be",
    "real/spt3g-test-le",
    "real/spt3g-test-le-v2",
];

/// The frames of a file of the reference.
pub(crate) fn frames(name: &str) -> Option<Vec<Frame>> {
    let path = reference(&format!("frames/{name}.g3"))?;
    let bytes = Bytes::from(std::fs::read(&path).unwrap());
    let file: Arc<std::path::Path> = path.into();
    let (mut frames, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let (mut frame, end) = Frame::parse(&bytes, at).unwrap();
        frame.set_place(Place {
            file: file.clone(),
            frame: frames.len() as u64,
            offset: at as u64,
        });
        frames.push(frame);
        at = end;
    }
    Some(frames)
}

fn dump(name: &str) -> Option<Vec<Json>> {
    let path: PathBuf = reference(&format!("frames/{name}.json"))?;
    let text = std::fs::read_to_string(path).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn every_reference_file_has_the_values_of_its_dump() {
    for name in DUMPS {
        let (Some(frames), Some(dump)) = (frames(name), dump(name)) else {
            return;
        };
        assert_eq!(frames.len(), dump.len(), "{name}");
        for (frame, mut expected) in frames.iter().zip(dump) {
            let text = frame_to_json(frame, |_| true);
            let mut found: Json = serde_json::from_str(&text).unwrap();
            // The dump is older than what is known of masks.
            if let Some(mask) = expected["objects"].get_mut("mask") {
                assert_eq!(
                    mask.as_object_mut()
                        .unwrap()
                        .remove("unknown_class")
                        .unwrap(),
                    "'G3SkyMapMask'"
                );
                let mask = found["objects"]["mask"].as_object_mut().unwrap();
                let decoded = mask.remove("decoded").unwrap();
                assert_eq!(decoded["parent"]["class"], "FlatSkyMap");
            }
            for (object, expected) in expected["objects"].as_object().unwrap() {
                let found = &found["objects"][object];
                assert_eq!(found, expected, "{name}: {object}");
            }
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn what_nobody_changed_is_written_as_it_was_read() {
    for name in FILES {
        let Some(frames) = frames(name) else { return };
        for frame in frames {
            let bytes = frame.bytes().unwrap().clone();
            let stream = Frame::read(&mut &bytes[..]).unwrap().unwrap();
            assert_eq!(stream.to_bytes().unwrap(), bytes, "{name}");
            // The same without the frame's own bytes, from those of its objects.
            let mut rebuilt = Frame::new(frame.kind());
            for (name, object) in frame.iter() {
                rebuilt.put(name, object.clone());
            }
            let is_little = bytes[0] == 1;
            assert_eq!(is_little, rebuilt.to_bytes().unwrap() == bytes, "{name}");
            assert_eq!(rebuilt.digest().unwrap(), frame.digest().unwrap());
        }
    }
}

/// Whether the value has samples in FLAC, which can be coded in more than one way.
fn has_flac(value: &Value) -> bool {
    match value {
        Value::Timestream(timestream) => timestream.compression.is_some(),
        Value::TimestreamMap(map) => map.iter().any(|(_, own)| own.compression.is_some()),
        Value::SuperTimestream(array) => array.storage.data_algorithm != 0,
        _ => false,
    }
}

#[test]
fn every_value_is_written_as_it_was_read() {
    let mut count = 0;
    for name in FILES {
        let is_old = name.contains("-be") || name.contains("-v2") || OLD.contains(&name);
        let Some(frames) = frames(name) else { return };
        for frame in frames {
            for (key, object) in frame.iter() {
                let Ok(value) = object.value() else { continue };
                let written = Object::new(value.clone()).blob().unwrap();
                if !has_flac(value) && !is_old {
                    let stored = object.stored().unwrap();
                    assert_eq!(&written, stored, "{name}: {key}");
                }
                let again = Object::from_blob(written);
                let again = again.value().unwrap();
                assert!(is_same(again, value), "{name}: {key}");
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count} objects");
}

/// Whether the values are the same, NaN included, whatever way samples are stored.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::SuperTimestream(one), Value::SuperTimestream(other)) => {
            let own = (&one.names, &one.times);
            own == (&other.names, &other.times) && one.samples == other.samples
        }
        // As texts, NaN is equal to NaN.
        (Value::Timestream(one), Value::Timestream(other)) => {
            format!("{:?}", one.samples) == format!("{:?}", other.samples)
        }
        _ => one == other || format!("{one:?}") == format!("{other:?}"),
    }
}
