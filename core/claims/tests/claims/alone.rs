use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use jobwise_claims::{Answer, Leftovers, Owner, Standing, Terms};

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
        Standing::Free {
            crashed: 0,
            left: false
        }
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
        Standing::Free {
            crashed: 1,
            left: true
        }
    );
    assert_eq!(won(owner.claim(root, "y").unwrap()).attempt(), 2);
}

/// A claim file whose owner may be on another machine with a clock of its own.
fn date(path: &Path, at: SystemTime) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(at).unwrap();
}

/// How long it takes until `owner` has `name`, which is attempt `attempt` then.
fn until_won(owner: &Owner, root: &Path, name: &str, attempt: u32) -> Duration {
    let since = Instant::now();
    loop {
        match owner.claim(root, name).unwrap() {
            Answer::Won(claim) => {
                assert_eq!(claim.attempt(), attempt, "{name}");
                return since.elapsed();
            }
            Answer::Held(_) => std::thread::sleep(Duration::from_millis(5)),
        }
        assert!(since.elapsed() < MINUTE, "the lease of {name} does not end");
    }
}

/// Whatever the time is that a file shows, it is taken over when it has not changed for the lease
/// that it states, never earlier and never much later.
#[test]
fn a_claim_from_another_machine_is_judged_by_what_changes_whatever_its_clock_says() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let lease = Duration::from_millis(400);
    let owner = join(root, lease);
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
    let hour = Duration::from_hours(1);
    let now = SystemTime::now();
    let times = [
        SystemTime::UNIX_EPOCH,
        now - 24 * 365 * hour,
        now - hour,
        now,
        now + hour,
        now + 24 * 365 * hour,
        SystemTime::UNIX_EPOCH + 24 * 365 * 136 * hour,
    ];
    // With a record, and with such as nobody can make sense of or wait for: then our own lease
    // counts.
    let texts = [
        far("\"lease_ms\":400"),
        far(&format!("\"lease_ms\":{}", u64::MAX)),
        String::new(),
        "\0\0\0".to_owned(),
        "{\"id\":".to_owned(),
        "x".repeat(100_000),
    ];
    std::thread::scope(|scope| {
        for (number, time) in times.iter().enumerate() {
            for (kind, text) in texts.iter().enumerate() {
                let (owner, name) = (&owner, format!("x{number}-{kind}"));
                let path = root.join(format!("{name}.3"));
                scope.spawn(move || {
                    forge(&path, text, Duration::ZERO);
                    // It beats: its clock goes, however wrong it is.
                    for beat in 0..8 {
                        date(&path, *time + Duration::from_millis(100 * beat));
                        assert!(
                            held(&owner.claim(root, &name).unwrap()),
                            "{name}: too early"
                        );
                        std::thread::sleep(lease / 4);
                    }
                    // It beats no more.
                    let after = until_won(owner, root, &name, 4);
                    assert!(after > lease / 2, "{name}: {after:?}");
                    assert!(after < 10 * lease, "{name}: {after:?}");
                    assert!(!path.exists());
                });
            }
        }
    });
    let warnings = owner.take_warnings().concat();
    for told in ["x5-0.3 is dated in the future", "x0-1.3 makes no sense"] {
        assert!(warnings.contains(told), "{told} in {warnings}");
    }
    assert!(owner.take_warnings().is_empty());
}

#[test]
fn what_cannot_be_a_claim_is_told_and_in_nobodys_way() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    let numbers = ["4294967295", "18446744073709551615", "01", "-1", "1000001"];
    for number in numbers {
        fs::write(root.join(format!("x.{number}")), "").unwrap();
    }
    fs::create_dir(root.join("x.1")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("x.2")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(root.join("x.3"))
        .status();
    assert!(made.unwrap().success());
    let claim = won(owner.claim(root, "x").unwrap());
    assert_eq!(
        (claim.attempt(), claim.crashed(), claim.was_left()),
        (4, 0, false)
    );
    assert!(claim.still_mine().unwrap());
    claim.release().unwrap();
    let warnings = owner.take_warnings();
    assert_eq!(warnings.len(), numbers.len() + 3, "{warnings:?}");
    assert!(
        warnings.iter().all(|line| line.contains("remove it")),
        "{warnings:?}"
    );
    // There is no number after the last one.
    forge(&root.join("y.1000000"), "", Duration::ZERO);
    let error = owner.claim(root, "y").unwrap_err().to_string();
    assert!(
        error.contains("y.1000000: it has the last number"),
        "{error}"
    );
}

#[test]
fn who_was_told_to_end_has_not_crashed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    let dead = record(root, &[("\"start\":", "\"start\":1")]);
    let dead = dead.lines().next().unwrap().to_owned() + "\n";
    let beat = format!("{:020}\n", 7);
    forge(&root.join("x.1"), &(dead.clone() + &beat), Duration::ZERO);
    forge(
        &root.join("x.2"),
        &(dead.clone() + &beat + "told to end\n"),
        Duration::ZERO,
    );
    forge(
        &root.join("x.3"),
        &(dead + &beat + "told to e"),
        Duration::ZERO,
    );
    assert_eq!(
        owner.standing(root, "x").unwrap(),
        Standing::Free {
            crashed: 2,
            left: true
        }
    );
    let claim = won(owner.claim(root, "x").unwrap());
    assert_eq!(
        (claim.attempt(), claim.crashed(), claim.was_left()),
        (4, 2, true)
    );
    // The word goes into every file of an owner.
    let mortal = join(root, MINUTE);
    let held = won(mortal.claim(root, "y").unwrap());
    mortal.tell_end().unwrap();
    std::mem::forget(held);
    let text = fs::read_to_string(root.join("y.1")).unwrap();
    assert!(
        text.ends_with("\ntold to end\n") && text.lines().count() == 3,
        "{text}"
    );
}

#[test]
fn work_has_to_end_before_others_take_over() {
    let dir = tempfile::tempdir().unwrap();
    let grace = Duration::from_secs(4);
    for (lease, stated) in [
        (MINUTE, MINUTE),
        (2 * grace, 2 * grace),
        (grace / 2, grace / 4 + grace),
    ] {
        let terms = Terms {
            lease,
            grace,
            ..Terms::new("test")
        };
        let owner = Owner::join(&dir.path().join(".claims"), &terms).unwrap();
        assert_eq!(owner.lease(), stated);
        let left = owner.holds_for() + grace;
        assert!(left <= stated && left > stated / 2, "{left:?}");
    }
}

#[test]
fn who_is_alive_beneath_a_dead_claim_still_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (a, b) = (join(root, MINUTE), join(root, MINUTE));
    let claim = won(a.claim(root, "x").unwrap());
    // Somebody judged too late, linked, and died before it looked.
    let dead = record(root, &[("\"start\":", "\"start\":1")]);
    forge(&root.join("x.2"), &dead, Duration::ZERO);
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
    let error = Owner::join(&dir.path().join("file"), &Terms::new("j"));
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
