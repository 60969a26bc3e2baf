//! Kills and stops of every sort, at any moment: never two commands of one task at once, no task
//! failed by being stopped, all done in the end.
//!
//! `JOBWISE_SEED` repeats a sequence of moments, `JOBWISE_STOPS` sets how many.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use super::bench::{Bench, Running, until};
use jobwise_testing::{fraction, number};

/// Takes the lock of its task and reports a clash; needs its time; and, by its task, does not end
/// when it is told to, ends late, leaves the work to others that have no handle of it, or to a
/// group of its own.
const SCRIPT: &str = r#"#!/bin/bash
# command TASK SECONDS KIND
[ "$3" = clean ] && { exec 9>>lock-$1; flock -n 9 || { flock -w 0.05 9 || echo "$1 $$ $BATCH_ATTEMPT" >> clashes; }; sleep $2; echo $1 >> ended; exit 0; }
case $3 in
deaf) trap '' TERM INT HUP USR1 QUIT ;;
slow) trap 'sleep 1; exit 1' TERM INT HUP USR1 QUIT ;;
esac
work='exec 9>>lock-'$1'; flock -n 9 || { flock -w 0.05 9 || echo "'$1' $$ $BATCH_ATTEMPT" >> clashes; }; n=0; while [ $n -lt '$4' ]; do sleep 0.05; n=$((n + 1)); done; echo '$1' >> ended'
case $3 in
closed) for h in $(ls /proc/$$/fd); do [ $h -gt 2 ] && [ $h -ne 255 ] && eval "exec $h>&-"; done; exec >/dev/null 2>&1; sh -c "trap '' TERM; $work" & wait $! ;;
group) timeout 60 sh -c "trap '' TERM; $work" & wait $! ;;
*) eval "$work" ;;
esac
"#;

/// Names of signals that a run or a command may get.
const SIGNALS: [&str; 8] = ["KILL", "TERM", "HUP", "INT", "USR1", "QUIT", "STOP", "TERM"];

fn send(signal: &str, to: &[String]) {
    if !to.is_empty() {
        let _ = Command::new("kill")
            .args(["-s", signal, "--"])
            .args(to)
            .output();
    }
}

