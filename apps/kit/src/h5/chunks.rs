//! Which rows of a chunked dataset are stored: a chunk that was never written takes no place in the
//! file.

use std::ptr;

use hdf5::{Dataset, h5check};
use hdf5_sys::h5::HADDR_UNDEF;
use hdf5_sys::h5d::H5Dget_chunk_info_by_coord;

use super::{Error, Result};

/// The runs of rows (indices of the leading axis) of which at least one chunk is not stored, in
/// order; none of a dataset without chunks.
///
/// # Errors
/// The index of the chunks cannot be read.
pub fn never_stored(dataset: &Dataset) -> Result<Vec<std::ops::Range<usize>>> {
    let (shape, Some(chunk)) = (dataset.shape(), dataset.chunk()) else {
        return Ok(Vec::new());
    };
    let along = |axis: usize| shape[axis].div_ceil(chunk[axis].max(1));
    let all = (0..shape.len()).try_fold(1usize, |all, axis| all.checked_mul(along(axis)));
    if all.is_some() && dataset.num_chunks() == all {
        return Ok(Vec::new());
    }
    let mut missing: Vec<std::ops::Range<usize>> = Vec::new();
    let across: usize = (1..shape.len()).map(along).product();
    for block in 0..along(0) {
        let mut is_stored = true;
        for mut index in 0..across {
            let mut place = vec![0; shape.len()];
            place[0] = (block * chunk[0]) as u64;
            for axis in (1..shape.len()).rev() {
                place[axis] = (index % along(axis) * chunk[axis]) as u64;
                index /= along(axis);
            }
            let address = address(dataset, &place)
                .map_err(Error::hdf5(dataset.filename(), &dataset.name()))?;
            if address == HADDR_UNDEF {
                is_stored = false;
                break;
            }
        }
        if !is_stored {
            let rows = block * chunk[0]..shape[0].min((block + 1) * chunk[0]);
            match missing.last_mut() {
                Some(last) if last.end == rows.start => last.end = rows.end,
                _ => missing.push(rows),
            }
        }
    }
    Ok(missing)
}

/// Where the chunk that begins at `place` lies in the file.
fn address(dataset: &Dataset, place: &[u64]) -> hdf5::Result<u64> {
    let (mut address, mut bytes) = (HADDR_UNDEF, 0);
    hdf5::sync::sync(|| {
        // SAFETY: the library lock is held and the identifier is open. `place` has a number for
        // each axis of the dataset; the two results go into numbers of ours, and the filter mask is
        // not asked for.
        h5check(unsafe {
            H5Dget_chunk_info_by_coord(
                dataset.id(),
                place.as_ptr(),
                ptr::null_mut(),
                &raw mut address,
                &raw mut bytes,
            )
        })
    })?;
    Ok(address)
}
