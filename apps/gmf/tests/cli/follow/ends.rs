//! How following begins and ends.

use std::thread::sleep;
use std::time::Duration;

use super::{Recorder, Running, bench, follow, plain, table_lines};
use crate::bench::Bench;

/// Waits until a file of results is there.
fn wait_for_results(bench: &Bench, running: &mut Running) {
    let is_result = |name: &String| name.contains("/gmf-");
    while !bench.tree("out").names().iter().any(is_result) {
        assert!(!running.is_over(), "nothing was written");
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_recording_that_does_not_exist_yet_is_waited_for() {
    let bench = bench();
    let running = follow(&bench, "out", &["--idle-timeout", "3"]);
    sleep(Duration::from_millis(300));
    let recorder = Recorder::begin(&bench, "sim");
    sleep(Duration::from_millis(300));
    recorder.deliver(0..300);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    let waited: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(
        waited,
        [
            "warning: waiting for live/metadata.ini",
            "warning: waiting for samples in live/sim"
        ]
    );
    bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
}

#[test]
fn nothing_at_all_is_a_failure_and_a_wrong_configuration_is_told_at_once() {
    let bench = bench();
    let ended = follow(&bench, "out", &["--idle-timeout", "0.3"]).end();
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("nothing came"), "{ended:?}");
    bench.configure(&[("n_ipp", "many")]);
    follow(&bench, "out", &[])
        .end()
        .must_refuse_soon("configuration", 1, &["n_ipp"]);
}

#[test]
fn a_signal_keeps_what_is_done_and_either_way_continues() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    recorder.deliver(0..130);
    for (signal, number) in [("TERM", 15), ("INT", 2)] {
        let mut running = follow(&bench, "out", &[]);
        wait_for_results(&bench, &mut running);
        sleep(Duration::from_millis(200));
        running.signal(signal);
        let ended = running.end();
        assert_eq!(ended.status, Some(128 + number), "{ended:?}");
        assert!(ended.stderr.contains("run again to continue"), "{ended:?}");
    }
    // All 13 were done by the first, three of them in the file that was not full.
    let ended = bench.run(super::analysis("out", &[]));
    assert!(
        ended
            .stdout
            .contains("13 integrations were done by an earlier run"),
        "{ended:?}"
    );
    recorder.deliver(130..250);
    let ended = bench.run(super::analysis("out", &[]));
    assert!(ended.stdout.contains("12 integrations ("), "{ended:?}");
    recorder.deliver(250..300);
    let ended = follow(&bench, "out", &["--idle-timeout", "0.5"]).end();
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(table_lines(&ended).len(), 5);
    assert!(
        ended
            .stdout
            .contains("25 integrations were done by an earlier run"),
        "{ended:?}"
    );
    bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
}

#[test]
fn the_end_time_ends_it_while_the_recording_goes_on() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    recorder.deliver(0..20);
    // Both limits lie in the future; the start is off the grid of pulses.
    let limits = ["--relative_time", "-s", "0.405", "-e", "1.25"];
    let running = follow(&bench, "out", &limits);
    recorder.play(20..200);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(table_lines(&ended).len(), 8);
    bench
        .tree("out")
        .must_equal(&plain(&bench, "whole", &limits));
}

#[test]
fn other_requests_are_refused() {
    let bench = bench();
    let ended = follow(&bench, "out", &["--job", "0/2"]).end();
    ended.must_refuse_soon("job", 2, &["--follow", "--job"]);
    let ended = bench.run(super::analysis("out", &["--idle-timeout", "1"]));
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let ended = follow(&bench, "out", &["--idle-timeout", "-1"]).end();
    assert_eq!(ended.status, Some(2), "{ended:?}");
    // A plan needs a recording; there is none yet.
    let ended = follow(&bench, "out", &["--dry-run"]).end();
    assert_eq!(ended.status, Some(1), "{ended:?}");
    Recorder::begin(&bench, "sim").deliver(0..10);
    let ended = follow(&bench, "out", &["--dry-run"]).end();
    assert!(ended.stdout.contains("as they come"), "{ended:?}");
    assert!(bench.tree("out").0.is_empty());
}
