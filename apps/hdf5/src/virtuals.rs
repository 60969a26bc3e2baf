//! The parts that a virtual dataset is made of.

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
    H5S_UNLIMITED, H5S_sel_type, H5Sclose, H5Sget_regular_hyperslab, H5Sget_select_bounds,
    H5Sget_select_hyper_blocklist, H5Sget_select_hyper_nblocks, H5Sget_select_type,
    H5Sget_simple_extent_dims, H5Sget_simple_extent_ndims,
};
use jobwise_core::IndexSet;

use super::coverage::Cells;
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
    /// What is selected, box by box. A selection without bounds ends with the virtual dataset, or
    /// with what its source was when it was named.
    pub boxes: Vec<Cells>,
}

/// Boxes of one selection, at most: of a finer one, nothing is taken to be selected.
const MOST: usize = 1 << 18;

impl Selected {
    /// The rows that are selected, where the same cells are selected of each, which are one box.
    pub fn even_rows(&self) -> Option<IndexSet> {
        let inner = self.boxes.first()?.get(1..)?;
        let mut rows = IndexSet::new();
        for cells in &self.boxes {
            if &cells[1..] != inner {
                return None;
            }
            rows.insert(cells[0].clone());
        }
        Some(rows)
    }
}

/// The parts of a virtual dataset.
///
/// # Errors
/// The library refuses.
pub fn parts(dataset: &Dataset) -> Result<Vec<Part>> {
    let name = dataset.name();
    let failed = || Error::hdf5(dataset.filename(), &name);
    let list = dataset.dcpl().map_err(failed())?;
    let shape = dataset.shape();
    hdf5::sync::sync(|| {
        let mut count = 0;
        // SAFETY: the library lock is held and the list is open; the count goes into a number of
        // ours.
        h5check(unsafe { H5Pget_virtual_count(list.id(), &raw mut count) })?;
        (0..count)
            .map(|index| part(list.id(), index, &shape))
            .collect::<hdf5::Result<Vec<Part>>>()
    })
    .map_err(failed())
}

