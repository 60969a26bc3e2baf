//! The detections of an analysis.

use std::fs;

use jobwise_hdf5::attributes;

use super::bench::Bench;

/// Lines of a table, without its header, as cells.
fn lines(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

#[test]
fn every_integration_with_the_target_is_a_detection_of_one_event() {
    let bench = Bench::new();
    bench.whole("out");
    let ended = bench.run(["detect", "out"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.starts_with(
        "event,time [UTC],time [s since 1970],file,integration,gate,range of the total path [m]"
    ));
    let rows = lines(&ended.stdout);
    assert_eq!(rows.len(), 6);
    for (step, row) in rows.iter().enumerate() {
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        assert_eq!((row[0].as_str(), row.len()), ("0", 18));
        let hour = if step < 3 { "11" } else { "12" };
        assert!(
            row[3].starts_with(&format!("2021-04-12T{hour}-00-00/gmf-")),
            "{row:?}"
        );
        assert!((number(2) - (1_618_228_799.7 + 0.1 * step as f64)).abs() < 1e-5);
        assert!(
            (number(6) - 9e5).abs() < 6e3 && (number(7) + 1200.0).abs() < 200.0,
            "{row:?}"
        );
        // Gate 0 is one sample after the start of transmission.
        assert!((number(6) - (number(5) + 1.0) * 2_997.924_58).abs() < 1e-3);
        assert!(number(10) > 15.0);
    }
    let ended = bench.run(["detect", "out", "--events"]);
    let events = lines(&ended.stdout);
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0][1..3],
        ["2021-04-12T11:59:59.700000", "2021-04-12T12:00:00.200000"]
    );
    assert_eq!(events[0][5], "6");
}

#[test]
fn limits_and_the_rule_of_events() {
    let bench = Bench::new();
    bench.whole("out");
    let rows = |args: &[&str]| {
        let ended = bench.run(["detect", "out"].iter().chain(args).copied());
        assert!(ended.succeeded(), "{args:?}: {ended:?}");
        lines(&ended.stdout)
    };
    assert_eq!(rows(&["--snr", "90"]).len(), 0);
    assert_eq!(
        rows(&["--relative_time", "-s", "0.1", "-e", "0.3"]).len(),
        2
    );
    assert_eq!(rows(&["-e", "2021-04-12T12:00"]).len(), 3);
    // No range is predicted to a millimetre.
    assert!(rows(&["--gates", "0", "--events"]).len() > 1);
    // Without the files in between, the last is three integrations after the second.
    for name in [
        "11-00-00/gmf-1618228799900000",
        "12-00-00/gmf-1618228800000000",
    ] {
        fs::remove_file(bench.path(format!("out/2021-04-12T{name}.h5"))).unwrap();
    }
    assert_eq!(rows(&["--gap", "3", "--events"]).len(), 1);
    assert_eq!(rows(&["--gap", "2", "--events"]).len(), 2);
}

#[test]
fn tables_go_to_files() {
    let bench = Bench::new();
    bench.whole("out");
    let shown = bench.run(["detect", "out"]).stdout;
    let ended = bench.run(["detect", "out", "-o", "new/pass.csv"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("detections: 6, events: 1, written to new/pass.csv and new/pass.events.csv")
    );
    assert_eq!(bench.tree("new").names(), ["pass.csv", "pass.events.csv"]);
    assert_eq!(
        fs::read_to_string(bench.path("new/pass.csv")).unwrap(),
        shown
    );
    let events = bench.run(["detect", "out", "--events"]).stdout;
    assert_eq!(
        fs::read_to_string(bench.path("new/pass.events.csv")).unwrap(),
        events
    );

    for args in [&[][..], &["--snr", "90"]] {
        let all = ["detect", "out", "-o", "pass.h5"];
        assert!(bench.run(all.iter().chain(args).copied()).succeeded());
        let file = hdf5::File::open(bench.path("pass.h5")).unwrap();
        let range = file.dataset("detections/range").unwrap();
        assert_eq!(attributes::read_text(&range, "units").unwrap(), "m");
        let range: Vec<f64> = range.read_raw().unwrap();
        let expected: Vec<f64> = if args.is_empty() {
            lines(&shown)
                .iter()
                .map(|row| row[6].parse().unwrap())
                .collect()
        } else {
            Vec::new()
        };
        assert_eq!(range, expected);
        let count: Vec<i64> = file.dataset("events/count").unwrap().read_raw().unwrap();
        assert_eq!(count.iter().sum::<i64>(), expected.len() as i64);
        let units =
            |name: &str| attributes::read_text(&file.dataset(name).unwrap(), "units").unwrap();
        assert_eq!(units("events/start"), "s since 1970-01-01T00:00:00Z");
        assert_eq!(units("detections/range_rate"), "m/s");
        assert_eq!(units("detections/snr"), "dB");
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let bench = Bench::new();
    bench.whole("out");
    let ended = bench.run(["detect", "out", "-o", "x.h5", "--dry-run"]);
    assert_eq!(
        ended.stdout,
        "integrations  6 in 6 files\nwould write x.h5\n"
    );
    assert!(!bench.path("x.h5").exists());
}

#[test]
fn requests_that_cannot_be_met() {
    let bench = Bench::new();
    bench.whole("out");
    for (args, status, told) in [
        (&["absent"][..], 1, &["absent"][..]),
        (&["recording"], 1, &["holds no GMF files"]),
        (&["out", "-o", "x.txt"], 2, &["x.txt", ".csv or .h5"]),
        (&["out", "-o", "c.ini/x.csv"], 1, &["c.ini"]),
        (&["out", "-s", "2022-01-01"], 1, &["no integration"]),
    ] {
        let ended = bench.run(["detect"].iter().chain(args).copied());
        ended.must_refuse_soon(&format!("{args:?}"), status, told);
    }
    for args in [
        &["--gap", "0"][..],
        &["--snr", "nan"],
        &["--gates", "inf"],
        &["--events", "-o", "x.csv"],
    ] {
        let ended = bench.run(["detect", "out"].iter().chain(args).copied());
        assert_eq!(ended.status, Some(2), "{args:?}: {ended:?}");
    }
}
