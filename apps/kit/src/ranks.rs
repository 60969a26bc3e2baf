use jobwise_core::{Backend, Error, Result};

use crate::exit::say;
use crate::failure::Failure;

/// The end of a program on several ranks: the one rank that holds the error says it before any rank
/// ends, and ranks that could not agree on the end are aborted.
pub(crate) fn end<B: Backend, T>(backend: &B, outcome: Result<T>) -> Result<T> {
    let comm = backend.comm();
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return outcome;
    }
    match outcome {
        Err(Error::Peer { .. } | Error::Cancelled) | Ok(_) => outcome,
        Err(error) => {
            let alone = matches!(
                error,
                Error::Stranded(_) | Error::PeerLost { .. } | Error::Malformed(_)
            );
            say(&Failure::failed(format!("rank {rank}: {error}")));
            if alone {
                jobwise_mpi::abort(1);
            }
            // Said already: from here on this rank is as silent as the others.
            Err(Error::Peer {
                rank,
                cause: String::new(),
            })
        }
    }
}
