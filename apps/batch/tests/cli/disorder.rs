//! Directories that were tampered with: whatever lies where a file belongs, every command says so,
//! costs that part and no more, and waits for nobody.
//!
//! `JOBWISE_DISORDER=all` tries every command on every misfortune, not a few in turns.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use super::bench::{Bench, Running};

/// What may lie in a place.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Misfortune {
    Directory,
    Fifo,
    Socket,
    Dangling,
    Circle,
    /// A link to a device that never ends.
    Device,
    /// A file of a TiB, with nothing in it.
    Huge,
    Empty,
    Cut,
    Garbage,
    /// Of another machine, with a lease that is over soon, and this many years ahead or behind.
    Clock(i64),
    /// The same with a lease of 2^64 ms.
    Endless,
}
use Misfortune::{
    Circle, Clock, Cut, Dangling, Device, Directory, Empty, Endless, Fifo, Garbage, Huge, Socket,
};

const NO_FILE: &[Misfortune] = &[Directory, Fifo, Socket, Dangling, Circle, Device];
const NO_DIRECTORY: &[Misfortune] = &[Empty, Fifo, Socket, Dangling, Circle, Device];
const CLAIMS: &[Misfortune] = &[
    Directory,
    Fifo,
    Socket,
    Dangling,
    Circle,
    Device,
    Huge,
    Empty,
    Cut,
    Garbage,
    Clock(-100),
    Clock(-40),
    Clock(0),
    Clock(1),
    Clock(90),
    Endless,
];

/// A place, what may lie there, which commands have to name it, and whether tasks are concerned
/// that are not there.
struct Place {
    path: &'static str,
    misfortunes: &'static [Misfortune],
    named_by: &'static [&'static str],
    is_shared: bool,
}

const fn place(
    path: &'static str,
    misfortunes: &'static [Misfortune],
    named_by: &'static [&'static str],
) -> Place {
    Place {
        path,
        misfortunes,
        named_by,
        is_shared: false,
    }
}

const fn shared(
    path: &'static str,
    misfortunes: &'static [Misfortune],
    named_by: &'static [&'static str],
) -> Place {
    Place {
        path,
        misfortunes,
        named_by,
        is_shared: true,
    }
}

/// There is no number for a claim after it: its task cannot be had.
const LAST_CLAIM: &str = "b/t2/claim.1000000";

const PLACES: &[Place] = &[
    shared("b", NO_DIRECTORY, &["run", "status", "reset"]),
    shared(
        "list",
        &[Directory, Socket, Dangling, Circle, Empty],
        &["run"],
    ),
    shared("b/.batch", NO_DIRECTORY, &["run", "status", "reset"]),
    shared("b/.batch/tasks", NO_FILE, &["run", "status", "reset"]),
    shared(
        "b/.batch/tasks",
        &[Empty, Cut, Garbage, Huge],
        &["run", "status", "reset"],
    ),
    shared(
        "b/.batch/tasks.lock",
        &[Directory, Fifo, Socket, Circle, Device],
        &["run"],
    ),
    place(
        "b/.batch/owner.far.1.2.3.4",
        &[Directory, Fifo, Socket, Device, Garbage],
        &["run"],
    ),
    place(
        "b/.batch/owner.far.1.2.3.4",
        &[
            Dangling,
            Circle,
            Empty,
            Clock(-40),
            Clock(0),
            Clock(90),
            Endless,
        ],
        &[],
    ),
    place("b/.batch/journal.old@far", NO_FILE, &[]),
    place("b/t2", NO_DIRECTORY, &["run", "status"]),
    place("b/t2/state", NO_FILE, &["run"]),
    place("b/t2/state", &[Empty, Cut, Garbage, Huge], &["run"]),
    place("b/t2/log", NO_FILE, &["run"]),
    place("b/t2/claim.1", CLAIMS, &[]),
    place("b/t2/claim.1", NO_FILE, &["run", "status", "reset"]),
    place(
        "b/t2/claim.4294967295",
        &[Empty, Clock(0)],
        &["run", "status", "reset"],
    ),
    place(
        "b/t2/claim.18446744073709551615",
        &[Empty],
        &["run", "status", "reset"],
    ),
    place(LAST_CLAIM, &[Empty, Clock(0)], &["run"]),
    place("b/t2/claim.01", &[Garbage], &["run", "status", "reset"]),
    place("b/t2/claim.-1", &[Directory], &["run", "status", "reset"]),
    place(
        "b/t1/reason",
        &[
            Directory, Fifo, Socket, Circle, Device, Huge, Empty, Garbage,
        ],
        &[],
    ),
];

