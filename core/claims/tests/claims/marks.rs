//! What is done is known to all who take part, by one look, and to nobody else.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jobwise_claims::{Owner, remove_marks};

use super::{held, join, won};

const MINUTE: Duration = Duration::from_mins(1);

fn finish(owner: &Owner, root: &Path, name: &str) {
    won(owner.claim(root, name).unwrap()).finish().unwrap();
}

#[test]
fn one_look_tells_what_is_done_and_what_is_held() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (a, b) = (join(root, MINUTE), join(root, MINUTE));
    finish(&a, root, "x");
    finish(&a, root, "x.1");
    let claim = won(a.claim(root, "y").unwrap());
    for owner in [&a, &b] {
        let overview = owner.overview(root).unwrap();
        assert!(overview.is_done("x") && overview.is_done("x.1") && overview.is_held("y"));
        assert!(!overview.is_held("x") && !overview.is_done("y") && !overview.is_done("z"));
    }
    // A mark is in nobody's way.
    drop(won(b.claim(root, "x").unwrap()));
    assert!(held(&b.claim(root, "y").unwrap()));
    claim.release().unwrap();
    let overview = b.overview(root).unwrap();
    assert!(!overview.is_held("y") && !overview.is_done("y"));
}

#[test]
fn what_was_seen_done_stays_so_when_its_owner_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (a, b) = (join(root, MINUTE), join(root, MINUTE));
    assert!(b.has_company().unwrap() && !b.is_last().unwrap());
    finish(&a, root, "x");
    assert!(b.overview(root).unwrap().is_done("x"));
    drop(a);
    assert!(b.overview(root).unwrap().is_done("x"));
    assert!(!b.has_company().unwrap() && b.is_last().unwrap());
    remove_marks(root).unwrap();
    assert!(!b.overview(root).unwrap().is_done("x"));
}

#[test]
fn marks_of_who_died_before_count_for_nothing_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let a = join(root, Duration::from_millis(200));
    finish(&a, root, "x");
    let mark = root.join("x.done");
    // As one who died left it: a file of nobody who lives.
    let line = fs::read_to_string(&mark).unwrap();
    let dead = line.replace(
        &format!("\"pid\":{}", std::process::id()),
        "\"pid\":4194303",
    );
    assert_ne!(line, dead);
    fs::remove_file(&mark).unwrap();
    fs::write(&mark, dead).unwrap();
    let b = join(root, MINUTE);
    assert!(!b.overview(root).unwrap().is_done("x"));
    assert!(!mark.exists());
}

#[test]
fn who_was_taken_for_dead_leaves_no_mark() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (a, b) = (join(root, MINUTE), join(root, MINUTE));
    let claim = won(a.claim(root, "x").unwrap());
    fs::remove_file(root.join("x.1")).unwrap();
    let other = won(b.claim(root, "x").unwrap());
    claim.finish().unwrap();
    let overview = b.overview(root).unwrap();
    assert!(!overview.is_done("x") && overview.is_held("x"));
    other.finish().unwrap();
    assert!(a.overview(root).unwrap().is_done("x"));
}
