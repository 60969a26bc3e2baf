//! Shared arrays and locks on the ranks of `mpirun`: the laws of core, and the reference data. Run by `ci/mpi`; without `mpirun` a group of one rank.

use jobwise_core::conformance::Verdict;
use jobwise_core::conformance::shared::{check_reference, check_shared};
use jobwise_core::{Cluster, Comm};
use jobwise_mpi::{MpiComm, Watchdog};

fn main() {
    let comm = MpiComm::world(Watchdog::default()).expect("MPI starts");
    let judged = |name: &str, verdict: &Verdict| {
        if comm.rank() == 0 {
            let (size, nodes) = (comm.size(), comm.nodes().count());
            match verdict {
                Ok(()) => println!("{size} ranks on {nodes} nodes: {name} ... ok"),
                Err(how) => println!("{size} ranks on {nodes} nodes: {name} ... BROKEN: {how}"),
            }
        }
    };
    let kept = check_shared(&comm, judged);
    let same = check_reference(&comm, judged);
    assert!(kept && same, "a law is broken");
}
