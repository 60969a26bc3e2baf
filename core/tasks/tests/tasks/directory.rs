use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use jobwise_claims::{Owner, Terms};
use jobwise_core::{Comm, LocalCluster, Solo};
use jobwise_tasks::{Ignore, Options, State, TaskPool};

use super::{make_all, names, open};

pub(crate) const OPEN: Ignore = Ignore {
    running: false,
    failed: false,
    done: false,
};

fn text(root: &Path, name: &str) -> String {
    fs::read_to_string(root.join(name).join("state")).unwrap()
}

/// A task of an earlier run, as its state file says.
pub(crate) fn earlier(root: &Path, name: &str, state: &str) {
    fs::create_dir_all(root.join(name)).unwrap();
    fs::write(root.join(name).join("state"), state).unwrap();
}

/// A claim of a process that is dead: its number was given to this one.
fn tombstone(root: &Path, name: &str, attempt: u32) {
    let bookkeeping = root.join(".batch");
    let owner = Owner::join(&bookkeeping, &Terms::new("dead")).unwrap();
    let line = fs::read_to_string(bookkeeping.join(format!("owner.{}", owner.id()))).unwrap();
    let dead = bookkeeping.join(format!("owner.dead-{name}-{attempt}"));
    fs::write(&dead, line.replace("\"start\":", "\"start\":1")).unwrap();
    fs::hard_link(&dead, root.join(name).join(format!("claim.{attempt}"))).unwrap();
}

/// Everything in a directory and beneath it but journals and the layout, sorted.
pub(crate) fn contents(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![root.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                left.push(path);
            } else if !name.starts_with(".batch/journal.") && name != ".batch-layout" {
                found.push(name);
            }
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn a_run_leaves_state_files_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("deep/batch");
    let names = ["a", "b/c", "\u{e9}t\u{e9} 2026", "d.1"].map(str::to_owned);
    let pool = open(&Solo, &root, &names).unwrap();
    assert_eq!(
        [
            pool.next(OPEN).unwrap(),
            pool.next(OPEN).unwrap(),
            pool.next(OPEN).unwrap()
        ],
        [Some(0), Some(1), Some(2)]
    );
    assert_eq!(text(&root, "b/c"), "RUNNING\n");
    // Nobody needs its files yet.
    assert!(!root.join("d.1").exists());
    assert_eq!(pool.get(3).unwrap(), State::Open);
    assert!(pool.set(0, State::Done).unwrap() && pool.set(1, State::Failed).unwrap());
    drop(pool);
    let states: Vec<_> = names[..3].iter().map(|name| text(&root, name)).collect();
    assert_eq!(
        states,
        ["DONE\n", "FAILED\n", "OPEN\n"],
        "what was not finished is given back"
    );
    let mut expected: Vec<_> = names[..3]
        .iter()
        .map(|name| format!("{name}/state"))
        .collect();
    expected.sort_unstable();
    assert_eq!(contents(&root), expected);
    let journals = fs::read_dir(root.join(".batch"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let journal: String = journals.collect();
    let lines: Vec<serde_json::Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["name"].as_str().unwrap(),
                line["state"].as_str().unwrap(),
            )
        })
        .collect();
    let ete = "\u{e9}t\u{e9} 2026";
    assert_eq!(
        told,
        [
            ("a", "RUNNING"),
            ("b/c", "RUNNING"),
            (ete, "RUNNING"),
            ("a", "DONE"),
            ("b/c", "FAILED"),
            (ete, "OPEN")
        ]
    );
}

