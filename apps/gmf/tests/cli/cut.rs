//! Data files that were cut, at many lengths: what is left of their samples is used, bit for bit,
//! and the rest is missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hdf5::File;

use super::bench::{Bench, Ended};

/// What became of an integration: its numbers bit by bit, and how many of its samples were missing.
type Rows = BTreeMap<u64, (Vec<u32>, u64)>;

fn rows(root: &Path) -> Rows {
    let mut rows = Rows::new();
    let below = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    for path in below(root).iter().flat_map(|path| below(path)) {
        let file = File::open(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let start: u64 = name.trim_start_matches("gmf-").parse().unwrap();
        let missing = file.dataset("missing_samples").unwrap();
        let missing = missing.read_raw::<u64>().unwrap();
        let read = |name: &str| -> Vec<f32> { file.dataset(name).unwrap().read_raw().unwrap() };
        let (gmf, zero) = (read("gmf"), read("gmf_zero_frequency"));
        let gates = gmf.len() / missing.len();
        for (row, missing) in missing.into_iter().enumerate() {
            let at = row * gates..(row + 1) * gates;
            let bits = gmf[at.clone()].iter().chain(&zero[at]);
            let bits = bits.map(|value| value.to_bits()).collect();
            rows.insert(start + row as u64, (bits, missing));
        }
    }
    rows
}

/// Fails unless each integration is as in the whole recording, counts missing samples, or is not
/// there. Returns how many are the same.
#[track_caller]
fn must_be_right(found: &Rows, whole: &Rows, case: &str) -> usize {
    let mut same = 0;
    for (start, (bits, missing)) in found {
        let (expected, none) = &whole[start];
        assert_eq!(*none, 0, "{case}");
        if *missing == 0 {
            assert!(bits == expected, "{case}: {start} is false");
            same += 1;
        }
    }
    same
}

/// Two files of ten integrations each.
const TWO_FILES: [(&str, &str); 3] = [
    ("epoch", "2021-04-12T12:00:00"),
    ("end_time", "2"),
    ("file_cadence_millisecs", "1000"),
];

#[test]
fn what_is_left_of_a_cut_file_is_used_and_nothing_else() {
    let steps = std::env::var("JOBWISE_CUTS").map_or(8, |steps| steps.parse().unwrap());
    for (layout, further) in [
        ("contiguous", ("tx_amp", "100")),
        ("packed", ("compression", "1")),
    ] {
        let keys = [&TWO_FILES[..], &[further]].concat();
        let bench = Bench::with(&keys, &[]);
        bench.whole("whole");
        let whole = rows(&bench.path("whole"));
        assert_eq!(whole.len(), 20, "{layout}");
        let files = bench.data_files("recording/sim");
        let mut most = 0;
        for number in 0..steps {
            // The first file and the last one in turns.
            let path = &files[number % 2 * (files.len() - 1)];
            let bytes = fs::read(path).unwrap();
            let length = bytes.len() * (number + 1) / (steps + 1);
            fs::write(path, &bytes[..length]).unwrap();
            let case = format!("{layout}, {length} of {}", bytes.len());
            let out = format!("out{number}");
            let ended = bench.analyze(&out, &[]);
            must_tell(&ended, path, &case);
            let same = must_be_right(&rows(&bench.path(&out)), &whole, &case);
            most = most.max(same);
            let strict = bench.analyze("strict", &["--strict"]);
            assert_eq!(strict.status, Some(1), "{case}: {strict:?}");
            fs::write(path, &bytes).unwrap();
            // The whole file replaces what was missing.
            let ended = bench.analyze(&out, &[]);
            assert!(ended.succeeded(), "{case}: {ended:?}");
            assert!(rows(&bench.path(&out)) == whole, "{case}");
        }
        assert!(most > 15, "{layout}: at most {most} of 20 integrations");
    }
}

#[test]
fn the_last_file_of_a_killed_recorder_is_named_with_what_to_do() {
    let bench = Bench::with(&TWO_FILES, &[]);
    bench.whole("whole");
    let whole = rows(&bench.path("whole"));
    let path = bench.data_files("recording/sim").pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let unfinished = path.with_file_name(format!("tmp.{name}"));
    fs::write(&unfinished, &bytes[..bytes.len() * 3 / 4]).unwrap();
    let ended = bench.analyze("out", &[]);
    // A recorder may be at work: that is no fault.
    assert!(
        ended.succeeded() && ended.stderr.contains("take the `tmp.` off the name"),
        "{ended:?}"
    );
    let before = rows(&bench.path("out"));
    assert_eq!(before.len(), must_be_right(&before, &whole, "unfinished"));
    fs::rename(&unfinished, &path).unwrap();
    must_tell(&bench.analyze("out", &[]), &path, "renamed");
    let same = must_be_right(&rows(&bench.path("out")), &whole, "renamed");
    assert!(same > before.len(), "{same} after {}", before.len());
}

#[track_caller]
fn must_tell(ended: &Ended, path: &Path, case: &str) {
    assert_eq!(ended.status, Some(3), "{case}: {ended:?}");
    let name = path.file_name().unwrap().to_str().unwrap();
    let told = ended.stderr.lines().filter(|line| line.contains(name));
    let told: Vec<&str> = told.collect();
    assert!(
        told.len() == 1 && told[0].contains(": cut: "),
        "{case}: {ended:?}"
    );
}
