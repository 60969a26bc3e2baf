//! Interrupted on the way, by the network or by the user.

use std::fs;

use super::archive::{Answer, Archive, file};
use super::bench::Running;

#[test]
fn a_file_arrives_whole() {
    let archive = Archive::new(&[Answer::Well]);
    let ended = archive.run();
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(ended.stderr, "");
    archive.must_hold(&file(0));
    let paths = archive.paths();
    assert_eq!(
        paths,
        [
            "/tape2.cgi?exp=leo_bpark_2.1u_NO&date=20220408&dl=1",
            "/11;12/leo_bpark_2.1u_NO20220408.zip"
        ]
    );
    // What is there is left as it is, and nobody is asked.
    let again = archive.run();
    assert!(
        again.succeeded() && again.stdout.contains("exists"),
        "{again:?}"
    );
    assert_eq!(archive.paths().len(), 2);
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let archive = Archive::new(&[Answer::Cut(100_000), Answer::Cut(50_000), Answer::Well]);
    let ended = archive.run();
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(
        ended.stderr.matches("trying again").count(),
        2,
        "{}",
        ended.stderr
    );
    archive.must_hold(&file(0));
    let expected = [None, Some("bytes=100000-"), Some("bytes=150000-")];
    assert_eq!(
        archive.ranges(),
        expected.map(|range| range.map(str::to_owned))
    );
}

#[test]
fn a_server_without_ranges_begins_anew() {
    let archive = Archive::new(&[Answer::Cut(100_000), Answer::Whole]);
    let ended = archive.run();
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stderr.contains("from its beginning"),
        "{}",
        ended.stderr
    );
    archive.must_hold(&file(0));
}

#[test]
fn a_file_that_changed_is_not_mixed_with_the_old_one() {
    let archive = Archive::new(&[Answer::Cut(100_000), Answer::Changed]);
    let ended = archive.run();
    assert!(ended.succeeded(), "{ended:?}");
    archive.must_hold(&file(9));
    assert_eq!(archive.ranges().len(), 2);
}

#[test]
fn another_range_than_asked_for_is_not_taken() {
    let archive = Archive::new(&[Answer::Cut(100_000), Answer::Shifted, Answer::Well]);
    let ended = archive.run();
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stderr.contains("another part than was asked for"),
        "{}",
        ended.stderr
    );
    archive.must_hold(&file(0));
}

#[test]
fn a_part_without_a_known_version_is_not_continued() {
    let archive = Archive::new(&[Answer::Well]);
    fs::write(archive.path(".part"), [7; 1000]).unwrap();
    assert!(archive.run().succeeded());
    archive.must_hold(&file(0));
    assert_eq!(archive.ranges(), [None]);
}

#[test]
fn a_silent_server_is_asked_again() {
    let archive = Archive::new(&[
        Answer::Silent,
        Answer::Stalls,
        Answer::Status(503),
        Answer::Well,
    ]);
    let ended = archive.run();
    assert!(ended.succeeded(), "{ended:?}");
    assert!(ended.stderr.contains("503"), "{}", ended.stderr);
    archive.must_hold(&file(0));
    assert!(
        archive.ranges()[2..].iter().all(Option::is_some),
        "{:?}",
        archive.ranges()
    );
}

#[test]
fn interrupted_or_killed_it_goes_on_next_time() {
    for (signal, status) in [("INT", Some(130)), ("KILL", None)] {
        let archive = Archive::new(&[Answer::Slow, Answer::Well]);
        let mut running = Running::start(&mut archive.command(&[]));
        let part = || fs::metadata(archive.path(".part")).map_or(0, |m| m.len());
        while part() < 50_000 {
            assert!(!running.is_over());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        running.signal(signal);
        let ended = running.end();
        assert_eq!(ended.status, status, "{ended:?}");
        assert!(!archive.path("").exists());
        let length = part();
        assert!(length >= 50_000);
        let again = archive.run();
        assert!(again.succeeded(), "{again:?}");
        archive.must_hold(&file(0));
        assert_eq!(archive.ranges()[1], Some(format!("bytes={length}-")));
    }
}

#[test]
fn two_at_once_do_not_mix() {
    let archive = Archive::new(&[Answer::Well]);
    let other = fs::File::create(archive.path(".part")).unwrap();
    other.lock().unwrap();
    archive
        .run()
        .must_refuse_soon("second", 1, &[".part", "another process"]);
    drop(other);
    let ended = Running::start(&mut archive.command(&["--progress"])).end();
    assert!(
        ended.succeeded() && ended.stderr.contains("MB done"),
        "{ended:?}"
    );
    archive.must_hold(&file(0));
}
