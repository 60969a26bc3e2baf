//! What the engine costs per item across the ranks of `mpirun`: the kernel does nothing.
//!
//! `mpirun -n 2 mpi_engine [serial|threads]`: each rank computes on its calling thread, or on one
//! thread beside it. Prints, on the first rank, microseconds per item (wall time over the items of
//! all ranks): the median of several runs, the least and the greatest.

use std::process::ExitCode;
use std::time::Instant;

use jobwise_benches::{Discard, Empty, Sum};
use jobwise_core::{Backend, Comm, Cpu, Division, Engine, Error, Result};
use jobwise_mpi::{MpiBackend, MpiComm, Watchdog};
use jobwise_serial::{Serial, Threads};

const ITEMS: usize = 100_000;
const TASK: Empty = Empty { len: ITEMS };
const TOTAL: u64 = (ITEMS as u64) * (ITEMS as u64 - 1) / 2;
const RUNS: usize = 9;

/// The blocks of a reduction: its leaves.
const LEAF: usize = 64;

const DIVISIONS: [(&str, Division); 3] = [
    ("static", Division::Static),
    ("claimed one by one", Division::Dynamic { chunk: 1 }),
    ("claimed by 64", Division::Dynamic { chunk: 64 }),
];

fn main() -> ExitCode {
    let measured = match std::env::args().nth(1).as_deref() {
        None | Some("serial") => on_calling_thread(),
        Some("threads") => on_one_thread(),
        Some(other) => Err(Error::Program(
            format!("'{other}' is not one of serial, threads").into(),
        )),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpi_engine: {error}");
            jobwise_mpi::abort(1)
        }
    }
}

fn on_calling_thread() -> Result<()> {
    let comm = MpiComm::world(Watchdog::default())?;
    measure("serial", &MpiBackend::new(comm, Serial::new()))
}

fn on_one_thread() -> Result<()> {
    let comm = MpiComm::world(Watchdog::default())?;
    measure("threads", &MpiBackend::new(comm, Threads::new(Some(1))))
}

fn measure<B: Backend<Device = Cpu>>(lanes: &str, backend: &B) -> Result<()> {
    let comm = backend.comm();
    for (name, division) in DIVISIONS {
        let engine = Engine::new(backend).division(division);
        let write = timed(comm, || {
            let report = engine.write(&TASK, &mut Discard::default())?;
            expect(report.done, ITEMS)
        })?;
        let engine = engine.block(LEAF);
        let reduce = timed(comm, || expect(engine.reduce(&TASK, &Sum)?, TOTAL))?;
        if comm.rank() == 0 {
            let ranks = comm.size();
            println!("{ranks} ranks, {lanes}, {name}: write {write}, reduce {reduce}");
        }
    }
    Ok(())
}

fn expect<T: Copy + PartialEq + std::fmt::Debug>(got: T, wanted: T) -> Result<()> {
    if got == wanted {
        Ok(())
    } else {
        let problem = format!("got {got:?} instead of {wanted:?}");
        Err(Error::Program(problem.into()))
    }
}

/// Runs `body` on all ranks, several times. Collective.
fn timed(comm: &dyn Comm, body: impl Fn() -> Result<()>) -> Result<String> {
    body()?;
    let mut micros = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        comm.barrier()?;
        let start = Instant::now();
        body()?;
        micros.push(start.elapsed().as_secs_f64() * 1e6 / ITEMS as f64);
    }
    micros.sort_by(f64::total_cmp);
    let (least, median, greatest) = (micros[0], micros[RUNS / 2], micros[RUNS - 1]);
    Ok(format!("{median:.3} ({least:.3} to {greatest:.3}) us/item"))
}
