//! Inputs that are wrong: what each command says of them is one line that names the input and what
//! is the matter, in the program's own words.

use std::fs;

use super::bench::Bench;

/// Words of libraries, which mean nothing to who reads a message.
const FOREIGN: [&str; 8] = [
    "H5",
    "hdf5::",
    "panicked",
    "unwrap",
    "NotFound",
    "Utf8Error",
    "ParseIntError",
    "None",
];

/// A recording `recording` with results `found`, and beside them what is no recording: a file
/// `text`, an empty directory `empty`, a directory `bare` with metadata.ini alone, a file of
/// results cut short in `cut`, and a recording `broken` whose properties are text.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.whole("found");
    fs::write(bench.path("text"), "nothing of use\n").unwrap();
    fs::write(bench.path("binary"), [0xff, 0xfe, 0, 1]).unwrap();
    for directory in ["empty", "bare", "broken/sim", "cut/2021-04-12T11-00-00"] {
        fs::create_dir_all(bench.path(directory)).unwrap();
    }
    let metadata = fs::read(bench.path("recording/metadata.ini")).unwrap();
    fs::write(bench.path("bare/metadata.ini"), &metadata).unwrap();
    fs::write(bench.path("broken/metadata.ini"), &metadata).unwrap();
    fs::write(
        bench.path("broken/sim/drf_properties.h5"),
        "no properties\n",
    )
    .unwrap();
    let results = bench.tree("found");
    let (name, bytes) = results.0.iter().next().unwrap();
    let cut = bench
        .path("cut/2021-04-12T11-00-00")
        .join(name.file_name().unwrap());
    fs::write(cut, &bytes[..bytes.len() / 2]).unwrap();
    for (name, text) in [
        ("no-section.ini", "n_ipp = 10\n"),
        ("other-section.ini", "[signals]\nn_ipp = 10\n"),
        ("unknown-key.ini", "[signal-processing]\nn_ips = 10\n"),
        ("zero.ini", "[signal-processing]\nn_ipp = 0\n"),
        ("word.ini", "[signal-processing]\nn_ipp = ten\n"),
        ("twice.ini", "[signal-processing]\nn_ipp = 10\nn_ipp = 9\n"),
        ("method.ini", "[signal-processing]\ngmf_method = best\n"),
        ("gate.ini", "[signal-processing]\nmin_range_gate = 5000\n"),
        (
            "limits.ini",
            "[signal-processing]\nmin_acceleration = 9\nmax_acceleration = 8\n",
        ),
        (
            "decimation.ini",
            "[signal-processing]\nfrequency_decimation = 7\n",
        ),
        ("missing.ini", "[signal-processing]\nmissing = perhaps\n"),
        ("no-epoch.ini", "[Experiment]\nname = a\n"),
    ] {
        fs::write(bench.path(name), text).unwrap();
    }
    bench
}

