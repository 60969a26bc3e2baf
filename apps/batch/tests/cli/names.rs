//! Names are bytes: from the list to the command, in the directory, through `status`, and back into
//! `run` and `reset`.
//!
//! `JOBWISE_SEED` repeats a sequence of names, `JOBWISE_NAMES` sets how many batches are tried.

use jobwise_testing::impossible_here;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use super::bench::{Bench, Running};
use jobwise_testing::{fraction, number};

/// What people and programs have put into names.
const PIECES: [&[u8]; 28] = [
    b" ",
    b"  ",
    b"\t",
    b"'",
    b"\"",
    b"\\",
    b"\n",
    b"\r",
    b"\xe9",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3\xa9",
    b"e\xcc\x81",
    b".",
    b"..",
    b"/",
    b"-",
    b"--",
    b"%",
    b"%2F",
    b"$(touch oops)",
    b"{task}",
    b"*",
    b"a",
    b"A",
    b"7",
    b"\x1b[31m",
    b"\x7f",
];

/// Different names, which are not empty and not too long.
fn names(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut names = BTreeSet::new();
    let mut at = 0;
    let mut chance = || {
        at += 1;
        fraction(seed, at)
    };
    while names.len() < count {
        let length = 1 + (chance() * 6.0) as usize;
        let piece = |_| PIECES[(chance() * PIECES.len() as f64) as usize % PIECES.len()];
        let name: Vec<u8> = (0..length).flat_map(piece).copied().collect();
        names.insert(name);
    }
    // Not in the order of their bytes.
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|name| {
        name.iter()
            .map(|byte| u64::from(*byte) * 7919 % 251)
            .sum::<u64>()
    });
    names
}

fn with_nulls(names: &[Vec<u8>]) -> Vec<u8> {
    names
        .iter()
        .flat_map(|name| [name.as_slice(), b"\0"].concat())
        .collect()
}

fn split(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut parts: Vec<_> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(parts.pop(), Some(Vec::new()), "the last one is ended too");
    let set: BTreeSet<_> = parts.iter().cloned().collect();
    assert_eq!(set.len(), parts.len(), "no name comes twice");
    set
}

/// What the program prints, byte for byte, when it ends well.
fn printed(bench: &Bench, line: &str, input: &[u8], more: &[&str]) -> Vec<u8> {
    let mut command = bench.command(line, "");
    let mut child = command
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{line}: {said}");
    output.stdout
}

/// Notes its argument and its variable, and fails for names with an `A`.
const SCRIPT: &str = r#"[ "$1" = "$BATCH_TASK" ] || exit 1; flock saw sh -c 'printf "%s\0" "$1" >> saw' - "$1"; case $1 in *A*) exit 1;; esac"#;

