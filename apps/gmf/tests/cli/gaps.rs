//! Recordings with samples missing.

use std::fs;

use super::bench::Bench;

/// A recording without its third file: samples 20000 to 30000, which is the third integration.
fn gapped(policy: &str) -> Bench {
    let bench = Bench::with(&[], &[("missing", policy), ("num_cohints_per_file", "2")]);
    let names = bench.tree("recording/sim").names();
    let third = names.iter().filter(|name| name.contains("rf@")).nth(2);
    fs::remove_file(bench.path("recording/sim").join(third.unwrap())).unwrap();
    bench
}

/// The peaks as `gmf inspect` prints them, one line for each integration.
fn peaks(bench: &Bench) -> Vec<String> {
    let ended = bench.run(["inspect", "gmf", "out", "--peaks"]);
    assert!(ended.succeeded(), "{ended:?}");
    let lines = ended
        .stdout
        .lines()
        .filter(|line| line.starts_with("2021-"));
    lines.map(str::to_owned).collect()
}

#[test]
fn skip_reports_the_integration_as_not_analysed() {
    let bench = gapped("skip");
    let ended = bench.analyze("out", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    // Ten pulses, each with 40 samples transmitted and 10 gates + 40 received.
    assert!(
        ended.stdout.contains("900 samples were missing"),
        "{ended:?}"
    );
    let peaks = peaks(&bench);
    assert_eq!(peaks.len(), 6);
    for (number, line) in peaks.iter().enumerate() {
        assert_eq!(line.contains("not analysed"), number == 2, "{line}");
    }
}

#[test]
fn a_file_without_samples_is_not_written() {
    let bench = gapped("skip");
    bench.configure(&[("missing", "skip")]);
    let ended = bench.analyze("out", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    let told = "nothing was recorded from 2021-04-12T11:59:59.900000 on for 0.100000 s: 1 whole \
                integrations lie there, 1 files are \
                not written";
    assert!(ended.stderr.contains(told), "{ended:?}");
    assert_eq!(bench.tree("out").0.len(), 5);
    bench.configure(&[("missing", "error")]);
    let told = ["recording/sim", "are missing", "missing = error"];
    bench
        .analyze("error", &[])
        .must_refuse_soon("error", 1, &told);
}

#[test]
fn zero_analyses_what_is_there() {
    // With two integrations' worth of pulses, half of each pair's third file is there.
    let bench = gapped("zero");
    bench.configure(&[
        ("missing", "zero"),
        ("n_ipp", "20"),
        ("num_cohints_per_file", "2"),
    ]);
    let ended = bench.analyze("out", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stdout.contains("900 samples were missing"),
        "{ended:?}"
    );
    let peaks = peaks(&bench);
    assert_eq!(peaks.len(), 3);
    assert!(
        peaks.iter().all(|line| !line.contains("not analysed")),
        "{peaks:?}"
    );
}

#[test]
fn error_ends_the_run() {
    let bench = gapped("error");
    let told = ["recording/sim", "are missing", "missing = error"];
    bench
        .analyze("out", &[])
        .must_refuse_soon("error", 1, &told);
    // Another policy is another configuration, so nothing that was written is taken for its own.
    let left = bench.tree("out");
    assert!(left.0.len() < 3, "{:?}", left.names());
}
