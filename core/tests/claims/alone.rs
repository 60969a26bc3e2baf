use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use jobwise_core::claims::{Leftovers, Standing};

use super::{held, join, won};

const MINUTE: Duration = Duration::from_mins(1);

/// A claim file as another program or machine may have left it, `age` old.
fn forge(path: &Path, text: &str, age: Duration) {
    fs::write(path, text).unwrap();
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

/// The line of `owner` with some words changed.
fn record(root: &Path, changes: &[(&str, &str)]) -> String {
    let owner = join(root, MINUTE);
    let line =
        fs::read_to_string(root.join(".claims").join(format!("owner.{}", owner.id()))).unwrap();
    changes.iter().fold(line, |line, (from, to)| {
        assert!(line.contains(from), "{from} in {line}");
        line.replace(from, to)
    })
}

#[test]
fn one_has_it_until_it_is_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (a, b) = (join(root, MINUTE), join(root, MINUTE));
    let claim = won(a.claim(root, "x").unwrap());
    assert_eq!(claim.attempt(), 1);
    assert!(held(&b.claim(root, "x").unwrap()) && held(&a.claim(root, "x").unwrap()));
    assert!(
        matches!(b.standing(root, "x").unwrap(), Standing::Held(by) if by.pid == std::process::id() && by.job == "test")
    );
    assert!(claim.still_mine().unwrap());
    // Names that begin alike have nothing to do with each other.
    drop(won(b.claim(root, "x.1").unwrap()));
    drop(won(b.claim(root, "xx").unwrap()));
    claim.release().unwrap();
    assert_eq!(
        a.standing(root, "x").unwrap(),
        Standing::Free { crashed: 0 }
    );
    let claim = won(b.claim(root, "x").unwrap());
    drop(b);
    assert!(
        held(&a.claim(root, "x").unwrap()),
        "a claim keeps its owner alive"
    );
    drop(claim);
    drop(won(a.claim(root, "x").unwrap()));
    drop(a);
    let left: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(left, [".claims"]);
}

#[test]
fn a_process_number_that_was_given_to_another_is_no_sign_of_life() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    forge(
        &root.join("y.1"),
        &record(root, &[("\"start\":", "\"start\":1")]),
        Duration::ZERO,
    );
    assert_eq!(
        owner.standing(root, "y").unwrap(),
        Standing::Free { crashed: 1 }
    );
    assert_eq!(won(owner.claim(root, "y").unwrap()).attempt(), 2);
}

#[test]
fn a_claim_from_another_machine_is_judged_by_the_lease_that_it_states() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    // The number of its process, of which there is none here, says nothing.
    let far = |lease: &str| {
        record(
            root,
            &[
                ("\"host\":\"", "\"host\":\"far-"),
                ("\"pid\":", "\"pid\":99"),
                ("\"lease_ms\":60000", lease),
            ],
        )
    };
    let long = far("\"lease_ms\":1000000");
    forge(&root.join("x.1"), &long, Duration::from_mins(15));
    assert!(held(&owner.claim(root, "x").unwrap()));
    forge(&root.join("x.1"), &long, Duration::from_secs(1001));
    assert_eq!(won(owner.claim(root, "x").unwrap()).attempt(), 2);
    assert!(!root.join("x.1").exists());
    forge(
        &root.join("y.1"),
        &far("\"lease_ms\":1000"),
        Duration::from_secs(30),
    );
    assert_eq!(won(owner.claim(root, "y").unwrap()).attempt(), 2);
}

#[test]
fn a_claim_that_does_not_decode_is_judged_by_its_age() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    for text in ["", "\0\0\0", "{\"id\":", &"x".repeat(100_000)] {
        forge(&root.join("x.3"), text, Duration::from_secs(50));
        assert!(held(&owner.claim(root, "x").unwrap()));
        forge(&root.join("x.3"), text, Duration::from_secs(70));
        assert_eq!(won(owner.claim(root, "x").unwrap()).attempt(), 4);
        assert_eq!(
            owner.standing(root, "x").unwrap(),
            Standing::Free { crashed: 0 }
        );
    }
}

