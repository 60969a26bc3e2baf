//! A run that writes rows is killed at any moment, again and again, and loses nothing.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jobwise_core::{Cause, CpuKernel, Engine, Signature, Workload};
use jobwise_hdf5::file_access;
use jobwise_hdf5::rows::{RowSink, Table};
use jobwise_serial::Serial;

/// Where the child writes; set by the parent.
const CHILD: &str = "JOBWISE_TEST_ROWS_CHILD";
const TEST: &str = "a_run_killed_at_any_moment_goes_on_and_ends_with_every_row";

const KILLS: usize = 80;
/// No kill comes later than this, also where the disk is slow.
const LATEST: Duration = Duration::from_millis(100);

const LEN: usize = 3000;
const WIDTH: usize = 24;
const TABLE: Table<'static> = Table {
    group: "run",
    dataset: "rows",
    len: LEN,
    width: WIDTH,
    digest: "kill",
};

/// Element `column` of a row: never 0.
fn element(index: usize, column: usize) -> f64 {
    (1 + index * WIDTH + column) as f64
}

struct Slow;

impl Signature for Slow {
    type Item<'t> = ();
    type Output = Vec<f64>;
}

impl Workload for Slow {
    fn len(&self) -> usize {
        LEN
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Slow {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<Vec<f64>, Cause> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(15) {}
        Ok((0..WIDTH).map(|column| element(index, column)).collect())
    }
}

/// What the child does: goes on with the file, committing all the time.
fn work(path: OsString) {
    println!("opening");
    let mut sink = RowSink::open(path, &TABLE).unwrap();
    let engine = Engine::new(&Serial).checkpoint(Duration::from_micros(500));
    let report = engine.write(&Slow, &mut sink).unwrap();
    assert_eq!(report.done + report.skipped, Slow.len());
}

/// Starts this test's own program as the child, and waits until it is about to open the file.
fn start(path: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.as_mut().unwrap());
    let opening = said.lines().any(|line| line.unwrap().ends_with("opening"));
    assert!(opening, "the child did not start");
    child
}

/// The file opens, every marked row is right, every other row is right or untouched element by
/// element; the number marked.
fn check(path: &Path) -> usize {
    let file = file_access::open(path).unwrap();
    let rows = file.dataset("run/rows").unwrap().read_2d::<f64>().unwrap();
    let marks = file.dataset("run/completed").unwrap();
    let marks = marks.read_raw::<u8>().unwrap();
    assert_eq!((rows.dim(), marks.len()), ((LEN, WIDTH), LEN));
    for (index, (row, &mark)) in rows.rows().into_iter().zip(&marks).enumerate() {
        assert!(mark <= 1, "row {index} is marked {mark}");
        for (column, &value) in row.iter().enumerate() {
            let untouched = mark == 0 && value.to_bits() == 0;
            let right = value.to_bits() == element(index, column).to_bits();
            assert!(
                untouched || right,
                "row {index}, marked {mark}, holds {value} in column {column}"
            );
        }
    }
    marks.iter().map(|&mark| usize::from(mark)).sum()
}

#[test]
fn a_run_killed_at_any_moment_goes_on_and_ends_with_every_row() {
    if let Some(path) = std::env::var_os(CHILD) {
        return work(path);
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.h5");
    let started = Instant::now();
    assert!(start(&path).wait().unwrap().success());
    let latest = started.elapsed().mul_f64(0.7).min(LATEST);
    assert_eq!(check(&path), LEN);
    std::fs::remove_file(&path).unwrap();

    let (mut attempts, mut kills, mut in_the_middle, mut marked) = (0, 0, 0, 0);
    while kills < KILLS {
        attempts += 1;
        let mut child = start(&path);
        // Instants spread evenly: multiples of the golden ratio modulo 1. Every other one early,
        // where the file is made.
        let fraction = (f64::from(attempts) * 0.618_034).fract();
        let instant = if attempts % 2 == 0 {
            0.1 * fraction
        } else {
            fraction
        };
        thread::sleep(latest.mul_f64(instant));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(status.success() || status.code().is_none(), "{status}");
        kills += usize::from(status.code().is_none());
        if path.exists() {
            let now = check(&path);
            assert!(now >= marked, "{marked} rows were marked, now {now}");
            in_the_middle += usize::from(0 < now && now < LEN);
            marked = now;
        }
        if marked == LEN {
            std::fs::remove_file(&path).unwrap();
            marked = 0;
        }
    }
    assert!(
        in_the_middle >= KILLS / 4,
        "{in_the_middle} kills of {KILLS} met a run in the middle"
    );

    let mut child = start(&path);
    assert!(child.wait().unwrap().success());
    assert_eq!(check(&path), LEN);
    let names: Vec<_> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["rows.h5"]);
}
