//! Command lines that cannot be met.

use super::bench::{Bench, Running};

#[test]
fn limits_in_time() {
    let bench = Bench::new();
    for (args, status, told) in [
        (
            &["-s", "2021-04-12T11:00"][..],
            1,
            &["the start", "outside the recording"][..],
        ),
        (
            &["-e", "2021-04-12T12:30"],
            1,
            &["the end", "outside the recording"],
        ),
        (
            &["--relative_time", "-s", "0.3", "-e", "0.2"],
            1,
            &["not after the start"],
        ),
        (
            &["--relative_time", "-s", "-0.01"],
            1,
            &["outside the recording"],
        ),
        (&["--relative_time", "-s", "1e300"], 1, &["the start"]),
        (&["--relative_time", "-s", "nan"], 2, &["nan", "seconds"]),
        (
            &["--relative_time", "-e", "2021-04-12"],
            2,
            &["2021-04-12", "seconds"],
        ),
        (&["-s", "yesterday"], 2, &["yesterday"]),
        (&["-s", "2021-02-30"], 2, &["2021-02-30"]),
        (
            &["-s", "2021-04-12T11:59:60"],
            2,
            &["11:59:60", "no second 60"],
        ),
        (&["-e", "20210412T115960Z"], 2, &["no second 60"]),
    ] {
        let ended = bench.analyze("out", args);
        ended.must_refuse_soon(&format!("{args:?}"), status, told);
    }
    assert!(!bench.path("out").exists());
}

#[test]
fn channels_and_directories() {
    let bench = Bench::new();
    let usual = ["--config", "c.ini", "-o", "out"];
    for (args, told) in [
        (
            &["analyze", "recording", "uhf"][..],
            &["recording", "\"uhf\"", "sim"][..],
        ),
        (&["analyze", "absent", "sim"], &["absent"]),
        (
            &["analyze", "recording/sim", "sim"],
            &["recording/sim: holds no metadata.ini"],
        ),
        (&["analyze", "c.ini", "sim"], &["c.ini"]),
        (
            &["analyze", "recording", "sim", "--tx", "absent"],
            &["absent"],
        ),
        (
            &["analyze", "recording", "sim", "--txchnl", "uhf"],
            &["\"uhf\""],
        ),
        (&["analyze", "recording", ""], &["recording"]),
        (
            &["analyze", "recording", "../recording/sim"],
            &["recording"],
        ),
    ] {
        let ended = bench.run(args.iter().chain(&usual).copied());
        ended.must_refuse_soon(&format!("{args:?}"), 1, told);
    }
    assert!(!bench.path("out").exists());
}

/// Mistakes that the command line itself shows: explained at the length that needs.
#[test]
fn usage() {
    let bench = Bench::new();
    for (args, told) in [
        (&["--job", "3/3"][..], "3/3"),
        (&["--job", "0/0"], "0/0"),
        (&["--job", "-1/3"], "-1"),
        (&["--job", "1"], "--job"),
        (&["--threads", "0"], "--threads"),
        (&["--threads", "-1"], "-1"),
        (&["--threads", "99999999"], "--threads"),
        (&["--backend", "abacus"], "abacus"),
        (&["--method", "best"], "best"),
        (&["--relative_time", "-s"], "--start_time"),
        (&["--watchdog", "0"], "--watchdog"),
    ] {
        let ended = bench.analyze("out", args);
        assert_eq!(ended.status, Some(2), "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(told), "{args:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
    let ended = bench.run(["analyze", "recording", "sim"]);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("--config"), "{}", ended.stderr);
    assert!(!bench.path("out").exists());
}

/// A name that looks like a picture of a kind that is not drawn is no directory.
#[test]
fn pictures_of_other_kinds() {
    let bench = Bench::new();
    bench.whole("found");
    for name in ["picture.jpg", "out/page.PDF"] {
        for what in [["drf", "recording"], ["gmf", "found"]] {
            let ended = bench.run(["plot", what[0], what[1], "-o", name]);
            ended.must_refuse_soon(name, 2, &[name, ".png or .svg"]);
        }
        assert!(!bench.path(name).exists() && !bench.path("out").exists());
    }
}

/// The least and the largest numbers that options with a number take: refused by name or done, and
/// never a panic.
#[test]
fn numbers_at_the_ends() {
    let bench = Bench::new();
    bench.whole("found");
    let analyze = Bench::arguments("out", &[]);
    let relative = Bench::arguments("out", &["--relative_time"]);
    let live = Bench::arguments("out", &["--follow", "--end_time", "2021-04-12T12:00"]);
    let commands = [
        (
            &analyze[..],
            "--pulse-origin --start_time --end_time --compression --threads --watchdog",
        ),
        (&relative, "--start_time --end_time"),
        (&live, "--idle-timeout --settle"),
        (
            &["plot", "drf", "recording", "-o", "out/p", "--axis_units"],
            "--pulse-origin --start_time --end_time --start-range --end-range",
        ),
        (&["plot", "gmf", "found", "-o", "out/p"], "--snr_dB_limit"),
        (&["detect", "found"], "--snr --gap --gates"),
        (
            &["check", "range-gates", "recording"],
            "--start --end --clutter",
        ),
    ];
    for (command, options) in commands {
        for option in options.split(' ') {
            for number in ["0", "1", "9223372036854775807", "18446744073709551615"] {
                let given = format!("{option}={number}");
                let ended = bench.run(command.iter().copied().chain([given.as_str()]));
                let case = format!("{command:?} {given}: {ended:?}");
                assert!(matches!(ended.status, Some(0..=2)), "{case}");
                assert!(!ended.stderr.contains("panicked"), "{case}");
            }
        }
    }
    let origin = ["--pulse-origin", "18446744073709551615"];
    let told = ["pulse origin 18446744073709551615", "calendar"];
    bench
        .analyze("out", &origin)
        .must_refuse_soon("origin", 1, &told);
}

#[test]
fn backends_that_are_not_there() {
    let bench = Bench::new();
    for (backend, compiled) in [
        ("mpi", cfg!(feature = "mpi")),
        ("cuda", cfg!(feature = "cuda")),
    ] {
        if !compiled {
            let ended = bench.analyze("out", &["--backend", backend]);
            let told = format!("--features {backend}");
            ended.must_refuse_soon(backend, 2, &[backend, &told]);
        }
    }
    // Copies that know nothing of each other would all do everything.
    for (variable, value, by) in [
        ("OMPI_COMM_WORLD_SIZE", "2", "mpirun"),
        ("PMI_SIZE", "2", "mpirun"),
        ("SLURM_STEP_NUM_TASKS", "2", "srun"),
        ("PMIX_RANK", "1", "a launcher"),
    ] {
        let backend = ["--backend", "threads"];
        let mut command = bench.command(Bench::arguments("out", &backend));
        let ended = Running::start(command.env(variable, value)).end();
        let told = [by, "started 2 copies", "--backend mpi"];
        ended.must_refuse_soon(variable, 2, &told);
    }
    assert!(!bench.path("out").exists());
}
