//! Directories of tasks in shards, and the marks of what is done there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_core::{LocalCluster, Solo};
use jobwise_tasks::{Ignore, Layout, Options, Sighting, State, TaskDirs, TaskPool};

use super::directory::OPEN;
use super::names;

fn shards() -> Options {
    Options {
        layout: Layout::Shards,
        ..Options::default()
    }
}

fn open(root: &Path, names: &[String]) -> TaskPool<'static> {
    TaskPool::on_directory(&Solo, 1, root, names, None, &shards()).unwrap()
}

/// Does all tasks that are open.
fn work(pool: &TaskPool<'_>) -> Vec<usize> {
    let taken: Vec<_> = std::iter::from_fn(|| pool.next(OPEN).unwrap()).collect();
    for task in &taken {
        assert!(pool.set(*task, State::Done).unwrap());
    }
    taken
}

fn dir(root: &Path, name: &str) -> PathBuf {
    TaskDirs::at(root).unwrap().of(OsStr::new(name))
}

/// The marks of a directory: those that are firm, and those that are new.
pub(crate) fn marks(root: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let shards = fs::read_dir(root.join(".batch/done"));
    let shards = shards.into_iter().flatten().map(|shard| shard.unwrap());
    shards
        .flat_map(|shard| fs::read_dir(shard.path()).unwrap())
        .map(|mark| mark.unwrap().path())
        .partition(|mark| mark.extension().is_none())
}

#[test]
fn a_task_lies_in_its_shard_and_nowhere_else() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("batch");
    let names: Vec<String> = ["a", "task-0001", "x%2Fy", "b/c"].map(str::to_owned).into();
    let pool = open(&root, &names);
    assert_eq!(work(&pool), [0, 1, 2, 3]);
    drop(pool);
    for place in ["c0/a", "94/task-0001", "13/x%2Fy"] {
        let text = fs::read_to_string(root.join(place).join("state")).unwrap();
        assert_eq!(text, "DONE\n", "{place}");
    }
    let visible = fs::read_dir(&root).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        !name.to_string_lossy().starts_with('.')
    });
    assert_eq!(visible.count(), 4, "nothing but shards");
    for name in &names {
        let dirs = TaskDirs::at(&root).unwrap();
        let seen = Sighting::of(&dirs, OsStr::new(name)).unwrap();
        assert_eq!((seen.state, seen.oddities), (State::Done, Vec::new()));
    }
}

#[test]
fn a_directory_keeps_its_layout_whatever_is_asked_for() {
    let temporary = tempfile::tempdir().unwrap();
    let names = names(3);
    for (first, second) in [
        (Layout::Flat, Layout::Shards),
        (Layout::Shards, Layout::Flat),
    ] {
        let root = temporary.path().join(format!("{first:?}"));
        let open = |layout| {
            let options = Options {
                layout,
                ..Options::default()
            };
            TaskPool::on_directory(&Solo, 1, &root, &names, None, &options).unwrap()
        };
        assert_eq!(work(&open(first)), [0, 1, 2]);
        // Users may remove the bookkeeping.
        fs::remove_dir_all(root.join(".batch")).unwrap();
        let pool = open(second);
        assert_eq!(pool.dirs().layout(), first);
        assert_eq!(work(&pool), [0; 0]);
        let warnings = pool.take_warnings();
        assert_eq!(
            warnings.len(),
            usize::from(second == Layout::Shards),
            "{warnings:?}"
        );
        assert!(warnings.iter().all(|line| line.contains("it stays so")));
    }
    // One that another program made, or an earlier version.
    let root = temporary.path().join("theirs");
    super::directory::earlier(&root, &names[1], "DONE\n");
    let pool = self::open(&root, &names);
    assert_eq!(pool.dirs().layout(), Layout::Flat);
    assert_eq!(pool.states().unwrap()[1], State::Done);
    drop(pool);
    fs::write(root.join(".batch-layout"), "shards 4096\n").unwrap();
    let refused = TaskPool::on_directory(&Solo, 1, &root, &names, None, &shards());
    let why = refused.unwrap_err().to_string();
    assert!(why.contains("says no layout that this version knows"));
}

#[test]
fn jobs_that_begin_together_agree_on_a_layout() {
    let names = names(40);
    for _ in 0..20 {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("batch");
        let layouts = std::thread::scope(|scope| {
            let job = |layout| {
                let (root, names) = (&root, &names);
                move || {
                    let options = Options {
                        layout,
                        ..Options::default()
                    };
                    let pool = TaskPool::on_directory(&Solo, 1, root, names, None, &options);
                    let pool = pool.unwrap();
                    work(&pool);
                    pool.dirs().layout()
                }
            };
            let jobs = [Layout::Flat, Layout::Shards, Layout::Flat, Layout::Shards];
            let jobs = jobs.map(|layout| scope.spawn(job(layout)));
            jobs.map(|job| job.join().unwrap())
        });
        assert!(layouts.iter().all(|layout| *layout == layouts[0]));
        assert_eq!(
            TaskDirs::at(&root).unwrap().list().unwrap().len(),
            names.len()
        );
    }
}

