//! How this process was started: alone, or as one of several ranks.

use std::env;

/// How many copies of this process a launcher started, if one did.
pub(crate) fn started_ranks() -> Option<usize> {
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

/// Whether this is the rank that speaks for all: the only one, or rank 0.
pub fn is_first_rank() -> bool {
    started_rank() == 0
}
