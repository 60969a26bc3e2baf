use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use jobwise_claims::{Answer, Owner};

use super::join;
use super::puppet::Puppet;

/// Does all of `names` pieces of work that nobody has done, and says how many it did. A piece is
/// done when its file is there. Leaves a file `violation` when another living process was at the
/// same piece.
pub(crate) fn work(owner: &Owner, root: &Path, names: usize) -> usize {
    let (mut mine, mut left) = (0, (0..names).collect::<Vec<_>>());
    // Not all in the same order, and not all in different ones.
    left.rotate_left(std::process::id() as usize % 2 * names / 2);
    while !left.is_empty() {
        left.retain(|name| {
            let (busy, done) = (
                root.join(format!("busy-{name}")),
                root.join(format!("done-{name}")),
            );
            if done.exists() {
                return false;
            }
            let Answer::Won(claim) = owner.claim(root, &format!("name-{name}")).unwrap() else {
                return true;
            };
            if !done.exists() {
                enter(root, &busy);
                fs::remove_file(&busy).unwrap();
                mine += 1;
                if let Err(error) = OpenOptions::new().write(true).create_new(true).open(&done) {
                    complain(root, &format!("{name} was done twice: {error}"));
                }
            }
            claim.release().unwrap();
            false
        });
    }
    mine
}

fn enter(root: &Path, busy: &Path) {
    match OpenOptions::new().write(true).create_new(true).open(busy) {
        Ok(mut file) => file
            .write_all(std::process::id().to_string().as_bytes())
            .unwrap(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            let who = fs::read_to_string(busy).unwrap_or_default();
            let state = fs::read_to_string(format!("/proc/{who}/stat")).unwrap_or_default();
            if !who.is_empty() && !state.is_empty() && !state.contains(") Z ") {
                complain(root, &format!("{who} is at {} too", busy.display()));
            }
        }
    }
}

fn complain(root: &Path, what: &str) {
    fs::write(root.join("violation"), what).unwrap();
}

fn check(root: &Path, names: usize) {
    assert_eq!(fs::read_to_string(root.join("violation")).ok(), None);
    for name in 0..names {
        assert!(root.join(format!("done-{name}")).exists());
    }
}

fn claims_left(root: &Path) -> usize {
    let files = fs::read_dir(root).unwrap();
    files
        .filter(|file| {
            file.as_ref()
                .unwrap()
                .file_name()
                .to_str()
                .unwrap()
                .starts_with("name-")
        })
        .count()
}

#[test]
fn threads_of_one_owner_and_of_several_do_each_piece_once() {
    let dir = tempfile::tempdir().unwrap();
    let (root, lease) = (dir.path(), Duration::from_mins(1));
    let owners = [join(root, lease), join(root, lease)];
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|thread| (&owners[thread % 2], thread)).collect();
        let threads: Vec<_> = threads
            .into_iter()
            .map(|(owner, _)| scope.spawn(|| work(owner, root, 200)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(counts.iter().sum::<usize>(), 200);
    check(root, 200);
    assert_eq!(claims_left(root), 0);
    drop(owners);
    assert_eq!(fs::read_dir(root.join(".claims")).unwrap().count(), 0);
}

#[test]
fn processes_do_each_piece_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut puppets: Vec<_> = (0..4)
        .map(|_| Puppet::new(dir.path(), Duration::from_mins(1)))
        .collect();
    for puppet in &mut puppets {
        puppet.say("work 1000");
    }
    let counts: Vec<usize> = puppets
        .iter_mut()
        .map(|puppet| puppet.hear().parse().unwrap())
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), 1000, "{counts:?}");
    check(dir.path(), 1000);
    puppets.into_iter().for_each(Puppet::leave);
    assert_eq!(claims_left(dir.path()), 0);
}

#[test]
fn processes_that_are_killed_all_the_time_lose_nothing_and_do_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let names = 1000;
    let kills: u64 = std::env::var("JOBWISE_KILLS").map_or(8, |kills| kills.parse().unwrap());
    let start = || {
        let mut puppet = Puppet::new(root, Duration::from_mins(1));
        puppet.say(&format!("work {names}"));
        puppet
    };
    let mut puppets = std::collections::VecDeque::from([start(), start(), start()]);
    for kill in 0..kills {
        std::thread::sleep(Duration::from_millis(3 + kill * 7919 % 23));
        puppets.pop_front().unwrap().kill();
        puppets.push_back(start());
        // Work enough for all kills.
        if kill % 4 == 3 && root.join(format!("done-{}", names - 1)).exists() {
            for name in 0..names {
                let _ = fs::remove_file(root.join(format!("done-{name}")));
            }
        }
    }
    for mut puppet in puppets {
        puppet.hear();
        puppet.leave();
    }
    // Work begun before files were taken away may be finished after; all the rest is the claims'
    // matter.
    work(&join(root, Duration::from_mins(1)), root, names);
    check(root, names);
    let owner = join(root, Duration::from_mins(1));
    for name in 0..names {
        drop(super::won(
            owner.claim(root, &format!("name-{name}")).unwrap(),
        ));
    }
    assert_eq!(claims_left(root), 0);
    owner.sweep().unwrap();
    drop(owner);
    assert_eq!(fs::read_dir(root.join(".claims")).unwrap().count(), 0);
}
