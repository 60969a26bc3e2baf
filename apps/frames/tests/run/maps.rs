use std::collections::BTreeMap;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::map::{Layer, StoredMap};
use jobwise_frames::object::{SuperTimestream, Time, Timestream, TimestreamMap};
use serde_json::Value;

use super::{Bench, read};

const JOB: &str = "--filter poly:2 --timestreams CalTimestreams --pointing OnlineRaDecRotation \
                   --weights TodWeights --id m -o map.g3";
const MAPS: [(&str, &str); 3] = [
    ("zea", "zea:24x16@0.25deg,30,-49.3"),
    ("car", "car:30x20@0.2deg,30,-49.3"),
    ("healpix", "healpix:64"),
];

/// The only map of a file.
fn only(frames: &[Frame]) -> StoredMap {
    assert_eq!(frames.len(), 1);
    StoredMap::read(&frames[0]).unwrap()
}

fn layer(map: &StoredMap, layer: Layer) -> BTreeMap<u64, f64> {
    map.sum.values(layer).collect()
}

fn expected_layer(expected: &Value) -> BTreeMap<u64, f64> {
    let list = |name: &str| expected[name].as_array().unwrap().iter();
    let pixels = list("pix").map(|pixel| pixel.as_u64().unwrap());
    pixels
        .zip(list("val").map(|value| value.as_f64().unwrap()))
        .collect()
}

/// The same pixels, and the same values relative to the largest.
#[track_caller]
fn same(found: &BTreeMap<u64, f64>, expected: &BTreeMap<u64, f64>, what: &str) {
    assert!(found.keys().eq(expected.keys()), "{what}");
    let largest = expected.values().map(|value| value.abs());
    let largest = largest.fold(0.0, f64::max);
    for (pixel, value) in found {
        let off = (value - expected[pixel]).abs();
        assert!(off <= 1e-12 * largest, "{what}: pixel {pixel}: {off:e}");
    }
}

/// All layers of the second one, which has no hits.
#[track_caller]
fn same_maps(found: &StoredMap, expected: &StoredMap, what: &str) {
    assert_eq!(found.id, expected.id, "{what}");
    assert_eq!(found.sum.geometry(), expected.sum.geometry(), "{what}");
    let convention = expected.sum.polarization();
    assert_eq!(found.sum.polarization(), convention, "{what}");
    assert_eq!(found.is_weighted, expected.is_weighted, "{what}");
    assert_eq!(found.sum.units(), expected.sum.units(), "{what}");
    assert_eq!(found.sum.times(), expected.sum.times(), "{what}");
    for &one in expected.sum.layers() {
        same(
            &layer(found, one),
            &layer(expected, one),
            &format!("{what} {one}"),
        );
    }
}

