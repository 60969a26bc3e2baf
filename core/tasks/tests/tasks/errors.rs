//! What is said when a directory is not as it should be, and who hears it.

use std::fs;
use std::path::Path;

use jobwise_core::{Comm, LocalCluster, Solo};
use jobwise_tasks::{Options, State, TaskPool};

use super::directory::{OPEN, earlier};
use super::names;

#[test]
fn what_is_wrong_with_a_directory_is_said_in_one_line_on_every_rank() {
    let dir = tempfile::tempdir().unwrap();
    let said = |root: &Path, names: &[&str], initial: Option<&[State]>| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let outcomes = LocalCluster::run(2, |comm| {
            TaskPool::on_directory(&comm, 1, root, &names, initial, &Options::default())
                .map(drop)
                .unwrap_err()
                .to_string()
        });
        let said: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
        assert!(
            said.iter().all(|said| !said.contains('\n'))
                && (said[1].ends_with(&said[0]) || said[0].ends_with(&said[1])),
            "{said:?}"
        );
        said.into_iter().min_by_key(String::len).unwrap()
    };
    for name in [
        "", "..", "a/../b", "/a", ".batch", ".batch/x", "./a", "a/", "a\0b",
    ] {
        assert!(
            said(dir.path(), &["x", name], None).starts_with("task 1 cannot be called"),
            "{name:?}"
        );
    }
    assert!(said(dir.path(), &["x", "a/b", "a//b"], None).contains("two tasks are called a/b"));
    assert!(said(dir.path(), &["x"], Some(&[State::Done])).contains("is there already"));
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(said(&file, &["x"], None).starts_with("cannot make "));
}

#[test]
fn disorder_in_the_directory_of_one_task_is_that_tasks_matter() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = [
        "good", "loop", "nowhere", "plain", "dangling", "fifo", "folder", "claimed", "last",
    ];
    for name in ["loop", "nowhere", "fifo", "folder", "claimed"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    earlier(root, "claimed", "OPEN\n");
    // A link to itself: not absent, not readable, whoever asks.
    std::os::unix::fs::symlink("state", root.join("loop/state")).unwrap();
    std::os::unix::fs::symlink("absent", root.join("nowhere/state")).unwrap();
    fs::write(root.join("plain"), "").unwrap();
    std::os::unix::fs::symlink("absent", root.join("dangling")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(root.join("fifo/state"))
        .status();
    assert!(made.unwrap().success());
    fs::create_dir(root.join("folder/state")).unwrap();
    fs::create_dir(root.join("claimed/claim.1")).unwrap();
    let pool = TaskPool::on_directory(&Solo, 1, root, &names, None, &Options::default()).unwrap();
    let taken: Vec<_> = std::iter::from_fn(|| pool.next(OPEN).unwrap()).collect();
    assert_eq!(taken, [0, 7, 8]);
    let warnings = pool.take_warnings();
    assert_eq!(warnings.len(), 7, "{warnings:?}");
    for name in &names[1..7] {
        let about: Vec<_> = warnings
            .iter()
            .filter(|line| {
                line.contains(&format!("/{name}/")) || line.contains(&format!("/{name}:"))
            })
            .collect();
        assert_eq!(about.len(), 1, "{name}: {warnings:?}");
    }
    // Also in the middle of the work.
    fs::remove_dir_all(root.join("good")).unwrap();
    fs::write(root.join("good"), "").unwrap();
    assert!(!pool.fail(0, "in vain").unwrap());
    assert!(pool.set(7, State::Done).unwrap() && pool.set(8, State::Done).unwrap());
    assert_eq!(pool.pending().unwrap(), 0);
    assert_eq!(pool.release().unwrap(), 0);
    drop(pool);
    let left = fs::read_dir(root.join(".batch")).unwrap();
    let mut left = left.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(left.all(|file| file.starts_with("journal.")));
}

#[test]
fn an_error_of_one_worker_reaches_all() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = names(8);
    let outcomes = LocalCluster::run(4, |comm| {
        let group: &dyn Comm = &comm;
        let pool =
            TaskPool::on_directory(&comm, 2, root, &names, None, &Options::default()).unwrap();
        group.barrier().unwrap();
        if comm.rank() == 0 {
            // No state file can be written from now on.
            fs::write(root.join(&names[0]), "").unwrap();
            fs::remove_dir_all(root.join(".batch")).unwrap();
            fs::write(root.join(".batch"), "").unwrap();
        }
        group.barrier().unwrap();
        if pool.worker() == 1 {
            group.barrier().unwrap();
        }
        let error = pool.next(OPEN).unwrap_err().to_string();
        if pool.worker() == 0 {
            group.barrier().unwrap();
        }
        error
    });
    let said: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert!(
        said[0].contains(".batch") && said[1] == format!("rank 0: {}", said[0]),
        "{said:?}"
    );
    assert!(
        said[2].contains("rank 0") && said[3].contains("rank 0"),
        "{said:?}"
    );
}
