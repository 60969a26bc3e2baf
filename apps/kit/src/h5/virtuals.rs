//! The parts that a virtual dataset is made of. Selections are known by their bounds, which holds
//! for every selection.

use std::ffi::{c_char, c_int};
use std::ops::Range;
use std::ptr;

use hdf5::{Dataset, h5check};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{
    H5Pget_virtual_count, H5Pget_virtual_dsetname, H5Pget_virtual_filename,
    H5Pget_virtual_srcspace, H5Pget_virtual_vspace,
};
use hdf5_sys::h5s::{
    H5Sclose, H5Sget_select_bounds, H5Sget_select_npoints, H5Sget_simple_extent_dims,
    H5Sget_simple_extent_ndims,
};

use super::{Error, Result};

/// What a part of a virtual dataset comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of the file, as it is stored; `.` for the same one.
    pub file: String,
    /// The path of the dataset in it.
    pub dataset: String,
    /// Of the virtual dataset.
    pub here: Selected,
    /// Of the source.
    pub there: Selected,
}

/// What is selected of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The shape of the dataset.
    pub shape: Vec<usize>,
    /// The rows (indices of the leading axis) from the first to the last that has a cell in it;
    /// `None` without bounds.
    pub rows: Option<Range<usize>>,
    /// How many cells.
    pub cells: usize,
}

/// The parts of a virtual dataset.
///
/// # Errors
/// The library refuses.
pub fn parts(dataset: &Dataset) -> Result<Vec<Part>> {
    let name = dataset.name();
    let failed = || Error::hdf5(dataset.filename(), &name);
    let list = dataset.dcpl().map_err(failed())?;
    hdf5::sync::sync(|| {
        let mut count = 0;
        // SAFETY: the library lock is held and the list is open; the count goes into a number of
        // ours.
        h5check(unsafe { H5Pget_virtual_count(list.id(), &raw mut count) })?;
        (0..count)
            .map(|index| part(list.id(), index))
            .collect::<hdf5::Result<Vec<Part>>>()
    })
    .map_err(failed())
}

fn part(list: hid_t, index: usize) -> hdf5::Result<Part> {
    // SAFETY: the caller holds the library lock and an open list of more than `index` parts; the
    // buffers are as long as is said.
    let file = text(|into, size| unsafe { H5Pget_virtual_filename(list, index, into, size) })?;
    // SAFETY: as above.
    let dataset = text(|into, size| unsafe { H5Pget_virtual_dsetname(list, index, into, size) })?;
    // SAFETY: as above; the space is closed by `selected`.
    let here = selected(h5check(unsafe { H5Pget_virtual_vspace(list, index) })?);
    // SAFETY: as above.
    let there = selected(h5check(unsafe { H5Pget_virtual_srcspace(list, index) })?);
    Ok(Part {
        file,
        dataset,
        here,
        there,
    })
}

fn text(get: impl Fn(*mut c_char, usize) -> isize) -> hdf5::Result<String> {
    let length = usize::try_from(get(ptr::null_mut(), 0)).map_err(|_| "has no name")?;
    let mut bytes = vec![0u8; length + 1];
    get(bytes.as_mut_ptr().cast(), bytes.len());
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Looks at a space and closes it.
fn selected(space: hid_t) -> Selected {
    // SAFETY: the caller holds the library lock and gives an open space; the buffers have a number
    // for each axis.
    unsafe {
        let axes: c_int = H5Sget_simple_extent_ndims(space);
        let axes = usize::try_from(axes).unwrap_or(0);
        let (mut shape, mut first, mut last) = (vec![0; axes], vec![0; axes], vec![0; axes]);
        H5Sget_simple_extent_dims(space, shape.as_mut_ptr(), ptr::null_mut());
        let bounded = H5Sget_select_bounds(space, first.as_mut_ptr(), last.as_mut_ptr()) >= 0;
        let cells = H5Sget_select_npoints(space);
        H5Sclose(space);
        let rows = first.first().zip(last.first()).filter(|_| bounded);
        Selected {
            rows: rows.map(|(first, last)| *first as usize..*last as usize + 1),
            shape: shape
                .into_iter()
                .map(|length: u64| length as usize)
                .collect(),
            cells: usize::try_from(cells).unwrap_or(usize::MAX),
        }
    }
}