/// The children of a process.
fn children(pid: &str) -> Vec<String> {
    let found = Command::new("pgrep").args(["-P", pid]).output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn bench(tasks: usize) -> Bench {
    let bench = Bench::new(tasks);
    let script = bench.path("command");
    fs::write(&script, SCRIPT).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    bench
}

fn start(bench: &Bench, seed: u64, round: u64, retries: u32) -> Running {
    let kinds = ["plain", "deaf", "slow", "closed", "group", "clean"];
    let kind = kinds[(fraction(seed, 7 * round + 5) * 6.0) as usize % 6];
    let steps = (fraction(seed, 7 * round + 6) * 30.0) as usize;
    let line =
        format!("run b --tasks list --workers 2 --attempts 1000 --retries {retries} --lease 60");
    let seconds = steps as f64 * 0.05;
    let words = [
        "./command",
        "{task}",
        &seconds.to_string(),
        kind,
        &steps.to_string(),
    ];
    Running::start(bench.command(&line, "").arg("--").args(words))
}

#[test]
fn whatever_is_killed_or_told_to_end_no_task_is_at_work_twice_and_none_fails() {
    let stops = number("JOBWISE_STOPS").unwrap_or(6);
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(std::process::id()));
    println!("{stops} stops; JOBWISE_SEED={seed} repeats them");
    let tasks = 4;
    let mut bench = bench(tasks);
    let mut runs = Vec::new();
    let mut retries = 0;
    for stop in 0..stops {
        let chance = |n: u64| fraction(seed, stop * 7 + n);
        while runs.len() < 1 + (chance(1) * 3.0) as usize {
            runs.push(start(&bench, seed, stop * 3 + runs.len() as u64, retries));
        }
        std::thread::sleep(Duration::from_millis(1500).mul_f64(chance(2)));
        let victim = runs.swap_remove((chance(3) * runs.len() as f64) as usize % runs.len());
        let signal = SIGNALS[(chance(4) * 8.0) as usize % 8];
        let run = victim.id();
        let guards = children(&run);
        let commands: Vec<String> = guards.iter().flat_map(|guard| children(guard)).collect();
        let groups: Vec<String> = guards.iter().map(|guard| format!("-{guard}")).collect();
        match stop % 6 {
            0 => send(signal, std::slice::from_ref(&run)),
            1 => send(signal, &guards),
            2 => send(signal, &groups),
            // That a command dies of a signal is its failure, which has to be retried.
            3 if retries > 0 => send(signal, &commands),
            3 => send(signal, &[vec![run.clone()], commands, guards].concat()),
            4 => send(signal, &[vec![run.clone()], groups.clone()].concat()),
            _ => send(signal, &[commands, guards, vec![run.clone()]].concat()),
        }
        if signal == "STOP" {
            std::thread::sleep(Duration::from_millis(300));
            send("CONT", &[vec![run.clone()], groups].concat());
        }
        if chance(5) < 0.3 {
            send("TERM", std::slice::from_ref(&run));
            send("TERM", std::slice::from_ref(&run));
        }
        runs.push(victim);
        runs.retain_mut(|run| !run.is_over());
        assert_eq!(
            bench.lines("clashes"),
            [""; 0],
            "JOBWISE_SEED={seed}, stop {stop}"
        );
        for task in 0..tasks {
            let state = bench.state("b", &format!("t{task}"));
            assert_ne!(state, "FAILED", "JOBWISE_SEED={seed}, stop {stop}");
        }
        if bench.count("b", tasks, "DONE") == tasks {
            runs.drain(..).for_each(|run| drop(run.end()));
            bench = self::bench(tasks);
            // No command fails of itself, so it is seen whether one that is stopped does.
            retries = if fraction(seed, stop) < 0.3 { 1000 } else { 0 };
        }
    }
    runs.drain(..).for_each(|run| {
        send("TERM", &[run.id()]);
        run.end();
    });
    let ended = start(&bench, seed, 0, retries).end();
    assert_eq!(ended.status, Some(0), "JOBWISE_SEED={seed}: {ended:?}");
    assert_eq!(bench.lines("clashes"), [""; 0], "JOBWISE_SEED={seed}");
    assert_eq!(
        bench.count("b", tasks, "DONE"),
        tasks,
        "JOBWISE_SEED={seed}"
    );
}

#[test]
fn being_told_to_end_is_no_failure_and_counts_as_no_attempt() {
    for (signals, status) in [
        (&["TERM"][..], 143),
        (&["HUP"], 129),
        (&["QUIT"], 131),
        (&["USR2"], 140),
        (&["XCPU"], 152),
        (&["TERM", "TERM"], 143),
        (&["INT", "TERM", "TERM", "TERM"], 130),
    ] {
        let bench = Bench::new(1);
        // It is not at all quick to end.
        let script = "trap 'sleep 0.3; exit 1' TERM; echo $BATCH_ATTEMPT >> begun; sleep 60 & \
                      wait; : {task}";
        for round in 1..=2 {
            let run = bench.start("run b --tasks list --attempts 1", script);
            until("it runs", || bench.lines("begun").len() == round);
            for signal in signals {
                run.signal(signal);
            }
            run.end().must_fail(status, &["what was done is kept"]);
            assert_eq!(bench.state("b", "t0"), "OPEN", "{signals:?}");
        }
        assert_eq!(bench.lines("begun"), ["1", "1"], "{signals:?}");
    }
}

