//! Rows that all ranks write into one file, run by `ci/mpi` as `together FILE`: what a reader finds
//! is what one rank alone would have written.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hdf5::H5Type;
use jobwise_core::{
    Across, Backend, Cancel, Cause, Comm, CpuKernel, Job, Layout, Signature, Span, Unobserved,
    Workload,
};
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_hdf5::row_store::{
    DONE, Partition, Per, Plan, Rounds, RowDataset, Rows, Writers, create_marks,
};
use jobwise_hdf5::{collective, file_access};
use jobwise_mpi::{MpiComm, Watchdog};
use jobwise_serial::Serial;

#[derive(H5Type, Clone, Copy, PartialEq, Debug, Default)]
#[repr(C)]
struct Fit {
    amplitude: f32,
    phase: f64,
}

const ROWS: usize = 101;
const WIDTH: usize = 5;

fn main() {
    let path = std::env::args_os().nth(1).expect("a path to write to");
    let path = Path::new(&path);
    let comm = MpiComm::world(Watchdog::default()).expect("MPI starts");
    let backend = Across::new(comm, Serial);
    let comm: &dyn Comm = backend.comm();
    for (turn, divide) in [even, uneven, last_has_none].into_iter().enumerate() {
        let all = fits(turn);
        if comm.rank() == 0 {
            create(path);
        }
        comm.barrier().expect("all come");
        write(path, &all, divide(comm.rank(), comm.size()), comm);
        comm.barrier().expect("all come");
        if comm.rank() == 0 {
            check(path, &all);
        }
        comm.barrier().expect("all come");
    }
    for writers in [Writers::Ranks, Writers::Nodes] {
        in_rounds(path, &backend, writers);
    }
    println!("rank {} of {}: together", comm.rank(), comm.size());
}

fn fits(turn: usize) -> Vec<Fit> {
    let fit = |i: usize| Fit {
        amplitude: (turn * 1000 + i) as f32 / 7.0,
        phase: -(i as f64),
    };
    (0..ROWS * WIDTH).map(fit).collect()
}

fn even(rank: usize, size: usize) -> Range<usize> {
    rank * ROWS / size..(rank + 1) * ROWS / size
}

/// Each rank has about three times as many rows as the one before.
fn uneven(rank: usize, size: usize) -> Range<usize> {
    let before =
        |rank: usize| ROWS * (3_usize.pow(rank as u32) - 1) / (3_usize.pow(size as u32) - 1);
    before(rank)..before(rank + 1)
}

fn last_has_none(rank: usize, size: usize) -> Range<usize> {
    match size {
        1 => 0..ROWS,
        _ if rank + 1 == size => 7..7,
        _ => even(rank, size - 1),
    }
}

/// Room for the rows: contiguous, compressed, and the marks of one dimension.
fn create(path: &Path) {
    let file = file_access::create(path).expect("a file");
    let early = Some(hdf5::plist::dataset_create::AllocTime::Early);
    let plain = file.new_dataset::<Fit>().alloc_time(early);
    plain
        .shape((ROWS, WIDTH))
        .create("plain")
        .expect("a dataset");
    let packed = file.new_dataset::<Fit>().chunk((8, WIDTH)).deflate(5);
    packed
        .shape((ROWS, WIDTH))
        .create("packed")
        .expect("a dataset");
    let marks = file.new_dataset::<u8>().alloc_time(early);
    marks.shape(ROWS).create("marks").expect("a dataset");
}

fn write(path: &Path, all: &[Fit], rows: Range<usize>, comm: &dyn Comm) {
    let file = collective::open_rw(path).expect("opened by all");
    let dataset = |name: &str| file.dataset(name).expect("a dataset");
    let (plain, packed, marks) = (dataset("plain"), dataset("packed"), dataset("marks"));
    let mine: Vec<u8> = all[rows.start * WIDTH..rows.end * WIDTH]
        .iter()
        .flat_map(bytes_of)
        .collect();
    for dataset in [&plain, &packed] {
        raw_rows::write(dataset, rows.clone(), &mine, Transfer::Collective).expect("written");
    }
    let ones = vec![1; rows.len()];
    raw_rows::write(&marks, rows.clone(), &ones, Transfer::Independent).expect("marked");
    // One rank asks for what is not there: it is told, and the others do not wait for it.
    let wrong = comm.rank() == 0;
    let beyond = if wrong { ROWS..ROWS + 1 } else { rows.clone() };
    let outcome = raw_rows::write(&plain, beyond, &mine, Transfer::Collective);
    assert_eq!(outcome.is_err(), wrong);
    file.flush().expect("flushed");
    drop((plain, packed, marks));
    file.close().expect("closed by all");
    collective::force(path).expect("forced");
}

/// A fit as it lies in the file: the library packs as memory does, holes and all.
fn bytes_of(fit: &Fit) -> [u8; size_of::<Fit>()] {
    let mut bytes = [0; size_of::<Fit>()];
    bytes[std::mem::offset_of!(Fit, amplitude)..][..4]
        .copy_from_slice(&fit.amplitude.to_ne_bytes());
    bytes[std::mem::offset_of!(Fit, phase)..][..8].copy_from_slice(&fit.phase.to_ne_bytes());
    bytes
}

fn check(path: &Path, all: &[Fit]) {
    let file = file_access::open(path).expect("a whole file");
    for name in ["plain", "packed"] {
        let found = file.dataset(name).and_then(|it| it.read_raw::<Fit>());
        assert_eq!(found.expect("rows"), all, "{name}");
    }
    let marks = file.dataset("marks").and_then(|it| it.read_raw::<u8>());
    assert_eq!(marks.expect("marks"), [1; ROWS]);
}

