use std::collections::BTreeMap;

use crate::Wire;

/// How outputs are combined into one value.
///
/// Items are cut in blocks of fixed width; each block is folded in index order from `identity`, and
/// blocks are merged in a binary tree whose shape depends on their number only. The result has the
/// same bits for any number of ranks and lanes and any division, even where addition is not
/// associative.
pub trait Reduce<O> {
    /// The combined value.
    type Acc: Wire;

    /// The value of no items.
    fn identity(&self) -> Self::Acc;

    /// Adds the output of item `index`.
    fn fold(&self, acc: &mut Self::Acc, index: usize, output: O);

    /// Adds the value of the items that follow those of `left`.
    fn merge(&self, left: &mut Self::Acc, right: Self::Acc);
}

/// A binary tree over `leaves` blocks that merges as values arrive, in any order.
///
/// A node's sibling has index xor 1; a node without sibling rises unmerged. What remains are the
/// maximal nodes of the leaves seen: at most `2 log2(leaves)` of them when the leaves lie together.
pub(crate) struct Tree<A> {
    leaves: usize,
    nodes: BTreeMap<Place, A>,
}

/// Level (leaves are 0) and index within the level.
pub(crate) type Place = (usize, usize);

impl<A> Tree<A> {
    pub(crate) fn new(leaves: usize) -> Self {
        Tree {
            leaves,
            nodes: BTreeMap::new(),
        }
    }

    pub(crate) fn insert(&mut self, place: Place, value: A, merge: impl Fn(&mut A, A)) {
        let (mut level, mut index) = place;
        let mut value = value;
        loop {
            let width = self.leaves.div_ceil(1 << level);
            let sibling = index ^ 1;
            if width <= 1 {
                break;
            }
            if sibling < width {
                match self.nodes.remove(&(level, sibling)) {
                    None => break,
                    Some(mut left) if sibling < index => {
                        merge(&mut left, value);
                        value = left;
                    }
                    Some(right) => merge(&mut value, right),
                }
            }
            level += 1;
            index /= 2;
        }
        self.nodes.insert((level, index), value);
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How many nodes lie behind a leaf that is not there yet.
    pub(crate) fn count_behind(&self, leaf: usize) -> usize {
        let is_behind = |&&(level, index): &&Place| index << level > leaf;
        self.nodes.keys().filter(is_behind).count()
    }

    pub(crate) fn into_nodes(self) -> impl Iterator<Item = (Place, A)> {
        self.nodes.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_depends_on_the_number_of_leaves_only() {
        // Values are the merges written out, so any other association would show.
        for leaves in 1..20 {
            let build = |order: &mut dyn Iterator<Item = usize>| {
                let mut tree = Tree::new(leaves);
                for leaf in order {
                    tree.insert((0, leaf), leaf.to_string(), |l, r| {
                        *l = format!("({l} {r})");
                    });
                }
                tree.into_nodes()
                    .map(|(_, value)| value)
                    .collect::<Vec<_>>()
            };
            let forward = build(&mut (0..leaves));
            assert_eq!(forward.len(), 1);
            assert_eq!(build(&mut (0..leaves).rev()), forward);
            assert_eq!(
                build(
                    &mut (0..leaves)
                        .map(|i| (i * 7) % leaves)
                        .filter(|_| leaves % 7 != 0)
                )
                .len(),
                usize::from(leaves % 7 != 0)
            );
            if leaves == 5 {
                assert_eq!(forward, ["(((0 1) (2 3)) 4)"]);
            }
        }
    }
}
