//! What shared arrays and locks promise, on any layout of nodes.
//!
//! Each law is a program of one rank, as those of backends: all ranks run it with the same
//! [`Cluster`], and it comes to the same verdict on each.

/// Slices as `ndarray::s!` has them, without its `unsafe`.
macro_rules! slices {
    ($($slice:expr),*) => { &[$(ndarray::SliceInfoElem::from($slice)),*][..] };
}

mod array;
mod boxes;
mod lock;
mod reference;
mod refusals;

use std::fmt::Display;

use jobwise_core::conformance::Verdict;
use jobwise_core::{Cluster, Comm};
pub use lock::{counts, locks};
pub use reference::{arrays, check_reference, reference};

/// A law of what is shared: its name and its test. Collective.
pub type SharedLaw = (&'static str, fn(&dyn Cluster) -> Verdict);

/// Every law.
pub fn shared_laws() -> Vec<SharedLaw> {
    vec![
        ("array: slabs", array::slabs),
        ("array: sources", array::sources),
        ("array: views", array::views),
        ("array: groups", array::groups),
        ("array: many", array::many),
        ("array: parts", array::parts),
        ("array: boxes", boxes::law),
        ("array: strides", boxes::strides),
        ("array: refusals", refusals::law),
        ("array: creation", refusals::creation),
        ("array: empty", refusals::empty),
        ("lock: five times", lock::five_times),
        ("lock: exclusion", lock::exclusion),
        ("lock: traffic", lock::traffic),
        ("lock: fifo", lock::fifo),
        ("lock: giving up", lock::giving_up),
        ("lock: at random", lock::at_random),
        ("lock: never released", lock::never_released),
    ]
}

/// Judges a cluster by every law, as [`check_all`](jobwise_core::conformance::check_all) does a
/// backend. Collective.
pub fn check_shared(cluster: &dyn Cluster, mut judged: impl FnMut(&str, &Verdict)) -> bool {
    let mut kept = true;
    for (name, law) in shared_laws() {
        let mine = law(cluster);
        if let Err(how) = &mine {
            // Where the ranks part here they may never meet again.
            eprintln!("{name}, rank {}: {how}", cluster.rank());
        }
        let verdict = together(cluster, mine);
        judged(name, &verdict);
        kept &= verdict.is_ok();
    }
    kept
}

/// The verdict of the lowest rank that complains, on every rank. Collective.
///
/// # Errors
/// When a rank complains.
pub fn together(cluster: &dyn Cluster, mine: Verdict) -> Verdict {
    let comm: &dyn Comm = cluster;
    let complaint = mine.map_err(|why| format!("rank {}: {why}", comm.rank()));
    let first = comm
        .all_reduce(&complaint.err(), |all| all.into_iter().flatten().next())
        .map_err(text)?;
    first.map_or(Ok(()), Err)
}

fn text(error: impl Display) -> String {
    error.to_string()
}
