use jobwise_core::{Channel, Comm, Result as Agreed, Wire};

use super::Rows;
use super::rows::{Run, join_all};

/// Which ranks write the rows that all ranks computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writers {
    /// Each rank its own.
    #[default]
    Ranks,
    /// A rank of each node those of its node: fewer and longer writes. It has the rows of its node
    /// in memory.
    Nodes,
}

impl Writers {
    /// How many ranks write.
    pub(super) fn count(self, comm: &dyn Comm) -> usize {
        match self {
            Writers::Ranks => comm.size(),
            Writers::Nodes => comm.nodes().count(),
        }
    }

    /// What this rank writes, of what it has computed and others bring. Collective.
    pub(super) fn bring(self, comm: &dyn Comm, runs: Vec<Run>) -> Agreed<Vec<Run>> {
        if self == Writers::Ranks {
            return Ok(runs);
        }
        let (nodes, rank) = (comm.nodes(), comm.rank());
        let node = nodes.of(rank);
        if rank != nodes.leader(node) {
            let mut bytes = Vec::new();
            Rows { runs }.put(&mut bytes);
            comm.send_owned(nodes.leader(node), Channel::OUTPUT, bytes)?;
            return Ok(Vec::new());
        }
        let mut all = runs;
        for &member in &nodes.members(node)[1..] {
            let (_, bytes) = comm.receive(Some(member), Channel::OUTPUT)?;
            all.extend(Rows::take(&mut &bytes[..])?.runs);
        }
        all.sort_unstable_by_key(|run| run.units.start);
        Ok(join_all(all, usize::MAX))
    }
}

/// Whether this rank forces what its node wrote: a node has one view of a file, and the library may
/// let any of its ranks write.
pub(super) fn forces(comm: &dyn Comm) -> bool {
    let nodes = comm.nodes();
    comm.rank() == nodes.leader(nodes.of(comm.rank()))
}

#[cfg(test)]
mod tests {
    use jobwise_core::{LocalCluster, Nodes};

    use super::*;

    fn runs(units: std::ops::Range<usize>, mark: u8) -> Vec<Run> {
        let bytes = units.clone().map(|unit| unit as u8).collect();
        Rows::marked(units, mark, vec![bytes]).runs
    }

    /// Ranks 0, 1 and 4 are on one node, 2 and 3 on another.
    #[test]
    fn rows_go_to_one_rank_of_their_node() {
        let nodes = Nodes::new(&[0, 0, 1, 1, 0]);
        let brought = |writers: Writers| {
            LocalCluster::run_on(nodes.clone(), |comm| {
                let first = 10 * comm.rank();
                // The last has none, the one before two kinds.
                let mine = match comm.rank() {
                    4 => Vec::new(),
                    3 => [runs(first..first + 4, 1), runs(first + 4..first + 10, 2)].concat(),
                    _ => runs(first..first + 10, 1),
                };
                assert_eq!(
                    writers.count(&comm),
                    if writers == Writers::Ranks { 5 } else { 2 }
                );
                writers.bring(&comm, mine).unwrap()
            })
        };
        let all: Vec<_> = brought(Writers::Nodes)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(all[0], runs(0..20, 1));
        assert_eq!(all[2], [runs(20..34, 1), runs(34..40, 2)].concat());
        assert!([1, 3, 4].iter().all(|&rank| all[rank].is_empty()));
        let own = brought(Writers::Ranks);
        assert_eq!(own[1].as_ref().unwrap(), &runs(10..20, 1));
    }
}