/// Part `index` of a virtual dataset of a `shape`.
fn part(list: hid_t, index: usize, shape: &[usize]) -> hdf5::Result<Part> {
    // SAFETY: the caller holds the library lock and an open list of more than `index` parts; the
    // buffers are as long as is said.
    let file = text(|into, size| unsafe { H5Pget_virtual_filename(list, index, into, size) })?;
    // SAFETY: as above.
    let dataset = text(|into, size| unsafe { H5Pget_virtual_dsetname(list, index, into, size) })?;
    // SAFETY: as above; the space is closed by `selected`.
    let here = h5check(unsafe { H5Pget_virtual_vspace(list, index) })?;
    let here = selected(here, Some(shape));
    // SAFETY: as above.
    let there = h5check(unsafe { H5Pget_virtual_srcspace(list, index) })?;
    let there = selected(there, None);
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

/// Looks at a space and closes it. Its extent is `known`, or its own.
fn selected(space: hid_t, known: Option<&[usize]>) -> Selected {
    // SAFETY: the caller holds the library lock and gives an open space; the buffers have a number
    // for each axis.
    unsafe {
        let axes: c_int = H5Sget_simple_extent_ndims(space);
        let axes = usize::try_from(axes).unwrap_or(0);
        let (mut shape, mut first, mut last) = (vec![0; axes], vec![0; axes], vec![0; axes]);
        H5Sget_simple_extent_dims(space, shape.as_mut_ptr(), ptr::null_mut());
        let bounded = H5Sget_select_bounds(space, first.as_mut_ptr(), last.as_mut_ptr()) >= 0
            && !last.contains(&H5S_UNLIMITED);
        let shape: Vec<usize> = shape
            .into_iter()
            .map(|length: u64| length as usize)
            .collect();
        let extent = known.unwrap_or(&shape);
        let boxes = match H5Sget_select_type(space) {
            H5S_sel_type::H5S_SEL_ALL => vec![shape.iter().map(|&length| 0..length).collect()],
            H5S_sel_type::H5S_SEL_HYPERSLABS if extent.len() == axes => boxes(space, extent),
            _ => Vec::new(),
        };
        H5Sclose(space);
        let rows = first.first().zip(last.first()).filter(|_| bounded);
        Selected {
            rows: rows.map(|(first, last)| *first as usize..*last as usize + 1),
            shape,
            boxes,
        }
    }
}

/// The boxes of a selection of hyperslabs within an extent; none of one that has too many.
///
/// # Safety
/// The lock of the library is held, and `space` is open and has the axes of the extent.
unsafe fn boxes(space: hid_t, extent: &[usize]) -> Vec<Cells> {
    // SAFETY: as the caller says.
    let regular = unsafe { regular(space, extent) };
    let Some(regular) = regular else {
        // SAFETY: as the caller says.
        return unsafe { listed(space, extent.len()) };
    };
    let count = regular
        .iter()
        .try_fold(1usize, |count, runs| count.checked_mul(runs.len()));
    if count.is_none_or(|count| count > MOST) {
        return Vec::new();
    }
    let mut boxes: Vec<Cells> = vec![Vec::new()];
    for runs in regular {
        let with = |cells: &Cells| -> Vec<Cells> {
            let each = runs.iter().cloned();
            each.map(|run| [&cells[..], &[run]].concat()).collect()
        };
        boxes = boxes.iter().flat_map(with).collect();
    }
    boxes
}

/// The runs along each axis of a selection that repeats; `None` of any other.
///
/// # Safety
/// As [`boxes`].
unsafe fn regular(space: hid_t, extent: &[usize]) -> Option<Vec<Vec<Range<usize>>>> {
    let axes = extent.len();
    let [mut start, mut stride, mut count, mut block] = [(); 4].map(|()| vec![0u64; axes]);
    // SAFETY: as the caller says; each has a number for each axis.
    let got = unsafe {
        H5Sget_regular_hyperslab(
            space,
            start.as_mut_ptr(),
            stride.as_mut_ptr(),
            count.as_mut_ptr(),
            block.as_mut_ptr(),
        )
    };
    let axis = |axis: usize| {
        let end = extent[axis] as u64;
        let [start, stride, count, block] = [&start, &stride, &count, &block].map(|it| it[axis]);
        let run = |first: u64, length: u64| {
            let last = first.saturating_add(length).min(end);
            first.min(end) as usize..last as usize
        };
        if stride == block || count == 1 {
            return vec![run(start, count.saturating_mul(block))];
        }
        // One more is enough to be too many.
        let firsts = (0..count).take(MOST + 1);
        let firsts = firsts.map(|k| start.saturating_add(stride.saturating_mul(k)));
        let firsts = firsts.take_while(|&first| first < end);
        firsts.map(|first| run(first, block)).collect()
    };
    (got >= 0 && axes > 0).then(|| (0..axes).map(axis).collect())
}

/// The boxes of any selection of hyperslabs that has bounds, as the library lists them.
///
/// # Safety
/// As [`boxes`].
unsafe fn listed(space: hid_t, axes: usize) -> Vec<Cells> {
    // SAFETY: as the caller says.
    let count = unsafe { H5Sget_select_hyper_nblocks(space) };
    let count = usize::try_from(count).unwrap_or(0);
    if count > MOST || axes == 0 {
        return Vec::new();
    }
    // The first corner of a box, and then the last one.
    let mut corners = vec![0u64; count * 2 * axes];
    // SAFETY: as the caller says; there is room for two corners of each box.
    let got =
        unsafe { H5Sget_select_hyper_blocklist(space, 0, count as u64, corners.as_mut_ptr()) };
    if got < 0 {
        return Vec::new();
    }
    let cells = |corners: &[u64]| -> Cells {
        let (first, last) = corners.split_at(axes);
        let axis =
            |(&first, &last): (&u64, &u64)| first as usize..(last as usize).saturating_add(1);
        first.iter().zip(last).map(axis).collect()
    };
    corners.chunks_exact(2 * axes).map(cells).collect()
}
