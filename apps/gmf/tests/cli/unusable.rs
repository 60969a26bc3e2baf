//! Inputs that cannot be used: each costs its own samples, is named once, and shows in the status.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use hdf5::File;
use jobwise_core::{Across, Cancel, Job, LocalCluster};
use jobwise_gmf::analyze::{Analysis, Request};
use jobwise_kit::{Inputs, Program, Sharing};
use jobwise_serial::Serial;

use super::bench::{Bench, Tree};

/// Puts something that cannot be used where a data file was.
type Damage = fn(&Bench, &Path);

const DAMAGES: [(&str, Damage); 11] = [
    ("empty", |_, path| fs::write(path, "").unwrap()),
    ("foreign", |_, path| {
        fs::write(path, "no HDF5 at all").unwrap();
    }),
    ("zeros", |_, path| fs::write(path, [0; 4096]).unwrap()),
    ("cut", |_, path| {
        // Before its first sample; of more, more is used.
        let whole = fs::read(path).unwrap();
        fs::write(path, &whole[..1000]).unwrap();
    }),
    ("a link to nowhere", |_, path| {
        fs::remove_file(path).unwrap();
        symlink("nowhere", path).unwrap();
    }),
    ("a directory", |_, path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
    ("a FIFO", |_, path| {
        fs::remove_file(path).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }),
    ("without datasets", |_, path| {
        drop(File::create(path).unwrap());
    }),
    ("damaged index", |_, path| {
        let file = File::open_rw(path).unwrap();
        let index = file.dataset("rf_data_index").unwrap();
        index.write_raw(&[u64::MAX - 3, 0]).unwrap();
    }),
    ("another type", |bench, path| {
        let below = path.strip_prefix(bench.path("recording")).unwrap();
        fs::copy(bench.path("other").join(below), path).unwrap();
    }),
    ("out of place", |_, path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let other = name.replace(".000.h5", ".007.h5");
        fs::rename(path, path.with_file_name(other)).unwrap();
    }),
];

/// Where the recording's files are damaged: the first, one inside, the last.
const PLACES: [usize; 3] = [0, 3, 5];

fn all_but(tree: &Tree, left_out: usize) -> Tree {
    let mut tree = tree.clone();
    let name = tree.0.keys().nth(left_out).unwrap().clone();
    tree.0.remove(&name);
    tree
}

#[test]
fn a_file_that_cannot_be_used_costs_its_own_samples() {
    let bench = Bench::new();
    bench.record("other", &[("sample_type", "int16")]);
    let whole = bench.whole("whole");
    let files = bench.data_files("recording/sim");
    for (number, (case, damage)) in DAMAGES.iter().enumerate() {
        let place = PLACES[number % PLACES.len()];
        let path = &files[place];
        let name = path.file_name().unwrap().to_str().unwrap();
        let second = name.split('.').next().unwrap();
        let sound = fs::read(path).unwrap();
        damage(&bench, path);
        let out = format!("out{number}");
        let live = format!("live{number}");
        let follow = ["--follow", "--idle-timeout", "0"];
        for args in [
            Bench::arguments(&out, &[]),
            Bench::arguments(&live, &follow),
            vec!["inspect", "drf", "recording"],
            vec!["plot", "drf", "recording", "-o", "pictures"],
        ] {
            let ended = bench.run(args.iter().copied());
            assert_eq!(ended.status, Some(3), "{case}, {args:?}: {ended:?}");
            let told = ended
                .stderr
                .lines()
                .filter(|line| line.contains("passed over") || line.contains(": cut: "));
            assert_eq!(told.clone().count(), 1, "{case}, {args:?}: {ended:?}");
            assert!(
                told.clone().all(|line| line.contains(second)),
                "{case}: {ended:?}"
            );
            let strict = bench.run(args.iter().copied().chain(["--strict"]));
            assert_eq!(strict.status, Some(1), "{case}, {args:?}: {strict:?}");
            assert!(
                strict.stderr.contains(second),
                "{case}, {args:?}: {strict:?}"
            );
        }
        let expected = all_but(&whole, place);
        bench.tree(&out).must_equal(&expected);
        bench.tree(&live).must_equal(&expected);
        if path.is_dir() {
            fs::remove_dir(path).unwrap();
        } else {
            let _ = fs::remove_file(path);
        }
        for stray in bench.data_files("recording/sim") {
            if !files.contains(&stray) {
                fs::remove_file(stray).unwrap();
            }
        }
        fs::write(path, sound).unwrap();
        // What could not be used is done when it can.
        assert!(bench.analyze(&out, &[]).succeeded());
        bench.tree(&out).must_equal(&whole);
    }
}