#[test]
fn six_maps_are_those_of_spt3g() {
    let Some((bench, data)) = Bench::reference() else {
        return;
    };
    let expected = std::fs::read(data.join("job_expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for (kind, pixels) in MAPS {
        for (suffix, polarization) in [("unpol", ""), ("pol", " --pol iau")] {
            let name = format!("{kind}_{suffix}");
            let mut first = None;
            for threads in [1, 2, 3] {
                let ended = bench.well(&format!(
                    "run --files list.json {JOB} --map {pixels}{polarization} --threads {threads}"
                ));
                assert!(
                    ended.stdout.contains("4 of 6 data frames used"),
                    "{}",
                    ended.stdout
                );
                let bytes = bench.bytes("map.g3");
                assert!(
                    *first.get_or_insert_with(|| bytes.clone()) == bytes,
                    "{name}"
                );
            }
            let found = only(&bench.read("map.g3"));
            let theirs = only(&read(&data.join(format!("job_{name}.g3"))));
            same_maps(&found, &theirs, &name);
            let expected = &expected["maps"][&name];
            let (start, stop) = found.sum.times().unwrap();
            assert_eq!(expected["StartTime"], start);
            assert_eq!(expected["StopTime"], stop);
            unweighted(&found, &expected["T_unweighted"], &name);
            // Each sample of the four scans, in some pixel or outside.
            let hits: f64 = layer(&found, Layer::H).values().sum();
            let all = hits + found.sum.outside(Layer::H);
            assert!((all - f64::from(4 * 4 * 64)).abs() < 0.5, "{all}");
            for &one in theirs.sum.layers() {
                let key = if one.is_weight() {
                    format!("W_{one}")
                } else {
                    one.to_string()
                };
                same(
                    &layer(&found, one),
                    &expected_layer(&expected[&key]),
                    &format!("{name} {key}"),
                );
            }
        }
    }
}

#[track_caller]
fn unweighted(found: &StoredMap, expected: &Value, what: &str) {
    let sky: BTreeMap<u64, [f64; 3]> = found.sum.unweighted().collect();
    for (pixel, expected) in (0..).zip(expected["val"].as_array().unwrap()) {
        let value = sky.get(&pixel).map_or(f64::NAN, |sky| sky[0]);
        match expected.as_f64() {
            None => assert!(value.is_nan(), "{what}: {pixel}"),
            Some(expected) => assert!((value - expected).abs() < 1e-10, "{what}: {pixel}"),
        }
    }
}

#[test]
fn maps_of_scans_are_those_of_spt3g() {
    let Some((bench, data)) = Bench::reference() else {
        return;
    };
    let map = format!("{JOB} --map {} --pol iau --map-per-scan", MAPS[0].1);
    let ended = bench.well(&format!("run --files list.json {map} --threads 2"));
    assert!(
        ended.stdout.contains("map.g3: 4 frames"),
        "{}",
        ended.stdout
    );
    let found = bench.read("map.g3");
    let expected = read(&data.join("perscan_maps.g3"));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        let [found, expected] = [found, expected].map(|frame| StoredMap::read(frame).unwrap());
        same_maps(&found, &expected, "a map of a scan");
    }
    // Their sum is the map.
    bench.well("coadd map.g3 --id m -o sum.g3");
    bench.well(&format!(
        "run --files list.json {JOB} --map {} --pol iau",
        MAPS[0].1
    ));
    same_maps(
        &only(&bench.read("sum.g3")),
        &only(&bench.read("map.g3")),
        "sum",
    );
}

#[test]
fn what_a_map_needs_must_be_there() {
    let bench = Bench::simulated();
    let map = |flags: &str| {
        bench.frames(&format!(
            "run --files sky/list.json --timestreams CalTimestreams --filter poly:1 \
             --map zea:40x40@0.15deg,30,-50 -o map.g3 --threads 1 {flags}"
        ))
    };
    let pointing = "--pointing OnlineRaDecRotation";
    map("--pointing None").must_fail(1, &["part0000.g3: frame 1", "None"]);
    map(&format!("{pointing} --weights None")).must_fail(1, &["part0000.g3: frame 1", "None"]);
    map(&format!("{pointing} --properties None")).must_fail(1, &["part0000.g3: frame 0", "None"]);
    assert_eq!(bench.names(), ["sky"]);
    // Weights of a scan go before those of the Calibration frame.
    map(&format!("{pointing} --weights TodWeights"));
    let before = layer(&only(&bench.read("map.g3")), Layer::TT);
    let mut frames = bench.read("sky/part0000.g3");
    let weights: jobwise_frames::object::Map<f64> = {
        let weights: &jobwise_frames::object::Map<f64> = frames[0].get_as("TodWeights").unwrap();
        weights
            .iter()
            .map(|(name, weight)| (name.clone(), 2.0 * weight))
            .collect()
    };
    for frame in &mut frames[1..] {
        frame.put("TodWeights", weights.clone());
    }
    bench.write("sky/part0000.g3", &frames);
    map(&format!("{pointing} --weights TodWeights"));
    let after = layer(&only(&bench.read("map.g3")), Layer::TT);
    assert!(before.keys().eq(after.keys()));
    let twice = before
        .iter()
        .filter(|(pixel, weight)| (after[pixel] / **weight - 2.0).abs() < 1e-9);
    assert!(twice.count() > 100);
}

