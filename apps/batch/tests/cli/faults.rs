//! Runs on disks that fail, and killed at any call: see `jobwise_testing`. `JOBWISE_FAULTS=all`
//! walks every fault instead of a sample.

use std::path::Path;

use jobwise_testing::{Tree, Walk, tree};

use super::bench::{Bench, Running};

/// Every message names the directory, or a task.
const TOLD: &[&str] = &["b", "t0", "t1", "t2"];

/// The states of tasks, and what their commands left.
fn states(place: &Path) -> Tree {
    let mut all = tree(place);
    all.retain(|name, _| name.ends_with("/state") || name.ends_with("/result"));
    all
}

#[test]
fn no_fault_falsifies_a_run() {
    walk_run("run", "");
}

#[test]
fn no_fault_falsifies_a_run_in_shards() {
    walk_run("run in shards", "--shards");
}

fn walk_run(name: &str, shards: &str) {
    let bench = Bench::new(3);
    let list = bench.path("list").display().to_string();
    let line = format!("run b --tasks {list} --workers 2 --attempts 100 {shards}");
    let script = "echo {task} > $BATCH_DIR/result.$$ && mv $BATCH_DIR/result.$$ $BATCH_DIR/result";
    let command = |_: &Path| bench.command(&line, script);
    // A state that is not DONE claims nothing; a result is its command's.
    let may_be = |name: &str, content: &[u8]| name.ends_with("/state") && content != b"DONE\n";
    let tally = Walk {
        name,
        fresh: &|_| {},
        command: &command,
        state: &states,
        may_be: &may_be,
        told: TOLD,
        faults: 12,
    }
    .run();
    eprintln!("{tally:?}");
}

#[test]
fn no_fault_falsifies_a_reset() {
    walk_reset("reset", "");
}

#[test]
fn no_fault_falsifies_a_reset_in_shards() {
    walk_reset("reset in shards", "--shards");
}

fn walk_reset(name: &str, shards: &str) {
    let bench = Bench::new(3);
    let list = bench.path("list").display().to_string();
    let fresh = |place: &Path| {
        let mut run = bench.command(
            &format!("run b --tasks {list} {shards}"),
            "[ {task} != t1 ]",
        );
        let ended = Running::start(run.current_dir(place)).end();
        assert_eq!(ended.status, Some(1), "{ended:?}");
    };
    let tally = Walk {
        name,
        fresh: &fresh,
        command: &|_: &Path| bench.command("reset b --done --failed", ""),
        state: &states,
        may_be: &|_, _| false,
        told: TOLD,
        faults: 8,
    }
    .run();
    eprintln!("{tally:?}");
}
