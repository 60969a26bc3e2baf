//! `inversion run --device cuda` on the driver for tests.

use crate::bench::{Bench, must_equal};
use jobwise_testing::{Ended, Tree};

/// Chains of mode exact, two for each of 2 x 2 soundings.
fn bench() -> Bench {
    let bench = Bench::new(2);
    let options = bench
        .text("options.toml")
        .replace("mode = \"compat\"", "mode = \"exact\"")
        .replace("n_markov_chains = 300", "n_markov_chains = 100")
        .replace("minimum_burn_in = 100", "minimum_burn_in = 10");
    bench.put("options.toml", &options);
    bench
}

/// `inversion run options.toml OUTPUT --device cuda ..` on devices as `fake` says.
fn run(bench: &Bench, output: &str, fake: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["run", "options.toml", output, "--device", "cuda"];
    arguments.extend(more);
    let mut command = bench.command(&arguments);
    command.envs(jobwise_cuda_fake::environment(fake));
    jobwise_testing::Running::start(&mut command).end()
}

fn must(bench: &Bench, output: &str, fake: &str, more: &[&str]) -> Tree {
    let ended = run(bench, output, fake, more);
    assert!(ended.succeeded(), "{fake} {more:?}: {ended:?}");
    bench.files(output)
}

/// Misfits after each iteration of the first chain, and whether the state changed, by sounding.
fn traces(bench: &Bench, output: &str) -> Vec<(Vec<f64>, Vec<u8>)> {
    let file = bench.open(&format!("{output}/100.0.h5"));
    let read = |name: &str| file.dataset(name).unwrap();
    let misfits: Vec<f64> = read("phids/data").read_raw().unwrap();
    let changes: Vec<u8> = read("acceptance_rate/data").read_raw().unwrap();
    let length = misfits.len() / 2;
    let misfits = misfits.chunks_exact(length).map(<[f64]>::to_vec);
    misfits
        .zip(changes.chunks_exact(length).map(<[u8]>::to_vec))
        .collect()
}

/// Responses differ in their last bits, by the order of sums. Chains take the same steps all the
/// same: what a state is drawn from depends on the last one only as far as data do not tell, so
/// that differences do not grow.
#[test]
fn chains_on_a_device_are_those_of_the_host() {
    let bench = bench();
    bench.must("host", &["--line", "100"]);
    must(&bench, "device", "devices=1", &["--line", "100"]);
    let pairs = traces(&bench, "host")
        .into_iter()
        .zip(traces(&bench, "device"));
    for ((host, changes), (device, others)) in pairs {
        // Beyond the end there are no numbers.
        let near = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a - b).abs() < 1e-9 * b;
        assert!(host.iter().zip(&device).all(near));
        assert_eq!(changes, others);
    }
}

#[test]
fn devices_batches_and_orders_do_not_matter() {
    let bench = bench();
    let whole = must(&bench, "whole", "devices=1", &[]);
    for (output, fake, more) in [
        ("three", "devices=3,order=7", &[][..]),
        // Room for one sounding at once.
        (
            "small",
            "devices=1,memory=1,order=1",
            &["--checkpoint", "0.001"],
        ),
        ("leased", "devices=2", &["--division", "leased"]),
    ] {
        must_equal(&must(&bench, output, fake, more), &whole);
    }
    // One by one.
    for line in ["100", "200"] {
        for index in ["1", "0"] {
            must(
                &bench,
                "alone",
                "devices=1",
                &["--line", line, "--index", index],
            );
        }
    }
    must_equal(&bench.files("alone"), &whole);
    // What is there is not computed again.
    let again = run(&bench, "whole", "devices=1", &[]);
    assert!(again.stdout.starts_with("0 soundings"), "{again:?}");
}

#[test]
fn a_device_that_breaks_ends_the_run_which_is_continued() {
    let bench = bench();
    let whole = must(&bench, "whole", "devices=1", &[]);
    for (output, fake, expected) in [
        ("illegal", "devices=1,fail_launch=700", "illegal"),
        ("lost", "devices=2,lose=300", "CUDA device "),
        ("none", "devices=0", "no CUDA device"),
    ] {
        let ended = run(&bench, output, fake, &[]);
        assert_eq!(ended.status, Some(1), "{fake}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{fake}: {ended:?}");
        must_equal(&must(&bench, output, "devices=1", &[]), &whole);
    }
    // Memory that is not there makes batches smaller.
    must_equal(
        &must(&bench, "short", "devices=1,memory=64,refuse_launch=5", &[]),
        &whole,
    );
}

#[test]
fn the_plan_says_what_a_device_takes() {
    let bench = bench();
    let ended = run(
        &bench,
        "out",
        "devices=2",
        &["--dry-run", "--gpus", "1", "--lanes", "3"],
    );
    assert!(ended.succeeded(), "{ended:?}");
    let line = ended.stdout.lines().find(|line| line.starts_with("device"));
    let line = line.unwrap();
    assert!(
        line.contains("device 1") && line.contains("3 lanes"),
        "{line}"
    );
    assert!(!bench.path("out").exists());
}

#[test]
fn what_has_no_kernel_is_refused() {
    let bench = Bench::new(3);
    let ended = run(&bench, "out", "devices=1", &[]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("mode compat"), "{ended:?}");
    assert!(ended.stderr.contains("--device cpu"), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(!bench.path("out").exists());
}