#[test]
fn what_another_rank_lost_is_known_when_the_run_fails() {
    let bench = Bench::with(&[], &[("missing", "error")]);
    fs::write(&bench.data_files("recording/sim")[3], "").unwrap();
    let ranks = LocalCluster::run(2, |comm| {
        let inputs = Arc::new(Inputs::new(false));
        let channel = (bench.path("recording"), "sim".to_owned());
        let request = Request {
            rx: channel.clone(),
            tx: channel,
            subchannels: (None, None),
            config: bench.path("c.ini"),
            method: None,
            limits: (None, None),
            pulse_origin: None,
            output: bench.path("out"),
            clobber: false,
            sample_numbers: true,
            compression: 0,
            format: jobwise_gmf::product::default_format(),
            job: Job::WHOLE,
            sharing: Sharing::Static,
            inputs: Arc::clone(&inputs),
        };
        let analysis = Analysis {
            request,
            cancel: Cancel::new(),
            progress: false,
            dry_run: false,
            backend: "serial",
            choice: None,
            is_unasked: false,
        };
        let ended = analysis.run(&Across::new(comm, Serial));
        (ended.is_err(), inputs.count())
    });
    // The second rank met it: of six integrations the fourth.
    for rank in ranks {
        assert_eq!(rank.unwrap(), (true, 1));
    }
}

#[test]
fn many_files_that_cannot_be_used_are_counted() {
    let bench = Bench::with(&[("file_cadence_millisecs", "10")], &[]);
    let files = bench.data_files("recording/sim");
    for path in &files[10..50] {
        fs::write(path, "").unwrap();
    }
    let ended = bench.analyze("out", &[]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 22, "{ended:?}");
    assert!(
        ended.stderr.contains("40 inputs that could not be used"),
        "{ended:?}"
    );
    assert_eq!(bench.tree("out").0.len(), 2);
}

#[test]
fn a_channel_or_an_experiment_that_cannot_be_read_hides_no_other() {
    let bench = Bench::new();
    fs::create_dir(bench.path("recording/broken")).unwrap();
    fs::write(bench.path("recording/broken/drf_properties.h5"), "x").unwrap();
    let ended = bench.run(["inspect", "drf", "recording"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("channel sim\n  samples      complex f32"),
        "{ended:?}"
    );
    assert!(ended.stdout.contains("radar_frequency"), "{ended:?}");
    fs::remove_dir_all(bench.path("recording/broken")).unwrap();
    fs::write(bench.path("recording/metadata.ini"), "[Experiment]\n").unwrap();
    let ended = bench.run(["inspect", "drf", "recording"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("channel sim"), "{ended:?}");
}

#[test]
fn a_pointing_that_cannot_be_read_costs_the_pointing() {
    let bench = Bench::new();
    let whole = bench.whole("whole");
    fs::create_dir(bench.path("recording/pointing")).unwrap();
    fs::write(bench.path("recording/pointing/dmd_properties.h5"), "x").unwrap();
    let ended = bench.analyze("out", &[]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("recording/pointing"), "{ended:?}");
    bench.tree("out").must_equal(&whole);
    let strict = bench.analyze("strict", &["--strict"]);
    strict.must_refuse_soon("pointing", 1, &["recording/pointing"]);
}

#[test]
fn samples_that_cannot_be_computed_with_are_missing_and_told() {
    for (value, is_odd) in [
        ((f32::NAN, 0.0), true),
        ((0.0, f32::NAN), true),
        ((f32::INFINITY, 1.0), true),
        ((1.0, f32::NEG_INFINITY), true),
        ((1e30, 0.0), true),
        ((1e6, 0.0), false),
    ] {
        let bench = Bench::with(&[], &[("num_cohints_per_file", "2")]);
        // Three samples of the third transmission of the second integration.
        let path = &bench.data_files("recording/sim")[1];
        let file = File::open_rw(path).unwrap();
        let data = file.dataset("rf_data").unwrap();
        let odd = num_complex::Complex::new(value.0, value.1);
        data.write_slice(
            &ndarray::arr2(&[[odd], [odd], [odd]]),
            ndarray::s![2020..2023, ..],
        )
        .unwrap();
        drop((data, file));
        let ended = bench.analyze("out", &[]);
        assert!(ended.succeeded(), "{ended:?}");
        let told = "3 samples were missing in the recording, 3 of them NaN, infinite or too large \
                    to compute with";
        assert_eq!(ended.stdout.contains(told), is_odd, "{value:?}: {ended:?}");
        let peaks = bench.run(["inspect", "gmf", "out", "--peaks"]).stdout;
        assert_eq!(
            peaks.matches("not analysed").count(),
            usize::from(is_odd),
            "{peaks}"
        );
    }
}
