//! The laws of core on the ranks of `mpirun`, inside a serial and a threads backend: run by
//! `ci/mpi`; without `mpirun` a group of one rank.

use jobwise_core::conformance::{Subject, check_all};
use jobwise_core::{Backend, Cpu};
use jobwise_mpi::{MpiBackend, MpiComm, Watchdog};
use jobwise_serial::{Serial, Threads};

fn main() {
    let comm = MpiComm::world(Watchdog::default()).expect("MPI starts");
    let backend = MpiBackend::new(comm, Serial::new());
    let mut kept = keeps_the_laws("serial", &backend);
    let backend = backend.with_inner(Threads::new(Some(2)));
    kept &= keeps_the_laws("two threads", &backend);
    drop(backend);
    assert!(kept, "a law is broken");
}

fn keeps_the_laws<B: Backend<Device = Cpu>>(name: &str, backend: &B) -> bool {
    let (rank, size) = (backend.comm().rank(), backend.comm().size());
    check_all(&Subject::new(backend), |law, verdict| {
        if rank == 0 {
            match verdict {
                Ok(()) => println!("{size} ranks, {name}: {law} ... ok"),
                Err(how) => println!("{size} ranks, {name}: {law} ... BROKEN: {how}"),
            }
        }
    })
}
