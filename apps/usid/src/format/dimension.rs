use ndarray::{Array2, ArrayView2};

/// One axis of positions or of spectroscopic values.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Its label, for example `X`.
    pub name: String,
    /// The units of its values.
    pub units: String,
    /// One value for each index.
    pub values: Vec<f64>,
}

impl Dimension {
    /// An axis with these values.
    pub fn new(name: &str, units: &str, values: Vec<f64>) -> Dimension {
        Dimension {
            name: name.to_owned(),
            units: units.to_owned(),
            values,
        }
    }
}

/// The index of every entry along every dimension: one row per entry, one column per dimension, of a full grid of these
/// lengths, slowest first.
pub(super) fn indices(lengths: &[usize]) -> Array2<u32> {
    let entries = lengths.iter().product();
    let mut steps = vec![1; lengths.len()];
    for k in (0..lengths.len().saturating_sub(1)).rev() {
        steps[k] = steps[k + 1] * lengths[k + 1];
    }
    Array2::from_shape_fn((entries, lengths.len()), |(entry, k)| {
        ((entry / steps[k]) % lengths[k]) as u32
    })
}

/// The dimensions of a grid in the order of their change, slowest first: their columns in `indices` (one row per entry), and
/// the index of each entry's value. `None` where the entries are no full grid in order.
pub(super) fn order(indices: ArrayView2<'_, u32>) -> Option<Vec<usize>> {
    let (entries, dimensions) = indices.dim();
    let changes = |column: usize| {
        let column = indices.column(column);
        column
            .iter()
            .zip(column.iter().skip(1))
            .filter(|(a, b)| a != b)
            .count()
    };
    // Columns that never change have no place among the others: they keep theirs.
    let mut order: Vec<usize> = (0..dimensions).collect();
    let counts: Vec<usize> = (0..dimensions).map(changes).collect();
    order.sort_by_key(|&column| counts[column]);
    let length = |column: usize| {
        let highest = indices.column(column).iter().copied().max();
        highest.map_or(0, |highest| highest as usize + 1)
    };
    let lengths: Vec<usize> = order.iter().map(|&column| length(column)).collect();
    let all = lengths
        .iter()
        .try_fold(1usize, |product, &length| product.checked_mul(length))?;
    if all != entries {
        return None;
    }
    let mut step = entries;
    for (&column, &length) in order.iter().zip(&lengths) {
        step /= length;
        let in_order = indices
            .column(column)
            .iter()
            .enumerate()
            .all(|(entry, &index)| index as usize == entry / step % length);
        if !in_order {
            return None;
        }
    }
    Some(order)
}
