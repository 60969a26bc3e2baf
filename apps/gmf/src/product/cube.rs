//! The datasets of `grid-fast-no-reduce`: the powers of all cells, or their maxima over some axes.
//!
//! Their names are their own, so that `range_rate_index` and `acceleration_index` keep the shape (integrations, gates) that readers of
//! every file expect.

use hdf5::{Group, H5Type};
use jobwise_hdf5::scales::Dimension;
use jobwise_hdf5::{Error as Stored, attributes};
use ndarray::ArrayView1;

use super::write::scale;
use super::{Run, storage};
use crate::Result;
use crate::search::{Axis, Cube, CubeShape, Integration};
use crate::settings::Method;

/// Powers: (integrations, then the axes left in the order range gate, acceleration, range rate).
pub(super) const POWER: &str = "gmf_cube";
/// The accelerations that were searched: the scale of that axis.
pub(super) const ACCELERATIONS: &str = "cube_accelerations";
pub(super) const RANGE_INDEX: &str = "cube_range_index";
pub(super) const RANGE_RATE_INDEX: &str = "cube_range_rate_index";
pub(super) const ACCELERATION_INDEX: &str = "cube_acceleration_index";

/// The shape of a run's cubes; `None` where its method keeps none.
pub(super) fn shape(run: &Run) -> Result<Option<CubeShape>> {
    let is_kept = run.settings.gmf_method == Method::NoReduce;
    is_kept
        .then(|| CubeShape::new(&run.parameters, &run.settings))
        .transpose()
}

/// The datasets of cubes of that shape.
pub(super) fn names(shape: CubeShape) -> Vec<&'static str> {
    let reduce = shape.reduce;
    [
        (POWER, true),
        (RANGE_INDEX, reduce.range),
        (RANGE_RATE_INDEX, reduce.range_rate),
        (ACCELERATION_INDEX, reduce.acceleration),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| is_there.then_some(name))
    .collect()
}

/// The dimensions of every dataset, the time first.
pub(super) fn dimensions(
    shape: CubeShape,
    time: Option<Dimension<'static>>,
) -> Vec<Option<Dimension<'static>>> {
    let axes = shape.kept().into_iter().map(|(axis, _)| {
        let (label, scale) = match axis {
            Axis::Range => ("r", "ranges"),
            Axis::Acceleration => ("a", ACCELERATIONS),
            Axis::RangeRate => ("v", "range_rates"),
        };
        Some(Dimension { label, scale })
    });
    std::iter::once(time).chain(axes).collect()
}

/// Writes the cubes and the scale of the searched accelerations. Integrations that were not analysed have no power anywhere.
pub(super) fn write(
    file: &Group,
    integrations: &[Integration],
    shape: CubeShape,
    run: &Run,
) -> Result<()> {
    scale(
        file,
        ACCELERATIONS,
        &run.parameters.accelerations[run.parameters.selected.clone()],
        "Accelerations searched",
        Some("m/s^2"),
        run.compression,
    )?;
    let empty = Cube::empty(shape);
    let cubes: Vec<&Cube> = integrations
        .iter()
        .map(|integration| integration.cube.as_ref().unwrap_or(&empty))
        .collect();
    let power = "Matched-filter power";
    let level = run.compression;
    write_rows(file, POWER, power, shape, level, &cubes, |cube| &cube.power)?;
    let indices = |name, long_name, row: fn(&Cube) -> &[i32]| {
        if names(shape).contains(&name) {
            write_rows(file, name, long_name, shape, level, &cubes, row)
        } else {
            Ok(())
        }
    };
    let gate = "Index of the range gate of the largest power, -1 for none";
    indices(RANGE_INDEX, gate, |cube| &cube.range_index)?;
    let range_rate = "Index of the range rate of the largest power, -1 for none";
    indices(RANGE_RATE_INDEX, range_rate, |cube| &cube.range_rate_index)?;
    let acceleration = "Index into accelerations of the largest power, -1 for none";
    indices(ACCELERATION_INDEX, acceleration, |cube| {
        &cube.acceleration_index
    })
}

/// Writes a dataset integration by integration: a copy of it all would double the memory.
fn write_rows<T: H5Type>(
    file: &Group,
    name: &str,
    long_name: &str,
    shape: CubeShape,
    compression: u8,
    cubes: &[&Cube],
    row: impl Fn(&Cube) -> &[T],
) -> Result<()> {
    let refused = || Stored::hdf5(file.filename(), name);
    let kept = shape.kept().into_iter().map(|(_, length)| length);
    let lengths: Vec<usize> = kept.collect();
    let dimensions = [&[cubes.len()], &lengths[..]].concat();
    let dataset = storage::create::<T>(file, name, &dimensions, compression).map_err(refused())?;
    for (time, cube) in cubes.iter().enumerate() {
        let values = ArrayView1::from(row(cube))
            .into_shape_with_order(&lengths[..])
            .map_err(|source| refused()(source.to_string().into()))?;
        dataset
            .write_slice(values, time_slice(time, dataset.ndim()))
            .map_err(refused())?;
    }
    Ok(attributes::write_text(&dataset, "long_name", long_name)?)
}

/// One integration of a dataset.
fn time_slice(time: usize, dimensions: usize) -> hdf5::Hyperslab {
    let all = std::iter::repeat_n(hdf5::SliceOrIndex::from(..), dimensions - 1);
    let slices = std::iter::once(hdf5::SliceOrIndex::Index(time)).chain(all);
    hdf5::Hyperslab::new(slices.collect::<Vec<_>>())
}