#[test]
fn files_are_read_as_the_other_program_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let cases = [
        ("OPEN  \t\nextra\n", State::Open),
        ("DONE", State::Done),
        ("FAILED\r\n", State::Failed),
        ("INVALID\n", State::Open),
        ("", State::Invalid),
        ("done\n", State::Invalid),
        (" OPEN\n", State::Invalid),
        ("\nOPEN\n", State::Invalid),
        ("OPEN\0\n", State::Invalid),
        ("RUNNING\n", State::Running),
    ];
    let names = names(cases.len() + 1);
    for (name, (text, _)) in names.iter().zip(cases) {
        earlier(root, name, text);
    }
    fs::write(root.join(&names[1]).join("notes"), "of the user").unwrap();
    let pool = open(&Solo, root, &names).unwrap();
    let expected: Vec<_> = cases
        .iter()
        .map(|(_, state)| *state)
        .chain([State::Open])
        .collect();
    assert_eq!(pool.states().unwrap(), expected);
    for (task, state) in expected.iter().enumerate() {
        assert_eq!(pool.get(task).unwrap(), *state, "{}", names[task]);
    }
    assert_eq!(text(root, &names[3]), "OPEN\n");
    assert_eq!(
        text(root, &names[5]),
        "done\n",
        "what is not understood is not touched"
    );
    let warnings = pool.take_warnings();
    assert_eq!(warnings.len(), 5);
    assert!(
        warnings[0].contains("task-0004/state is no state file"),
        "{}",
        warnings[0]
    );
    assert!(pool.take_warnings().is_empty());
    let taken: Vec<_> = std::iter::from_fn(|| pool.next(OPEN).unwrap()).collect();
    assert_eq!(taken, [0, 3, 10]);
    assert!(root.join(&names[1]).join("notes").exists());
    // A file that vanishes is invalid, and not repaired; one that comes is seen by who asks.
    fs::remove_file(root.join(&names[1]).join("state")).unwrap();
    assert_eq!(pool.get(1).unwrap(), State::Invalid);
    earlier(root, &names[5], "OPEN\n");
    assert_eq!(pool.next(OPEN).unwrap(), None);
    pool.look_again().unwrap();
    assert_eq!(pool.next(OPEN).unwrap(), Some(5));
}

#[test]
fn what_the_dead_left_is_taken_over_after_the_open_ones_and_given_up_on_at_last() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = names(6);
    for (name, state) in names.iter().zip([
        "RUNNING\n",
        "OPEN\n",
        "RUNNING\n",
        "DONE\n",
        "FAILED\n",
        "RUNNING\n",
    ]) {
        earlier(root, name, state);
    }
    // Task 0: twice crashed. 2: three times. 3: died when it was done. 5: in nobody's hands.
    for (task, attempt) in [(0, 1), (0, 2), (2, 1), (2, 2), (2, 3), (3, 1)] {
        tombstone(root, &names[task], attempt);
    }
    let pool = open(&Solo, root, &names).unwrap();
    assert!(!root.join(&names[3]).join("claim.1").exists());
    assert_eq!(pool.pending().unwrap(), 3);
    assert_eq!(pool.next(OPEN).unwrap(), Some(1));
    assert_eq!(pool.next(OPEN).unwrap(), Some(0));
    assert_eq!(pool.next(OPEN).unwrap(), None);
    assert_eq!(pool.pending().unwrap(), 0);
    let states = pool.states().unwrap();
    assert_eq!(
        states,
        [
            State::Running,
            State::Running,
            State::Failed,
            State::Done,
            State::Failed,
            State::Running
        ]
    );
    assert_eq!(text(root, &names[2]), "FAILED\n");
    let reason = fs::read_to_string(root.join(&names[2]).join("reason")).unwrap();
    assert!(
        reason.starts_with("3 attempts ended") && reason.lines().count() == 1,
        "{reason}"
    );
    // Nobody knows of task 5, so the caller decides.
    assert_eq!(
        pool.next(Ignore {
            running: true,
            ..OPEN
        })
        .unwrap(),
        Some(5)
    );
    assert_eq!(
        pool.next(Ignore {
            running: true,
            ..OPEN
        })
        .unwrap(),
        None
    );
    pool.set(2, State::Open).unwrap();
    assert_eq!(pool.next(OPEN).unwrap(), Some(2));
    for task in [0, 1, 2, 5] {
        assert!(pool.set(task, State::Done).unwrap());
    }
    drop(pool);
    let expected: Vec<_> = names.iter().map(|name| format!("{name}/state")).collect();
    assert_eq!(contents(root), expected);
}

