//! What comes late, or cannot be looked at, while a recording is followed.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread::sleep;
use std::time::Duration;

use super::{Recorder, bench, bench_with, follow, plain, table_lines};

#[test]
fn a_file_that_comes_after_its_time_is_used_by_the_next_run() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    let end = ["--relative_time", "-e", "1.2", "--settle", "0.5"];
    let running = follow(&bench, "out", &end);
    recorder.deliver((0..75).filter(|&file| file != 57));
    // Its integration is computed without it, and the file of results is not whole yet.
    sleep(Duration::from_millis(1500));
    recorder.deliver([57]);
    recorder.deliver(75..130);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(ended.stdout.matches("not analysed").count(), 1, "{ended:?}");
    let whole = plain(&bench, "whole", &end[..3]);
    plain(&bench, "out", &end[..3]).must_equal(&whole);
}

#[test]
fn a_gap_of_whole_files_is_an_error_where_missing_samples_are() {
    let bench = bench_with(&[("missing", "error")]);
    let recorder = Recorder::begin(&bench, "sim");
    recorder.deliver((0..40).chain(120..300));
    let live = ["--idle-timeout", "0", "--settle", "0"];
    let ended = follow(&bench, "out", &live).end();
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("missing = error"), "{ended:?}");
    recorder.deliver(40..120);
    let ended = follow(&bench, "out", &live).end();
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
}

#[test]
fn a_file_that_may_not_be_looked_at_costs_its_own_samples() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    let end = ["--relative_time", "-e", "1.2", "--settle", "0.1"];
    let running = follow(&bench, "out", &end);
    recorder.deliver(0..57);
    sleep(Duration::from_millis(200));
    let name = bench.tree("recording/sim").names()[57..]
        .iter()
        .find(|name| name.contains("rf@1618228800.270"))
        .cloned()
        .unwrap();
    let path = bench.path("live/sim").join(name);
    symlink(&path, &path).unwrap();
    sleep(Duration::from_millis(200));
    recorder.deliver(58..130);
    let ended = running.end();
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert_eq!(table_lines(&ended).len(), 12);
    let lost = ended.stderr.lines().filter(|line| line.contains("rf@"));
    assert_eq!(lost.count(), 1, "{ended:?}");
    fs::remove_file(&path).unwrap();
    recorder.deliver([57]);
    plain(&bench, "out", &end[..3]).must_equal(&plain(&bench, "whole", &end[..3]));
}

#[test]
fn an_experiment_that_is_being_written_is_waited_for() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    let metadata = bench.path("live/metadata.ini");
    let whole = fs::read(&metadata).unwrap();
    let half = &whole[..whole.len() / 2];
    fs::write(&metadata, half).unwrap();
    let running = follow(&bench, "out", &["--relative_time", "-e", "0.5"]);
    sleep(Duration::from_millis(500));
    fs::write(&metadata, &whole).unwrap();
    recorder.deliver(0..60);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    // One that stays as it is is wrong.
    fs::write(&metadata, half).unwrap();
    let ended = follow(&bench, "out", &["--idle-timeout", "1"]).end();
    ended.must_refuse_soon("half an experiment", 1, &["metadata.ini"]);
}
