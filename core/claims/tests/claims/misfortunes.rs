use std::time::{Duration, Instant};

use super::puppet::Puppet;
use super::{held, join, won};

const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_claim_of_a_killed_process_is_free_at_once_and_attempts_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    for attempt in 1..=3 {
        let mut puppet = Puppet::new(root, MINUTE);
        assert_eq!(puppet.ask("claim x"), format!("won {attempt}"));
        assert!(held(&owner.claim(root, "x").unwrap()));
        puppet.kill();
    }
    let claim = won(owner.claim(root, "x").unwrap());
    assert_eq!(claim.attempt(), 4);
    claim.release().unwrap();
    assert_eq!(won(owner.claim(root, "x").unwrap()).attempt(), 1);
}

#[test]
fn a_process_that_nobody_buried_is_dead_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let owner = join(root, MINUTE);
    let mut puppet = Puppet::new(root, MINUTE);
    assert_eq!(puppet.ask("claim x"), "won 1");
    puppet.strike();
    let since = Instant::now();
    while held(&owner.claim(root, "x").unwrap()) {
        assert!(since.elapsed() < MINUTE / 2, "a zombie keeps its claim");
        std::thread::sleep(Duration::from_millis(5));
    }
    puppet.kill();
}

#[test]
fn a_stopped_process_loses_its_claim_after_the_lease_and_sees_that_when_it_wakes_up() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    // Our own lease is another one: the claim's counts.
    let owner = join(root, MINUTE);
    let mut puppet = Puppet::new(root, SECOND);
    assert_eq!(puppet.ask("claim x"), "won 1");
    assert_eq!(puppet.ask("mine x"), "true");
    std::thread::sleep(2 * SECOND);
    assert!(
        held(&owner.claim(root, "x").unwrap()),
        "signs of life renew a lease"
    );
    puppet.signal("STOP");
    let since = Instant::now();
    let claim = loop {
        match owner.claim(root, "x").unwrap() {
            jobwise_claims::Answer::Won(claim) => break claim,
            jobwise_claims::Answer::Held(_) => std::thread::sleep(Duration::from_millis(20)),
        }
        assert!(since.elapsed() < MINUTE / 2, "the lease does not end");
    };
    assert!(since.elapsed() > SECOND / 8, "the lease ended too early");
    assert_eq!(claim.attempt(), 2);
    puppet.signal("CONT");
    assert_eq!(puppet.ask("mine x"), "false");
    assert_eq!(puppet.ask("claim x"), "held");
    assert!(claim.still_mine().unwrap());
    assert_eq!(puppet.ask("release x"), "released");
    assert!(
        claim.still_mine().unwrap(),
        "the late owner takes nothing away"
    );
    claim.release().unwrap();
    assert_eq!(puppet.ask("claim x"), "won 1");
    puppet.leave();
}

#[test]
fn who_slept_with_the_others_does_not_take_them_for_dead() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    // As when a machine is suspended, or a file server does not answer for a while.
    let lease = Duration::from_millis(1500);
    let (mut holder, mut rival) = (Puppet::new(root, lease), Puppet::new(root, lease));
    assert_eq!(holder.ask("claim x"), "won 1");
    assert_eq!(rival.ask("covet x 6000"), "coveting");
    rival.signal("STOP");
    holder.signal("STOP");
    std::thread::sleep(2 * lease);
    rival.signal("CONT");
    std::thread::sleep(lease / 20);
    holder.signal("CONT");
    assert_eq!(rival.hear(), "false");
    assert_eq!(holder.ask("mine x"), "true");
    holder.leave();
    rival.leave();
}
