//! Whole rows of a dataset as bytes.
//!
//! [`read()`] and [`write()`] convert nothing: what is in memory is of the type in the file. So
//! compounds, complex numbers and floats of any width and byte order go the same way, bit for bit.
//! [`read_as`] names another type in memory. A row is everything below one index of the leading
//! axis.

use std::ops::Range;

use hdf5::{Dataset, Dataspace, Datatype, Hyperslab, SliceOrIndex, h5check};
use hdf5_sys::h5d::{H5Dread, H5Dwrite};
use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5t::{H5T_class_t, H5Tdetect_class};

use super::collective::transfer_list;
use super::descriptor::is_in_place;
use super::{Error, Result, descriptor, lengths};

pub use super::collective::Transfer;

/// Reads rows into `into`, which afterwards holds them and nothing else: rows x bytes of a row, in
/// the file's byte order.
///
/// # Errors
/// The dataset has no axis, has elements that do not lie in the dataset itself (variable
/// length, references) or fewer rows; the rows do not fit in memory; or the library refuses.
pub fn read(dataset: &Dataset, rows: Range<usize>, into: &mut Vec<u8>) -> Result<()> {
    let kind = dataset.dtype().map_err(refused(dataset))?;
    read_as(dataset, kind, rows, into)
}

/// The same, as elements of another type: the library converts. What
/// [`numbers::native`](super::numbers::native) says of the dataset's type loses nothing.
///
/// # Errors
/// As [`read`]; also when there is no way from the dataset's type to `kind`.
pub fn read_as(
    dataset: &Dataset,
    kind: Datatype,
    rows: Range<usize>,
    into: &mut Vec<u8>,
) -> Result<()> {
    let block = Block::of(dataset, kind, rows)?;
    // What a buffer holds from before is overwritten as it is.
    into.truncate(block.bytes);
    let more = block.bytes - into.len();
    into.try_reserve_exact(more).map_err(|_| {
        let problem = format!("{} bytes of rows do not fit in memory", block.bytes);
        wrong(dataset, problem)
    })?;
    into.resize(block.bytes, 0);
    hdf5::sync::sync(|| {
        // SAFETY: the library lock is held and the identifiers are open. `into` holds `block.bytes`
        // bytes, which is what the selected elements take in the type in memory; `Block::of`
        // refuses types with pointers in memory.
        h5check(unsafe {
            H5Dread(
                dataset.id(),
                block.kind.id(),
                block.memory.id(),
                block.selected.id(),
                H5P_DEFAULT,
                into.as_mut_ptr().cast(),
            )
        })
    })
    .map(drop)
    .map_err(refused(dataset))
}

/// Writes rows given as bytes in the dataset's own type and byte order.
///
/// In a collective transfer a rank whose arguments are refused still takes part, without rows, so
/// that the others do not wait for it.
///
/// # Errors
/// As [`read`], or `bytes` is not exactly the size of the rows.
pub fn write(
    dataset: &Dataset,
    rows: Range<usize>,
    bytes: &[u8],
    transfer: Transfer,
) -> Result<()> {
    let own = |rows| {
        let kind = dataset.dtype().map_err(refused(dataset))?;
        Block::of(dataset, kind, rows)
    };
    let block = own(rows).and_then(|block| {
        if bytes.len() == block.bytes {
            return Ok(block);
        }
        let (given, needed) = (bytes.len(), block.bytes);
        let problem = format!("{given} bytes were given for rows of {needed} bytes");
        Err(wrong(dataset, problem))
    });
    match block {
        Ok(block) => put(dataset, &block, bytes, transfer),
        Err(error) if transfer == Transfer::Independent => Err(error),
        Err(error) => {
            // The first error is the one to tell.
            let _ = own(0..0).and_then(|none| put(dataset, &none, &[], transfer));
            Err(error)
        }
    }
}

fn put(dataset: &Dataset, block: &Block, bytes: &[u8], transfer: Transfer) -> Result<()> {
    assert_eq!(bytes.len(), block.bytes);
    let list = transfer_list(dataset, transfer).map_err(refused(dataset))?;
    let list = list.as_ref().map_or(H5P_DEFAULT, |list| list.id());
    hdf5::sync::sync(|| {
        // SAFETY: the library lock is held and the identifiers are open. `bytes` holds what the
        // selected elements take in the file's type (asserted above); `Block::of` refuses types
        // with pointers in memory.
        h5check(unsafe {
            H5Dwrite(
                dataset.id(),
                block.kind.id(),
                block.memory.id(),
                block.selected.id(),
                list,
                bytes.as_ptr().cast(),
            )
        })
    })
    .map(drop)
    .map_err(refused(dataset))
}

/// Rows of one dataset, as the library wants them named.
struct Block {
    kind: Datatype,
    selected: Dataspace,
    memory: Dataspace,
    bytes: usize,
}

impl Block {
    /// `kind` is the type in memory.
    fn of(dataset: &Dataset, kind: Datatype, rows: Range<usize>) -> Result<Block> {
        let stored = dataset.dtype().map_err(refused(dataset))?;
        if !lies_in_place(&stored) || !lies_in_place(&kind) {
            let problem =
                "has elements of variable length or references, which cannot be copied as bytes";
            return Err(wrong(dataset, problem.into()));
        }
        lengths::check_head(dataset)?;
        let space = dataset.space().map_err(refused(dataset))?;
        let shape = space.shape();
        let Some((&len, inner)) = shape.split_first() else {
            return Err(wrong(dataset, "has no dimension, and so no rows".into()));
        };
        if rows.start > rows.end || rows.end > len {
            let problem = format!("has {len} rows and not those of {rows:?}");
            return Err(wrong(dataset, problem));
        }
        let count = rows.len();
        let bytes = inner
            .iter()
            .try_fold(count, |elements, &length| elements.checked_mul(length))
            .and_then(|elements| elements.checked_mul(kind.size()))
            .filter(|&bytes| isize::try_from(bytes).is_ok())
            .ok_or_else(|| {
                let problem = format!("{count} rows of {inner:?} are more than memory");
                wrong(dataset, problem)
            })?;
        let mut window = vec![SliceOrIndex::from(rows)];
        window.resize(shape.len(), SliceOrIndex::from(..));
        let memory = [&[count], inner].concat();
        let selected = space.select(Hyperslab::from(window));
        Ok(Block {
            selected: selected.map_err(refused(dataset))?,
            memory: Dataspace::try_new(memory).map_err(refused(dataset))?,
            kind,
            bytes,
        })
    }
}

/// Whether elements of the type hold all of their bytes themselves.
fn lies_in_place(kind: &Datatype) -> bool {
    let has = |class| {
        // SAFETY: the library lock is held and `kind` is open.
        hdf5::sync::sync(|| unsafe { H5Tdetect_class(kind.id(), class) }) != 0
    };
    // The library calls text of variable length a string, wherever it is in the type: then the
    // whole type is looked at.
    let is_text_in_place = || descriptor::of(kind).is_ok_and(|it| is_in_place(&it));
    !has(H5T_class_t::H5T_VLEN)
        && !has(H5T_class_t::H5T_REFERENCE)
        && (!has(H5T_class_t::H5T_STRING) || is_text_in_place())
}

fn wrong(dataset: &Dataset, problem: String) -> Error {
    Error::Format {
        path: dataset.filename().into(),
        object: dataset.name(),
        problem,
    }
}

fn refused(dataset: &Dataset) -> impl FnOnce(hdf5::Error) -> Error {
    |source| Error::Hdf5 {
        path: dataset.filename().into(),
        object: dataset.name(),
        source,
    }
}

#[cfg(test)]
mod tests;
