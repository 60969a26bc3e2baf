//! `gmf check`.

use std::fs;
use std::path::Path;
use std::process::Command;

#[allow(dead_code)] // of the other tests of the program only the way to start it is used
#[path = "cli/bench.rs"]
mod bench;

use bench::{Ended, Running};

/// 1 MHz: a sample is 0.299792458 km.
const METADATA: &str = "[Experiment]\nname = x\nversion = 1\nsample_rate = 1000000\nipp = \
                        20000\nrx_channel = uhf\n\
    tx_channel = uhf\ntx_start = 82\ntx_end = 2002\nrx_start = 0\nrx_end = 20000\nradar_frequency \
    = 929.6\n";

fn gmf(directory: &Path, args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gmf"));
    command.arg("check").args(args).current_dir(directory);
    Running::start(&mut command).end()
}

/// Gate, sample and range of every line.
fn table(ended: &Ended) -> Vec<(String, i64, i64, f64)> {
    assert!(ended.succeeded(), "{ended:?}");
    let row = |line: &str| {
        let (name, rest) = line.split_once(" gate ").unwrap();
        let words: Vec<&str> = rest.split_whitespace().collect();
        assert_eq!((words[1], words[3]), ("sample", "range"), "{line}");
        (
            name.trim().to_owned(),
            words[0].parse().unwrap(),
            words[2].parse().unwrap(),
            words[4].parse().unwrap(),
        )
    };
    ended.stdout.lines().map(row).collect()
}

#[test]
fn gates_of_an_experiment() {
    let top = tempfile::tempdir().unwrap();
    fs::write(top.path().join("metadata.ini"), METADATA).unwrap();
    for path in [".", "metadata.ini"] {
        let rows = table(&gmf(top.path(), &["range-gates", path]));
        let km = |samples: i32| f64::from(samples) * 0.299_792_458;
        for (row, (name, gate, sample, range)) in rows.iter().zip([
            ("first", 0, 83, km(1)),
            ("end of transmission", 1919, 2002, km(1920)),
            ("last whole echo", 17_997, 18_080, km(17_998)),
            ("end of reception", 19_917, 20_000, km(19_918)),
        ]) {
            assert_eq!((row.0.as_str(), row.1, row.2), (name, gate, sample));
            assert!((row.3 - range).abs() < 1e-6, "{row:?}");
        }
        assert_eq!(rows.len(), 4);
    }
}

#[test]
fn ranges_become_gates() {
    let top = tempfile::tempdir().unwrap();
    fs::write(top.path().join("metadata.ini"), METADATA).unwrap();
    let last = |args: &[&str]| {
        let all: Vec<&str> = ["range-gates", "."].iter().chain(args).copied().collect();
        let rows = table(&gmf(top.path(), &all));
        let (name, gate, sample, _) = rows.last().unwrap().clone();
        (name, gate, sample)
    };
    // 2111 km are 7041.54 samples: rounded, 7042 after the start of transmission. Half an Earth
    // radius is 10637.53.
    assert_eq!(last(&["-s", "2111"]), ("start".into(), 7041, 7124));
    assert_eq!(
        last(&["--start", "2110", "--end", "2111"]),
        ("end".into(), 7041, 7124)
    );
    assert_eq!(
        last(&["-e", "2111000", "-u", "m"]),
        ("end".into(), 7041, 7124)
    );
    assert_eq!(last(&["-e", "0.5", "-u", "r_e"]).1, 10_637);
    // 300 km are 1000.69 samples: the first sample after all of that is 1001 and a pulse after the
    // start.
    assert_eq!(last(&["-c", "300"]), ("free of clutter".into(), 2920, 3003));
}

#[test]
fn ranges_outside_are_refused() {
    let top = tempfile::tempdir().unwrap();
    fs::write(top.path().join("metadata.ini"), METADATA).unwrap();
    let refuse = |args: &[&str], told: &[&str]| {
        let all: Vec<&str> = ["range-gates"].iter().chain(args).copied().collect();
        gmf(top.path(), &all).must_refuse_soon(&args.join(" "), 1, told);
    };
    refuse(
        &[".", "-s", "5972"],
        &[
            "5972 km (start) is sample 20002",
            "1 to 20000",
            "5971.266 km",
        ],
    );
    refuse(&[".", "-e", "1", "-u", "AU"], &["1 AU (end)"]);
    refuse(&[".", "-s=-100"], &["-100 km (start)"]);
    refuse(&[".", "-s", "nan"], &["NaN km"]);
    refuse(&[".", "-c", "5500"], &["5500 km (clutter)"]);
    refuse(
        &[".", "-s", "2000", "-e", "1000"],
        &["1000 km lies before the start 2000 km"],
    );
    refuse(&["absent"], &["absent"]);
    for args in [
        &["range-gates", ".", "-u", "mile"][..],
        &["range-gates", ".", "-c", "1", "-s", "1"],
    ] {
        let ended = gmf(top.path(), args);
        assert_eq!(ended.status, Some(2), "{ended:?}");
    }
}

#[test]
fn cuda_is_there_or_one_line_says_what_is_missing() {
    let ended = gmf(Path::new("."), &["cuda"]);
    if ended.succeeded() {
        assert!(ended.stdout.contains("compute capability"), "{ended:?}");
        assert!(ended.stdout.contains("additions        right"), "{ended:?}");
    } else {
        ended.must_refuse_soon("cuda", 1, &["CUDA"]);
    }
}
