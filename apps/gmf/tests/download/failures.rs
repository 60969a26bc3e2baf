//! What cannot succeed ends with one line, and leaves nothing that looks complete.

use std::process::Command;

use super::archive::{Answer, Archive, SCHEDULE, file};
use super::bench::{Ended, Running};

/// The last line, after the warnings.
fn error(ended: &Ended) -> &str {
    assert_eq!(ended.status, Some(1), "{ended:?}");
    ended.stderr.lines().last().unwrap()
}

#[test]
fn refusals_are_told_at_once() {
    for (status, told) in [
        (404, "it has no such file"),
        (403, "the server refuses (403)"),
    ] {
        let archive = Archive::new(&[Answer::Status(status)]);
        archive.run().must_refuse_soon(told, 1, &[told, "/11;12/"]);
        assert_eq!(archive.ranges().len(), 1);
        assert!(!archive.path("").exists());
    }
}

#[test]
fn failures_of_the_server_are_retried_and_then_told() {
    let archive = Archive::new(&[Answer::Status(500)]);
    let ended = archive.run();
    assert!(
        error(&ended).contains("answers 500; given up after 5 attempts"),
        "{ended:?}"
    );
    assert_eq!(archive.ranges().len(), 5);
    assert!(!archive.path("").exists());
}

#[test]
fn a_file_that_never_ends_as_promised_is_not_taken() {
    let archive = Archive::new(&[Answer::Cut(1000), Answer::Cut(0)]);
    let ended = archive.run();
    assert!(error(&ended).contains("given up"), "{ended:?}");
    assert!(!archive.path("").exists() && archive.path(".part").exists());
}

#[test]
fn what_is_no_archive_is_not_taken() {
    for answer in [Answer::Well, Answer::Nameless] {
        let archive = Archive::with(SCHEDULE, b"<html>please log in</html>".to_vec(), &[answer]);
        archive
            .run()
            .must_refuse_soon("no zip", 1, &["is no ZIP file"]);
        assert_eq!(archive.names(), [""; 0]);
    }
    // Without a length only the end of the file tells that it is whole.
    let archive = Archive::new(&[Answer::Nameless]);
    assert!(archive.run().succeeded());
    archive.must_hold(&file(0));
}

#[test]
fn no_server() {
    let ended = Archive::nowhere().run();
    assert!(error(&ended).contains("refused"), "{ended:?}");
}

#[test]
fn a_full_disk() {
    // The shell's limit on the size of files stands for it: 64 blocks of 512 or 1024 bytes.
    let archive = Archive::new(&[Answer::Well]);
    let command = archive.command(&[]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap());
    let mut ended = Running::start(&mut shell).end();
    // The shell has become the program.
    ended.program = "gmf".to_owned();
    ended.must_refuse_soon("full", 1, &[".zip.part", "File too large"]);
    assert!(!archive.path("").exists());
    // With space again it goes on.
    assert!(archive.run().succeeded());
    archive.must_hold(&file(0));
    assert!(archive.ranges()[1].is_some());
}
