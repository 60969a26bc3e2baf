use std::collections::BTreeMap;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::map::{Binning, Coadd, Layer, Polarization, StoredMap, Sum};
use jobwise_testing::reference;
use serde_json::Value;

use crate::reference::frames;

/// The maps of the reference job: their names there and here.
const MAPS: [(&str, &str); 3] = [
    ("zea", "zea:24x16@0.25deg,30,-49.3"),
    ("car", "car:30x20@0.2deg,30,-49.3"),
    ("healpix", "healpix:64"),
];

fn binning(map: &str, polarization: Polarization) -> Binning {
    Binning {
        timestreams: "CalTimestreams".into(),
        pointing: "OnlineRaDecRotation".into(),
        weights: Some("TodWeights".into()),
        properties: "BolometerProperties".into(),
        polynomial: Some("poly:2".parse().unwrap()),
        geometry: map.parse().unwrap(),
        polarization,
    }
}

/// What each scan of a file adds.
fn contributions(
    binning: &Binning,
    frames: &[Frame],
) -> Vec<jobwise_frames::map::Result<jobwise_frames::map::Contribution>> {
    let mut scratch = binning.scratch();
    let mut calibration = None;
    let mut found = Vec::new();
    for frame in frames {
        match frame.kind() {
            FrameType::CALIBRATION => calibration = Some(frame),
            FrameType::SCAN => {
                found.extend(
                    binning
                        .contribution(frame, calibration, &mut scratch)
                        .transpose(),
                );
            }
            _ => {}
        }
    }
    found
}

fn map(id: &str, binning: &Binning, frames: &[Frame]) -> StoredMap {
    let mut sum = Sum::new(binning.geometry, binning.polarization);
    for scan in contributions(binning, frames) {
        sum.add(scan.unwrap()).unwrap();
    }
    StoredMap::new(id, sum)
}

/// Pixels that are not zero are the same, and values are, relative to the largest.
fn same(found: &BTreeMap<u64, f64>, expected: &BTreeMap<u64, f64>, what: &str) {
    assert!(found.keys().eq(expected.keys()), "{what}");
    let largest = expected
        .values()
        .fold(0.0f64, |most, value| most.max(value.abs()));
    for (pixel, value) in found {
        let off = (value - expected[pixel]).abs();
        assert!(
            off <= 1e-12 * largest,
            "{what}: pixel {pixel}: {off:e} of {largest}"
        );
    }
}

fn sparse(expected: &Value) -> BTreeMap<u64, f64> {
    let pixels = expected["pix"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_u64().unwrap());
    let values = expected["val"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap());
    pixels.zip(values).collect()
}

fn layer(map: &StoredMap, layer: Layer) -> BTreeMap<u64, f64> {
    map.sum.values(layer).collect()
}

