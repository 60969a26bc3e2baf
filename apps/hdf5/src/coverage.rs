//! Which rows of a dataset boxes of cells cover.

use std::ops::Range;

/// Cells from the first to before the last, along each axis.
pub type Cells = Vec<Range<usize>>;

/// Looks at boxes, at most: a file that was made to do harm may ask for any number.
const MOST: usize = 1 << 27;

/// The runs of rows (indices of the leading axis), in order, of which at least one cell is in no
/// box. Time goes with the boxes, not with the cells.
///
/// ```
/// use jobwise_hdf5::coverage::gaps;
/// let boxes = [vec![0..4, 0..3], vec![0..2, 3..6], vec![3..4, 3..6]];
/// assert_eq!(gaps(&[5, 6], &boxes), [2..3, 4..5]);
/// ```
pub fn gaps(shape: &[usize], boxes: &[Cells]) -> Vec<Range<usize>> {
    let boxes: Vec<&[Range<usize>]> = boxes.iter().map(Vec::as_slice).collect();
    below(shape, boxes, &mut MOST.clone())
}

/// The same, with so many looks left; what is not looked at is not covered.
fn below(shape: &[usize], mut boxes: Vec<&[Range<usize>]>, looks: &mut usize) -> Vec<Range<usize>> {
    let (rows, inner) = (shape[0], &shape[1..]);
    boxes.retain(|it| it.len() == shape.len() && !it[0].is_empty());
    boxes.sort_by_key(|it| it[0].start);
    let mut edges: Vec<usize> = boxes
        .iter()
        .flat_map(|it| [it[0].start.min(rows), it[0].end.min(rows)])
        .chain([0, rows])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let (mut coming, mut here) = (boxes.into_iter().peekable(), Vec::new());
    let mut gaps: Vec<Range<usize>> = Vec::new();
    for pair in edges.windows(2) {
        here.retain(|it: &&[Range<usize>]| it[0].end > pair[0]);
        while let Some(next) = coming.next_if(|it| it[0].start <= pair[0]) {
            here.push(next);
        }
        let left = looks.checked_sub(here.len() + 1);
        *looks = left.unwrap_or(0);
        let is_covered = left.is_some()
            && if inner.is_empty() {
                !here.is_empty()
            } else {
                let tails = here.iter().map(|it| &it[1..]).collect();
                below(inner, tails, looks).is_empty()
            };
        if is_covered {
            continue;
        }
        match gaps.last_mut() {
            Some(last) if last.end == pair[0] => last.end = pair[1],
            _ => gaps.push(pair[0]..pair[1]),
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number without a pattern.
    fn draw(seed: &mut u64, limit: usize) -> usize {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        (*seed % limit as u64) as usize
    }

    #[test]
    fn gaps_are_those_that_are_found_cell_by_cell() {
        let mut seed = 7;
        for _ in 0..300 {
            let shape = [9, 4, 3];
            let boxes: Vec<Cells> = (0..draw(&mut seed, 12))
                .map(|_| {
                    let axis = |length: usize, seed: &mut u64| {
                        let first = draw(seed, length);
                        first..first + 1 + draw(seed, length + 1)
                    };
                    shape.map(|length| axis(length, &mut seed)).to_vec()
                })
                .collect();
            let holds = |cell: [usize; 3]| {
                let is_in = |it: &Cells| it.iter().zip(cell).all(|(run, at)| run.contains(&at));
                boxes.iter().any(is_in)
            };
            let is_gap = |row: &usize| (0..4).any(|y| (0..3).any(|x| !holds([*row, y, x])));
            let wanted: Vec<usize> = (0..9).filter(is_gap).collect();
            let found: Vec<usize> = gaps(&shape, &boxes).into_iter().flatten().collect();
            assert_eq!(found, wanted, "{boxes:?}");
        }
    }

    #[test]
    fn many_boxes_take_few_looks_and_too_many_are_not_believed() {
        let rows: Vec<Cells> = (0..100_000).map(|row| vec![row..row + 1, 0..8]).collect();
        let (found, looks) = looked(&[100_000, 8], &rows);
        assert!(found.is_empty());
        assert!(looks < 500_000, "{looks} looks");
        let tall: Vec<Cells> = (0..50_000).map(|row| vec![row..1 << 40, 0..8]).collect();
        let (found, looks) = looked(&[1 << 40, 8], &tall);
        assert!(!found.is_empty());
        assert_eq!(looks, MOST);
    }

    /// The gaps, and how many looks it took to find them.
    fn looked(shape: &[usize], boxes: &[Cells]) -> (Vec<Range<usize>>, usize) {
        let mut left = MOST;
        let boxes = boxes.iter().map(Vec::as_slice).collect();
        (below(shape, boxes, &mut left), MOST - left)
    }
}