#[test]
fn who_is_killed_after_having_been_told_to_end_has_not_crashed() {
    let bench = Bench::new(1);
    let script = "trap '' TERM; echo {task} >> begun; while :; do sleep 0.1; done";
    for round in 1..=3 {
        let run = bench.start("run b --tasks list --attempts 1", script);
        until("it runs", || bench.lines("begun").len() == round);
        run.signal("TERM");
        std::thread::sleep(Duration::from_millis(300));
        run.signal("KILL");
        run.end();
        assert_eq!(bench.state("b", "t0"), "RUNNING");
        let told = bench.run("status b", "").stdout;
        assert!(told.contains("which was told to end, which died"), "{told}");
    }
    bench
        .run("run b --attempts 1", "true {task}")
        .must_succeed();
}

#[test]
fn a_signal_that_reaches_the_command_before_the_run_is_no_failure_of_the_command() {
    let bench = Bench::new(1);
    for round in 1..=2 {
        let run = bench.start(
            "run b --tasks list --attempts 1",
            "echo {task} >> begun; sleep 60",
        );
        until("it runs", || bench.lines("begun").len() == round);
        let guard = children(&run.id()).remove(0);
        // First the command and what it started, then its guard, at last the run: as a batch system
        // signals one process after the other.
        let command = children(&guard);
        let deepest = command
            .iter()
            .flat_map(|pid| children(pid))
            .collect::<Vec<_>>();
        for group in [deepest, command, vec![guard], vec![run.id()]] {
            send("TERM", &group);
            std::thread::sleep(Duration::from_millis(20));
        }
        run.end().must_fail(143, &["what was done is kept"]);
        assert_eq!(bench.state("b", "t0"), "OPEN");
    }
}

