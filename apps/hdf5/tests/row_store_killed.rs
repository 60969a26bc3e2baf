//! A run that writes rows is killed at any moment, again and again, and loses nothing.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jobwise_core::{Cause, CpuKernel, Engine, Signature, Workload};
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::file_access;
use jobwise_hdf5::row_store::{DONE, Partition, Plan, RowDataset, RowStore, Rows, create_marks};
use jobwise_serial::Serial;

/// Where the child writes; set by the parent.
const CHILD: &str = "JOBWISE_TEST_ROWS_CHILD";

/// Of each kind of file.
const KILLS: usize = 40;
/// No kill comes later than this, also where the disk is slow.
const LATEST: Duration = Duration::from_millis(100);

const LEN: usize = 3000;
const WIDTH: usize = 24;

/// Element `column` of a row: never 0.
fn element(index: usize, column: usize) -> f64 {
    (1 + index * WIDTH + column) as f64
}

/// A row of numbers, and the number of the row.
fn plan() -> Plan {
    Plan {
        group: "run".into(),
        datasets: vec![
            RowDataset::of::<f64>("rows", WIDTH),
            RowDataset::of::<u32>("numbers", 1),
        ],
        marks: "marks".into(),
        partition: Partition::single(LEN),
    }
}

/// Makes the file, whole, unless it is there: compressed, if its name says so.
fn create(path: &Path) {
    if path.exists() {
        return;
    }
    let new = AtomicFile::new(path).unwrap();
    let file = new.create_h5().unwrap();
    let group = file.create_group("run").unwrap();
    let early = Some(hdf5::plist::dataset_create::AllocTime::Early);
    let builder = group.new_dataset_builder();
    let builder = if path.ends_with("packed.h5") {
        builder.chunk((64, WIDTH)).deflate(1)
    } else {
        builder.alloc_time(early)
    };
    let rows = builder.empty::<f64>().shape((LEN, WIDTH));
    rows.create("rows").unwrap();
    let numbers = group.new_dataset::<u32>().alloc_time(early).shape(LEN);
    numbers.create("numbers").unwrap();
    create_marks(&group, "marks", LEN).unwrap();
    drop(group);
    new.commit_h5(file).unwrap();
}

struct Slow;

impl Signature for Slow {
    type Item<'t> = ();
    type Output = Rows;
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

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<Rows, Cause> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(15) {}
        let row = (0..WIDTH).map(|column| element(index, column));
        let number = 1 + u32::try_from(index)?;
        let datasets = vec![
            row.flat_map(f64::to_ne_bytes).collect(),
            number.to_ne_bytes().to_vec(),
        ];
        Ok(Rows::done(index..index + 1, datasets))
    }
}

/// What the child does: goes on with the file, committing all the time.
fn work(path: &Path) {
    println!("opening");
    create(path);
    let mut file = Writable::claim(path).unwrap();
    let complete = plan().read_marks(&file.open().unwrap()).unwrap().of(DONE);
    let mut store = RowStore::open(&mut file, plan(), complete).unwrap();
    let engine = Engine::new(&Serial).checkpoint(Duration::from_micros(500));
    let report = engine.write(&Slow, &mut store).unwrap();
    assert_eq!(report.done + report.skipped, Slow.len());
}

/// Starts this test's own program as the child, and waits until it is about to open the file.
fn start(test: &str, path: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.as_mut().unwrap());
    let opening = said.lines().any(|line| line.unwrap().ends_with("opening"));
    assert!(opening, "the child did not start");
    child
}

/// The file opens once it is in order, every marked row is right, every other row is right or
/// untouched element by element; the number marked.
fn check(path: &Path) -> usize {
    drop(Writable::claim(path).unwrap());
    let file = file_access::open(path).unwrap();
    let rows = file.dataset("run/rows").unwrap().read_2d::<f64>().unwrap();
    let marks = file.dataset("run/marks").unwrap();
    let marks = marks.read_raw::<u8>().unwrap();
    let numbers = file.dataset("run/numbers").unwrap();
    let numbers = numbers.read_raw::<u32>().unwrap();
    assert_eq!((rows.dim(), marks.len()), ((LEN, WIDTH), LEN));
    for (index, (row, &mark)) in rows.rows().into_iter().zip(&marks).enumerate() {
        let is_right = numbers[index] as usize == index + 1;
        assert!(is_right || mark == 0 && numbers[index] == 0, "row {index}");
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
fn a_run_in_place_killed_at_any_moment_goes_on_and_ends_with_every_row() {
    kill(
        "a_run_in_place_killed_at_any_moment_goes_on_and_ends_with_every_row",
        "plain.h5",
    );
}

#[test]
fn an_amending_run_killed_at_any_moment_goes_on_and_ends_with_every_row() {
    kill(
        "an_amending_run_killed_at_any_moment_goes_on_and_ends_with_every_row",
        "packed.h5",
    );
}

fn kill(test: &str, name: &str) {
    if let Some(path) = std::env::var_os(CHILD) {
        return work(Path::new(&path));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    let start = |path: &Path| start(test, path);
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
    // What a killed creation left under another name is the business of whoever makes files.
    let left = jobwise_testing::names(directory.path());
    let left = left.iter().filter(|found| !found.contains(".tmp-"));
    assert_eq!(left.collect::<Vec<_>>(), [name]);
}
