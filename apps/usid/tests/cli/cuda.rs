//! `clean-image --device cuda`, by a driver and a compiler that compute on the CPU.

use std::time::Instant;

use jobwise_hdf5::file_access;
use jobwise_testing::fraction;

use crate::bench::{Bench, Content, Ended, Running};
use crate::cleaning::{close, pixels, with_lattice};
use crate::common::fuses;

/// Windows whose matrix and image a device computes.
const CLEAN: [&str; 12] = [
    "clean-image",
    "image.h5",
    "-w",
    "12",
    "-s",
    "2,3",
    "-c",
    "6",
    "--separate",
    "--precision",
    "f64",
    "--device",
];

/// What says what computed.
const NOTES: [&str; 2] = ["@jobwise_on_cuda", "@jobwise_seal"];

/// Starts the program where it finds fake devices.
fn start(bench: &Bench, devices: &str, args: &[&str]) -> Running {
    let mut command = bench.command(args.iter().copied());
    command.envs(jobwise_cuda_fake::environment(devices));
    Running::start(&mut command)
}

/// Cleans the image on this device, into a group of this name.
fn clean(bench: &Bench, device: &str, target: &str, more: &[&str]) -> Ended {
    let args = [&CLEAN[..], &[device, "--target-group", target], more].concat();
    start(bench, "devices=3", &args).end()
}

#[track_caller]
fn must(ended: &Ended) {
    assert!(ended.succeeded(), "{ended:?}");
}

fn group(target: &str) -> String {
    format!("{target}/Raw_Data-Image_Cleaning_000")
}

/// All that the group holds but for what says what computed.
fn content(bench: &Bench, target: &str) -> Content {
    let mut content = bench.content("image.h5", &group(target));
    content.0.retain(|name, _| !NOTES.contains(&name.as_str()));
    content
}

/// Fails unless two groups agree to the rounding of the matrix.
#[track_caller]
fn must_agree(bench: &Bench, one: &str, other: &str) {
    let file = file_access::open(bench.path("image.h5")).unwrap();
    let [one, other] = [one, other].map(|target| file.group(&group(target)).unwrap());
    for name in ["Cleaned_Image", "Removed_Noise", "Cleaned_Components"] {
        close(&pixels(&one, name), &pixels(&other, name), 1e-11);
    }
    let [one, other] = [&one, &other].map(|group| pixels(group, "S"));
    // The roots of numbers that are right to 1e-12 of the largest.
    close(&one, &other, 1e-6 * one[0]);
}

/// Takes back what was done of two bands of five.
fn undo(bench: &Bench, target: &str) {
    let file = file_access::open_rw(bench.path("image.h5")).unwrap();
    let group = file.group(&group(target)).unwrap();
    let marks = group.dataset("completed_positions").unwrap();
    let mut all: Vec<u8> = marks.read_raw().unwrap();
    all[24 * 75..72 * 75].fill(0);
    marks.write_raw(&all).unwrap();
    let image = group.dataset("Cleaned_Image").unwrap();
    let mut rows: Vec<f64> = image.read_raw().unwrap();
    rows[24 * 75..72 * 75].fill(7.0);
    image.write_raw(&rows).unwrap();
}

fn computed_on(bench: &Bench, target: &str) -> Option<String> {
    let shown = bench.must(&["inspect", "image.h5", target]).stdout;
    let line = |line: &str| Some(line.split_once("computed on CUDA devices: ")?.1.to_owned());
    shown.lines().find_map(line)
}

#[test]
fn results_are_those_of_processors_on_any_devices() {
    let bench = with_lattice(120, 75);
    must(&clean(&bench, "cpu", "host", &[]));
    assert_eq!(computed_on(&bench, "host"), None);
    must(&clean(&bench, "cuda", "one", &["--gpus", "0"]));
    must_agree(&bench, "host", "one");
    assert_eq!(computed_on(&bench, "one").unwrap(), "[matrix, filter]");
    for (target, more) in [
        ("three", &["--gpus", "2,0,1", "--lanes", "3"][..]),
        ("few", &["--gpus", "1", "--lanes", "1", "--threads", "1"]),
    ] {
        must(&clean(&bench, "cuda", target, more));
        content(&bench, target).must_equal(&content(&bench, "one"));
    }
    let again = clean(&bench, "cpu", "one", &[]);
    assert!(again.stdout.contains("complete already"), "{again:?}");
}

/// The components are those of the first run, and filters have the same bits on devices.
#[test]
fn a_run_may_be_continued_on_another_device() {
    let bench = with_lattice(120, 75);
    for (first, second) in [("cpu", "cuda"), ("cuda", "cpu")] {
        must(&clean(&bench, first, first, &[]));
        let whole = content(&bench, first);
        undo(&bench, first);
        let continued = clean(&bench, second, first, &[]);
        must(&continued);
        assert!(continued.stdout.contains("3600 positions"), "{continued:?}");
        if fuses() {
            content(&bench, first).must_equal(&whole);
        }
        let devices = if first == "cpu" {
            "[filter]"
        } else {
            "[matrix, filter]"
        };
        assert_eq!(computed_on(&bench, first).unwrap(), devices);
        bench.must(&["inspect", "image.h5"]);
    }
    must_agree(&bench, "cpu", "cuda");
}

