//! What is left of a file that was cut: by a recorder that crashed, a full disk, a copy that broke
//! off.

use std::ops::Range;
use std::path::Path;

use hdf5::Dataset;
use jobwise_hdf5::{Error as Stored, Left, file_access, raw_rows};

use super::{Block, Properties};
use crate::{Error, Result};

/// Bytes that a file may have besides twice its samples.
const OVERHEAD: u64 = 64 << 20;

/// Most chunks that are tried, each by a read; more is taken for damage.
const MOST_CHUNKS: usize = 1 << 16;

/// How much is left of a file of up to `capacity` samples that is shorter than its superblock says;
/// `None` if it is not.
///
/// # Errors
/// It promises more bytes than its samples can take, or the system does not let it be read.
pub(super) fn left_of(path: &Path, properties: &Properties, capacity: u64) -> Result<Option<Left>> {
    let parts = if properties.is_complex { 2 } else { 1 };
    let sample = (properties.size * properties.subchannels * parts) as u64;
    let most = capacity
        .saturating_mul(sample)
        .saturating_mul(2)
        .saturating_add(OVERHEAD);
    let left = file_access::left_of(path)?;
    if let Some(Left { promised, .. }) = left
        && promised > most
    {
        return Err(Error::Format {
            path: path.to_path_buf(),
            problem: format!(
                "says that it has {promised} bytes, more than its samples can take: it is damaged"
            ),
        });
    }
    Ok(left)
}

/// What stands for the library's words when it lacks bytes of a cut file: these tell nothing to a
/// user.
pub(super) fn not_enough(path: &Path, left: Left) -> impl FnOnce(Error) -> Error {
    move |error| match error {
        Error::Stored(Stored::Hdf5 { .. }) => wrong(
            path,
            left,
            "what tells where its samples lie is not among them",
        ),
        other => other,
    }
}

/// Leaves of the blocks what can be read, and tells how much that is.
///
/// # Errors
/// Nothing can be read, or the samples lie in too many pieces to try them.
pub(super) fn keep(
    path: &Path,
    left: Left,
    samples: &Dataset,
    blocks: &mut Vec<(Block, usize)>,
) -> Result<String> {
    let rows = samples.shape().first().copied().unwrap_or(0);
    let chunk = samples.chunk().map_or(rows, |shape| shape[0]).max(1);
    if rows / chunk > MOST_CHUNKS {
        return Err(wrong(
            path,
            left,
            "its samples lie in too many pieces to try them",
        ));
    }
    let readable = readable(rows, chunk, is_packed(samples), |row| {
        raw_rows::read(samples, row..row + 1, &mut Vec::new()).is_ok()
    });
    let whole = std::mem::take(blocks);
    for (block, row) in whole {
        let end = row + block.length as usize;
        let from = readable.partition_point(|left| left.end <= row);
        for left in readable[from..].iter().take_while(|left| left.start < end) {
            let (first, last) = (left.start.max(row), left.end.min(end));
            let start = block.start + (first - row) as u64;
            let length = (last - first) as u64;
            blocks.push((Block { start, length }, first));
        }
    }
    let Some((last, _)) = blocks.last() else {
        return Err(wrong(path, left, "none of its samples are among them"));
    };
    let used: u64 = blocks.iter().map(|(block, _)| block.length).sum();
    let last = last.end() - 1;
    let what = format!("{used} of its {rows} samples are used, up to sample {last}");
    Ok(describe(left, &what))
}

/// Whether the bytes of a chunk are only understood together.
pub(super) fn is_packed(samples: &Dataset) -> bool {
    !samples.filters().is_empty()
}

/// The rows that can be read. What is packed is there with its whole chunk or not at all; else the
/// rows of a chunk, or of all that is contiguous, lie one behind the other, and those before the
/// cut are there.
fn readable(
    rows: usize,
    chunk: usize,
    is_packed: bool,
    is_there: impl Fn(usize) -> bool,
) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for first in (0..rows).step_by(chunk) {
        let (mut there, mut gone) = (first, (first + chunk).min(rows));
        if is_there(gone - 1) {
            there = gone;
        } else if !is_packed {
            gone -= 1;
            while there < gone {
                let middle = there + (gone - there) / 2;
                if is_there(middle) {
                    there = middle + 1;
                } else {
                    gone = middle;
                }
            }
        }
        match found.last_mut() {
            _ if there == first => {}
            Some(last) if last.end == first => last.end = there,
            _ => found.push(first..there),
        }
    }
    found
}

fn wrong(path: &Path, left: Left, what: &str) -> Error {
    Error::Format {
        path: path.to_path_buf(),
        problem: describe(left, what),
    }
}

fn describe(Left { bytes, promised }: Left, what: &str) -> String {
    format!("cut: {bytes} of {promised} bytes are left; {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_before_the_cut_are_there() {
        for left in 0..=10 {
            let contiguous = readable(10, 10, false, |row| row < left);
            let expected = (left > 0).then_some(0..left);
            assert_eq!(contiguous, Vec::from_iter(expected.clone()));
            assert_eq!(readable(10, 3, false, |row| row < left), contiguous);
            // Each row of a packed chunk needs all of them.
            let chunk_is_left = |row: usize| (row / 3 * 3 + 3).min(10) <= left;
            let whole = if left == 10 { 10 } else { left / 3 * 3 };
            let expected = (whole > 0).then_some(0..whole);
            let packed = readable(10, 3, true, chunk_is_left);
            assert_eq!(packed, Vec::from_iter(expected));
        }
        // Chunks lie in any order.
        let scattered = readable(10, 3, true, |row| row / 3 % 2 == 1);
        assert_eq!(scattered, [3..6, 9..10]);
        assert_eq!(readable(0, 1, false, |_| true), []);
    }
}
