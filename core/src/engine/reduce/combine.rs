use crate::comm::{Channel, Comm, Wire};
use crate::reduce::{Place, Tree};
use crate::{Error, Reduce, Result};

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
        return value(mine, leaves, reduce);
    }
    mine.sort_by_key(|&(place, _)| first_leaf(place));
    let places: Vec<Place> = mine.iter().map(|&(place, _)| place).collect();
    let all = comm.gather_values(&places)?;
    let merged = match all {
        Some(all) => merge(comm, reduce, leaves, mine, all).map(Some),
        None => give(comm, mine).map(|()| None),
    };
    comm.broadcast_value(comm.agree(merged)?)
}

/// The root's part: asks for one node after the other, in the order of their leaves.
fn merge<O, R: Reduce<O>>(
    comm: &dyn Comm,
    reduce: &R,
    leaves: usize,
    mine: Vec<(Place, R::Acc)>,
    all: Vec<Vec<Place>>,
) -> Result<R::Acc> {
    let of_rank =
        |(rank, places): (usize, Vec<Place>)| places.into_iter().map(move |place| (place, rank));
    let mut owners: Vec<(Place, usize)> = all.into_iter().enumerate().flat_map(of_rank).collect();
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
    value(tree.into_nodes().collect(), leaves, reduce)
}

/// The part of the others: each node when it is asked for.
fn give<A: Wire>(comm: &dyn Comm, mine: Vec<(Place, A)>) -> Result<()> {
    for (_, acc) in mine {
        comm.receive(Some(0), Channel::COLLECTIVE)?;
        comm.send(0, Channel::COLLECTIVE, &acc.to_bytes())?;
    }
    Ok(())
}

/// The value of a finished tree: its one node, or none for no items.
fn value<O, R: Reduce<O>>(
    mut nodes: Vec<(Place, R::Acc)>,
    leaves: usize,
    reduce: &R,
) -> Result<R::Acc> {
    match nodes.pop() {
        None if leaves == 0 => Ok(reduce.identity()),
        Some((_, acc)) if nodes.is_empty() => Ok(acc),
        _ => Err(Error::Backend(
            format!("a reduction of {leaves} blocks ended before all of them were folded").into(),
        )),
    }
}

fn first_leaf((level, index): Place) -> usize {
    index << level
}
