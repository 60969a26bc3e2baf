//! Shared arrays and locks on the ranks of `mpirun`: the laws of core, and the reference data; with
//! the argument `large` an array beyond 2^31 elements. Run by `ci/mpi`; without `mpirun` a group of
//! one rank.

use jobwise_core::Comm;
use jobwise_core::conformance::Verdict;
use jobwise_mpi::{MpiComm, Watchdog};
use jobwise_shared::conformance::{check_reference, check_shared, counts, together};
use jobwise_shared::{Patch, SharedArray};

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
    let sections = if comm.nodes().count() == 1 {
        1_000_000
    } else {
        20_000
    };
    let counted = counts(&comm, sections / comm.size());
    judged(&format!("{sections} sections of a lock"), &counted);
    let large = !std::env::args().any(|argument| argument == "large") || holds_2_31(&comm, judged);
    assert!(kept && same && counted.is_ok() && large, "a law is broken");
}

/// More than 2^31 elements: every one is counted on every rank.
fn holds_2_31(comm: &MpiComm, judged: impl Fn(&str, &Verdict)) -> bool {
    let len = (1 << 31) + 9;
    let value = |index: usize| (index % 251) as u8;
    let set = || -> jobwise_core::Result<usize> {
        let mut array = SharedArray::<u8>::new(comm, &[len])?;
        let from = comm.size() - 1;
        let data: Vec<u8> = if comm.rank() == from {
            (0..len).map(value).collect()
        } else {
            Vec::new()
        };
        array.set(from, Some(Patch::new(ndarray::ArrayView1::from(&data))))?;
        Ok(array
            .as_slice()
            .iter()
            .enumerate()
            .filter(|(index, v)| **v == value(*index))
            .count())
    };
    let right = match set() {
        Ok(right) if right == len => Ok(()),
        other => Err(format!("{other:?} elements of {len}")),
    };
    let right = together(comm, right);
    judged("2^31 + 9 elements", &right);
    right.is_ok()
}