#[test]
fn running_tasks_without_a_claim_are_taken_when_the_caller_says_so_or_when_they_are_old() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = names(2);
    let old = |name: &String| {
        earlier(root, name, "RUNNING\n");
        let file = fs::File::options()
            .append(true)
            .open(root.join(name).join("state"))
            .unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(500))
            .unwrap();
    };
    let with = |reclaim_unowned| {
        let options = Options {
            reclaim_unowned,
            ..Options::default()
        };
        let pool = TaskPool::on_directory(&Solo, 1, root, &names, None, &options).unwrap();
        let taken: Vec<_> = std::iter::from_fn(|| pool.next(OPEN).unwrap()).collect();
        for task in &taken {
            assert!(pool.set(*task, State::Done).unwrap());
        }
        (taken, pool.pending().unwrap())
    };
    names.iter().for_each(old);
    assert_eq!(with(None), (vec![], 0));
    earlier(root, &names[1], "RUNNING\n");
    assert_eq!(
        with(Some(Duration::from_secs(400))),
        (vec![0], 1),
        "the other one may become old enough"
    );
    assert_eq!(with(Some(Duration::ZERO)), (vec![1], 0));
    // One that is dated in the future is as old as the time for which it has not changed.
    earlier(root, &names[1], "RUNNING\n");
    let file = fs::File::options()
        .append(true)
        .open(root.join(&names[1]).join("state"))
        .unwrap();
    file.set_modified(std::time::SystemTime::now() + Duration::from_hours(1_000_000))
        .unwrap();
    let options = Options {
        reclaim_unowned: Some(Duration::from_millis(500)),
        ..Options::default()
    };
    let pool = TaskPool::on_directory(&Solo, 1, root, &names, None, &options).unwrap();
    let since = std::time::Instant::now();
    while pool.next(OPEN).unwrap() != Some(1) {
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "it is waited for"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(since.elapsed() >= Duration::from_millis(500));
}

#[test]
fn two_jobs_share_a_directory_and_see_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = names(3);
    let (a, b) = (
        open(&Solo, root, &names).unwrap(),
        open(&Solo, root, &names).unwrap(),
    );
    assert_eq!(
        [
            a.next(OPEN).unwrap(),
            b.next(OPEN).unwrap(),
            a.next(OPEN).unwrap()
        ],
        [Some(0), Some(1), Some(2)]
    );
    assert_eq!([a.next(OPEN).unwrap(), b.next(OPEN).unwrap()], [None, None]);
    assert_eq!([a.pending().unwrap(), b.pending().unwrap()], [1, 2]);
    // Whatever flags say, what somebody holds is his.
    let all = Ignore {
        running: true,
        failed: true,
        done: true,
    };
    assert_eq!(b.next(all).unwrap(), None);
    assert!(a.set(0, State::Done).unwrap() && a.set(2, State::Open).unwrap());
    assert_eq!(b.next(OPEN).unwrap(), Some(2));
    assert_eq!([b.next(OPEN).unwrap(), b.next(all).unwrap()], [None, None]);
    assert_eq!(b.pending().unwrap(), 0);
    // A job that is told to end gives back what it has.
    assert_eq!(b.release().unwrap(), 2);
    assert_eq!(
        [
            a.next(OPEN).unwrap(),
            a.next(OPEN).unwrap(),
            a.next(OPEN).unwrap()
        ],
        [Some(2), Some(1), None]
    );
    assert_eq!(b.release().unwrap(), 0);
}