/// Units of four rows, of which the last has one; some are given up.
const PARTITION: Partition = Partition {
    positions: ROWS,
    unit: 4,
    batch: 2,
};
const GIVEN_UP: u8 = 2;

/// Numbers of rows, and how many items were computed.
#[derive(Default)]
struct Numbers {
    computed: AtomicUsize,
}

impl Numbers {
    fn is_given_up(unit: usize) -> bool {
        unit % 7 == 3
    }

    /// The numbers of some rows, in all datasets.
    fn of(rows: Range<usize>) -> Vec<u8> {
        let numbers = rows.start * WIDTH..rows.end * WIDTH;
        numbers
            .flat_map(|n| (n as f64 + 1.0).to_ne_bytes())
            .collect()
    }
}

impl Signature for Numbers {
    type Item<'t> = ();
    type Output = Rows;
}

impl Workload for Numbers {
    fn len(&self) -> usize {
        PARTITION.items()
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Numbers {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<Rows, Cause> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let mut rows = Rows::new();
        for unit in PARTITION.units_of(index) {
            let units = unit..unit + 1;
            if Numbers::is_given_up(unit) {
                let number = (unit as u64).to_ne_bytes().to_vec();
                rows.push(units, GIVEN_UP, vec![vec![], vec![], number]);
            } else {
                let numbers = Numbers::of(PARTITION.positions_of(&units));
                rows.push(units, DONE, vec![numbers.clone(), numbers, vec![0; 8]]);
            }
        }
        Ok(rows)
    }
}

/// Half of the items in rounds of all ranks, then what is left.
fn in_rounds<B: Backend<Device = jobwise_core::Cpu>>(path: &Path, backend: &B, writers: Writers) {
    let comm = backend.comm();
    if comm.rank() == 0 {
        create_numbers(path);
    }
    comm.barrier().expect("all come");
    let units = RowDataset {
        rows: Per::Unit,
        ..RowDataset::of::<u64>("units", 1)
    };
    let plan = Plan {
        group: "/".into(),
        datasets: vec![
            RowDataset::of::<f64>("plain", WIDTH),
            RowDataset::of::<f64>("packed", WIDTH),
            units,
        ],
        marks: "marks".into(),
        partition: PARTITION,
    };
    let done = || {
        let file = file_access::open(path).expect("a whole file");
        plan.read_marks(&file).expect("marks").of(DONE)
    };
    let part = |job: Job| -> Vec<usize> {
        let all = Span::whole(PARTITION.items());
        all.part(job, Layout::default()).iter().collect()
    };
    let half = Job::new(0, 2).expect("a job");
    for job in [half, Job::WHOLE] {
        let complete = done();
        comm.barrier().expect("all come");
        let before = complete.len();
        let (numbers, cancel) = (Numbers::default(), Cancel::default());
        let rounds = Rounds {
            backend,
            job,
            writers,
            cancel: &cancel,
            checkpoint: Duration::from_millis(1),
            memory: 1 << 20,
            observer: &Unobserved,
        };
        let now = rounds.run(path, &plan, complete, &numbers).expect("done");
        let counts = comm.all_gather(&numbers.computed.into_inner());
        let computed: usize = counts.expect("all come").iter().sum();
        // Items of which every unit is done are not computed again.
        let is_left = |item: &usize| {
            let is_done = before > 0 && part(half).contains(item);
            !is_done || PARTITION.units_of(*item).any(Numbers::is_given_up)
        };
        assert_eq!(computed, part(job).into_iter().filter(is_left).count());
        assert_eq!(done().len(), now);
    }
    if comm.rank() == 0 {
        check_numbers(path);
    }
    comm.barrier().expect("all come");
}

fn create_numbers(path: &Path) {
    let file = file_access::create(path).expect("a file");
    let early = Some(hdf5::plist::dataset_create::AllocTime::Early);
    let packed = file.new_dataset::<f64>().chunk((8, WIDTH)).deflate(5);
    let packed = packed.shape((ROWS, WIDTH)).create("packed");
    let plain = file.new_dataset::<f64>().alloc_time(early);
    let plain = plain.shape((ROWS, WIDTH)).create("plain");
    let units = file.new_dataset::<u64>().alloc_time(early);
    let units = units.shape(PARTITION.units()).create("units");
    let marks = create_marks(&file, "marks", ROWS);
    let all = (packed, plain, units, marks);
    assert!(matches!(all, (Ok(_), Ok(_), Ok(_), Ok(_))));
}

fn check_numbers(path: &Path) {
    let file = file_access::open(path).expect("a whole file");
    let dataset = |name: &str| file.dataset(name).expect("a dataset");
    let marks = dataset("marks").read_raw::<u8>().expect("marks");
    let units = dataset("units").read_raw::<u64>().expect("units");
    assert_eq!(units.len(), PARTITION.units());
    for (unit, number) in units.into_iter().enumerate() {
        let rows = PARTITION.positions_of(&(unit..unit + 1));
        let is_given_up = Numbers::is_given_up(unit);
        let mark = if is_given_up { GIVEN_UP } else { DONE };
        assert!(marks[rows.clone()].iter().all(|&found| found == mark));
        assert_eq!(number, if is_given_up { unit as u64 } else { 0 });
        let mut wanted = Numbers::of(rows.clone());
        if is_given_up {
            wanted.fill(0);
        }
        for name in ["plain", "packed"] {
            let mut found = Vec::new();
            raw_rows::read(&dataset(name), rows.clone(), &mut found).expect("rows");
            assert!(found == wanted, "{name}: unit {unit}");
        }
    }
}
