//! Values that ranks tell each other. Every rank must make each call.

use jobwise_core::{Comm, Result, Wire};

/// What rank 0 has, on every rank; the others have nothing.
///
/// # Errors
/// A rank is gone.
pub(crate) fn of_root<T: Wire>(comm: &dyn Comm, mine: Option<T>) -> Result<T> {
    let mut bytes = mine.map_or_else(Vec::new, |mine| mine.to_bytes());
    comm.broadcast(0, &mut bytes)?;
    T::from_bytes(&bytes)
}

/// What every rank has, by rank, at rank 0; `None` elsewhere.
///
/// # Errors
/// A rank is gone.
pub(crate) fn at_root<T: Wire>(comm: &dyn Comm, mine: &T) -> Result<Option<Vec<T>>> {
    let all = comm.gather(0, &mine.to_bytes())?;
    let decoded = all.map(|all| all.iter().map(|bytes| T::from_bytes(bytes)).collect());
    decoded.transpose()
}

/// What every rank has, by rank, on every rank.
///
/// # Errors
/// A rank is gone.
pub(crate) fn everywhere<T: Wire>(comm: &dyn Comm, mine: &T) -> Result<Vec<T>> {
    let all = at_root(comm, mine)?;
    of_root(comm, all)
}
