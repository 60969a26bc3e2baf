//! Directories of tasks in shards, and directories that are made as they are needed.

use std::fs;
use std::path::Path;
use std::process::Command;

use jobwise_core::Solo;
use jobwise_tasks::{Ignore, Layout, Options, State, TaskPool};
use jobwise_testing::{impossible_here, skipped};

use super::bench::{Bench, Running};

#[test]
fn every_command_finds_tasks_in_shards() {
    let bench = Bench::new(20);
    let script = "echo {task} $(basename $BATCH_DIR) >> all; [ {task} != t7 ]";
    let ended = bench.run("run b --shards --tasks list --workers 3", script);
    ended.must_fail(1, &["1 task failed (see b/*/TASK/log"]);
    assert_eq!(bench.lines("all").len(), 20);
    assert!(!bench.path("b/t7").exists() && bench.task("b", "t7").join("log").exists());
    let status = |what: &str| bench.run(&format!("status b {what}"), "").stdout;
    assert!(
        status("").contains("DONE    19") && status("").contains("FAILED t7"),
        "{}",
        status("")
    );
    // The user wants one done again, and resets the other.
    fs::remove_dir_all(bench.task("b", "t3")).unwrap();
    assert_eq!(status("--list open"), "t3\n");
    bench.run("reset b --failed --task t9", "").must_succeed();
    let listed = bench.run("run b --dry-run", "true {task}").stdout;
    assert!(listed.contains("20, 3 to do"), "{listed}");
    bench.run("run b", "echo {task} >> again").must_succeed();
    let mut again = bench.lines("again");
    again.sort();
    assert_eq!(again, ["t3", "t7", "t9"]);
    bench.must_be_clean("b", 20);
    // Without its bookkeeping it knows its tasks by their directories.
    fs::remove_dir_all(bench.path("b/.batch")).unwrap();
    assert_eq!(status("--list done").lines().count(), 20);
    let none = bench.run("run b --tasks list", "echo {task} >> again");
    none.must_succeed();
    assert_eq!(bench.lines("again").len(), 3);
}

#[test]
fn a_directory_that_is_there_keeps_its_layout_and_says_so() {
    let bench = Bench::new(3);
    bench
        .run("run b --tasks list", "true {task}")
        .must_succeed();
    let again = bench.run("run b --shards", "true {task}");
    assert_eq!(again.status, Some(0), "{again:?}");
    assert!(
        again.stderr.contains("b has its tasks beside each other"),
        "{again:?}"
    );
    bench.must_be_clean("b", 3);
    assert_eq!(bench.directories("b"), 3);
}

#[test]
fn a_directory_is_made_when_its_task_is_taken() {
    let bench = Bench::new(500);
    let script = "ls -d b/*/ b/*/*/ 2> /dev/null | grep -c 't[0-9]*/$' >> seen; exit 1";
    for shards in ["", "--shards"] {
        let line = format!("run b --tasks list --workers 1 {shards}");
        let running = bench.start(&line, script);
        super::bench::until("a command has looked", || !bench.lines("seen").is_empty());
        running.signal("TERM");
        running.end();
        assert_eq!(bench.lines("seen")[0], "1");
        fs::remove_dir_all(bench.path("b")).unwrap();
        fs::remove_file(bench.path("seen")).unwrap();
    }
}

/// Many tasks that are done, as a run leaves them.
fn fill(root: &Path, names: &[String], layout: Layout) {
    let options = Options {
        layout,
        ..Options::default()
    };
    let pool = TaskPool::on_directory(&Solo, 1, root, names, None, &options).unwrap();
    while let Some(task) = pool.next(Ignore::default()).unwrap() {
        assert!(pool.set(task, State::Done).unwrap());
    }
}

/// System calls that name a file, of a run that finds everything done.
fn file_operations(bench: &Bench) -> usize {
    // The first run notes the tasks down, and says that nobody had.
    let noted = bench.run("run b --tasks list", "true {task}");
    assert_eq!(noted.status, Some(0), "{noted:?}");
    let run = bench.command("run b --tasks list", "true {task}");
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=%file,getdents64", "-o"]);
    command.arg(bench.path("calls")).arg(run.get_program());
    command.args(run.get_args()).current_dir(bench.path("."));
    let ended = Running::start(&mut command).end();
    ended.must_succeed();
    assert!(ended.stdout.contains("all "), "{ended:?}");
    let calls = fs::read_to_string(bench.path("calls")).unwrap();
    calls.lines().count()
}

#[test]
fn a_run_that_finds_its_tasks_done_lists_shards_and_looks_at_no_task() {
    let traced = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status();
    match traced.map(|status| status.success()) {
        Ok(true) => {}
        Ok(false) => return impossible_here("processes cannot be traced").unwrap_or(()),
        Err(_) => return skipped("strace is not there, which counts calls").unwrap_or(()),
    }
    let operations = |layout, tasks: usize| {
        let bench = Bench::new(tasks);
        let names: Vec<_> = (0..tasks).map(|task| format!("t{task}")).collect();
        fill(&bench.path("b"), &names, layout);
        file_operations(&bench)
    };
    let (few, many) = (
        operations(Layout::Shards, 1000),
        operations(Layout::Shards, 4000),
    );
    assert!(
        many < few + 500,
        "{many} operations for 4000 tasks, {few} for 1000"
    );
    let flat = operations(Layout::Flat, 4000);
    assert!(
        flat < 9000,
        "{flat} operations for 4000 tasks, two for each"
    );
}
