//! The laws on the ranks of `mpirun`, with CUDA devices that a driver for tests makes up: two lanes
//! for each rank, on one device that all ranks of the node share, or on one of its own.

use jobwise_core::conformance::{Subject, check_all};
use jobwise_core::{Comm, Result};
use jobwise_cuda::{Cuda, CudaBackend};
use jobwise_mpi::{MpiBackend, MpiComm, Watchdog};

fn main() {
    // Under a number of their own, so that each rank sees as many as there are ranks.
    jobwise_cuda_fake::install("devices=4,memory=64");
    let comm = MpiComm::world(Watchdog::default()).expect("MPI starts");
    let (rank, size) = (comm.rank(), comm.size());
    let shared = devices(0, size).expect("a fake device");
    let mut backend = MpiBackend::new(comm, shared);
    let mut kept = keeps_the_laws("a shared device", &backend);
    if size > 1 {
        backend = backend.with_inner(devices(rank, 1).expect("a fake device"));
        kept &= keeps_the_laws("a device each", &backend);
    }
    drop(backend);
    assert!(kept, "a law is broken");
}

fn devices(index: usize, sharing: usize) -> Result<CudaBackend> {
    let device = Cuda::open(index).expect("a fake device");
    Ok(CudaBackend::new(vec![device])?
        .shared_by(sharing)
        .at_most(8))
}

fn keeps_the_laws(name: &str, backend: &MpiBackend<CudaBackend>) -> bool {
    use jobwise_core::Backend;
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
