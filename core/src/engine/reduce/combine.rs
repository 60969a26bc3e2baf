use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::comm::{Channel, Comm, Wire};
use crate::reduce::{Place, Tree};
use crate::{Error, Reduce, Result};

/// A node of the tree on its way to the root: the rank that has its accumulator, and under which
/// name.
type Held = (usize, Place);

/// Merges what the ranks have, and gives the value to all. Every rank knows who has which nodes,
/// so all know who merges what: the rank with the left node, to which the one with the right node
/// sends it. A rank has the nodes that it folded, and one more that arrives. Collective.
pub(super) fn combine<O, R: Reduce<O>>(
    comm: &dyn Comm,
    reduce: &R,
    leaves: usize,
    mine: Tree<R::Acc>,
) -> Result<R::Acc> {
    let mine: BTreeMap<Place, R::Acc> = mine.into_nodes().collect();
    let places: Vec<Place> = mine.keys().copied().collect();
    let mut held: Vec<Held> = Vec::new();
    for (rank, places) in comm.all_gather(&places)?.into_iter().enumerate() {
        held.extend(places.into_iter().map(|place| (rank, place)));
    }
    held.sort_by_key(|&(_, place)| first_leaf(place));
    let merging = RefCell::new(Merging {
        comm,
        reduce,
        nodes: mine,
        outcome: Ok(()),
    });
    let mut tree = Tree::new(leaves);
    for node in held {
        tree.insert(node.1, node, |left, right| {
            merging.borrow_mut().merge(*left, right);
        });
    }
    let root = root(tree.into_nodes().map(|(_, held)| held), leaves);
    let Merging { outcome, nodes, .. } = merging.into_inner();
    match comm.agree(outcome.and(root))? {
        None => Ok(reduce.identity()),
        Some((rank, _)) => share(comm, rank, nodes.into_values().next()),
    }
}

/// The part of one rank.
struct Merging<'c, A, R> {
    comm: &'c dyn Comm,
    reduce: &'c R,
    nodes: BTreeMap<Place, A>,
    outcome: Result<()>,
}

impl<A: Wire, R> Merging<'_, A, R> {
    /// Takes part in a merge, if one of the two nodes is here.
    fn merge<O>(&mut self, left: Held, right: Held)
    where
        R: Reduce<O, Acc = A>,
    {
        if self.outcome.is_ok() {
            self.outcome = self.try_merge(left, right);
        }
    }

    fn try_merge<O>(&mut self, (to, left): Held, (from, right): Held) -> Result<()>
    where
        R: Reduce<O, Acc = A>,
    {
        let here = self.comm.rank();
        if to != here && from != here {
            return Ok(());
        }
        let right = if from == here {
            self.nodes.remove(&right).ok_or_else(missing)?
        } else {
            let (_, bytes) = self.comm.receive(Some(from), Channel::COLLECTIVE)?;
            A::from_bytes(&bytes)?
        };
        if to != here {
            return self
                .comm
                .send_owned(to, Channel::COLLECTIVE, right.to_bytes());
        }
        let left = self.nodes.get_mut(&left).ok_or_else(missing)?;
        self.reduce.merge(left, right);
        Ok(())
    }
}

/// The one node of a finished tree, or none of no items.
fn root(mut nodes: impl Iterator<Item = Held>, leaves: usize) -> Result<Option<Held>> {
    match (nodes.next(), nodes.next()) {
        (None, _) if leaves == 0 => Ok(None),
        (Some(root), None) => Ok(Some(root)),
        _ => Err(Error::Backend(
            format!("a reduction of {leaves} blocks ended before all of them were folded").into(),
        )),
    }
}

/// The value that is on this rank alone, on every rank. Collective.
fn share<A: Wire>(comm: &dyn Comm, root: usize, value: Option<A>) -> Result<A> {
    if comm.size() == 1 {
        return value.ok_or_else(missing);
    }
    let is_here = comm.rank() == root;
    let mut bytes = value
        .filter(|_| is_here)
        .map_or_else(Vec::new, |value| value.to_bytes());
    comm.broadcast(root, &mut bytes)?;
    A::from_bytes(&bytes)
}

fn missing() -> Error {
    Error::Backend("a part of a reduction is not where it should be".into())
}

fn first_leaf((level, index): Place) -> usize {
    index << level
}