#[test]
fn units_are_the_same_in_all_scans() {
    let bench = Bench::simulated();
    let mut frames = bench.read("sky/part0001.g3");
    let scan = frames
        .iter_mut()
        .filter(|frame| frame.kind() == FrameType::SCAN)
        .nth(1)
        .unwrap();
    let raw: &jobwise_frames::object::TimestreamMap = scan.get_as("RawTimestreams_I").unwrap();
    let raw: jobwise_frames::object::TimestreamMap = raw
        .iter()
        .map(|(name, stream): (_, &Timestream)| (name.clone(), stream.clone()))
        .collect();
    scan.put("CalTimestreams", raw);
    bench.write("sky/part0001.g3", &frames);
    let line = "run --files sky/list.json --timestreams CalTimestreams --map healpix:64 --pointing \
                OnlineRaDecRotation -o map.g3 --threads";
    for threads in [1, 2] {
        let ended = bench.frames(&format!("{line} {threads}"));
        ended.must_fail(
            1,
            &[
                "part0001.g3: frame 2",
                "the units change from Tcmb to Counts",
            ],
        );
    }
    assert_eq!(bench.names(), ["sky"]);
}

#[test]
fn turnarounds_alone_give_no_map() {
    let bench = Bench::simulated();
    let mut frames = bench.read("sky/part0000.g3");
    for frame in &mut frames[1..] {
        frame.put("Turnaround", true);
    }
    bench.write("turns.g3", &frames);
    let line = "run turns.g3 --timestreams CalTimestreams --map healpix:64 --pointing \
                OnlineRaDecRotation -o map.g3";
    for flags in ["", " --map-per-scan"] {
        let ended = bench.frames(&format!("{line}{flags}"));
        ended.must_refuse(1, &["no scan gives anything to a map"]);
    }
    assert_eq!(bench.names(), ["sky", "turns.g3"]);
}

/// Arrays with names, as of the Simons Observatory, in place of maps of timestreams.
#[test]
fn arrays_make_the_maps_that_timestreams_make() {
    let bench = Bench::simulated();
    let job = "--filter poly:2 --pointing OnlineRaDecRotation --weights TodWeights --id m \
               --map zea:40x40@0.15deg,30,-50 --threads 2";
    let run = |line: &str| {
        bench.well(&format!("run {line} {job} -o map.g3"));
        only(&bench.read("map.g3"))
    };
    let parts = "sky/part0000.g3 sky/part0001.g3 sky/part0002.g3";
    bench.well(&format!("cat sky/shared.g3 {parts} -o one.g3"));
    let expected = run("one.g3 --timestreams CalTimestreams");
    let mut frames = bench.read("one.g3");
    for scan in frames
        .iter_mut()
        .filter(|frame| frame.kind() == FrameType::SCAN)
    {
        let map: &TimestreamMap = scan.get_as("CalTimestreams").unwrap();
        let (_, first) = map.iter().next().unwrap();
        let length = first.len() as i64;
        let step = (first.stop.0 - first.start.0) as f64 / (length - 1) as f64;
        let time = |i| Time(first.start.0 + (step * i as f64).round() as i64);
        let samples = map
            .iter()
            .flat_map(|(_, one)| one.samples.to_f64().to_vec());
        let array = SuperTimestream {
            names: map.names().cloned().collect(),
            times: (0..length).map(time).collect(),
            samples: samples.collect::<Vec<f64>>().into(),
            ..SuperTimestream::default()
        };
        scan.put("Array", array);
        scan.remove("CalTimestreams");
    }
    bench.write("arrays.g3", &frames);
    let found = run("arrays.g3 --timestreams Array");
    // Arrays have no units; all else is the same.
    for &one in expected.sum.layers() {
        assert_eq!(layer(&found, one), layer(&expected, one), "{one}");
    }
    assert_eq!(found.sum.times(), expected.sum.times());
    bench.well("plot arrays.g3 --timestreams Array --filter poly:2 -o array.svg");
}
