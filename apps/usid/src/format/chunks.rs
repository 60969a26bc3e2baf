//! The shapes of chunks.

/// Bytes of a chunk, at least, where there are as many.
const BYTES: usize = 1 << 20;

/// Whole rows of `row_bytes` bytes each: as few as make up 1 MiB.
pub(super) fn rows(positions: usize, row_bytes: usize) -> usize {
    BYTES.div_ceil(row_bytes.max(1)).clamp(1, positions.max(1))
}

/// The shape of chunks in files of the format's own library, for `item` bytes per element: one
/// `unit` (1 along each axis, unless given), grown by a unit along the axis with most chunks until
/// a chunk has more than `most` bytes.
///
/// ```
/// use jobwise_usid::format::compatible_chunks;
/// assert_eq!(compatible_chunks(&[5265, 256], 4, Some(&[1, 256]), 10240), [11, 256]);
/// assert_eq!(compatible_chunks(&[16, 4096], 4, None, 10240), [4, 768]);
/// ```
///
/// # Panics
/// `unit` has another length than `dimensions`.
pub fn compatible_chunks(
    dimensions: &[usize],
    item: usize,
    unit: Option<&[usize]>,
    most: usize,
) -> Vec<usize> {
    let ones = vec![1; dimensions.len()];
    let unit = unit.unwrap_or(&ones);
    assert_eq!(unit.len(), dimensions.len(), "one unit per dimension");
    let mut chunks = unit.to_vec();
    while chunks.iter().product::<usize>() * item <= most {
        if chunks.iter().zip(dimensions).all(|(c, d)| c >= d) {
            break;
        }
        let ratio = |k: usize| dimensions[k] as f64 / chunks[k] as f64;
        // The first of equals.
        let widest =
            (0..chunks.len()).fold(0, |best, k| if ratio(k) > ratio(best) { k } else { best });
        chunks[widest] += unit[widest];
    }
    chunks
        .iter()
        .zip(dimensions)
        .map(|(&chunk, &dimension)| chunk.clamp(1, dimension.max(1)))
        .collect()
}
