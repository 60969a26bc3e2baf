use std::fs;

use crate::bench::{Bench, must_equal, row};

#[test]
fn results_of_other_options_are_left_alone() {
    let bench = Bench::new(2);
    let whole = bench.whole();
    for (more, difference) in [
        (&["--set", "maximum_depth=90"][..], "maximum_depth = 100.0"),
        (&["--seed", "7"], "seed = 0"),
        (&["--chains", "3"], "chains = 2"),
    ] {
        let ended = bench.run("whole", more);
        ended.must_refuse(
            1,
            &["100.0.h5", difference, "another directory", "--override"],
        );
        must_equal(&bench.files("whole"), &whole);
    }
    bench.must("whole", &["--seed", "7", "--override"]);
    assert_ne!(bench.files("whole"), whole);
}

#[test]
fn results_of_other_data_are_left_alone() {
    let bench = Bench::new(2);
    let whole = bench.whole();
    let survey = bench.text("survey.csv").replace("100,1,10,", "100,1,11,");
    bench.put("survey.csv", &survey);
    let ended = bench.run("whole", &[]);
    ended.must_refuse(1, &["100.0.h5", "other data", "--override"]);
    must_equal(&bench.files("whole"), &whole);
}

#[test]
fn foreign_and_damaged_files_are_left_alone() {
    let bench = Bench::new(2);
    let whole = bench.whole();
    let mut cut = whole["100.0.h5"].clone();
    cut.truncate(cut.len() / 2);
    let mut flipped = whole["100.0.h5"].clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    for (bytes, words) in [
        (b"no results".to_vec(), "100.0.h5"),
        (cut, "cut"),
        (flipped, "bytes have changed"),
    ] {
        fs::create_dir_all(bench.path("out")).unwrap();
        fs::write(bench.path("out/100.0.h5"), &bytes).unwrap();
        let ended = bench.run("out", &[]);
        ended.must_refuse(1, &["100.0.h5", words]);
        assert_eq!(fs::read(bench.path("out/100.0.h5")).unwrap(), bytes);
        bench.must("out", &["--override"]);
        must_equal(&bench.files("out"), &whole);
    }
    drop(hdf5::File::create(bench.path("out/100.0.h5")).unwrap());
    let ended = bench.run("out", &[]);
    ended.must_refuse(1, &["100.0.h5", "no results of this program", "--override"]);
}

#[test]
fn a_fiducial_twice_is_an_error() {
    let bench = Bench::new(2);
    let survey = bench.text("survey.csv") + &row(200, 1);
    bench.put("survey.csv", &survey);
    let ended = bench.run("out", &[]);
    ended.must_refuse(1, &["survey.csv", "line 6", "fiducial 1", "line 5"]);
    assert!(!bench.path("out").exists());
}

#[test]
fn bad_rows_and_bad_soundings_cost_their_own_part() {
    let bench = Bench::new(3);
    let whole = bench.whole();
    let mut lines: Vec<String> = bench
        .text("survey.csv")
        .lines()
        .map(str::to_owned)
        .collect();
    // A sounding without a positive datum, and a row that is none.
    lines[2] = "100,1,10,5000,31,100,NaN,-1,-2,-3,0,NaN".into();
    lines.push("200,99,10,5000,31,100,1,2,what,4,5,6".into());
    bench.put("survey.csv", &(lines.join("\n") + "\n"));
    let ended = bench.run("out", &[]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    for words in [
        "100.0.h5: fiducial 1: no datum",
        "line 8",
        "1 soundings failed",
        "1 rows",
    ] {
        assert!(ended.stderr.contains(words), "{words}: {ended:?}");
    }
    assert_eq!(bench.status("out/100.0.h5"), [1, 2, 1]);
    assert_eq!(bench.files("out")["200.0.h5"], whole["200.0.h5"]);
    // It would fail again, and is told again.
    let again = bench.run("out", &[]);
    assert_eq!(again.status, Some(3), "{again:?}");
    assert!(again.stdout.starts_with("0 soundings"), "{again:?}");
    lines.pop();
    bench.put("survey.csv", &(lines.join("\n") + "\n"));
    let stopped = bench.run("stopped", &["--on-error", "stop", "--threads", "1"]);
    stopped.must_refuse(1, &["line 100, fiducial 1: no datum"]);
    assert_eq!(bench.status("stopped/100.0.h5")[1], 0);
}

#[test]
fn chains_that_never_burn_in_fail() {
    let bench = Bench::new(2);
    let more = ["--set", "minimum_burn_in=400", "--line", "100"];
    let ended = bench.run("out", &more);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("burned in"), "{ended:?}");
    assert_eq!(bench.status("out/100.0.h5"), [2, 2]);
    let file = bench.open("out/100.0.h5");
    let burned_in: Vec<bool> = file.dataset("burned_in").unwrap().read_raw().unwrap();
    assert_eq!(burned_in, [false, false]);
}

#[test]
fn what_cannot_be_met_is_said() {
    let bench = Bench::new(2);
    for (more, status, words) in [
        (&["--line", "300"][..], 1, "there is no line 300"),
        (&["--fiducial", "1"], 1, "--line"),
        (&["--index", "9"], 1, "counted from 0"),
        (&["--set", "n_markov_chains=1e8"], 1, "traces = none"),
        (&["--override", "--job", "0/2"], 2, "--override"),
        (&["--set", "data_filename=absent.csv"], 1, "absent.csv"),
        (&["--set", "data_type=TdemData"], 1, "data_type is TdemData"),
    ] {
        let ended = bench.run("out", more);
        ended.must_refuse(status, &[words]);
    }
    assert!(!bench.path("out").exists());
    let plan = bench.must("out", &["--dry-run", "--job", "1/2"]);
    for words in [
        "4 soundings on 2 lines",
        "job 1/2",
        "0 of 2 files",
        "compat",
    ] {
        assert!(plan.stdout.contains(words), "{plan:?}");
    }
    assert!(!bench.path("out").exists());
}
