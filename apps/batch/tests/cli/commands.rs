//! Commands, their environment, logs, failures and time-outs; `status`, `reset`.

use jobwise_testing::private;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::bench::{Bench, Running, has_ended, until};

#[test]
fn every_task_is_run_once_with_its_name_in_its_place() {
    let bench = Bench::new(30);
    let script = r#"echo "{task} {index} $BATCH_TASK $BATCH_INDEX $(basename $BATCH_DIR) $BATCH_ATTEMPT" >> all; echo out; echo err >&2"#;
    let ended = bench.run("run b --tasks list --workers 3", script);
    ended.must_succeed();
    assert!(ended.stdout.starts_with("30 tasks done in "), "{ended:?}");
    let mut lines = bench.lines("all");
    lines.sort();
    let mut expected: Vec<_> = (0..30)
        .map(|i| format!("t{i} {i} t{i} {i} t{i} 1"))
        .collect();
    expected.sort();
    assert_eq!(lines, expected);
    bench.must_be_clean("b", 30);
    let log = fs::read_to_string(bench.path("b/t7/log")).unwrap();
    assert!(
        log.starts_with("=== ") && log.ends_with("\nout\nerr\n"),
        "{log}"
    );
    // Nothing is left to do, with the list or without it.
    for line in ["run b --tasks list", "run b"] {
        let again = bench.run(line, script);
        again.must_succeed();
        assert!(again.stdout.starts_with("0 tasks done"), "{again:?}");
    }
    assert_eq!(bench.lines("all").len(), 30);
}