#[test]
fn what_a_killed_run_left_is_completed_on_the_other_device() {
    let bench = with_lattice(160, 90);
    bench.copy("image.h5", "original.h5");
    let length = ["cpu", "cuda"].map(|device| {
        let started = Instant::now();
        must(&clean(&bench, device, device, &[]));
        started.elapsed()
    });
    let wholes = ["cpu", "cuda"].map(|device| content(&bench, device));
    for kill in 0..6 {
        bench.copy("original.h5", "image.h5");
        let (first, second) = if kill % 2 == 0 { (1, 0) } else { (0, 1) };
        let device = |number: usize| ["cpu", "cuda"][number];
        let often = ["--target-group", "out", "--checkpoint", "0.001"];
        let args = [&CLEAN[..], &[device(first)], &often].concat();
        let running = start(&bench, "devices=2", &args);
        std::thread::sleep(length[first].mul_f64(fraction(11, kill)));
        running.signal("KILL");
        running.end();
        let args = [&CLEAN[..], &[device(second)], &often].concat();
        must(&start(&bench, "devices=1", &args).end());
        let found = content(&bench, "out");
        // Whoever made the group found its components.
        if fuses() {
            assert!(wholes.contains(&found), "kill {kill}");
        }
        bench.must(&["inspect", "image.h5"]);
    }
}

/// A device that fails ends the run, whatever it computes; what is there can be continued.
#[test]
fn a_lost_device_ends_the_run() {
    let bench = with_lattice(120, 75);
    must(&clean(&bench, "cuda", "whole", &[]));
    let whole = content(&bench, "whole");
    let args = [&CLEAN[..], &["cuda", "--target-group", "out"]].concat();
    // The second launch is of the matrix; with components that are there, of the image.
    for has_components in [false, true] {
        if has_components {
            must(&start(&bench, "devices=1,memory=4,promises=1024", &args).end());
            content(&bench, "out").must_equal(&whole);
            undo(&bench, "out");
        }
        let lost = start(&bench, "devices=1,lose=2", &args).end();
        assert_eq!(lost.status, Some(1), "{lost:?}");
        let kernel = if has_components {
            "the filter"
        } else {
            "the Gram matrix"
        };
        assert!(lost.stderr.contains("CUDA device 0"), "{lost:?}");
        assert!(lost.stderr.contains(kernel), "{lost:?}");
        assert_eq!(lost.stderr.matches("usid: ").count(), 1, "{lost:?}");
    }
    must(&clean(&bench, "cpu", "out", &[]));
    if fuses() {
        content(&bench, "out").must_equal(&whole);
    }
}

#[test]
fn a_plan_shows_devices_and_what_cannot_be_done_is_refused() {
    let bench = with_lattice(60, 60);
    let before = std::fs::read(bench.path("image.h5")).unwrap();
    let plan = clean(&bench, "cuda", "out", &["--dry-run"]);
    must(&plan);
    let devices = plan
        .stdout
        .lines()
        .filter(|line| line.starts_with("device "));
    assert_eq!(devices.count(), 3, "{plan:?}");
    for told in ["without windows, on devices", "edges on processors"] {
        assert!(plan.stdout.contains(told), "no {told:?} in {plan:?}");
    }
    let sample = clean(&bench, "cuda", "out", &["--test-pixel", "700"]);
    must(&sample);
    assert_eq!(
        sample.stdout,
        clean(
            &bench,
            "cuda",
            "out",
            &["--test-pixel", "700", "--gpus", "1"]
        )
        .stdout
    );
    for (args, word) in [
        (&["filter", "absent.h5", "-f", "low:1"][..], "--device cpu"),
        (&["giv", "absent.h5"], "--device cpu"),
        (&["spectrum", "absent.h5"], "--device cpu"),
        (
            &["clean-image", "image.h5", "--gpus", "3"],
            "no CUDA device 3",
        ),
    ] {
        let refused = start(&bench, "devices=3", &[args, &["--device", "cuda"]].concat()).end();
        assert!(
            !refused.succeeded() && refused.stderr.contains(word),
            "{refused:?}"
        );
        assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    }
    assert!(std::fs::read(bench.path("image.h5")).unwrap() == before);
    let args = [&CLEAN[..], &["cuda"]].concat();
    let mut lacking = bench.command(args.iter().copied());
    let no_driver = Running::start(&mut lacking).end();
    lacking.envs(jobwise_cuda_fake::environment_without_compiler("devices=1"));
    // What other tests compiled would do.
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
    let left = bench.must(&["inspect", "image.h5"]).stdout;
    assert!(!left.contains("Image_Cleaning"), "{left}");
}

/// Few windows are multiplied as they are, which processors do: that is told, and the bits are
/// theirs.
#[test]
fn where_a_device_gains_nothing_processors_compute() {
    let bench = with_lattice(64, 64);
    let args = ["clean-image", "image.h5", "-w", "8", "-s", "8", "-c", "2"];
    let run = |device: &str, target: &str| {
        let more = ["--device", device, "--target-group", target];
        start(&bench, "devices=1", &[&args[..], &more].concat()).end()
    };
    let host = run("cpu", "host");
    must(&host);
    assert_eq!(host.stderr, "");
    let device = run("cuda", "device");
    must(&device);
    assert!(
        device.stderr.contains("processors compute all"),
        "{device:?}"
    );
    assert_eq!(device.stderr.lines().count(), 1, "{device:?}");
    assert_eq!(computed_on(&bench, "device"), None);
    let [host, device] = ["host", "device"].map(|target| bench.content("image.h5", &group(target)));
    device.must_equal(&host);
    let plan = start(
        &bench,
        "devices=1",
        &[&args[..], &["--device", "cuda", "--dry-run"]].concat(),
    );
    let plan = plan.end().stdout;
    assert_eq!(plan.matches("on processors").count(), 2, "{plan}");
}