#[test]
fn a_run_that_was_told_to_end_says_so_also_when_its_report_cannot_be_written() {
    let bench = Bench::new(1);
    let inner = bench.command("run b --tasks list", "echo {task} >> begun; sleep 60");
    let mut outer = Command::new("sh");
    outer
        .args(["-c", "exec \"$@\" > /dev/full", "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(bench.path(""));
    let run = Running::start(&mut outer);
    until("it runs", || bench.lines("begun").len() == 1);
    run.signal("HUP");
    let ended = run.end();
    assert_eq!(ended.status, Some(129), "{ended:?}");
    assert!(ended.stderr.contains("standard output"), "{ended:?}");
    assert_eq!(bench.state("b", "t0"), "OPEN");
}

/// A command ends well when it is told to, which all are in this order, with such gaps: the states
/// of the tasks, and how long it took to tell all.
fn states_when_told(script: &str, order: &str, gap: Duration) -> ([String; 3], Duration) {
    let bench = Bench::new(3);
    let run = bench.start("run b --tasks list --workers 3", script);
    until("they run", || {
        bench.lines("begun").len() == 3 && bench.state("b", "t0") == "DONE"
    });
    // A guard that has just begun listens for a shorter time afterwards.
    std::thread::sleep(Duration::from_millis(1200));
    let guards = children(&run.id());
    let commands: Vec<String> = guards.iter().flat_map(|guard| children(guard)).collect();
    let begun = Instant::now();
    let mut took = Duration::ZERO;
    for whom in order.split(' ') {
        match whom {
            "runs" => send("TERM", &[run.id()]),
            "guards" => send("TERM", &guards),
            _ => send("TERM", &commands),
        }
        took = begun.elapsed();
        std::thread::sleep(gap);
    }
    run.end().must_fail(143, &["what was done is kept"]);
    (["t0", "t1", "t2"].map(|task| bench.state("b", task)), took)
}

#[test]
fn a_command_that_answers_being_told_to_end_by_ending_well_is_not_done() {
    let script =
        "trap 'exit 0' TERM; echo {task} >> begun; [ {task} = t0 ] && exit; sleep 60 & wait";
    let gap = Duration::from_millis(20);
    for (order, gap) in [
        ("runs guards commands", Duration::ZERO),
        ("guards commands runs", Duration::ZERO),
        ("commands guards runs", gap),
        ("commands runs guards", gap),
        ("runs commands", Duration::ZERO),
        ("runs", Duration::ZERO),
    ] {
        // What ended by itself before is done, what was told to end is not. A guard listens for 50
        // ms: a machine that needs longer to tell all has to try again.
        let is_right = (0..20).any(|_| {
            let (states, took) = states_when_told(script, order, gap);
            let is_right = states == ["DONE", "OPEN", "OPEN"];
            assert!(
                is_right || took > Duration::from_millis(40),
                "{order}: {states:?}"
            );
            is_right
        });
        assert!(is_right, "{order}: this machine is too slow");
    }
    // Of whom only the commands were told to end, that is their own answer.
    let bench = Bench::new(1);
    let run = bench.start("run b --tasks list", &script.replace("t0", "none"));
    until("it runs", || bench.lines("begun").len() == 1);
    send("TERM", &[format!("-{}", children(&run.id())[0])]);
    assert_eq!(run.end().status, Some(0));
    // A status is no signal, whatever its number.
    let bench = Bench::new(1);
    let ended = bench.run("run b --tasks list", "exit 143; : {task}");
    assert!(ended.stdout.contains("exit status 143"), "{ended:?}");
    let bench = Bench::new(1);
    let ended = bench.run("run b --tasks list", "kill -s 15 $$; : {task}");
    assert!(ended.stdout.contains("t0: signal 15"), "{ended:?}");
}

#[test]
fn a_run_that_was_stopped_ends_its_commands_and_leaves_the_task_to_others() {
    let bench = Bench::new(1);
    let script = "echo began {task} >> trace; trap '' TERM; n=0; while [ $n -lt 200 ]; do sleep \
                  0.1; n=$((n + 1)); done";
    let run = bench.start("run b --tasks list --lease 1 --attempts 100", script);
    until("it runs", || bench.lines("trace").len() == 1);
    let guard = children(&run.id()).remove(0);
    let command = children(&guard).remove(0);
    run.signal("STOP");
    let since = Instant::now();
    // Another one takes over, as soon as the lease is over and the command is gone, and not before.
    let gone = format!(
        "grep -qs 'State:.[RSDT]' /proc/{command}/status && echo overlap >> trace; echo again \
         {{task}} >> trace"
    );
    let other = bench.start("run b", &gone).end();
    assert_eq!(other.status, Some(0), "{other:?}");
    assert!(since.elapsed() > Duration::from_secs(1), "{since:?}");
    assert_eq!(bench.lines("trace"), ["began t0", "again t0"]);
    run.signal("CONT");
    let ended = run.end();
    assert!(
        ended.stderr.contains("t0: another run has taken it over"),
        "{ended:?}"
    );
    assert_eq!(bench.state("b", "t0"), "DONE");
}

#[test]
fn what_a_killed_run_and_its_killed_guard_left_is_ended_before_the_task_begins_again() {
    let bench = bench(1);
    // In the long form, with those that are easier to find.
    let many = number("JOBWISE_STOPS").is_some();
    let kinds = ["closed", "deaf", "group"];
    for kind in kinds.into_iter().take(if many { 3 } else { 1 }) {
        let mut command = bench.command("run b --tasks list --attempts 100", "");
        command.args(["--", "./command", "{task}", "60", kind, "1200"]);
        let run = Running::start(&mut command);
        until("it runs", || bench.path("lock-t0").exists());
        std::thread::sleep(Duration::from_millis(200));
        let guard = children(&run.id()).remove(0);
        send("KILL", &[run.id(), guard]);
        run.end();
        let mut command = bench.command("run b --attempts 100", "");
        command.args(["--", "./command", "{task}", "0", "clean", "0"]);
        let ended = Running::start(&mut command).end();
        assert_eq!(ended.status, Some(0), "{kind}: {ended:?}");
        assert!(
            ended
                .stderr
                .contains("ending what an earlier run has left at work"),
            "{kind}: {ended:?}"
        );
        assert_eq!(bench.lines("clashes"), [""; 0], "{kind}");
        bench.run("reset b --done", "").must_succeed();
        fs::remove_file(bench.path("lock-t0")).unwrap();
    }
}
