//! Rows that all ranks write into one file, run by `ci/mpi` as `together FILE`: what a reader finds
//! is what one rank alone would have written.

use std::ops::Range;
use std::path::Path;

use hdf5::H5Type;
use jobwise_core::Comm;
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_hdf5::{collective, file_access};
use jobwise_mpi::{MpiComm, Watchdog};

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
    let comm: &dyn Comm = &comm;
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
