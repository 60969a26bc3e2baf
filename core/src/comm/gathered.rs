use super::Wire;
use crate::{Error, Result};

/// What some ranks brought, on its way to the root of a tree.
pub(super) struct Gathered(Vec<u8>);

impl Gathered {
    /// What one rank brings.
    pub(super) fn new(rank: usize, bytes: &[u8]) -> Gathered {
        let mut all = Vec::with_capacity(2 * size_of::<u64>() + bytes.len());
        rank.put(&mut all);
        bytes.len().put(&mut all);
        all.extend_from_slice(bytes);
        Gathered(all)
    }

    /// Adds what came from a child.
    pub(super) fn add(&mut self, of_child: &[u8]) {
        self.0.extend_from_slice(of_child);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// What each of `size` ranks brought.
    pub(super) fn by_rank(self, size: usize) -> Result<Vec<Vec<u8>>> {
        let mut all: Vec<Option<Vec<u8>>> = vec![None; size];
        let mut rest = &self.0[..];
        while !rest.is_empty() {
            let (rank, len) = <(usize, usize)>::take(&mut rest)?;
            let bytes = rest
                .split_off(..len)
                .ok_or_else(|| malformed("is too short"))?;
            match all.get_mut(rank) {
                Some(place @ None) => *place = Some(bytes.to_vec()),
                Some(Some(_)) => return Err(malformed("has a rank twice")),
                None => return Err(malformed("has a rank too many")),
            }
        }
        let all: Option<Vec<Vec<u8>>> = all.into_iter().collect();
        all.ok_or_else(|| malformed("lacks a rank"))
    }
}

fn malformed(what: &str) -> Error {
    Error::Malformed(format!("what was gathered {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rank_is_there_once_or_it_is_an_error() {
        let of = |ranks: &[usize]| {
            let mut all = Gathered(Vec::new());
            for &rank in ranks {
                all.add(&Gathered::new(rank, &vec![7; rank]).into_bytes());
            }
            all
        };
        assert_eq!(
            of(&[2, 0, 1]).by_rank(3).unwrap(),
            [vec![], vec![7], vec![7, 7]]
        );
        for (ranks, what) in [
            (&[0, 1][..], "lacks a rank"),
            (&[0, 1, 1], "twice"),
            (&[0, 3], "too many"),
        ] {
            let error = of(ranks).by_rank(3).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let mut cut = of(&[0, 1, 2]).into_bytes();
        cut.pop();
        assert!(Gathered(cut).by_rank(3).is_err());
        assert!(Gathered(vec![1, 2]).by_rank(1).is_err());
    }
}
