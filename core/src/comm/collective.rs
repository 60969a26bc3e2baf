use super::{Channel, Comm, Tree, Wire};
use crate::Result;

/// Values instead of bytes, rank 0 being the root. All are collective; each has the errors of the
/// transport, and [`Error::Malformed`](crate::Error::Malformed) when the ranks do not make the same
/// call.
impl dyn Comm + '_ {
    /// What rank 0 has, on every rank. What the others give is not looked at. Collective.
    ///
    /// # Errors
    /// When rank 0 gives nothing, on every rank; when a rank is gone or the transport fails.
    pub fn broadcast_value<T: Wire>(&self, mine: Option<T>) -> Result<T> {
        let mine = mine.filter(|_| self.rank() == 0);
        let mut bytes = mine.map_or_else(Vec::new, |mine| mine.to_bytes());
        self.broadcast(0, &mut bytes)?;
        T::from_bytes(&bytes)
    }

    /// Rank 0 computes; every rank has what came of it, or the error. Collective.
    ///
    /// # Errors
    /// On rank 0 its own, on all others that one as their peer's, as `agree` does; when a
    /// rank is gone or the transport fails.
    pub fn compute_at_root<T: Wire>(&self, compute: impl FnOnce() -> Result<T>) -> Result<T> {
        let mine = match self.rank() {
            0 => compute().map(Some),
            _ => Ok(None),
        };
        let mine = self.agree(mine)?;
        self.broadcast_value(mine)
    }

    /// What every rank has, by rank, on rank 0; `None` elsewhere. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn gather_values<T: Wire>(&self, mine: &T) -> Result<Option<Vec<T>>> {
        let all = self.gather(0, &mine.to_bytes())?;
        let decoded = all.map(|all| all.iter().map(|bytes| T::from_bytes(bytes)).collect());
        decoded.transpose()
    }

    /// What all ranks have, merged into one value on the way to rank 0; `None` elsewhere. The
    /// order in which values meet depends on the ranks' nodes: `merge` is associative and
    /// commutative. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn combine<T: Wire>(&self, mine: T, mut merge: impl FnMut(T, T) -> T) -> Result<Option<T>> {
        let tree = Tree::of(self, 0);
        let mut all = mine;
        for &child in &tree.children {
            let (_, bytes) = self.receive(Some(child), Channel::COLLECTIVE)?;
            all = merge(all, T::from_bytes(&bytes)?);
        }
        let Some(parent) = tree.parent else {
            return Ok(Some(all));
        };
        self.send_owned(parent, Channel::COLLECTIVE, all.to_bytes())?;
        Ok(None)
    }

    /// As `combine`, with the value on every rank. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn all_combine<T: Wire>(&self, mine: T, merge: impl FnMut(T, T) -> T) -> Result<T> {
        let all = self.combine(mine, merge)?;
        self.broadcast_value(all)
    }

    /// What every rank has, by rank, on every rank. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn all_gather<T: Wire>(&self, mine: &T) -> Result<Vec<T>> {
        let all = self.gather_values(mine)?;
        self.broadcast_value(all)
    }

    /// What rank 0 makes of what every rank has, by rank; on every rank. Collective.
    ///
    /// # Errors
    /// When a rank is gone or the transport fails.
    pub fn all_reduce<T: Wire, U: Wire>(
        &self,
        mine: &T,
        reduce: impl FnOnce(Vec<T>) -> U,
    ) -> Result<U> {
        let all = self.gather_values(mine)?;
        self.broadcast_value(all.map(reduce))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Comm, Error, LocalCluster};

    #[test]
    fn every_rank_has_the_same() {
        for size in 1..=5 {
            let outcomes = LocalCluster::run(size, |comm| {
                let comm: &dyn Comm = &comm;
                let mine = comm.rank() as u64;
                assert_eq!(comm.broadcast_value(Some(mine + 7)).unwrap(), 7);
                assert_eq!(comm.all_gather(&mine).unwrap().len(), size);
                let at_root = comm.gather_values(&mine).unwrap();
                assert_eq!(at_root.is_some(), mine == 0);
                let sum = comm.all_reduce(&mine, |all| all.into_iter().sum::<u64>());
                let most = comm.combine(mine, u64::max).unwrap();
                assert_eq!(most, (mine == 0).then_some(size as u64 - 1));
                let all = comm.all_combine(mine, |a, b| a + b).unwrap();
                assert_eq!(Some(&all), sum.as_ref().ok());
                (sum.unwrap(), comm.all_gather(&mine).unwrap())
            });
            for outcome in outcomes {
                let (sum, all) = outcome.unwrap();
                assert_eq!(all, (0..size as u64).collect::<Vec<_>>());
                assert_eq!(sum, all.iter().sum::<u64>());
            }
        }
    }

    #[test]
    fn an_error_at_root_reaches_every_rank() {
        let outcomes = LocalCluster::run(3, |comm| {
            let comm: &dyn Comm = &comm;
            let rank = comm.rank();
            let here = comm.compute_at_root(|| {
                assert_eq!(rank, 0);
                Ok("all is well".to_owned())
            });
            assert_eq!(here.unwrap(), "all is well");
            comm.compute_at_root::<usize>(|| Err(Error::Program("no such list".into())))
        });
        let errors: Vec<Error> = outcomes
            .into_iter()
            .map(|o| o.unwrap().unwrap_err())
            .collect();
        assert!(matches!(&errors[0], Error::Program(_)), "{errors:?}");
        for error in &errors[1..] {
            assert!(matches!(error, Error::Peer { rank: 0, .. }), "{error:?}");
        }
    }
}
