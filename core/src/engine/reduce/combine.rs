use crate::comm::{Channel, Comm, Wire};
use crate::reduce::{Place, Tree};
use crate::{Reduce, Result};

/// Brings what the ranks have together at the root, from left to right, one accumulator at a time,
/// and gives the value to all. Collective.
pub(super) fn combine<O, R: Reduce<O>>(
    comm: &dyn Comm,
    reduce: &R,
    leaves: usize,
    mine: Tree<R::Acc>,
) -> Result<R::Acc> {
    let mut mine: Vec<(Place, R::Acc)> = mine.into_nodes().collect();
    if comm.size() == 1 {
        return Ok(root_of(mine.pop(), reduce));
    }
    mine.sort_by_key(|&(place, _)| first_leaf(place));
    let places: Vec<Place> = mine.iter().map(|&(place, _)| place).collect();
    let mut bytes = Vec::new();
    if let Some(all) = comm.gather_values(&places)? {
        let of_rank = |(rank, places): (usize, Vec<Place>)| {
            places.into_iter().map(move |place| (place, rank))
        };
        let mut owners: Vec<(Place, usize)> =
            all.into_iter().enumerate().flat_map(of_rank).collect();
        owners.sort_by_key(|&(place, _)| first_leaf(place));
        let mut mine = mine.into_iter();
        let mut tree = Tree::new(leaves);
        for (place, rank) in owners {
            let acc = if rank == comm.rank() {
                mine.next()
                    .map_or_else(|| reduce.identity(), |(_, acc)| acc)
            } else {
                comm.send(rank, Channel::COLLECTIVE, &[])?;
                R::Acc::from_bytes(&comm.receive(Some(rank), Channel::COLLECTIVE)?.1)?
            };
            tree.insert(place, acc, |left, right| reduce.merge(left, right));
        }
        let root = tree.into_nodes().next();
        bytes = root_of(root, reduce).to_bytes();
    } else {
        for (_, acc) in mine {
            comm.receive(Some(0), Channel::COLLECTIVE)?;
            comm.send(0, Channel::COLLECTIVE, &acc.to_bytes())?;
        }
    }
    comm.broadcast(0, &mut bytes)?;
    R::Acc::from_bytes(&bytes)
}

/// The value of a finished tree: its one node, or none for no items.
fn root_of<O, R: Reduce<O>>(node: Option<(Place, R::Acc)>, reduce: &R) -> R::Acc {
    node.map_or_else(|| reduce.identity(), |(_, acc)| acc)
}

fn first_leaf((level, index): Place) -> usize {
    index << level
}
