use std::collections::BTreeMap;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::map::{Binning, Coadd, Layer, Polarization, StoredMap, Sum};
use jobwise_testing::reference;

use crate::reference::frames;

/// One of the maps of the reference job.
const MAP: &str = "zea:24x16@0.25deg,30,-49.3";

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

fn layer(map: &StoredMap, layer: Layer) -> BTreeMap<u64, f64> {
    map.sum.values(layer).collect()
}

/// Of the same scans, with the same bits.
#[test]
fn a_sum_of_maps_is_the_map_of_all_scans() {
    let Some(directory) = reference("frames") else {
        return;
    };
    let scans = frames(directory.join("obs.g3"));
    let job = binning(MAP, Polarization::Iau);
    let mut coadd = Coadd::new(None, "Coadd", false);
    for scan in contributions(&job, &scans) {
        let mut sum = Sum::new(job.geometry, job.polarization);
        sum.add(scan.unwrap()).unwrap();
        assert!(coadd.add(&StoredMap::new("m", sum).to_frame()).unwrap());
    }
    let frames = coadd.frames(false).unwrap();
    let [frame] = &frames[..] else {
        panic!("{} sums", frames.len())
    };
    let ids: &Vec<jobwise_frames::archive::Text> = frame.get_as("InputMapIds").unwrap();
    assert_eq!(ids.len(), 1);
    assert_eq!(ids[0], "m");
    let sum = StoredMap::read(frame).unwrap().sum;
    assert!(sum == map("Coadd", &job, &scans).sum);
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
    let job = binning(MAP, Polarization::Iau);
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
        let mut job = binning(MAP, Polarization::Iau);
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
