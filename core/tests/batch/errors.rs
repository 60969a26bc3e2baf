//! What is said when a directory is not as it should be, and who hears it.

use std::fs;
use std::path::Path;

use jobwise_core::batch::{Batch, Options, State};
use jobwise_core::{Comm, LocalCluster};

use super::directory::{OPEN, earlier};
use super::names;

#[test]
fn what_is_wrong_with_a_directory_is_said_in_one_line_on_every_rank() {
    let dir = tempfile::tempdir().unwrap();
    let said = |root: &Path, names: &[&str], initial: Option<&[State]>| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let outcomes = LocalCluster::run(2, |comm| {
            Batch::on_directory(&comm, 1, root, &names, initial, &Options::default())
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
    earlier(dir.path(), "t", "OPEN\n");
    fs::create_dir(dir.path().join("u")).unwrap();
    // A link to itself: not absent, not readable, whoever asks.
    std::os::unix::fs::symlink("state", dir.path().join("u/state")).unwrap();
    assert!(said(dir.path(), &["t", "u"], None).contains("u/state"));
    assert_eq!(
        fs::read_dir(dir.path().join(".batch"))
            .unwrap()
            .filter(|file| {
                let name = file.as_ref().unwrap().file_name();
                name.to_str().unwrap().starts_with("owner.")
            })
            .count(),
        0
    );
}

#[test]
fn an_error_of_one_worker_reaches_all() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = names(8);
    let outcomes = LocalCluster::run(4, |comm| {
        let group: &dyn Comm = &comm;
        let batch = Batch::on_directory(&comm, 2, root, &names, None, &Options::default()).unwrap();
        group.barrier().unwrap();
        if comm.rank() == 0 {
            // No state file can be written from now on.
            fs::remove_dir_all(root.join(&names[0])).unwrap();
            fs::write(root.join(&names[0]), "").unwrap();
            fs::remove_dir_all(root.join(".batch")).unwrap();
            fs::write(root.join(".batch"), "").unwrap();
        }
        group.barrier().unwrap();
        if batch.worker() == 1 {
            group.barrier().unwrap();
        }
        let error = batch.next(OPEN).unwrap_err().to_string();
        if batch.worker() == 0 {
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
