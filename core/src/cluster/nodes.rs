/// Which ranks of a group share memory. Nodes are numbered from 0 in the order of their lowest
/// ranks; any layout is possible: blocks, uneven, in turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    /// By rank, its node.
    of: Vec<usize>,
    /// By node, its ranks in order.
    members: Vec<Vec<usize>>,
}

impl Nodes {
    /// From any label of each rank's node, by rank; equal labels are the same node.
    pub fn new<L: PartialEq>(labels: &[L]) -> Nodes {
        let mut nodes = Nodes {
            of: Vec::with_capacity(labels.len()),
            members: Vec::new(),
        };
        for (rank, label) in labels.iter().enumerate() {
            let known = nodes
                .members
                .iter()
                .position(|members| labels[members[0]] == *label);
            let node = known.unwrap_or_else(|| {
                nodes.members.push(Vec::new());
                nodes.members.len() - 1
            });
            nodes.members[node].push(rank);
            nodes.of.push(node);
        }
        nodes
    }

    /// How many nodes.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// How many ranks.
    pub fn ranks(&self) -> usize {
        self.of.len()
    }

    /// The node of a rank.
    ///
    /// # Panics
    /// When there is no such rank.
    pub fn of(&self, rank: usize) -> usize {
        self.of[rank]
    }

    /// The ranks of a node, in order; the first is its leader.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn members(&self, node: usize) -> &[usize] {
        &self.members[node]
    }

    /// Where a rank is among those of its node, from 0.
    ///
    /// # Panics
    /// When there is no such rank.
    pub fn place(&self, rank: usize) -> usize {
        let members = &self.members[self.of[rank]];
        members.partition_point(|&member| member < rank)
    }

    /// The lowest rank of a node.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn leader(&self, node: usize) -> usize {
        self.members[node][0]
    }

    /// The nodes of a group of some of these ranks, in that order.
    #[must_use]
    pub fn among(&self, ranks: &[usize]) -> Nodes {
        let labels: Vec<usize> = ranks.iter().map(|&rank| self.of[rank]).collect();
        Nodes::new(&labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uneven_nodes_in_turns_are_told_apart() {
        let nodes = Nodes::new(&["b", "a", "b", "c", "a", "b"]);
        assert_eq!(nodes.count(), 3);
        assert_eq!(
            (0..6).map(|r| nodes.of(r)).collect::<Vec<_>>(),
            [0, 1, 0, 2, 1, 0]
        );
        assert_eq!(nodes.members(0), [0, 2, 5]);
        assert_eq!((nodes.leader(1), nodes.leader(2)), (1, 3));
        let places: Vec<usize> = (0..6).map(|rank| nodes.place(rank)).collect();
        assert_eq!(places, [0, 0, 1, 0, 1, 2]);
        assert_eq!(nodes.among(&[4, 3, 1]), Nodes::new(&[0, 1, 0]));
    }
}
