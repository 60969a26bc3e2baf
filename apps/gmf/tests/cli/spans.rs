//! Recordings that span far more time than they hold samples.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::bench::Bench;

/// What the work may take on a busy machine, whatever the time between the samples; 0.1 s on a
/// quiet one.
const SHORT: Duration = Duration::from_secs(10);

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_all(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}

/// A recording of 0.6 s, then nothing until the usual one.
fn gapped(epoch: &str, keys: &[(&str, &str)]) -> Bench {
    let bench = Bench::with(keys, &[]);
    bench.record("before", &[keys, &[("epoch", epoch)]].concat());
    copy_all(&bench.path("before/sim"), &bench.path("recording/sim"));
    bench
}

/// An hour, a day, and a clock that began in 1971.
const EPOCHS: [&str; 3] = [
    "2021-04-12T10:59:59.7",
    "2021-04-11T11:59:59.7",
    "1971-02-03T00:00:00",
];

#[test]
fn a_gap_costs_neither_files_nor_time() {
    for epoch in EPOCHS {
        let bench = gapped(epoch, &[]);
        let run = |args: &[&str]| {
            let ended = bench.run(args.iter().copied());
            assert!(ended.succeeded(), "{epoch}, {args:?}: {ended:?}");
            assert!(ended.took < SHORT, "{epoch}, {args:?}: {:?}", ended.took);
            ended
        };
        let dry = run(&Bench::arguments("out", &["--dry-run"]));
        assert!(dry.stdout.contains("integrations    12 of"), "{dry:?}");
        let plain = run(&Bench::arguments("out", &[]));
        assert_eq!(
            plain.stderr.matches("nothing was recorded from").count(),
            1,
            "{plain:?}"
        );
        let tree = bench.tree("out");
        assert_eq!(tree.0.len(), 12, "{:?}", tree.names());
        run(&Bench::arguments(
            "live",
            &["--follow", "--idle-timeout", "0"],
        ));
        bench.tree("live").must_equal(&tree);
        let peaks = run(&["inspect", "gmf", "out", "--peaks"]).stdout;
        assert_eq!(peaks.lines().count(), 14);
        assert!(!peaks.contains("not analysed"), "{peaks}");
        run(&Bench::arguments("out", &["-m", "optimize"]));
        run(&Bench::arguments("out", &["-m", "optimize", "--dry-run"]));
        for args in [
            &["inspect", "drf", "recording"][..],
            &["inspect", "gmf", "out"],
            &["plot", "drf", "recording", "-o", "pictures", "--axis_units"],
            &["plot", "gmf", "out", "-o", "pictures"],
            &["detect", "out", "--events"],
            &["check", "range-gates", "recording"],
        ] {
            run(args);
        }
    }
}

#[test]
fn a_gap_inside_one_long_file_costs_no_more() {
    let keys = [
        ("file_cadence_millisecs", "86400000"),
        ("subdir_cadence_secs", "86400"),
        ("continuous", "no"),
    ];
    let bench = Bench::with(&keys, &[]);
    // One file of a day that holds 0.6 s in the morning and 0.6 s at noon.
    let far = bench.path("recording/sim");
    let at = |name: &str| bench.path(name).join("sim");
    bench.record(
        "before",
        &[&keys[..], &[("epoch", "2021-04-12T03:00:00")]].concat(),
    );
    join(&at("before"), &far);
    let ended = bench.analyze("out", &[]);
    assert!(ended.succeeded() && ended.took < SHORT, "{ended:?}");
    assert_eq!(bench.tree("out").0.len(), 12);
    let live = bench.analyze("live", &["--follow", "--idle-timeout", "0"]);
    assert!(live.succeeded() && live.took < SHORT, "{live:?}");
    bench.tree("live").must_equal(&bench.tree("out"));
    let plot = bench.run(["plot", "drf", "recording", "-o", "pictures"]);
    assert!(plot.succeeded() && plot.took < SHORT, "{plot:?}");
}

/// Puts the samples of both channels, of which each has one file, into one file of the second.
fn join(first: &Path, second: &Path) {
    use jobwise_gmf::drf::{Channel, Writer, WriterOptions};
    use num_complex::Complex;
    let channels = [
        Channel::open(first).unwrap(),
        Channel::open(second).unwrap(),
    ];
    let joined = tempfile::tempdir().unwrap();
    let target = joined.path().join("sim");
    let mut properties = channels[0].properties().clone();
    properties.is_unsigned = Some(false);
    let mut writer = Writer::create(&target, properties, WriterOptions::default()).unwrap();
    for channel in &channels {
        let bounds = channel.bounds().unwrap().unwrap();
        let mut samples = vec![Complex::<f32>::default(); (bounds.end - bounds.start) as usize];
        assert_eq!(channel.read(bounds.start, 0, &mut samples).unwrap(), []);
        writer.write(bounds.start, &samples).unwrap();
    }
    writer.finish().unwrap();
    fs::remove_dir_all(second).unwrap();
    copy_all(&target, second);
}
