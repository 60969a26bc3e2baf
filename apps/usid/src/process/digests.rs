//! What rows were computed from, and what they are: a digest of each, for every unit, beside the
//! marks.

use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::{Dataset, Group};
use jobwise_hdf5::element::Kind;

use super::{Columns, Output, Per};
use crate::Result;
use crate::error::refused;
use crate::format::{Element, Scalar};
use crate::hash::hash;

/// The name of the dataset of digests: u64 `[units, 2]`, of the source's rows as they are read and
/// of the rows of all outputs. 0 where none was kept.
pub const DIGESTS: &str = "jobwise_digests";

/// Of a unit's source and results.
const WIDTH: usize = 2;

/// Of a unit's digests.
pub(super) const BYTES: usize = WIDTH * size_of::<u64>();

/// The digests as one more output.
pub(super) fn output() -> Output {
    Output {
        name: DIGESTS.into(),
        quantity: String::new(),
        units: String::new(),
        element: Element::Real(Scalar::Of(Kind::U64)),
        columns: Columns::OfSource { width: WIDTH },
        rows: Per::Unit,
    }
}

/// Makes the dataset in a results group, all 0.
pub(super) fn create(group: &Group, units: usize) -> Result<Dataset> {
    let created = group
        .new_dataset::<u64>()
        .layout(Layout::Contiguous)
        .alloc_time(Some(AllocTime::Early))
        .fill_value(0u64)
        .fill_time(FillTime::Alloc)
        .shape((units, WIDTH))
        .create(DIGESTS);
    created.map_err(refused(group.filename(), DIGESTS))
}

/// The digest of what a unit's rows are computed from.
pub(super) fn of_source(unit: usize, bytes: &[u8]) -> u64 {
    hash(unit as u64, bytes)
}

/// The digest of a unit's rows of all outputs, in their order.
pub(super) fn of_results<'a>(unit: usize, outputs: impl Iterator<Item = &'a [u8]>) -> u64 {
    outputs.fold(unit as u64 + 1, hash)
}
