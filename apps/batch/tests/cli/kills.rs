//! SIGKILL at any moment: the commands end too, and others, or the next run, do what was begun.
//!
//! `JOBWISE_SEED` repeats a sequence of moments, `JOBWISE_KILLS` sets how many.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::bench::{Bench, has_ended, until};
use jobwise_testing::{fraction, number};

/// Notes that it began, takes 20 ms, and renames a result into its place.
const SCRIPT: &str = "echo {task} >> begun; sleep 0.02; echo {task} > $BATCH_DIR/result.$$; mv \
                      $BATCH_DIR/result.$$ $BATCH_DIR/result; echo {task} >> ended";

#[test]
fn what_a_killed_run_had_begun_is_done_by_another_or_by_the_next() {
    let kills = number("JOBWISE_KILLS").unwrap_or(8);
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(std::process::id()));
    println!("{kills} kills; JOBWISE_SEED={seed} repeats them");
    let tasks = 24;
    let mut in_time = 0;
    for kill in 0..kills {
        let bench = Bench::new(tasks);
        // Every third in shards.
        let shards = if kill % 3 == 0 { "--shards" } else { "" };
        let line = &format!("run b --tasks list --workers 2 --attempts 100 {shards}");
        let mut victim = bench.start(line, SCRIPT);
        // Every other one has a companion, which takes over at once.
        let companion = (kill % 2 == 1).then(|| bench.start(line, SCRIPT));
        std::thread::sleep(Duration::from_millis(350).mul_f64(fraction(seed, kill)));
        if !victim.is_over() {
            in_time += 1;
            victim.signal("KILL");
        }
        victim.end();
        match companion {
            Some(companion) => companion.end().must_succeed(),
            None => bench.run(line, SCRIPT).must_succeed(),
        }
        // What the dead may have left where the companion had been already, goes with the next run.
        bench.run(line, SCRIPT).must_succeed();
        // A command that was ended in the middle may leave its own temporary file.
        for task in 0..tasks {
            for entry in fs::read_dir(bench.task("b", &format!("t{task}"))).unwrap() {
                let entry = entry.unwrap();
                if entry.file_name().to_string_lossy().starts_with("result.") {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }
        bench.must_be_clean("b", tasks);
        // Each was begun once, or again after its run was killed: two at most were at work then,
        // and what ended twice was ended but not yet marked.
        let mut times = BTreeMap::new();
        for task in bench.lines("begun") {
            *times.entry(task).or_insert(0) += 1;
        }
        assert_eq!(times.len(), tasks);
        let again: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(
            again.len() <= 2 && again.iter().all(|(_, times)| **times == 2),
            "{again:?}"
        );
    }
    assert!(
        in_time * 2 >= kills.min(8),
        "only {in_time} of {kills} came in time"
    );
}

#[test]
fn commands_end_with_their_killed_run() {
    let bench = Bench::new(2);
    // One that ends when it is told to, and one that does not.
    let script = "trap '' TERM; [ {task} = t0 ] && trap - TERM; echo $$ >> pids; while :; do sleep \
                  0.05; done";
    let running = bench.start("run b --tasks list --workers 2", script);
    until("both run", || bench.lines("pids").len() == 2);
    running.signal("KILL");
    running.end();
    for pid in bench.lines("pids") {
        until("the command has ended", || has_ended(&pid));
    }
}

#[test]
fn a_task_that_kills_its_runs_fails_in_the_end() {
    let bench = Bench::new(2);
    // The runner is the parent of the guard, which is the parent of the command.
    let script = "[ {task} = t0 ] && kill -9 $(awk '{print $4}' /proc/$PPID/stat); sleep 0.1";
    for _ in 0..3 {
        let ended = bench.run("run b --tasks list --workers 1", script);
        assert_eq!(ended.status, None, "{ended:?}");
        let status = bench.run("status b", "").stdout;
        assert!(
            status.contains("which died; the next run takes it"),
            "{status}"
        );
    }
    bench
        .run("run b --workers 1", script)
        .must_fail(1, &["1 task failed"]);
    assert_eq!(
        (
            bench.state("b", "t0").as_str(),
            bench.state("b", "t1").as_str()
        ),
        ("FAILED", "DONE")
    );
    let status = bench.run("status b", "").stdout;
    assert!(
        status.contains("t0  3 attempts ended with the death of their process"),
        "{status}"
    );
}

#[test]
fn a_command_whose_guard_is_killed_begins_again_and_leaves_nothing() {
    let bench = Bench::new(2);
    let script = "echo $$ >> pids; [ {task} = t0 ] && [ $BATCH_ATTEMPT = 1 ] && kill -9 $PPID && \
                  sleep 60; true";
    bench
        .run("run b --tasks list --workers 1", script)
        .must_succeed();
    assert_eq!(bench.lines("pids").len(), 3);
    for pid in bench.lines("pids") {
        until("the command has ended", || has_ended(&pid));
    }
    bench.run("reset b --done", "").must_succeed();
    let ended = bench.run(
        "run b --workers 1 --attempts 2",
        "[ {task} = t1 ] || kill -9 $PPID",
    );
    ended.must_fail(1, &["1 task failed"]);
    assert!(ended.stdout.contains("killed from outside"), "{ended:?}");
}