#[test]
fn whatever_the_bytes_are_the_same_task_is_listed_run_told_and_taken_up_again() {
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(std::process::id()));
    println!("JOBWISE_SEED={seed} repeats the names");
    for round in 0..number("JOBWISE_NAMES").unwrap_or(2) {
        let bench = Bench::new(0);
        let names = names(seed.wrapping_add(round), 40);
        let all: BTreeSet<_> = names.iter().cloned().collect();
        let (failing, fine): (BTreeSet<_>, BTreeSet<_>) =
            all.iter().cloned().partition(|name| name.contains(&b'A'));
        fs::write(bench.path("list"), with_nulls(&names)).unwrap();
        let script = ["--", "sh", "-c", SCRIPT, "-", "{task}"];
        let mut command = bench.command("run b --tasks list -0 --workers 2", "");
        let ended = Running::start(command.args(script)).end();
        assert_eq!(
            ended.status,
            Some(i32::from(!failing.is_empty())),
            "{ended:?}"
        );
        assert_eq!(split(&fs::read(bench.path("saw")).unwrap()), all);
        assert!(!bench.path("oops").exists());
        let listed =
            |state: &str| printed(&bench, &format!("status b -0 --list {state}"), b"", &[]);
        assert_eq!(split(&listed("done")), fine);
        assert_eq!(split(&listed("failed")), failing);
        // What it prints is a list for reset and for another run; each shows the same names.
        let done = listed("done");
        let plan = printed(&bench, "reset b --tasks - -0 --dry-run", &done, &[]);
        assert_eq!(split(&plan), fine);
        printed(&bench, "reset b --tasks - -0", &done, &[]);
        assert_eq!(split(&listed("open")), fine);
        fs::remove_file(bench.path("saw")).unwrap();
        printed(&bench, "run b --tasks - -0 --workers 2", &done, &script);
        assert_eq!(split(&fs::read(bench.path("saw")).unwrap()), fine);
        // Without a list, it knows them.
        printed(&bench, "reset b --done --failed", b"", &[]);
        fs::remove_file(bench.path("saw")).unwrap();
        let mut command = bench.command("run b --workers 2", "");
        Running::start(command.args(script)).end();
        assert_eq!(split(&fs::read(bench.path("saw")).unwrap()), all);
        // No message breaks a line or a terminal.
        let told = bench.run("status b --most 100", "").stdout;
        assert!(
            told.chars().all(|c| c == '\n' || !c.is_control()),
            "{told:?}"
        );
        assert_eq!(
            told.lines()
                .filter(|line| line.starts_with("FAILED "))
                .count(),
            failing.len()
        );
        assert_eq!(
            bench.directories("b"),
            all.len(),
            "a directory of its own for each"
        );
    }
}

#[test]
fn lines_are_names_too_where_names_fit_lines() {
    let bench = Bench::new(0);
    let list = b" a\nb \n\tc\nlat\xe9\n-x\n'q'\n \na  b\n";
    fs::write(bench.path("list"), list).unwrap();
    let names: BTreeSet<Vec<u8>> = list
        .split(|byte| *byte == b'\n')
        .filter(|name| !name.is_empty())
        .map(<[u8]>::to_vec)
        .collect();
    printed(
        &bench,
        "run b --tasks list",
        b"",
        &["--", "sh", "-c", SCRIPT, "-", "{task}"],
    );
    assert_eq!(split(&fs::read(bench.path("saw")).unwrap()), names);
    let again = printed(&bench, "status b --list done", b"", &[]);
    assert_eq!(again, list);
    printed(&bench, "reset b --tasks -", &again, &[]);
    // One by one, on the command line.
    let name = std::ffi::OsStr::from_bytes(b"lat\xe9");
    let output = bench
        .command("reset b --dry-run --task -x --task", "")
        .arg(name)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    printed(&bench, "run b --tasks -", &again, &["--", "true", "{task}"]);
    let output = bench
        .command("reset b --dry-run --task -x --task", "")
        .arg(name)
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"lat\xe9\n-x\n2 tasks would be open\n");
    // A name that does not fit is refused with a word, and fits with -0.
    fs::write(bench.path("list"), b"a\nb\0").unwrap();
    printed(
        &bench,
        "run c --tasks list -0",
        b"",
        &["--", "true", "{task}"],
    );
    let ended = bench.run("status c --list done", "");
    ended.must_fail(1, &["$'a\\x0ab'", "-0"]);
    assert_eq!(
        printed(&bench, "status c --list done --null", b"", &[]),
        b"a\nb\0"
    );
}

#[test]
fn directories_of_other_programs_keep_their_bytes() {
    let bench = Bench::new(0);
    let names: [&[u8]; 6] = [b" y", b"lat\xe9", b"tab\t", b"100%", b"a%2Fb", b"nl\n"];
    for name in names {
        let directory = bench.path("b").join(std::ffi::OsStr::from_bytes(name));
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("state"), "FAILED\n").unwrap();
    }
    let failed = printed(&bench, "status b --list failed -0", b"", &[]);
    let all: BTreeSet<_> = names.iter().map(|name| name.to_vec()).collect();
    assert_eq!(split(&failed), all);
    printed(&bench, "reset b --failed", b"", &[]);
    printed(
        &bench,
        "run b --tasks - -0",
        &failed,
        &["--", "sh", "-c", SCRIPT, "-", "{task}"],
    );
    assert_eq!(split(&fs::read(bench.path("saw")).unwrap()), all);
    assert_eq!(
        split(&printed(&bench, "status b --list done -0", b"", &[])),
        all
    );
    assert_eq!(bench.directories("b"), names.len());
}

