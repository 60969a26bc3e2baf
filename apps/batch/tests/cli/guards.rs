//! Guards, which serve one command after the other: what they keep, and what they let go.

use std::fs;
use std::process::Command;

use super::bench::{Bench, Running, has_ended, until};

/// Waits, as a command, until a task is done.
const WAIT_FOR_T0: &str = "until grep -qs DONE b/t0/state; do sleep 0.02; done";

#[test]
fn a_thousand_commands_of_one_guard_leave_no_descriptor_behind() {
    let tasks = 1000;
    let bench = Bench::new(tasks);
    // Who its guard is, how many files that has open, and how many the command itself.
    let script = "set -- /proc/$PPID/fd/*; guard=$#; set -- /proc/self/fd/*; echo $PPID $guard $# \
                  >> all; : {task}";
    bench
        .run("run b --tasks list --workers 1", script)
        .must_succeed();
    let lines = bench.lines("all");
    assert_eq!(lines.len(), tasks);
    let numbers = |line: &String| -> Vec<u32> {
        line.split(' ')
            .map(|number| number.parse().unwrap())
            .collect()
    };
    let first = numbers(&lines[0]);
    for line in &lines {
        let now = numbers(line);
        assert_eq!((now[0], now[2]), (first[0], first[2]), "{line}");
        // The guard may not yet have closed what it had opened for this command.
        assert!(now[1] <= first[1] + 4, "{line}, and at first {first:?}");
    }
}

#[test]
fn a_guard_without_a_command_has_no_log_and_ends_with_its_run() {
    let bench = Bench::new(2);
    let script = format!(
        "[ {{task}} = t0 ] && {{ echo $PPID > guard; exit; }}; {WAIT_FOR_T0}; ls -l /proc/$(cat \
         guard)/fd > open; flock -n b/t0/log echo free > lock; echo $PPID > last; sleep 60"
    );
    let run = bench.start("run b --tasks list --workers 2", &script);
    until("they have looked", || bench.lines("last").len() == 1);
    let open = bench.lines("open");
    assert!(open.len() > 3, "{open:?}");
    assert!(open.iter().all(|line| !line.contains("log")), "{open:?}");
    assert_eq!(bench.lines("lock"), ["free"]);
    run.signal("KILL");
    run.end();
    for guard in [bench.lines("guard"), bench.lines("last")].concat() {
        until("the guard has ended", || has_ended(&guard));
    }
}

#[test]
fn a_guard_that_is_killed_between_two_commands_is_no_failure_of_either() {
    let bench = Bench::new(2);
    // The run is stopped, so that its guard has nothing to do; then the guard is killed.
    let script = "[ {task} = t0 ] && { kill -STOP $(awk '{print $4}' /proc/$PPID/stat); echo $PPID \
                  $$ > guard; exit; }; echo $PPID > last";
    let run = bench.start("run b --tasks list --workers 1 --attempts 1", script);
    until("it is over", || {
        let line = bench.lines("guard").join("");
        let command = line.split(' ').nth(1);
        command.is_some_and(has_ended)
    });
    let line = bench.lines("guard").remove(0);
    let guard = line.split(' ').next().unwrap();
    // It lets go of the log, tells that it is free, and sleeps.
    until("it waits", || {
        let open = fs::read_dir(format!("/proc/{guard}/fd")).unwrap().flatten();
        let mut paths = open.filter_map(|file| fs::read_link(file.path()).ok());
        let has_log = paths.any(|path| path.ends_with("log"));
        let status = fs::read_to_string(format!("/proc/{guard}/status")).unwrap();
        !has_log && status.contains("State:\tS")
    });
    let killed = Command::new("kill").args(["-9", guard]).status();
    assert!(killed.unwrap().success());
    until("the guard has ended", || has_ended(guard));
    run.signal("CONT");
    run.end().must_succeed();
    assert_ne!(bench.lines("last"), [guard]);
    bench.must_be_clean("b", 2);
}

#[test]
fn a_guard_that_was_killed_while_it_had_no_command_is_replaced() {
    let bench = Bench::new(2);
    // The guard of the second task cannot have another command, because of what is left. So that
    // task begins again with the guard of the first one.
    let script = format!(
        "[ {{task}} = t0 ] && {{ echo $PPID > guard; exit; }}; echo $PPID >> guards; [ \
         $BATCH_ATTEMPT = 2 ] && exit; {WAIT_FOR_T0}; first=$(cat guard); kill -9 $first; while \
         grep -qs 'State:.[RSD]' /proc/$first/status; do sleep 0.02; done; sleep 60 & exit 1"
    );
    let line = "run b --tasks list --workers 2 --attempts 1 --retries 1";
    bench.run(line, &script).must_succeed();
    let guards = [bench.lines("guard"), bench.lines("guards")].concat();
    assert!(guards[0] != guards[1] && guards[1] != guards[2] && guards[0] != guards[2]);
    bench.must_be_clean("b", 2);
}

#[test]
fn what_a_command_left_at_work_is_not_ended_with_a_later_command() {
    let bench = Bench::new(2);
    let script =
        "echo $PPID >> guards; [ {task} = t0 ] && { sleep 30 & echo $! > left; exit; }; sleep 60";
    bench
        .run("run b --tasks list --workers 1 --timeout 0.5", script)
        .must_fail(1, &["1 task failed"]);
    let guards = bench.lines("guards");
    assert_ne!(guards[0], guards[1]);
    let left = bench.lines("left").remove(0);
    assert!(!has_ended(&left));
    assert!(guards.iter().all(|guard| has_ended(guard)));
    let killed = Command::new("kill").arg(&left).status();
    assert!(killed.unwrap().success());
}

#[test]
fn a_command_line_may_be_longer_than_a_message() {
    let bench = Bench::new(2);
    let mut command = bench.command("run b --tasks list --workers 1", "echo $# ${#1} >> all");
    command.args(["sh", "{task}"]);
    command.args((0..500).map(|number| format!("{number:01000}")));
    Running::start(&mut command).end().must_succeed();
    assert_eq!(bench.lines("all"), ["501 2", "501 2"]);
}