#[test]
fn six_maps_are_those_of_spt3g() {
    let Some(directory) = reference("frames") else {
        return;
    };
    let scans = frames(directory.join("obs.g3"));
    let expected = std::fs::read(directory.join("job_expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for (kind, pixels) in MAPS {
        for (name, polarization) in [("unpol", Polarization::None), ("pol", Polarization::Iau)] {
            let name = format!("{kind}_{name}");
            let job = binning(pixels, polarization);
            let found = map("m", &job, &scans);
            let expected = &expected["maps"][&name];
            let (start, stop) = found.sum.times().unwrap();
            assert_eq!(expected["StartTime"], start);
            assert_eq!(expected["StopTime"], stop);
            for &one in found.sum.layers().iter().filter(|one| **one != Layer::H) {
                let key = if one.is_weight() {
                    format!("W_{one}")
                } else {
                    one.to_string()
                };
                same(
                    &layer(&found, one),
                    &sparse(&expected[&key]),
                    &format!("{name} {key}"),
                );
            }
            // Each sample of the four scans, in some pixel or outside.
            let hits: f64 = found.sum.dense(Layer::H).iter().sum();
            let all = hits + found.sum.outside(Layer::H);
            assert!((all - f64::from(4 * 4 * 64)).abs() < 0.5, "{all}");
            unweighted(&found, &expected["T_unweighted"], &name);
            // The same as frames, and read back.
            let theirs = frames(directory.join(format!("job_{name}.g3"))).remove(0);
            let ours = StoredMap::read(&found.to_frame()).unwrap();
            assert!(ours.sum == found.sum, "{name}");
            compare(&ours, &StoredMap::read(&theirs).unwrap(), &name);
        }
    }
}

fn unweighted(found: &StoredMap, expected: &Value, name: &str) {
    let sky: BTreeMap<u64, [f64; 3]> = found.sum.unweighted().collect();
    for (pixel, expected) in expected["val"].as_array().unwrap().iter().enumerate() {
        let value = sky.get(&(pixel as u64)).map_or(f64::NAN, |sky| sky[0]);
        match expected.as_f64() {
            None => assert!(value.is_nan(), "{name}: {pixel}"),
            Some(expected) => assert!((value - expected).abs() < 1e-10, "{name}: {pixel}"),
        }
    }
}

/// Two maps of frames: all but the hits.
fn compare(ours: &StoredMap, theirs: &StoredMap, name: &str) {
    assert_eq!(ours.id, theirs.id, "{name}");
    assert_eq!(ours.sum.geometry(), theirs.sum.geometry(), "{name}");
    assert_eq!(ours.sum.polarization(), theirs.sum.polarization(), "{name}");
    assert_eq!(ours.sum.units(), theirs.sum.units(), "{name}");
    assert_eq!(ours.is_weighted, theirs.is_weighted, "{name}");
    for &one in theirs.sum.layers() {
        same(
            &layer(ours, one),
            &layer(theirs, one),
            &format!("{name} {one}"),
        );
    }
}

#[test]
fn maps_of_scans_and_their_sum_are_those_of_spt3g() {
    let Some(directory) = reference("frames") else {
        return;
    };
    let scans = frames(directory.join("obs.g3"));
    let job = binning(MAPS[0].1, Polarization::Iau);
    let theirs = frames(directory.join("perscan_maps.g3"));
    let of_scan = |scan: jobwise_frames::map::Result<_>| {
        let mut sum = Sum::new(job.geometry, job.polarization);
        sum.add(scan.unwrap()).unwrap();
        StoredMap::new("m", sum).to_frame()
    };
    let ours: Vec<Frame> = contributions(&job, &scans)
        .into_iter()
        .map(of_scan)
        .collect();
    assert_eq!(ours.len(), theirs.len());
    for (i, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let [ours, theirs] = [ours, theirs].map(|frame| StoredMap::read(frame).unwrap());
        compare(&ours, &theirs, &format!("scan {i}"));
        assert_eq!(ours.sum.times(), theirs.sum.times());
    }
    // Of theirs and of ours.
    let expected = StoredMap::read(&frames(directory.join("coadd.g3"))[0]).unwrap();
    for maps in [&theirs, &ours] {
        let mut coadd = Coadd::new(None, "Coadd", false);
        for frame in maps {
            assert!(coadd.add(frame).unwrap());
        }
        let frames = coadd.frames(false).unwrap();
        let [frame] = &frames[..] else {
            panic!("{} sums", frames.len())
        };
        compare(&StoredMap::read(frame).unwrap(), &expected, "coadd");
        let ids: &Vec<jobwise_frames::archive::Text> = frame.get_as("InputMapIds").unwrap();
        assert_eq!(ids.len(), 1);
        assert_eq!(ids[0], "m");
    }
    // The sum of maps is the map of the sum, and the same in any order of reading.
    let direct = map("Coadd", &job, &scans);
    let mut coadd = Coadd::new(None, "Coadd", false);
    for frame in &ours {
        coadd.add(frame).unwrap();
    }
    let sum = StoredMap::read(&coadd.frames(false).unwrap()[0]).unwrap();
    assert!(sum.sum == direct.sum);
}

#[test]
fn weights_taken_out_are_put_back() {
    let Some(directory) = reference("frames") else {
        return;
    };
    let theirs = frames(directory.join("perscan_maps.g3"));
    let mut coadd = Coadd::new(None, "all ", true);
    for frame in &theirs {
        coadd.add(frame).unwrap();
    }
    let frame = &coadd.frames(true).unwrap()[0];
    let unweighted = StoredMap::read(frame).unwrap();
    assert_eq!(unweighted.id, "all m");
    assert!(!unweighted.is_weighted);
    let weighted = StoredMap::read(&coadd.frames(false).unwrap()[0]).unwrap();
    let mut again = Coadd::new(None, "all m", false);
    again.add(frame).unwrap();
    let again = StoredMap::read(&again.frames(false).unwrap()[0]).unwrap();
    assert!(again.is_weighted);
    let expected = layer(&weighted, Layer::Q);
    let mut compared = 0;
    for (pixel, [_, q, _]) in weighted.sum.unweighted() {
        let found = again.sum.value(Layer::Q, pixel);
        assert_eq!(q.is_nan(), found.is_nan());
        if !q.is_nan() {
            compared += 1;
            assert!((found - expected[&pixel]).abs() < 1e-9, "{pixel}");
        }
    }
    assert!(compared > 10);
}

#[test]
fn what_is_missing_is_told_with_its_place() {
    let Some(directory) = reference("frames") else {
        return;
    };
    let scans = frames(directory.join("obs.g3"));
    let told = |job: &Binning, frames: &[Frame]| {
        let errors = contributions(job, frames)
            .into_iter()
            .filter_map(Result::err);
        errors
            .map(|error| error.to_string())
            .next()
            .unwrap_or_default()
    };
    let job = binning(MAPS[0].1, Polarization::Iau);
    let no_calibration: Vec<Frame> = scans
        .iter()
        .filter(|frame| frame.kind() != FrameType::CALIBRATION)
        .cloned()
        .collect();
    let of = |change: &dyn Fn(&mut Frame, FrameType)| -> Vec<Frame> {
        let mut frames = scans.clone();
        for frame in &mut frames {
            change(frame, frame.kind());
        }
        frames
    };
    let weights = |values: [f64; 4]| {
        let names = ["det000", "det001", "det002", "det003"];
        let map: jobwise_frames::object::Map<f64> = names.into_iter().zip(values).collect();
        move |frame: &mut Frame, kind| {
            if kind == FrameType::CALIBRATION {
                frame.put("TodWeights", map.clone());
            }
        }
    };
    let other = |change: &dyn Fn(&mut Binning)| {
        let mut job = binning(MAPS[0].1, Polarization::Iau);
        change(&mut job);
        job
    };
    let cases = [
        (told(&job, &no_calibration), "Calibration"),
        (
            told(&other(&|job| job.weights = Some("No".into())), &scans),
            "No",
        ),
        (
            told(&other(&|job| job.timestreams = "No".into()), &scans),
            "No: the frame has no object",
        ),
        (
            told(&other(&|job| job.pointing = "BoresightRa".into()), &scans),
            "G3Timestream",
        ),
        (
            told(&job, &of(&weights([1.0, f64::NAN, 1.0, 1.0]))),
            "det001: its weight is NaN",
        ),
        (
            told(
                &job,
                &of(&|frame, kind| {
                    if kind == FrameType::CALIBRATION {
                        let few: jobwise_frames::object::Map<f64> =
                            [("det000", 1.0)].into_iter().collect();
                        frame.put("TodWeights", few);
                    }
                }),
            ),
            "det001: it has no weight",
        ),
    ];
    for (error, why) in cases {
        assert!(error.contains(why), "{error}");
        assert!(error.contains("obs.g3: frame 3 at byte"), "{error}");
    }
    // A detector of weight 0 is not there.
    let frames = of(&weights([0.0, 1.0, 1.0, 1.0]));
    let without = map("m", &job, &frames);
    let hits: f64 = without.sum.dense(Layer::H).iter().sum();
    assert!((hits + without.sum.outside(Layer::H) - 768.0).abs() < 0.5);
}

/// Objects with wrong bytes give an error or a map, and never a panic.
#[test]
fn damaged_maps_are_errors() {
    let Some(directory) = reference("frames") else {
        return;
    };
    let mut frame = frames(directory.join("job_car_pol.g3")).remove(0);
    let mut refused = 0;
    for key in ["T", "Wpol"] {
        let blob = frame.get(key).unwrap().blob().unwrap();
        for at in 0..blob.len().min(700) {
            for bits in [0x01, 0x80, 0xff] {
                let mut bytes = blob.to_vec();
                bytes[at] ^= bits;
                frame.put(key, jobwise_frames::object::Object::from_blob(bytes));
                match StoredMap::read(&frame) {
                    Err(_) => refused += 1,
                    Ok(map) => {
                        let mut coadd = Coadd::new(None, "m", false);
                        coadd.add(&map.to_frame()).unwrap();
                    }
                }
            }
        }
        frame.put(key, jobwise_frames::object::Object::from_blob(blob));
    }
    assert!(refused > 1000, "{refused}");
}
