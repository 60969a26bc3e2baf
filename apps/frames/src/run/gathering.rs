use jobwise_core::{Channel, Comm, Error, Result, Wire};

use crate::map::Sum;

/// Sums of maps go to other ranks on this channel.
const SUM: Channel = Channel::application(1);

/// The sum of the sums of all ranks, on rank 0; they are added in pairs, in an order that the
/// number of ranks says. A rank holds two sums at most. Collective.
pub(super) fn add_up(comm: &dyn Comm, mut sum: Option<Sum>) -> Result<Option<Sum>> {
    let (rank, size) = (comm.rank(), comm.size());
    let mut outcome = Ok(());
    let mut reach = 1;
    while reach < size {
        if rank % (2 * reach) == reach {
            // What failed here is told below, and the others do not wait for it.
            comm.send(rank - reach, SUM, &sum.take().to_bytes())?;
        } else if rank % (2 * reach) == 0 && rank + reach < size {
            let (_, bytes) = comm.receive(Some(rank + reach), SUM)?;
            let other = Option::from_bytes(&bytes)?;
            let merged = merge(sum.take(), other);
            match merged {
                Ok(merged) => sum = merged,
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        reach *= 2;
    }
    comm.agree(outcome)?;
    Ok(sum)
}

/// One sum behind the other.
pub(super) fn merge(sum: Option<Sum>, other: Option<Sum>) -> Result<Option<Sum>> {
    match (sum, other) {
        (Some(mut sum), Some(other)) => {
            sum.merge(other)
                .map_err(|error| Error::Program(error.into()))?;
            Ok(Some(sum))
        }
        (sum, other) => Ok(sum.or(other)),
    }
}