#[test]
fn within_a_job_any_rank_may_open_a_task_again() {
    let dir = tempfile::tempdir().unwrap();
    let names = names(1);
    let outcomes = LocalCluster::run(2, |comm| {
        let group: &dyn Comm = &comm;
        let pool = open(&comm, dir.path(), &names).unwrap();
        if comm.rank() == 0 {
            assert_eq!(pool.next(OPEN).unwrap(), Some(0));
        }
        group.barrier().unwrap();
        if comm.rank() == 1 {
            assert_eq!(pool.next(OPEN).unwrap(), None);
            pool.set(0, State::Open).unwrap();
            assert_eq!(pool.next(OPEN).unwrap(), Some(0));
        }
        group.barrier().unwrap();
        // The first one has lost it: it may say that it is done, and nothing else.
        if comm.rank() == 0 {
            assert!(!pool.set(0, State::Failed).unwrap());
            assert_eq!(pool.get(0).unwrap(), State::Running);
        }
        group.barrier().unwrap();
        if comm.rank() == 1 {
            assert!(pool.set(0, State::Done).unwrap());
        }
        group.barrier().unwrap();
    });
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(text(dir.path(), &names[0]), "DONE\n");
    assert_eq!(contents(dir.path()), ["task-0000/state"]);
}

#[test]
fn initial_states_are_those_of_a_new_directory() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("new/batch");
    let initial = [State::Failed, State::Open, State::Invalid, State::Done];
    let names = names(4);
    let outcomes = LocalCluster::run(2, |comm| {
        let initial = (comm.rank() == 0).then_some(&initial[..]);
        let pool =
            TaskPool::on_directory(&comm, 2, &root, &names, initial, &Options::default()).unwrap();
        let taken: Vec<_> = std::iter::from_fn(|| {
            pool.next(Ignore {
                failed: true,
                ..OPEN
            })
            .unwrap()
        })
        .collect();
        (pool.states().unwrap(), taken)
    });
    for outcome in outcomes {
        let (states, taken) = outcome.unwrap();
        assert_eq!(taken, [0, 1]);
        assert_eq!(states[2..], [State::Invalid, State::Done]);
    }
    assert_eq!(text(&root, &names[2]), "INVALID\n");
}

#[test]
fn files_are_used_again_and_never_under_the_hands_of_others() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = names(4);
    let state = |task: usize| root.join(&names[task]).join("state");
    let pool = open(&Solo, root, &names).unwrap();
    make_all(&pool);
    // A copy that is a link keeps what it says.
    fs::hard_link(state(0), root.join("copy")).unwrap();
    let first = fs::metadata(state(1)).unwrap().ino();
    for task in 0..2 {
        assert_eq!(pool.next(OPEN).unwrap(), Some(task));
    }
    let written = fs::metadata(state(1)).unwrap().modified().unwrap();
    assert!(pool.set(0, State::Done).unwrap() && pool.set(1, State::Done).unwrap());
    assert_eq!(fs::read_to_string(root.join("copy")).unwrap(), "OPEN\n");
    let done = fs::metadata(state(1)).unwrap();
    assert_eq!(done.ino(), first);
    assert!(done.modified().unwrap() >= written);
    // Somebody writes into the file of a running task, in place: that is no file for RUNNING any
    // more, though it is as long.
    assert_eq!(pool.next(OPEN).unwrap(), Some(2));
    fs::write(state(2), "INVALID\n").unwrap();
    assert!(pool.set(2, State::Done).unwrap());
    assert_eq!(pool.next(OPEN).unwrap(), Some(3));
    let texts: Vec<_> = names.iter().map(|name| text(root, name)).collect();
    assert_eq!(texts, ["DONE\n", "DONE\n", "DONE\n", "RUNNING\n"]);
    drop(pool);
    let mut expected: Vec<_> = names.iter().map(|name| format!("{name}/state")).collect();
    expected.insert(0, "copy".to_owned());
    assert_eq!(contents(root), expected);
}