#[test]
fn lists_that_cannot_be_are_refused_by_number_before_anything_is_changed() {
    let bench = Bench::new(0);
    let long = [&b"a\n"[..], &[b'x'; 256]].concat();
    let raw = [&b"a\n"[..], &[0xff; 86]].concat();
    for (list, told) in [
        (&b"a\nb\0c\n"[..], "list, line 2: a NUL byte"),
        (&long, "list, line 2: its directory"),
        (&raw, "list, line 2: its directory"),
        (b"a\nb\na\n", "list, line 3: the task a is in line 1"),
        (b"\n\n", "list names no task"),
    ] {
        fs::write(bench.path("list"), list).unwrap();
        bench
            .run("run b --tasks list", "true {task}")
            .must_fail(1, &[told]);
        assert!(!bench.path("b").exists(), "{told}");
    }
    // One that never ends is refused as soon as it cannot be a list.
    for (line, told) in [
        ("run b --tasks /dev/zero", "/dev/zero, line 1: a NUL byte"),
        (
            "run b --tasks /dev/zero -0",
            "/dev/zero, entry 1: it is empty",
        ),
    ] {
        bench.run(line, "true {task}").must_fail(1, &[told]);
    }
    // What other systems put around lines is left out, and said to be.
    fs::write(bench.path("list"), b"\xef\xbb\xbfa\r\nb\r\n").unwrap();
    let ended = bench.run("run b --tasks list", "echo \"[$BATCH_TASK]\" >> all");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(
        ended.stderr.contains("byte order mark") && ended.stderr.contains("carriage return"),
        "{ended:?}"
    );
    let mut all = bench.lines("all");
    all.sort();
    assert_eq!(all, ["[a]", "[b]"]);
}

#[test]
fn on_a_terminal_names_are_shown_and_not_acted_on() {
    let bench = Bench::new(0);
    fs::write(bench.path("list"), b"\x1b[31mred\n a\n").unwrap();
    printed(&bench, "run b --tasks list", b"", &["--", "true", "{task}"]);
    let line = format!("{} status b --list done", env!("CARGO_BIN_EXE_batch"));
    // The program of this name gives the command a terminal.
    let Ok(output) = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(bench.path(""))
        .stdin(Stdio::null())
        .output()
    else {
        return impossible_here("there is no script(1) to make a terminal").unwrap_or_default();
    };
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shown.replace('\r', ""), "$'\\x1b[31mred'\n$'\\x20a'\n");
}

#[test]
fn a_plan_warns_of_another_list_and_an_empty_list_resets_nothing() {
    let bench = Bench::new(2);
    bench
        .run("run b --tasks list", "true {task}")
        .must_succeed();
    fs::write(bench.path("more"), "t1\nt2\n").unwrap();
    for _ in 0..2 {
        let plan = bench.run("run b --tasks more --dry-run", "true {task}");
        assert!(
            plan.stderr.contains("more is another list than b"),
            "{plan:?}"
        );
    }
    fs::write(bench.path("none"), "").unwrap();
    for line in ["reset b --tasks none", "reset b --tasks none -0"] {
        let reset = bench.run(line, "");
        reset.must_succeed();
        assert!(reset.stdout.contains("0 tasks now open"), "{reset:?}");
    }
    let run = bench.run("run b --tasks none -0", "true {task}");
    run.must_fail(1, &["none names no task", "NUL byte after each"]);
}