#[test]
fn who_is_alive_beneath_a_dead_claim_still_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (a, b) = (join(root, MINUTE), join(root, MINUTE));
    let claim = won(a.claim(root, "x").unwrap());
    // Somebody judged too late, linked, and died before it looked.
    forge(&root.join("x.2"), "", Duration::from_secs(70));
    assert!(held(&b.claim(root, "x").unwrap()));
    drop(claim);
    assert_eq!(won(b.claim(root, "x").unwrap()).attempt(), 3);
}

#[test]
fn an_owner_goes_on_when_its_file_has_all_the_links_it_can_have_or_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    let file = root.join(".claims").join(format!("owner.{}", owner.id()));
    let links = root.join("links");
    fs::create_dir(&links).unwrap();
    let full = (0..70_000).find(|link| fs::hard_link(&file, links.join(link.to_string())).is_err());
    let first = won(owner.claim(root, "x").unwrap());
    assert_eq!(
        full.is_some(),
        fs::read_dir(root.join(".claims")).unwrap().count() == 2
    );
    fs::remove_dir_all(&links).unwrap();
    fs::remove_dir_all(root.join(".claims")).unwrap();
    let second = won(owner.claim(root, "y").unwrap());
    let other = join(root, MINUTE);
    for name in ["x", "y"] {
        assert!(held(&owner.claim(root, name).unwrap()) && held(&other.claim(root, name).unwrap()));
    }
    assert!(first.still_mine().unwrap() && second.still_mine().unwrap());
    drop((first, second, owner));
    drop((
        won(other.claim(root, "x").unwrap()),
        won(other.claim(root, "y").unwrap()),
    ));
}

#[test]
fn what_cannot_be_written_is_one_clear_line() {
    let dir = tempfile::tempdir().unwrap();
    let owner = join(dir.path(), MINUTE);
    let nowhere = dir.path().join("nowhere");
    let error = owner.claim(&nowhere, "x").unwrap_err().to_string();
    assert!(
        error.contains("nowhere/x.1") && !error.contains('\n'),
        "{error}"
    );
    fs::write(dir.path().join("file"), "").unwrap();
    let error = jobwise_core::claims::Owner::join(
        &dir.path().join("file"),
        &jobwise_core::claims::Terms::new("j"),
    );
    assert!(error.unwrap_err().to_string().starts_with("cannot make "));
}

#[test]
fn sweeping_takes_what_is_of_the_dead_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (me, other) = (join(root, MINUTE), join(root, MINUTE));
    let claims = root.join(".claims");
    let dead = record(root, &[("\"start\":", "\"start\":1")]);
    forge(&claims.join("owner.dead"), &dead, Duration::ZERO);
    forge(&claims.join("owner.holder"), &dead, Duration::ZERO);
    fs::hard_link(claims.join("owner.holder"), root.join("x.1")).unwrap();
    // These died before they wrote anything, one of them on another machine.
    let mut id: Vec<String> = me.id().split('.').map(str::to_owned).collect();
    id[2] += "1";
    fs::write(claims.join(format!("owner.{}", id.join("."))), "").unwrap();
    id[0] += "far";
    let far = claims.join(format!("owner.{}", id.join(".")));
    fs::write(&far, "").unwrap();
    for file in [
        "state.of.dead",
        "state.of.holder",
        "state.of.nobody",
        "journal.1",
    ] {
        fs::write(claims.join(file), "").unwrap();
    }
    for owner in [&me, &other] {
        fs::write(owner.private("state"), "").unwrap();
    }
    assert_eq!(
        me.sweep().unwrap(),
        Leftovers {
            holders: 1,
            removed: 5
        }
    );
    assert!(
        me.private("state").exists()
            && other.private("state").exists()
            && claims.join("journal.1").exists()
    );
    assert!(far.exists());
    drop(won(me.claim(root, "x").unwrap()));
    assert_eq!(
        me.sweep().unwrap(),
        Leftovers {
            holders: 0,
            removed: 1
        }
    );
}