/// What a user or another run does to a task that is done, and what it is then.
#[test]
fn a_mark_counts_for_the_directory_that_it_was_made_for_and_no_other() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("batch");
    let names = names(6);
    assert_eq!(work(&open(&root, &names)).len(), 6);
    assert_eq!(
        [marks(&root).0.len(), marks(&root).1.len()],
        [6, 0],
        "all firm"
    );
    // That a mark is believed: nobody reads this file. (Its price, see decision 0049.)
    fs::write(dir(&root, &names[0]).join("state"), "OPEN\n").unwrap();
    // Removed; removed and made anew; given another name and replaced; its state changed by a pool.
    fs::remove_dir_all(dir(&root, &names[1])).unwrap();
    fs::rename(dir(&root, &names[2]), temporary.path().join("kept")).unwrap();
    fs::create_dir(dir(&root, &names[2])).unwrap();
    fs::write(dir(&root, &names[2]).join("input"), "of the user").unwrap();
    let pool = open(&root, &names);
    assert!(pool.reopen(3).unwrap());
    assert!(pool.set(4, State::Failed).unwrap());
    drop(pool);
    for ranks in [1, 3] {
        let states = LocalCluster::run(ranks, |comm| {
            let pool = TaskPool::on_directory(&comm, 1, &root, &names, None, &shards());
            pool.unwrap().states().unwrap()
        });
        for states in states {
            use State::{Done, Failed, Open};
            let expected = [Done, Open, Open, Open, Failed, Done];
            assert_eq!(states.unwrap(), expected, "{ranks} ranks");
        }
    }
    assert_eq!(marks(&root).0.len(), 2, "marks without directories go");
    // A copy has other inodes: its tasks are looked at, and marked anew.
    let copy = temporary.path().join("copy");
    let copied = Command::new("cp").arg("-r").args([&root, &copy]).status();
    assert!(copied.unwrap().success());
    let pool = open(&copy, &names);
    assert_eq!(pool.states().unwrap()[0], State::Open, "its own file says");
    assert_eq!(work(&pool), [0, 1, 2, 3]);
    drop(pool);
    assert_eq!(
        [marks(&copy).0.len(), marks(&copy).1.len()],
        [5, 0],
        "one failed"
    );
}

/// A task that was done is tried again: it has no mark from the moment on when it is taken.
#[test]
fn there_is_no_mark_while_a_task_is_not_done() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("batch");
    let names = names(1);
    let again = Ignore {
        done: true,
        failed: true,
        ..OPEN
    };
    let pool = open(&root, &names);
    let both = || marks(&root).0.len() + marks(&root).1.len();
    for end in [State::Done, State::Failed, State::Done, State::Open] {
        assert_eq!(pool.next(again).unwrap(), Some(0));
        assert_eq!(both(), 0);
        assert!(pool.set(0, end).unwrap());
        assert_eq!(both(), usize::from(end == State::Done), "{end}");
        // Somebody opens it before the mark is firm, and it is none then.
        if end == State::Done {
            assert!(open(&root, &names).reopen(0).unwrap());
        }
        pool.release().unwrap();
        assert_eq!(both(), 0);
        assert!(pool.set(0, State::Open).unwrap());
    }
}

/// Killed at each step between DONE and a firm mark, or while a task is opened again: what is on
/// the disk then, made by hand.
#[test]
fn whoever_is_killed_when_the_next_run_finds_what_the_state_says() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("batch");
    let names = names(2);
    assert_eq!(work(&open(&root, &names)).len(), 2);
    let mark = marks(&root).0.remove(0);
    let new = mark.with_extension("new");
    let check = |when: &str| {
        let pool = open(&root, &names);
        assert_eq!(pool.states().unwrap(), [State::Done; 2], "{when}");
        drop(pool);
        assert_eq!(
            [marks(&root).0.len(), marks(&root).1.len()],
            [2, 0],
            "{when}"
        );
    };
    fs::remove_file(&mark).unwrap();
    check("DONE was written");
    fs::rename(&mark, &new).unwrap();
    check("the new mark was made");
    fs::hard_link(&mark, &new).unwrap();
    check("two runs have made it");
    fs::remove_dir_all(root.join(".batch/done")).unwrap();
    check("all marks were removed");
}