/// Lays it in its place, whatever was there.
fn befall(bench: &Bench, path: &Path, misfortune: Misfortune) {
    let before = fs::read(path).unwrap_or_default();
    let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
    let seconds = |years: i64| Duration::from_secs(years.unsigned_abs() * 31_557_600);
    let record = |lease: &str| {
        format!(
            "{{\"id\":\"far.1.2.3.4\",\"job\":\"far\\u001b[31m\",\"worker\":0,\"host\":\"far\",\"place\":\"x\",\"pid\":1,\"start\":1,\"lease_ms\":{lease}}}\n{:020}\n",
            7
        )
    };
    match misfortune {
        Directory => fs::create_dir(path).unwrap(),
        Fifo => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        Socket => {
            // The name of a socket may not be long.
            let short = bench.path("s");
            drop(UnixListener::bind(&short).unwrap());
            fs::rename(short, path).unwrap();
        }
        Dangling => symlink("nowhere/at/all", path).unwrap(),
        Circle => symlink(path.file_name().unwrap(), path).unwrap(),
        Device => symlink("/dev/zero", path).unwrap(),
        Huge => File::create(path).unwrap().set_len(1 << 40).unwrap(),
        Empty => fs::write(path, "").unwrap(),
        Cut => fs::write(path, &before[..before.len() / 2]).unwrap(),
        Garbage => fs::write(path, [0xff, 0, b'\n', 0x1b, b'x']).unwrap(),
        Endless => fs::write(path, record(&u64::MAX.to_string())).unwrap(),
        Clock(years) => {
            fs::write(path, record("1000")).unwrap();
            let now = SystemTime::now();
            let then = if years < 0 {
                now.checked_sub(seconds(years))
            } else {
                now.checked_add(seconds(years))
            };
            let file = File::options().append(true).open(path).unwrap();
            file.set_modified(then.unwrap()).unwrap();
        }
    }
}

/// Where `t0` is done, `t1` has failed, and `t2` (with its claim, if it has one) and `t3` are to be
/// done.
fn bench(is_claimed: bool) -> Bench {
    let bench = Bench::new(4);
    let ended = bench.run("run b --tasks list --workers 1", "[ {task} != t1 ]");
    assert_eq!(ended.status, Some(1));
    bench.run("reset b --task t2 --task t3", "").must_succeed();
    if is_claimed {
        fs::write(bench.path("b/t2/state"), "RUNNING\n").unwrap();
    }
    bench
}

#[test]
fn whatever_lies_where_a_file_belongs_is_told_and_costs_its_part_and_no_more() {
    let all = std::env::var_os("JOBWISE_DISORDER").is_some();
    let cases = PLACES.iter().flat_map(|place| {
        place
            .misfortunes
            .iter()
            .map(move |misfortune| (place, *misfortune))
    });
    let cases: Vec<_> = cases.enumerate().collect();
    for some in cases.chunks(8) {
        std::thread::scope(|scope| {
            for (number, (place, misfortune)) in some {
                let turns = move |command: usize| all || (command + number).is_multiple_of(3);
                scope.spawn(move || suffer(place, *misfortune, turns));
            }
        });
    }
}

fn suffer(place: &Place, misfortune: Misfortune, is_tried: impl Fn(usize) -> bool) {
    let is_no_file = NO_FILE.contains(&misfortune);
    let is_claim = place.path == "b/t2/claim.1" && !is_no_file;
    let commands = [
        (
            "run",
            "run b --tasks list --workers 1 --lease 1",
            "echo {task} >> all",
        ),
        ("run", "run b --workers 1 --lease 1", "echo {task} >> all"),
        ("status", "status b", ""),
        ("status", "status b --list open", ""),
        ("reset", "reset b --failed --invalid", ""),
        ("reset", "reset b --task t2 --task t1", ""),
    ];
    for (_, (name, line, script)) in commands
        .into_iter()
        .enumerate()
        .filter(|(number, _)| is_tried(*number))
    {
        let case = format!("{} {misfortune:?}: {line}", place.path);
        let bench = bench(is_claim);
        befall(&bench, &bench.path(place.path), misfortune);
        let since = Instant::now();
        let ended = Running::start(&mut bench.command(line, script)).end();
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "{case}: {ended:?}"
        );
        assert!(matches!(ended.status, Some(0..=2)), "{case}: {ended:?}");
        let fine = |line: &str| line.starts_with("warning: ") || line.starts_with("batch: ");
        assert!(ended.stderr.lines().all(fine), "{case}: {ended:?}");
        assert!(
            !ended.stderr.contains('\x1b') && !ended.stdout.contains('\x1b'),
            "{case}: {ended:?}"
        );
        let uses_it = place.path != "list" || line.contains("--tasks list");
        let said = ended.stderr.clone() + &ended.stdout;
        if place.named_by.contains(&name) && uses_it {
            assert!(said.contains(place.path), "{case}: {ended:?}");
        }
        if name == "run" && !place.is_shared {
            assert_eq!(bench.state("b", "t3"), "DONE", "{case}: {ended:?}");
            assert_eq!(
                bench
                    .lines("all")
                    .iter()
                    .filter(|task| *task == "t3")
                    .count(),
                1,
                "{case}"
            );
            assert!(
                bench
                    .lines("all")
                    .iter()
                    .filter(|task| *task == "t2")
                    .count()
                    < 2,
                "{case}"
            );
            // What may be a claim delays a task, and what is none does not even that.
            if place.path == LAST_CLAIM {
                assert_eq!(bench.state("b", "t2"), "OPEN", "{case}: {ended:?}");
                assert!(said.contains("remove it"), "{case}: {ended:?}");
            } else if place.path.contains("claim") {
                assert_eq!(bench.state("b", "t2"), "DONE", "{case}: {ended:?}");
            }
        }
        // Who only looks changes nothing, and who refuses puts nothing right.
        let may_be_gone = name == "run" || name == "reset" && ended.status == Some(0);
        assert!(
            may_be_gone || bench.path(place.path).symlink_metadata().is_ok(),
            "{case}: {ended:?}"
        );
    }
}

