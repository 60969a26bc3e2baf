use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::object::TimestreamMap;
use serde_json::Value;

use super::Bench;

const FILTER: &str = "--timestreams CalTimestreams --filtered-key Filtered -o out.g3";

#[test]
fn filtered_timestreams_are_those_of_spt3g() {
    let Some((bench, data)) = Bench::reference() else {
        return;
    };
    let expected = std::fs::read(data.join("job_expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let mut first = None;
    for threads in [1, 2, 3] {
        bench.well(&format!(
            "run --files list.json --filter poly:2 {FILTER} --threads {threads}"
        ));
        let bytes = bench.bytes("out.g3");
        assert!(*first.get_or_insert_with(|| bytes.clone()) == bytes);
    }
    let frames = bench.read("out.g3");
    let scans: Vec<&Frame> = of_type(&frames, FrameType::SCAN);
    let numbers = scans
        .iter()
        .map(|scan| *scan.get_as::<i64>("ScanNumber").unwrap());
    assert!(numbers.eq([0, 1, 3, 4]), "turnarounds are left out");
    assert_eq!(of_type(&frames, FrameType::CALIBRATION).len(), 1);
    let filtered: &TimestreamMap = scans[0].get_as("Filtered").unwrap();
    for (name, expected) in expected["filtered_scan0"].as_object().unwrap() {
        let found = filtered.get(name).unwrap().samples.to_f64().into_owned();
        let expected = expected.as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected.as_f64().unwrap()).abs() < 1e-9, "{name}");
        }
    }
}

fn of_type(frames: &[Frame], kind: FrameType) -> Vec<&Frame> {
    frames.iter().filter(|frame| frame.kind() == kind).collect()
}

/// Scans with a number, and Calibration frames with another one.
fn frames(numbers: &[(char, i64)]) -> Vec<Frame> {
    let frame = |&(kind, number): &(char, i64)| {
        let mut frame = Frame::new(FrameType(u32::from(kind)));
        frame.put("Number", number);
        if kind == 'S' {
            frame.put("CalTimestreams", TimestreamMap::new());
        }
        frame
    };
    numbers.iter().map(frame).collect()
}

#[test]
fn each_scan_stays_behind_its_own_calibration() {
    let bench = Bench::new();
    for (file, calibration) in [("a.g3", 1), ("b.g3", 2), ("c.g3", 1)] {
        let scans = (0..2).map(|scan| ('S', 100 * calibration + scan));
        let all: Vec<_> = [('O', 7), ('C', calibration)]
            .into_iter()
            .chain(scans)
            .collect();
        bench.write(file, &frames(&all));
    }
    let mut expected = None;
    for threads in [1, 2, 3, 4, 4, 4] {
        bench.well(&format!(
            "run a.g3 b.g3 c.g3 --filter poly:1 {FILTER} --mode relaxed --threads {threads}"
        ));
        let written = bench.read("out.g3");
        assert_eq!(of_type(&written, FrameType::OBSERVATION).len(), 1);
        let mut calibration = 0;
        let mut calibrations = Vec::new();
        for frame in &written {
            let number = *frame.get_as::<i64>("Number").unwrap();
            if frame.kind() == FrameType::CALIBRATION {
                calibration = number;
                calibrations.push(number);
            } else if frame.kind() == FrameType::SCAN {
                assert_eq!(number / 100, calibration, "{threads} threads");
            }
        }
        assert_eq!(calibrations, [1, 2, 1]);
        let bytes = bench.bytes("out.g3");
        assert!(
            *expected.get_or_insert_with(|| bytes.clone()) == bytes,
            "{threads} threads"
        );
    }
}

/// The sequence of types of frames, by their numbers.
fn types(frames: &[Frame]) -> String {
    let word = |frame: &Frame| {
        let number = frame.get_as::<i64>("Number").unwrap();
        format!("{}{number}", frame.kind())
    };
    frames.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn all_metadata_that_files_have_stay_where_they_were() {
    let bench = Bench::new();
    let scan = |number| ('S', number);
    let changes = |number| {
        let first = [('O', 1), ('C', 1), scan(number), ('H', 1), ('H', 2)];
        let second = [scan(number + 1), ('C', 2), scan(number + 2), ('H', 3)];
        frames(&[&first[..], &second].concat())
    };
    bench.write("a.g3", &changes(0));
    bench.write("b.g3", &changes(10));
    for threads in [1, 2, 3, 4] {
        bench.well(&format!(
            "run a.g3 b.g3 --filter poly:1 {FILTER} --threads {threads}"
        ));
        let expected = "O1 C1 S0 H1 H2 S1 C2 S2 H3 C1 S10 H1 H2 S11 C2 S12 H3";
        assert_eq!(types(&bench.read("out.g3")), expected, "{threads} threads");
    }
}
