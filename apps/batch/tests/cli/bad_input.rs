//! One line says what is wrong, where, and what to do.

use std::fs;

use super::bench::Bench;

#[test]
fn requests_that_make_no_sense() {
    let bench = Bench::new(3);
    fs::write(bench.path("twice"), "a\nb\na\n").unwrap();
    fs::write(bench.path("empty"), "\n\n").unwrap();
    fs::write(bench.path("file"), "").unwrap();
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
        ("status absent", "", 1, &["absent"]),
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
