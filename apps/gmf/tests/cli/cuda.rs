//! `--device cuda`, by a driver and a compiler that compute on the CPU.
//!
//! `JOBWISE_SEED` repeats a sequence of moments at which a run is killed, `JOBWISE_KILLS` sets how
//! many.

use std::time::Instant;

use hdf5::File;
use jobwise_gmf::product::files;
use jobwise_testing::{fraction, number};

use super::bench::{Bench, Ended, Running};

/// Starts an analysis where the program finds fake devices.
fn start(bench: &Bench, devices: &str, output: &str, more: &[&str]) -> Running {
    let more = [&["--device", "cuda"], more].concat();
    let mut command = bench.command(Bench::arguments(output, &more));
    command.envs(jobwise_cuda_fake::environment(devices));
    Running::start(&mut command)
}

fn analyze(bench: &Bench, devices: &str, output: &str, more: &[&str]) -> Ended {
    start(bench, devices, output, more).end()
}

/// Fails unless two outputs have the same indices, and powers that agree.
#[track_caller]
fn must_agree(bench: &Bench, one: &str, other: &str) {
    let [one, other] = [one, other].map(|output| files(&bench.path(output)).unwrap());
    assert_eq!(one.len(), other.len());
    for paths in one.iter().zip(&other) {
        let open = |path| File::open(path).unwrap();
        let (one, other) = (open(paths.0), open(paths.1));
        for name in ["range_rate_index", "acceleration_index"] {
            let read = |file: &File| file.dataset(name).unwrap().read_raw::<i32>().unwrap();
            assert_eq!(read(&one), read(&other), "{name} of {}", paths.0.display());
        }
        for name in ["gmf", "gmf_zero_frequency", "tx_power", "gmf_peak"] {
            let read = |file: &File| file.dataset(name).unwrap().read_raw::<f32>().unwrap();
            for (a, b) in read(&one).into_iter().zip(read(&other)) {
                assert!((a - b).abs() <= 2e-6 * a.abs(), "{name}: {a} and {b}");
            }
        }
    }
}

fn computed_on(bench: &Bench, output: &str) -> String {
    let shown = bench.run(["inspect", "gmf", output]);
    let line = shown
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("computed on "));
    line.expect("a line about devices").to_owned()
}

#[test]
fn files_are_those_of_the_host_on_any_devices() {
    for method in ["fgmf", "fdpt"] {
        let bench = Bench::with(&[], &[("num_cohints_per_file", "2"), ("targets", "2")]);
        let host = bench.analyze("host", &["-m", method]);
        assert!(host.succeeded(), "{host:?}");
        assert_eq!(computed_on(&bench, "host"), "cpu");
        let ended = analyze(&bench, "devices=1", "one", &["-m", method]);
        assert!(ended.succeeded(), "{ended:?}");
        must_agree(&bench, "host", "one");
        assert_eq!(computed_on(&bench, "one"), "cuda");
        let more = ["-m", method, "--gpus", "2,0", "--lanes", "3"];
        let ended = analyze(&bench, "devices=3", "three", &more);
        assert!(ended.succeeded(), "{ended:?}");
        bench.tree("three").must_equal(&bench.tree("one"));
        let again = analyze(&bench, "devices=1", "one", &["-m", method]);
        assert!(
            again
                .stdout
                .contains("6 integrations were done by an earlier run"),
            "{again:?}"
        );
    }
}

/// A device that has less memory than it says takes fewer integrations at once.
#[test]
fn little_memory_costs_no_result() {
    let bench = Bench::new();
    let ended = analyze(&bench, "devices=1", "whole", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    let ended = analyze(&bench, "devices=1,memory=4,promises=1024", "little", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree("little").must_equal(&bench.tree("whole"));
}

#[test]
fn a_run_may_be_continued_on_another_device() {
    let bench = Bench::with(&[], &[("num_cohints_per_file", "6")]);
    let whole = bench.whole("whole");
    for (first, second) in [("cpu", "cuda"), ("cuda", "cpu")] {
        let output = format!("{first}-first");
        for (device, end) in [(first, "0.35"), (second, "0.6")] {
            let more = ["--device", device, "--relative_time", "-e", end];
            let mut command = bench.command(Bench::arguments(&output, &more));
            command.envs(jobwise_cuda_fake::environment("devices=1"));
            let ended = Running::start(&mut command).end();
            assert!(ended.succeeded(), "{ended:?}");
        }
        assert_eq!(bench.tree(&output).names(), whole.names());
        must_agree(&bench, "whole", &output);
        assert_eq!(computed_on(&bench, &output), "cpu cuda");
    }
}

#[test]
fn what_a_killed_or_failed_run_left_is_completed() {
    let bench = Bench::new();
    let started = Instant::now();
    let ended = analyze(&bench, "devices=2", "whole", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    let (whole, length) = (bench.tree("whole"), started.elapsed());
    let seed = number("JOBWISE_SEED").unwrap_or(7);
    for kill in 0..number("JOBWISE_KILLS").unwrap_or(3) {
        let output = format!("killed{kill}");
        let running = start(&bench, "devices=2", &output, &[]);
        std::thread::sleep(length.mul_f64(fraction(seed, kill)));
        running.signal("KILL");
        running.end();
        let ended = analyze(&bench, "devices=1", &output, &[]);
        assert!(ended.succeeded(), "{ended:?}");
        bench.tree(&output).must_equal(&whole);
    }
    // The device is lost with a launch in the middle of the first batch.
    let lost = analyze(&bench, "devices=1,lose=3", "lost", &[]);
    assert_eq!(lost.status, Some(1), "{lost:?}");
    assert!(
        lost.stderr.contains("CUDA device 0") && lost.stderr.contains("items 0"),
        "{lost:?}"
    );
    bench.tree("lost").must_be_part_of(&whole);
    let ended = analyze(&bench, "devices=1", "lost", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree("lost").must_equal(&whole);
}

#[test]
fn a_plan_shows_devices_and_what_cannot_be_done_is_refused() {
    let bench = Bench::new();
    let plan = analyze(&bench, "devices=2", "out", &["--dry-run"]);
    assert!(plan.succeeded(), "{plan:?}");
    let devices = plan
        .stdout
        .lines()
        .filter(|line| line.starts_with("device "));
    assert_eq!(devices.count(), 2, "{plan:?}");
    for (more, word) in [
        (&["-m", "optimize"][..], "--device cpu"),
        (&["-m", "grid-fast-no-reduce"], "--device cpu"),
        (&["--follow"], "--device cpu"),
        (&["--gpus", "2"], "no CUDA device 2"),
    ] {
        let refused = analyze(&bench, "devices=2", "out", more);
        assert!(
            !refused.succeeded() && refused.stderr.contains(word),
            "{refused:?}"
        );
        assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    }
    let mut lacking = bench.command(Bench::arguments("out", &["--device", "cuda"]));
    let no_driver = Running::start(&mut lacking).end();
    lacking.envs(jobwise_cuda_fake::environment_without_compiler("devices=1"));
    // No other test has left an image there.
    lacking.env("XDG_CACHE_HOME", bench.path("cache"));
    let no_compiler = Running::start(&mut lacking).end();
    for (ended, word) in [
        (no_driver, "no CUDA driver"),
        (no_compiler, "nvidia-cuda-nvrtc"),
    ] {
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(word), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
    assert!(!bench.path("out").exists());
}
