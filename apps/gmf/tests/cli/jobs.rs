//! However the work is divided, the files are the same, byte for byte.

use super::bench::Bench;

#[test]
fn any_number_of_threads() {
    let bench = Bench::with(&[], &[("num_cohints_per_file", "2")]);
    let whole = bench.whole("whole");
    assert_eq!(whole.0.len(), 3);
    for (output, args) in [
        ("serial", &["--backend", "serial"][..]),
        ("one", &["--threads", "1"]),
        ("two", &["--threads", "2"]),
        ("eight", &["--threads", "8"]),
    ] {
        let ended = bench.analyze(output, args);
        assert!(ended.succeeded(), "{ended:?}");
        bench.tree(output).must_equal(&whole);
    }
}

#[test]
fn three_jobs_are_the_whole() {
    let bench = Bench::new();
    let whole = bench.whole("whole");
    let mut files = 0;
    for job in ["1/3", "0/3", "2/3"] {
        let ended = bench.analyze("out", &["--job", job, "--threads", "1"]);
        assert!(ended.succeeded(), "{ended:?}");
        // Strided, two files each, and none done twice.
        assert!(ended.stdout.contains("; 2 files written"), "{ended:?}");
        assert!(!ended.stdout.contains("earlier run"), "{ended:?}");
        files += 2;
        assert_eq!(bench.tree("out").0.len(), files);
    }
    bench.tree("out").must_equal(&whole);
}

#[test]
fn more_jobs_than_files() {
    let bench = Bench::new();
    let whole = bench.whole("whole");
    for index in 0..50 {
        let job = format!("{index}/50");
        let ended = bench.analyze("out", &["--job", &job, "--backend", "serial"]);
        assert!(ended.succeeded(), "{job}: {ended:?}");
        let files = usize::from(index < whole.0.len());
        let told = format!("; {files} files written");
        assert!(ended.stdout.contains(&told), "{job}: {ended:?}");
    }
    bench.tree("out").must_equal(&whole);
}

#[test]
fn jobs_at_the_same_time() {
    let bench = Bench::new();
    let whole = bench.whole("whole");
    // Two of each: also those that do the same files must not disturb each other.
    let running: Vec<_> = ["0/2", "1/2", "0/2", "1/2"]
        .iter()
        .map(|job| {
            let job = ["--job", job, "--threads", "1"];
            super::bench::Running::start(&mut bench.command(Bench::arguments("out", &job)))
        })
        .collect();
    for job in running {
        let ended = job.end();
        assert!(ended.succeeded(), "{ended:?}");
    }
    bench.tree("out").must_equal(&whole);
}

#[test]
fn a_file_may_hold_more_than_there_is() {
    let bench = Bench::with(&[], &[("num_cohints_per_file", "1000000000000000000")]);
    assert_eq!(bench.whole("out").0.len(), 1);
    for job in ["0/2", "1/2"] {
        let ended = bench.analyze("halves", &["--job", job]);
        assert!(ended.succeeded(), "{ended:?}");
    }
    bench.tree("halves").must_equal(&bench.tree("out"));
}
