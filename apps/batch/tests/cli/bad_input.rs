//! One line says what is wrong, where, and what to do.

use std::fs;

use super::bench::Bench;

#[test]
fn requests_that_make_no_sense() {
    let bench = Bench::new(3);
    fs::write(bench.path("twice"), "a\nb\na\n").unwrap();
    fs::write(bench.path("empty"), "\n\n").unwrap();
    fs::write(bench.path("file"), "").unwrap();
    fs::write(bench.path("nul"), "a\nb\0c\n").unwrap();
    fs::write(bench.path("hole"), "a\0\0b\0").unwrap();
    fs::write(bench.path("long"), "x".repeat(256)).unwrap();
    fs::write(bench.path("longer"), "x".repeat(5000)).unwrap();
    fs::create_dir(bench.path("nothing")).unwrap();
    for (line, script, status, told) in [
        ("run b --tasks list", "", 2, &["no command", "after --"][..]),
        ("reset b", "", 2, &["--failed", "--task TASK"]),
        (
            "run b",
            "true {task}",
            1,
            &["b is not there yet", "--tasks LIST"],
        ),
        (
            "run nothing",
            "true {task}",
            1,
            &["holds no task", "--tasks LIST"],
        ),
        (
            "run b --tasks absent",
            "true {task}",
            1,
            &["cannot read absent"],
        ),
        (
            "run b --tasks twice",
            "true {task}",
            1,
            &["twice, line 3", "line 1"],
        ),
        (
            "run b --tasks empty",
            "true {task}",
            1,
            &["empty names no task"],
        ),
        ("run file --tasks list", "true {task}", 1, &["file"]),
        (
            "run b --tasks list --worker-size 2",
            "true {task}",
            1,
            &["--worker-size", "--workers"],
        ),
        ("status absent", "", 1, &["absent is not there"]),
        ("status file", "", 1, &["file", "move that away"]),
        ("status nothing", "", 1, &["nothing holds no task"]),
        ("reset absent --failed", "", 1, &["absent is not there"]),
        ("run b --tasks nothing", "true {task}", 1, &["nothing"]),
        (
            "run b --tasks nul",
            "true {task}",
            1,
            &["nul, line 2", "-0"],
        ),
        (
            "run b -0 --tasks hole",
            "true {task}",
            1,
            &["hole, entry 2"],
        ),
        (
            "run b --tasks long",
            "true {task}",
            1,
            &["long, line 1", "255"],
        ),
        (
            "run b --tasks longer",
            "true {task}",
            1,
            &["longer", "4096"],
        ),
        ("reset nothing --failed", "", 1, &["holds no task"]),
    ] {
        let ended = bench.run(line, script);
        println!("{line}: {}", ended.stderr);
        ended.must_fail(status, told);
        assert_eq!(ended.stdout, "", "{line}");
        assert!(!bench.path("b").exists(), "{line}");
    }
    bench
        .run("run b --tasks list", "true {task}")
        .must_succeed();
    bench
        .run("reset b --task t9", "")
        .must_fail(2, &["no task t9"]);
}

/// What the parser of flags says is several lines, with its own hint; the first says what is wrong
/// with which value, and in no word of a library.
#[test]
fn values_that_make_no_sense() {
    let bench = Bench::new(3);
    for (flag, value, told) in [
        ("--workers", "0", "not a whole number from 1 to 65535"),
        ("--workers", "x", "not a whole number from 1 to 65535"),
        ("--workers", "1.5", "not a whole number from 1 to 65535"),
        ("--workers", "70000", "not a whole number from 1 to 65535"),
        ("--worker-size", "0", "not a whole number from 1 to 65535"),
        ("--retries", "x", "not a whole number from 0 to 4294967295"),
        (
            "--retries",
            "1e3",
            "not a whole number from 0 to 4294967295",
        ),
        ("--attempts", "0", "not a whole number from 1 to 4294967295"),
        ("--timeout", "0", "not a time longer than 0 s"),
        ("--timeout", "nan", "not a number of seconds from 0 to 1e9"),
        ("--timeout", "inf", "not a number of seconds from 0 to 1e9"),
        ("--timeout", "1e10", "not a number of seconds from 0 to 1e9"),
        ("--timeout", "5 s", "not a number of seconds from 0 to 1e9"),
        ("--lease", "0.5", "not a time of at least 1 s"),
        ("--lease", "x", "not a number of seconds from 0 to 1e9"),
        (
            "--reclaim-unowned",
            "x",
            "not a number of seconds from 0 to 1e9",
        ),
        ("--watchdog", "0", "0 is not in 1..="),
    ] {
        let mut command = bench.command("run b --tasks list", "");
        command.args([flag, value, "--", "true", "{task}"]);
        let ended = super::bench::Running::start(&mut command).end();
        assert_eq!(ended.status, Some(2), "{flag} {value}: {ended:?}");
        let first = ended.stderr.lines().next().unwrap_or_default();
        let names = first.contains(flag) && first.contains(&format!("'{value}'"));
        assert!(names && first.contains(told), "{first}");
        assert_eq!(ended.stdout, "");
        assert!(!bench.path("b").exists(), "{flag} {value}");
    }
    bench
        .run("run b --tasks list", "true {task}")
        .must_succeed();
    let ended = bench.run("status b --most x", "");
    assert_eq!(ended.status, Some(2));
    assert!(
        ended.stderr.contains("not a whole number from 0"),
        "{ended:?}"
    );
}

#[test]
fn a_command_that_is_not_there() {
    let bench = Bench::new(1);
    let mut command = bench.command("run b --tasks list -- no-such-command {task}", "");
    let ended = super::bench::Running::start(&mut command).end();
    ended.must_fail(1, &["1 task failed"]);
    assert!(ended.stdout.contains("exit status 127"), "{ended:?}");
    let log = fs::read_to_string(bench.path("b/t0/log")).unwrap();
    assert!(log.contains("cannot start no-such-command"), "{log}");
}
