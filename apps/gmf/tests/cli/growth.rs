//! A recording that grew since the last run.

use std::fs;

use super::bench::Bench;

#[test]
fn the_rest_is_done_and_the_last_file_filled() {
    // Two integrations a file: five fit at first, so the third file is short. What it holds is not
    // done again.
    let configuration = [("num_cohints_per_file", "2")];
    let bench = Bench::with(&[("end_time", "0.5")], &configuration);
    let first = bench.whole("out");
    assert_eq!(first.0.len(), 3);
    fs::remove_dir_all(bench.path("recording")).unwrap();
    bench.record("recording", &[("end_time", "1.0")]);
    let ended = bench.analyze("out", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("5 integrations were done by an earlier run"),
        "{ended:?}"
    );
    let whole = bench.whole("whole");
    assert_eq!(whole.0.len(), 5);
    bench.tree("out").must_equal(&whole);
    // The files that were full are part of it as they were.
    let full = first
        .0
        .iter()
        .filter(|(path, bytes)| whole.0[*path] == **bytes);
    assert_eq!(full.count(), 2);
}
