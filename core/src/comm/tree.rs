use super::Comm;

/// A rank's place in the tree along which collective calls go: the ranks of a node lie below one of
/// them, and these in a tree of nodes, so that one message reaches a node. Both are binomial trees:
/// no rank has more than `log2(nodes) + log2(ranks of a node) + 2` neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    /// None for the root.
    pub(crate) parent: Option<usize>,
    /// The ranks of the same node first; in each group, those with few ranks below them first.
    pub(crate) children: Vec<usize>,
}

impl Tree {
    /// The place of this rank in the tree from `root`.
    pub(crate) fn of(comm: &dyn Comm, root: usize) -> Tree {
        let (nodes, rank) = (comm.nodes(), comm.rank());
        let root_node = nodes.of(root);
        // Nodes are counted from that of the root, and its ranks from the root.
        let head = |node: usize| match node {
            _ if node == root_node => root,
            _ => nodes.leader(node),
        };
        let node = nodes.of(rank);
        let members = nodes.members(node);
        let first = nodes.place(head(node));
        let member = |place: usize| members[(place + first) % members.len()];
        let place = (nodes.place(rank) + members.len() - first) % members.len();
        let children = below(place, members.len()).map(member);
        if place > 0 {
            return Tree {
                parent: Some(member(above(place))),
                children: children.collect(),
            };
        }
        let count = nodes.count();
        let far = |place: usize| head((place + root_node) % count);
        let place = (node + count - root_node) % count;
        let parent = (place > 0).then(|| far(above(place)));
        let children = children.chain(below(place, count).map(far)).collect();
        Tree { parent, children }
    }

    /// All ranks that this one has messages from and for.
    pub(crate) fn neighbours(&self) -> impl Iterator<Item = usize> + '_ {
        self.parent.into_iter().chain(self.children.iter().copied())
    }
}

/// What lies above a place that is not 0: a place without its lowest bit.
fn above(place: usize) -> usize {
    place & (place - 1)
}

/// What lies below a place, among `count`.
fn below(place: usize, count: usize) -> impl Iterator<Item = usize> {
    let bits = match place {
        0 => usize::BITS,
        _ => place.trailing_zeros(),
    };
    let places = (0..bits).map(move |bit| place + (1 << bit));
    places.take_while(move |&below| below < count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Nodes;
    use crate::{LocalCluster, LocalComm};

    /// The places of all ranks.
    fn trees(nodes: Nodes, root: usize) -> Vec<Tree> {
        let place = |comm: LocalComm| Tree::of(&comm, root);
        let trees = LocalCluster::run_on(nodes, place).into_iter();
        trees.map(Result::unwrap).collect()
    }

    #[test]
    fn every_rank_has_one_parent_and_few_neighbours() {
        let layouts = [
            Nodes::new(&[0]),
            Nodes::new(&[0; 13]),
            Nodes::new(&(0..9).collect::<Vec<_>>()),
            Nodes::new(&(0..24).map(|rank| rank % 5).collect::<Vec<_>>()),
            Nodes::new(&(0..24).map(|rank| rank * rank / 80).collect::<Vec<_>>()),
        ];
        for nodes in layouts {
            for root in [0, nodes.ranks() / 2, nodes.ranks() - 1] {
                let trees = trees(nodes.clone(), root);
                let log = |count: usize| count.ilog2() as usize + 1;
                for (rank, tree) in trees.iter().enumerate() {
                    assert_eq!(tree.parent.is_none(), rank == root);
                    for &child in &tree.children {
                        assert_eq!(trees[child].parent, Some(rank));
                    }
                    let near = nodes.members(nodes.of(rank)).len();
                    assert!(tree.neighbours().count() <= log(nodes.count()) + log(near));
                }
                let edges: usize = trees.iter().map(|tree| tree.children.len()).sum();
                assert_eq!(edges, nodes.ranks() - 1);
                // As many edges between nodes as it takes.
                let is_far = |(rank, tree): (usize, &Tree)| {
                    tree.parent
                        .is_some_and(|parent| nodes.of(parent) != nodes.of(rank))
                };
                let far = trees.iter().enumerate().filter(|&pair| is_far(pair));
                assert_eq!(far.count(), nodes.count() - 1);
            }
        }
    }
}
