//! What arrives in any order and at any speed is analysed once, as a plain run would.

use std::thread::sleep;
use std::time::Duration;

use super::{Recorder, bench, bench_with, follow, plain, table_lines};

#[test]
fn the_files_are_those_of_a_plain_run() {
    for (configuration, flags) in [
        (vec![], ["--threads", "1"]),
        (vec![("ipp_offset", "1")], ["--threads", "2"]),
        (vec![("num_cohints_per_file", "1")], ["--backend", "serial"]),
    ] {
        let bench = bench_with(&configuration);
        let recorder = Recorder::begin(&bench, "sim");
        let flags = [&flags[..], &["--idle-timeout", "1"]].concat();
        let running = follow(&bench, "out", &flags);
        recorder.play(0..300);
        let ended = running.end();
        assert!(ended.succeeded(), "{ended:?}");
        bench
            .tree("out")
            .must_equal(&plain(&bench, "whole", &["--threads", "2"]));
        let integrations = if configuration == [("ipp_offset", "1")] {
            29
        } else {
            30
        };
        assert_eq!(table_lines(&ended).len(), integrations);
        let done = format!("{integrations} integrations (");
        assert!(ended.stdout.contains(&done), "{ended:?}");
        assert!(ended.stdout.contains("from arrival to result"), "{ended:?}");
    }
}

#[test]
fn what_was_there_before_is_caught_up_with() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    recorder.deliver(0..150);
    let running = follow(&bench, "out", &["--idle-timeout", "1", "--threads", "2"]);
    recorder.play(150..300);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(table_lines(&ended).len(), 30);
    bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
}

#[test]
fn a_slow_channel_loses_nothing() {
    let bench = bench();
    let (rx, tx) = (
        Recorder::begin(&bench, "sim"),
        Recorder::begin(&bench, "tx"),
    );
    let flags = ["--txchnl", "tx", "--idle-timeout", "1", "--settle", "1"];
    let running = follow(&bench, "out", &flags);
    rx.deliver(0..300);
    // Later by more than the settling time, but never silent for so long.
    tx.play(0..300);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    assert!(!ended.stdout.contains("not analysed"), "{ended:?}");
    bench
        .tree("out")
        .must_equal(&plain(&bench, "whole", &["--txchnl", "tx"]));
}

#[test]
fn a_late_file_is_waited_for() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    let running = follow(&bench, "out", &["--idle-timeout", "2", "--settle", "20"]);
    recorder.play((0..300).filter(|&file| file != 57 && !(120..130).contains(&file)));
    recorder.deliver((120..130).rev());
    sleep(Duration::from_millis(100));
    recorder.deliver([57]);
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    assert!(!ended.stdout.contains("not analysed"), "{ended:?}");
    bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
}

#[test]
fn a_file_that_never_comes_is_missing() {
    let bench = bench();
    let recorder = Recorder::begin(&bench, "sim");
    let running = follow(&bench, "out", &["--idle-timeout", "1", "--settle", "0.1"]);
    // A hole within a file of results, and one longer than what is asked for by name.
    recorder.play((0..300).filter(|&file| file != 57 && !(120..200).contains(&file)));
    let ended = running.end();
    assert!(ended.succeeded(), "{ended:?}");
    // Two files of results have no sample, and are left out.
    let lines = table_lines(&ended);
    assert_eq!(lines.len(), 22);
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line.contains("not analysed"), number == 5, "{line}");
    }
    let told = "nothing was recorded from 2021-04-12T12:00:00.900000 on for 0.800000 s: 2 files \
                are not written";
    assert!(ended.stderr.contains(told), "{ended:?}");
    bench.tree("out").must_equal(&plain(&bench, "whole", &[]));
}
