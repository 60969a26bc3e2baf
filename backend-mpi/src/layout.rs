//! Which ranks are on one node.

use std::env;

use jobwise_core::{Comm, Error, Nodes, Result};

use crate::link::Link;

/// Divides each node further, for tests: a number of equal blocks of ranks, or a label for each
/// rank, separated by commas. What rank 0 is told counts.
const PSEUDO_NODES: &str = "JOBWISE_PSEUDO_NODES";

/// The nodes of the ranks of a link, whose messages `comm` carries. Collective.
///
/// # Errors
/// When MPI fails, or `JOBWISE_PSEUDO_NODES` does not say where each rank is; on every rank.
pub(crate) fn nodes(link: &Link, comm: &dyn Comm) -> Result<Nodes> {
    let first_of_node = {
        let neighbours = link.split_by_memory()?;
        neighbours.lowest(link.rank() as u64)?
    };
    let (real, pseudo) = comm.all_reduce(&first_of_node, |labels| {
        let pseudo = env::var_os(PSEUDO_NODES).map(|value| value.to_string_lossy().into_owned());
        (labels, pseudo)
    })?;
    let pseudo = match pseudo.filter(|text| !text.trim().is_empty()) {
        Some(text) => divided(&text, real.len())?,
        None => vec![0; real.len()],
    };
    let labels: Vec<(u64, usize)> = real.into_iter().zip(pseudo).collect();
    Ok(Nodes::new(&labels))
}

/// By rank, the label of its pseudo node.
fn divided(text: &str, ranks: usize) -> Result<Vec<usize>> {
    let wrong = || {
        Error::Program(
            format!(
                "{PSEUDO_NODES}={text}: give a number of nodes from 1 to {ranks}, the number of \
                 ranks, or a node for each rank, as 0,0,1"
            )
            .into(),
        )
    };
    let numbers: Vec<usize> = text
        .split(',')
        .map(|number| number.trim().parse().map_err(|_| wrong()))
        .collect::<Result<_>>()?;
    match numbers[..] {
        [nodes] if (1..=ranks).contains(&nodes) => {
            Ok((0..ranks).map(|rank| rank * nodes / ranks).collect())
        }
        [_] => Err(wrong()),
        _ if numbers.len() == ranks => Ok(numbers),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_nodes_are_blocks_or_as_listed() {
        assert_eq!(divided("1", 3).unwrap(), [0, 0, 0]);
        assert_eq!(divided(" 2 ", 5).unwrap(), [0, 0, 0, 1, 1]);
        assert_eq!(divided("3", 3).unwrap(), [0, 1, 2]);
        assert_eq!(divided("7, 0,7", 3).unwrap(), [7, 0, 7]);
        for wrong in ["0", "4", "-1", "two", "0,1", "0,1,2,3", "0,,1", ""] {
            let error = divided(wrong, 3).unwrap_err().to_string();
            assert!(error.contains("from 1 to 3"), "{wrong}: {error}");
        }
    }
}