#[allow(clippy::too_many_lines)] // a table
#[test]
fn every_message_is_one_line_that_says_what_and_where() {
    let bench = bench();
    let analyze = |config: &'static str| {
        [
            "analyze",
            "recording",
            "sim",
            "-o",
            "out",
            "--config",
            config,
        ]
        .to_vec()
    };
    let of = |recording: &'static str| {
        [
            "analyze", recording, "sim", "-o", "out", "--config", "c.ini",
        ]
        .to_vec()
    };
    let cases: Vec<(Vec<&str>, i32, &[&str])> = vec![
        (analyze("absent.ini"), 1, &["absent.ini"]),
        (analyze("empty"), 1, &["empty", "directory"]),
        (analyze("text"), 1, &["text", "line 1"]),
        (analyze("binary"), 1, &["binary"]),
        (
            analyze("no-section.ini"),
            1,
            &["no-section.ini", "line 1", "n_ipp"],
        ),
        (
            analyze("other-section.ini"),
            1,
            &["other-section.ini", "[signal-processing]"],
        ),
        (
            analyze("unknown-key.ini"),
            1,
            &["unknown-key.ini", "n_ips", "n_ipp"],
        ),
        (analyze("zero.ini"), 1, &["zero.ini", "n_ipp", "below 1"]),
        (analyze("word.ini"), 1, &["word.ini", "n_ipp", "'ten'"]),
        (analyze("twice.ini"), 1, &["twice.ini", "line 3", "n_ipp"]),
        (
            analyze("method.ini"),
            1,
            &["method.ini", "gmf_method", "best", "fgmf"],
        ),
        (
            analyze("gate.ini"),
            1,
            &["gate.ini", "min_range_gate", "5000"],
        ),
        (analyze("limits.ini"), 1, &["limits.ini", "acceleration"]),
        (
            analyze("decimation.ini"),
            1,
            &["decimation.ini", "frequency_decimation", "7"],
        ),
        (
            analyze("missing.ini"),
            1,
            &["missing.ini", "missing", "perhaps"],
        ),
        (of("absent"), 1, &["absent"]),
        (of("text"), 1, &["text"]),
        (of("empty"), 1, &["empty", "metadata.ini"]),
        (of("bare"), 1, &["bare", "no Digital RF channel"]),
        (of("broken"), 1, &["broken/sim/drf_properties.h5"]),
        (vec!["inspect", "drf", "absent"], 1, &["absent"]),
        (vec!["inspect", "drf", "text"], 1, &["text"]),
        (
            vec!["inspect", "drf", "empty"],
            1,
            &["empty", "no Digital RF channel"],
        ),
        (
            vec!["inspect", "drf", "recording/sim"],
            1,
            &["sim", "is a channel"],
        ),
        (vec!["inspect", "gmf", "absent"], 1, &["absent"]),
        (vec!["inspect", "gmf", "empty"], 1, &["empty"]),
        (vec!["inspect", "gmf", "text"], 1, &["text"]),
        (
            vec!["inspect", "gmf", "cut", "--peaks", "--strict"],
            1,
            &["cut"],
        ),
        (
            vec!["inspect", "gmf", "found", "--peaks", "--truth", "bare"],
            1,
            &["bare"],
        ),
        (vec!["plot", "drf", "absent", "-o", "p.png"], 1, &["absent"]),
        (
            vec!["plot", "drf", "empty", "-o", "p.png"],
            1,
            &["empty", "metadata.ini"],
        ),
        (
            vec!["plot", "drf", "broken", "-o", "p.png"],
            1,
            &["drf_properties.h5"],
        ),
        (
            vec!["plot", "drf", "recording", "-o", "p.jpg"],
            2,
            &["p.jpg"],
        ),
        (vec!["plot", "gmf", "found", "-o", "p.jpg"], 2, &["p.jpg"]),
        (vec!["plot", "gmf", "absent", "-o", "p.png"], 1, &["absent"]),
        (vec!["plot", "gmf", "empty", "-o", "p.png"], 1, &["empty"]),
        (
            vec!["plot", "gmf", "cut", "-o", "p.png", "--strict"],
            1,
            &["cut"],
        ),
        (vec!["detect", "absent"], 1, &["absent"]),
        (vec!["detect", "empty"], 1, &["empty"]),
        (
            vec!["detect", "found", "-o", "d.txt"],
            2,
            &["d.txt", ".csv or .h5"],
        ),
        (
            vec!["simulate", "drf", "absent.ini", "new"],
            1,
            &["absent.ini"],
        ),
        (
            vec!["simulate", "drf", "text", "new"],
            1,
            &["text", "line 1"],
        ),
        (
            vec!["simulate", "drf", "no-epoch.ini", "new"],
            1,
            &["no-epoch.ini"],
        ),
        (
            vec!["simulate", "drf", "scenario.ini", "recording"],
            1,
            &["recording"],
        ),
        (vec!["check", "range-gates", "absent"], 1, &["absent"]),
        (
            vec!["check", "range-gates", "empty"],
            1,
            &["empty", "metadata.ini"],
        ),
    ];
    for (arguments, status, told) in &cases {
        let ended = bench.run(arguments.iter().copied());
        ended.must_refuse_soon(&format!("{arguments:?}"), *status, told);
        let message = ended.stderr.trim_end();
        let lines = message
            .lines()
            .filter(|line| !line.starts_with("warning: "));
        assert_eq!(lines.count(), 1, "{arguments:?}: {message}");
        for word in FOREIGN {
            assert!(
                !message.contains(word),
                "{arguments:?}: {word} in {message}"
            );
        }
    }
    assert!(!bench.path("out").exists() && !bench.path("p.png").exists());
    assert!(!bench.path("p.jpg").exists() && !bench.path("new").exists());
}
