//! How this process was started: alone, or as one of several ranks.

use std::env;

/// How many copies of this process a launcher started, if one did.
pub fn started_ranks() -> Option<usize> {
    ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]
        .iter()
        .find_map(|name| env::var(name).ok()?.parse().ok())
}

/// Whether a launcher started this process as one of several ranks, or of one.
pub fn is_launched() -> bool {
    started_ranks().is_some()
}

/// Which of them this is.
pub(crate) fn started_rank() -> usize {
    ["OMPI_COMM_WORLD_RANK", "PMI_RANK"]
        .iter()
        .find_map(|name| env::var(name).ok()?.parse().ok())
        .unwrap_or(0)
}

/// The place of this process among those that were started on its node, and how many these are, as
/// the launcher says; the only one where it does not.
#[cfg(feature = "cuda")]
pub(crate) fn started_place() -> (usize, usize) {
    let number = |names: [&str; 3]| {
        let mut found = names.iter().filter_map(|name| env::var(name).ok());
        found.find_map(|value| value.parse::<usize>().ok())
    };
    let places = [
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "MPI_LOCALRANKID",
        "SLURM_LOCALID",
    ];
    let counts = [
        "OMPI_COMM_WORLD_LOCAL_SIZE",
        "MPI_LOCALNRANKS",
        "SLURM_NTASKS_PER_NODE",
    ];
    match (started_ranks(), number(places), number(counts)) {
        (Some(_), Some(place), Some(ranks)) if place < ranks => (place, ranks),
        _ => (0, 1),
    }
}

/// Whether this is the rank that speaks for all: the only one, or rank 0.
pub fn is_first_rank() -> bool {
    started_rank() == 0
}