#[test]
fn what_cannot_be_used_is_told_with_what_to_do() {
    for (path, misfortune, told) in [
        ("b/.batch/tasks", Device, "it is a device"),
        ("b/.batch/tasks", Huge, "it has 1099511627776 bytes"),
        ("b/.batch/tasks", Dangling, "a link that leads nowhere"),
        (
            "b/.batch/tasks.lock",
            Circle,
            "a link that leads in circles",
        ),
        ("b/.batch", Dangling, "a link that leads nowhere"),
        ("b/.batch", Fifo, "it is a FIFO, and a directory belongs"),
        ("b/t2/log", Device, "it is a device"),
    ] {
        let bench = bench(false);
        befall(&bench, &bench.path(path), misfortune);
        let ended = bench.run("run b --tasks list", "true {task}");
        assert_eq!(ended.status, Some(1), "{path} {misfortune:?}: {ended:?}");
        let said = ended.stderr.clone() + &ended.stdout;
        assert!(said.contains(told), "{path} {misfortune:?}: {ended:?}");
        assert!(said.contains("move it away"), "{path}: {ended:?}");
    }
}

#[test]
fn a_claim_for_which_a_run_waits_long_is_named_with_its_lease() {
    let bench = bench(true);
    let path = bench.path("b/t2/claim.1");
    befall(&bench, &path, Clock(0));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"lease_ms\":1000", "\"lease_ms\":1000000000000"),
    )
    .unwrap();
    let run = bench.start("run b", "true {task}");
    std::thread::sleep(Duration::from_secs(7));
    run.signal("TERM");
    for said in [run.end().stderr, bench.run("status b", "").stdout] {
        assert!(said.contains("process 1 on far"), "{said}");
        assert!(said.contains("its lease of 1000000000 s"), "{said}");
    }
    // One that says nothing at all.
    fs::write(&path, "").unwrap();
    let run = bench.start("run b", "true {task}");
    std::thread::sleep(Duration::from_secs(3));
    run.signal("TERM");
    let said = run.end().stderr;
    assert!(said.contains("b/t2/claim.1 is empty"), "{said}");
}

#[test]
fn a_task_whose_directory_goes_while_it_is_at_work_is_not_told_to_be_another_runs() {
    let bench = bench(false);
    let script = "[ {task} != t2 ] || { rm -r $BATCH_DIR && echo > $BATCH_DIR; }";
    let ended = bench.run("run b --workers 1", script);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(
        ended.stderr.contains("t2: its directory has changed"),
        "{ended:?}"
    );
    assert!(!ended.stdout.contains("taken over"), "{ended:?}");
    assert_eq!(bench.state("b", "t3"), "DONE", "{ended:?}");
}

#[test]
fn what_is_dated_in_the_future_is_watched_and_then_opened_again() {
    let bench = bench(true);
    befall(&bench, &bench.path("b/t2/claim.1"), Clock(90));
    let ended = bench.run("reset b --task t2", "");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("watching for 1 s"), "{ended:?}");
    assert_eq!(bench.state("b", "t2"), "OPEN");
}

#[test]
fn tasks_that_share_a_directory_are_refused_before_a_command_is_run() {
    // As on a file system that takes the names for the same.
    let bench = Bench::new(3);
    bench
        .run("run b --tasks list", "true {task}")
        .must_succeed();
    bench.run("reset b --done", "").must_succeed();
    fs::remove_dir_all(bench.path("b/t2")).unwrap();
    symlink("t0", bench.path("b/t2")).unwrap();
    let ended = bench.run("run b", "echo {task} >> all");
    ended.must_fail(1, &["the tasks t0 and t2 have one directory"]);
    assert!(!bench.path("all").exists());
}

#[test]
fn a_claim_that_still_beats_is_not_taken_over_whatever_its_clock_says() {
    for years in [-40, 0, 90] {
        let bench = bench(true);
        let path = bench.path("b/t2/claim.1");
        befall(&bench, &path, Clock(years));
        let mut run = bench.start("run b --workers 1 --lease 1", "echo {task} >> all");
        let file = File::options().append(true).open(&path).unwrap();
        let first = file.metadata().unwrap().modified().unwrap();
        for beat in 1..12 {
            file.set_modified(first + Duration::from_millis(250 * beat))
                .unwrap();
            std::thread::sleep(Duration::from_millis(250));
        }
        assert_eq!(bench.lines("all"), ["t3"], "{years}");
        assert!(!run.is_over());
        let since = Instant::now();
        let ended = run.end();
        assert!(
            since.elapsed() < Duration::from_secs(10),
            "{years}: {ended:?}"
        );
        assert_eq!(bench.lines("all"), ["t3", "t2"], "{years}");
    }
}
