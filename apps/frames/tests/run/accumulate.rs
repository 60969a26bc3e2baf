use serde_json::Value;

use super::Bench;

const SUMS: &str = "--extract sum:RawTimestreams_I --sort ScanNumber -o found.json";

/// What was found, without who found it.
fn found(document: &Value) -> Vec<(String, Vec<(Value, Value)>)> {
    let observations = document["fullobs"].as_object().unwrap().iter();
    let scans = |scans: &Value| {
        let scans = scans.as_array().unwrap().iter();
        scans
            .map(|scan| (scan["meta"].clone(), scan["data"].clone()))
            .collect()
    };
    observations
        .map(|(name, all)| (name.clone(), scans(all)))
        .collect()
}

fn words(seen: &Value) -> Vec<&str> {
    let words = seen.as_array().unwrap().iter();
    words.map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn sums_are_those_of_spt3g() {
    let Some((bench, data)) = Bench::reference() else {
        return;
    };
    let expected = std::fs::read(data.join("mpi_expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for how in [
        "--backend serial",
        "--threads 1",
        "--threads 2",
        "--threads 3 --mode relaxed",
        "--threads 2 --assign deterministic",
    ] {
        let ended = bench.well(&format!("accumulate --files list.json {SUMS} {how}"));
        ended.must_succeed();
        let document = bench.json("found.json");
        assert_eq!(found(&document), found(&expected), "{how}");
        assert_eq!(
            (&document["ranks"], &document["n_io"]),
            (&1.into(), &1.into())
        );
        assert!(document["seconds"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn every_lane_sees_all_metadata_and_each_scan_is_seen_once() {
    let bench = Bench::simulated();
    for threads in [1, 2, 4] {
        bench.well(&format!(
            "accumulate --files sky/list.json {SUMS} --threads {threads}"
        ));
        let document = bench.json("found.json");
        let seen = document["seen"].as_object().unwrap();
        let mut scans = Vec::new();
        assert_eq!(seen.len(), threads);
        for (lane, seen) in seen {
            let words = words(seen);
            let is_scan = |word: &&&str| word.starts_with('S');
            scans.extend(
                words
                    .iter()
                    .filter(is_scan)
                    .map(|word| word[1..].parse::<u32>().unwrap()),
            );
            let metadata: Vec<&&str> = words.iter().filter(|word| !is_scan(word)).collect();
            let expected = ["Observation", "Wiring", "Calibration", "EndProcessing"];
            let metadata = metadata.into_iter().filter(|word| **word != "PipelineInfo");
            assert!(metadata.eq(&expected), "{lane}: {words:?}");
            assert_eq!(words.last(), Some(&"EndProcessing"));
        }
        scans.sort_unstable();
        assert!(scans.into_iter().eq(0..24), "{threads} threads");
    }
}

#[test]
fn frames_are_counted_and_sorted() {
    let bench = Bench::simulated();
    // In another order than they are in.
    let files = "sky/part0002.g3 sky/part0000.g3 sky/part0001.g3";
    bench.well(&format!(
        "accumulate {files} --extract count --sort ScanNumber -o found.json"
    ));
    let document = bench.json("found.json");
    let [(name, scans)] = &found(&document)[..] else {
        panic!("{document}")
    };
    assert_eq!(name, "simulated-1");
    let numbers = scans.iter().map(|(meta, _)| meta[0].as_u64().unwrap());
    assert!(numbers.eq(0..24));
    assert!(scans.iter().all(|(_, data)| *data == 1));
}