#[test]
fn any_line_is_a_task() {
    let bench = Bench::new(0);
    fs::write(
        bench.path("list"),
        "data/x.h5\n../up\na b  c\n.hidden\n$(touch oops)\n",
    )
    .unwrap();
    bench
        .run("run b --tasks list", r#"echo "$BATCH_TASK" >> all"#)
        .must_succeed();
    let mut lines = bench.lines("all");
    lines.sort();
    assert_eq!(
        lines,
        ["$(touch oops)", "../up", ".hidden", "a b  c", "data/x.h5"]
    );
    assert!(!bench.path("oops").exists());
    let listed = bench.run("status b --list done", "");
    assert_eq!(listed.stdout.lines().count(), 5);
    assert!(listed.stdout.contains("\n../up\n"), "{listed:?}");
}

#[test]
fn failures_have_reasons_and_are_tried_again_when_asked() {
    let bench = Bench::new(6);
    let script =
        "echo {task} >> all; case {task} in t1) exit 3;; t2) kill -9 $$;; t3) sleep 60;; esac";
    let ended = bench.run("run b --tasks list --timeout 0.5 --workers 6", script);
    ended.must_fail(1, &["3 tasks failed", "b/TASK/log", "reset --failed"]);
    assert_eq!(bench.count("b", 6, "DONE"), 3);
    let status = bench.run("status b", "").stdout;
    for told in [
        "6 tasks",
        "DONE    3",
        "FAILED  3",
        "t1  exit status 3",
        "t2  signal 9",
        "t3  it took longer than 0.5 s",
    ] {
        assert!(status.contains(told), "no {told:?} in {status}");
    }
    // Failed tasks stay failed, until they are asked for.
    bench
        .run("run b", "echo {task} >> all")
        .must_fail(1, &["3 tasks failed"]);
    assert_eq!(bench.lines("all").len(), 6);
    bench
        .run(
            "run b --retry-failed",
            "test {task} != t1 && echo {task} >> all",
        )
        .must_fail(1, &["1 task failed"]);
    assert_eq!(bench.lines("all").len(), 8);
    let ended = bench.run("reset b --failed --dry-run", "");
    assert_eq!(ended.stdout, "t1\n1 task would be open\n");
    bench.run("reset b --failed", "").must_succeed();
    assert_eq!(bench.state("b", "t1"), "OPEN");
    assert!(!bench.path("b/t1/reason").exists());
    bench.run("run b", "echo {task} >> all").must_succeed();
    bench.run("reset b --task t4", "").must_succeed();
    bench.run("run b", "echo {task} >> all").must_succeed();
    assert_eq!(bench.lines("all")[8..], ["t1", "t4"]);
    bench.must_be_clean("b", 6);
}

#[test]
fn a_command_that_fails_now_and_then_is_run_again() {
    let bench = Bench::new(2);
    let script = "echo $BATCH_ATTEMPT >> $BATCH_DIR/tries; test $BATCH_ATTEMPT = 3";
    bench
        .run("run b --tasks list --retries 2", script)
        .must_succeed();
    assert_eq!(bench.lines("b/t1/tries"), ["1", "2", "3"]);
    bench.run("reset b --done", "").must_succeed();
    bench
        .run("run b --retries 1", script)
        .must_fail(1, &["2 tasks failed"]);
}

#[test]
fn a_signal_ends_the_commands_and_opens_their_tasks() {
    let bench = Bench::new(4);
    for (signal, status) in [("TERM", 143), ("USR1", 138), ("INT", 130)] {
        let running = bench.start(
            "run b --tasks list --workers 2",
            "echo $$ >> pids; sleep 60; : {task}",
        );
        until("two commands run", || bench.lines("pids").len() == 2);
        let since = Instant::now();
        running.signal(signal);
        let ended = running.end();
        ended.must_fail(status, &["what was done is kept"]);
        assert!(since.elapsed() < Duration::from_secs(10));
        let open = bench.run("status b --list open", "").stdout;
        assert_eq!(open.lines().count(), 4, "{open}");
        for pid in bench.lines("pids") {
            assert!(has_ended(&pid));
        }
        fs::remove_file(bench.path("pids")).unwrap();
    }
    bench.run("run b", "true {task}").must_succeed();
    bench.must_be_clean("b", 4);
}

#[test]
fn a_plan_is_told_and_nothing_done() {
    let bench = Bench::new(9);
    let ended = bench.run(
        "run b --tasks list --workers 2 --timeout 3 --dry-run",
        "fit {task}",
    );
    ended.must_succeed();
    for told in [
        "tasks           9, 9 to do",
        "at a time       2",
        "time-out        3 s",
        "to run          sh -c 'fit t0'",
    ] {
        assert!(ended.stdout.contains(told), "no {told:?} in {ended:?}");
    }
    assert!(!bench.path("b").exists());
}

#[test]
fn tasks_that_another_program_made_are_known() {
    let bench = Bench::new(0);
    for (task, state) in [
        ("p1", "OPEN\n"),
        ("p2", "DONE\n"),
        ("p3", "RUNNING\n"),
        ("p4", "rubbish\n"),
    ] {
        fs::create_dir_all(bench.path("b").join(task)).unwrap();
        fs::write(bench.path("b").join(task).join("state"), state).unwrap();
    }
    let ended = bench.run("run b", "echo {task} >> all");
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(
        ended.stderr.contains("p4/state is no state file"),
        "{ended:?}"
    );
    assert_eq!(bench.lines("all"), ["p1"]);
    let status = bench.run("status b", "").stdout;
    assert!(status.contains("p3  nobody claims it"), "{status}");
    bench.run("reset b --invalid", "").must_succeed();
    assert_eq!(bench.state("b", "p4"), "OPEN");
    bench
        .run(
            "run b --reclaim-unowned 0 --workers 1",
            "echo {task} >> all",
        )
        .must_succeed();
    let mut all = bench.lines("all");
    all.sort();
    assert_eq!(all, ["p1", "p3", "p4"]);
}

#[test]
fn directories_that_were_there_stay_themselves() {
    let bench = Bench::new(0);
    let names = ["a%20b", "100%", "lower%2fx", " spaced ", "é"];
    for name in names {
        fs::create_dir_all(bench.path("b").join(name)).unwrap();
        fs::write(bench.path("b").join(name).join("state"), "OPEN\n").unwrap();
    }
    for _ in 0..2 {
        bench.run("run b", "echo {task} >> all").must_succeed();
        assert_eq!(bench.directories("b"), names.len());
    }
    assert_eq!(bench.lines("all").len(), names.len());
    // Also when they come in a list.
    fs::write(bench.path("list"), "a%20b\n100%\nnew/one\n").unwrap();
    let ended = bench.run("run b --tasks list", "echo {task} >> all");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(bench.lines("all").len(), names.len() + 1);
    assert_eq!(bench.state("b", "new%2Fone"), "DONE");
}

#[test]
fn a_task_has_one_number_whatever_list_it_comes_from() {
    let bench = Bench::new(0);
    // What is different is told, once.
    for (list, told) in [
        ("a\nb\n", &[][..]),
        ("a\nb\n", &[]),
        ("c\na\n", &["1 task more", "1 task fewer"]),
        ("c\na\n", &[]),
        ("b\nc\nd\n", &["1 task more", "1 task fewer"]),
        ("d\nc\nb\n", &["1 task fewer", "another order"]),
    ] {
        fs::write(bench.path("list"), list).unwrap();
        let ended = bench.run("run b --tasks list", "echo {task} {index} >> all");
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let parts = ["1 task more", "1 task fewer", "another order"];
        let said = parts.iter().filter(|part| ended.stderr.contains(*part));
        assert_eq!(said.count(), told.len(), "{ended:?}");
        assert!(
            told.iter().all(|told| ended.stderr.contains(told)),
            "{ended:?}"
        );
        bench.run("reset b --done", "").must_succeed();
    }
    fs::write(bench.path("list"), "d\n").unwrap();
    let plan = bench.run("run b --tasks list --dry-run", "echo {task} {index}");
    assert!(plan.stdout.contains("echo d 3'\n"), "{plan:?}");
    bench
        .run("run b", "echo {task} {index} $BATCH_INDEX >> again")
        .must_succeed();
    let mut all = bench.lines("all");
    all.sort();
    all.dedup();
    assert_eq!(all, ["a 0", "b 1", "c 2", "d 3"]);
    let mut again = bench.lines("again");
    again.sort();
    assert_eq!(again, ["a 0 0", "b 1 1", "c 2 2", "d 3 3"]);
}

#[test]
fn commands_know_their_place_among_those_at_work() {
    let bench = Bench::new(8);
    let script = "mkdir place-$BATCH_WORKER || touch shared; echo $BATCH_WORKERS {task} >> all; \
                  sleep 0.05; rmdir place-$BATCH_WORKER";
    bench
        .run("run b --tasks list --workers 3", script)
        .must_succeed();
    assert!(!bench.path("shared").exists());
    assert!(bench.lines("all").iter().all(|line| line.starts_with("3 ")));
}

#[test]
fn a_command_that_is_the_same_for_all_is_run_with_a_warning() {
    let bench = Bench::new(2);
    fs::write(bench.path("script.sh"), "echo $BATCH_TASK >> all\n").unwrap();
    let mut command = bench.command("run b --tasks list -- sh script.sh", "");
    let ended = super::bench::Running::start(&mut command).end();
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(
        ended.stderr.contains("{task} stands for the task"),
        "{ended:?}"
    );
    assert_eq!(bench.lines("all").len(), 2);
}

#[test]
fn a_run_that_was_started_to_ignore_the_ends_of_its_children_sees_them() {
    let bench = Bench::new(2);
    let batch = bench.command("run b --tasks list", "echo {task} >> ended");
    let mut env = Command::new("env");
    env.arg("--ignore-signal=CHLD")
        .arg(batch.get_program())
        .args(batch.get_args())
        .current_dir(bench.path("."));
    Running::start(&mut env).end().must_succeed();
    bench.must_be_clean("b", 2);
}

#[test]
fn a_run_whose_program_is_replaced_goes_on_as_it_began() {
    let bench = Bench::new(4);
    let program = bench.path("program");
    // By another process: what this one has open for writing may be so in its children too.
    let copied = Command::new("cp")
        .args([env!("CARGO_BIN_EXE_batch").as_ref(), program.as_path()])
        .status();
    assert!(copied.unwrap().success());
    let batch = bench.command(
        "run b --tasks list --workers 2",
        "echo {task} >> ended; [ {task} != t0 ] || { rm program; cp /bin/false program; }",
    );
    let mut replaced = Command::new(program);
    replaced.args(batch.get_args()).current_dir(bench.path("."));
    Running::start(&mut replaced).end().must_succeed();
    assert_eq!(bench.lines("ended").len(), 4);
    bench.must_be_clean("b", 4);
}

/// As in a container, whose first process was started by a session outside of it, and with a
/// `/proc` that shows the processes inside, or those outside.
#[test]
fn commands_run_where_the_session_began_outside_of_the_name_space() {
    for sees_itself in [true, false] {
        let bench = Bench::new(3);
        let Some(mut private) = private::processes(sees_itself) else {
            return;
        };
        let batch = bench.command("run b --tasks list", "echo {task} >> ended");
        private
            .arg(batch.get_program())
            .args(batch.get_args())
            .current_dir(bench.path("."));
        let ended = Running::start(&mut private).end();
        ended.must_succeed();
        assert_eq!(bench.lines("ended").len(), 3, "{sees_itself}");
        bench.must_be_clean("b", 3);
    }
}
