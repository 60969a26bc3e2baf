//! What the program prints, and where nobody reads it.

use std::fs;
use std::process::{Command, Stdio};

use super::bench::{Bench, Ended, Running};

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let bench = Bench::new();
    let ended = bench.analyze("out", &["--dry-run", "--threads", "2"]);
    assert!(ended.succeeded(), "{ended:?}");
    for told in [
        "fgmf",
        "10 (290 to 300, step 1)",
        "6 of 0.1 s in 6 files of 1",
        "threads, 1 x 2 lanes",
    ] {
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
    }
    assert_eq!(ended.stderr, "");
    assert!(!bench.path("out").exists());
}

#[test]
fn progress_is_plain_lines_where_there_is_no_terminal() {
    let bench = Bench::new();
    let ended = bench.analyze("out", &["--progress"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stderr.contains("of 6 integrations done"),
        "{}",
        ended.stderr
    );
    let plain = |c: char| c == '\n' || !c.is_control();
    assert!(ended.stderr.chars().all(plain), "{:?}", ended.stderr);
    let silent = bench.analyze("silent", &[]);
    assert_eq!(silent.stderr, "");
    assert!(
        silent.stdout.contains("6 integrations (0.600 s of signal)"),
        "{}",
        silent.stdout
    );
    let again = bench.analyze("silent", &[]);
    assert!(
        again
            .stdout
            .contains("6 integrations were done by an earlier run"),
        "{}",
        again.stdout
    );
}

#[test]
fn completions() {
    let bench = Bench::new();
    let ended = bench.run(["completions", "bash"]);
    assert!(ended.succeeded(), "{ended:?}");
    for word in ["analyze", "--num", "--relative_time", "complete -F"] {
        let known = ended.stdout.contains(word);
        assert_eq!(known, word != "--num", "{word}");
    }
    // Bash itself understands them.
    fs::write(bench.path("gmf.bash"), ended.stdout).unwrap();
    let mut bash = Command::new("bash");
    let read = bash.arg("-n").arg(bench.path("gmf.bash")).status();
    assert!(read.unwrap().success());
}

#[test]
fn a_recording_is_never_mixed_with_other_files() {
    let bench = Bench::new();
    let before = bench.tree("recording");
    bench
        .run(["simulate", "drf", "scenario.ini", "recording"])
        .must_refuse_soon("not empty", 1, &["recording", "not empty"]);
    bench.tree("recording").must_equal(&before);
    bench
        .run(["simulate", "drf", "scenario.ini", "c.ini"])
        .must_refuse_soon("a file", 1, &["c.ini"]);
    bench
        .run(["simulate", "drf", "absent.ini", "new"])
        .must_refuse_soon("no scenario", 1, &["absent.ini"]);
    assert!(!bench.path("new").exists());
}

#[test]
fn inspect_says_what_is_not_there() {
    let bench = Bench::new();
    bench.whole("out");
    for (what, path, told) in [
        ("drf", "absent", "absent"),
        ("drf", "c.ini", "c.ini"),
        ("drf", "out", "no Digital RF channel"),
        (
            "drf",
            "recording/sim",
            "give the directory that contains it",
        ),
        ("gmf", "absent", "absent"),
        ("gmf", "c.ini", "c.ini"),
        ("gmf", "recording", "holds no GMF files"),
    ] {
        let ended = bench.run(["inspect", what, path]);
        ended.must_refuse_soon(&format!("{what} {path}"), 1, &[told]);
    }
    for args in [
        &["out", "--peaks", "--truth", "out"][..],
        &["recording", "--peaks"],
    ] {
        let ended = bench.run(["inspect", "gmf"].iter().chain(args).copied());
        assert_eq!(ended.status, Some(1), "{args:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{args:?}: {ended:?}");
    }
}

/// Runs with a standard output that was closed before the first byte.
fn unheard(command: &mut Command) -> Ended {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    // Standard error is read back; the pipe of standard output has no reader.
    let child = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Ended {
        program: "gmf".to_owned(),
        status: output.status.code(),
        signal: None,
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: std::time::Duration::ZERO,
    }
}

#[test]
fn a_closed_output_is_no_failure() {
    let bench = Bench::new();
    let analysis = Bench::arguments("out", &[]);
    let plan = Bench::arguments("out", &["--dry-run"]);
    for args in [
        &analysis[..],
        &plan,
        &["inspect", "drf", "recording"],
        &["inspect", "gmf", "out"],
        &["inspect", "gmf", "out", "--peaks", "--truth", "recording"],
        &["completions", "bash"],
        &["simulate", "drf", "scenario.ini", "new"],
        &["--help"],
        &["analyze", "--help"],
        &["--version"],
    ] {
        let ended = unheard(&mut bench.command(args.iter().copied()));
        assert_eq!(ended.stderr, "", "{args:?}");
        assert_eq!(ended.status, Some(0), "{args:?}");
    }
    bench.tree("out").must_equal(&bench.whole("whole"));
}

#[test]
fn closed_standard_error_changes_no_status() {
    let bench = Bench::new();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("\"$0\" analyze recording uhf --config c.ini -o out 2>&-; exit $?")
        .arg(env!("CARGO_BIN_EXE_gmf"))
        .current_dir(bench.path(""));
    assert_eq!(Running::start(&mut shell).end().status, Some(1));
}
