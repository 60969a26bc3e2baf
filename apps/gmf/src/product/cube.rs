//! The datasets of `grid-fast-no-reduce`: the powers of all cells, or their maxima over some axes.
//!
//! Their names are their own, so that `range_rate_index` and `acceleration_index` keep the shape
//! (integrations, gates) that readers of every file expect.

use super::RunInfo;
use super::content::{self, Number, Values, Variable};
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
pub(super) fn shape(run: &RunInfo) -> Result<Option<CubeShape>> {
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

/// The axes of every dataset, the time first.
fn axes(shape: CubeShape) -> Vec<Option<content::Axis>> {
    let axes = shape.kept().into_iter().map(|(axis, _)| {
        let (label, scale) = match axis {
            Axis::Range => return content::RANGE,
            Axis::Acceleration => ("a", ACCELERATIONS),
            Axis::RangeRate => ("v", "range_rates"),
        };
        Some(content::Axis { label, scale })
    });
    std::iter::once(content::TIME).chain(axes).collect()
}

/// The cubes and the scale of the searched accelerations. Integrations that were not analysed have
/// no power anywhere.
pub(super) fn variables<'p>(
    integrations: &'p [Integration],
    shape: CubeShape,
    run: &RunInfo,
) -> Vec<Variable<'p>> {
    let selected = run.parameters.accelerations[run.parameters.selected.clone()].to_vec();
    let searched = "Accelerations searched";
    let mut variables = vec![Variable::scale(
        ACCELERATIONS,
        selected,
        searched,
        Some("m/s^2"),
    )];
    let power = "Matched-filter power";
    variables.push(rows(POWER, power, shape, integrations, |cube| &cube.power));
    let mut indices = |name, long_name, row: fn(&Cube) -> &[i32]| {
        if names(shape).contains(&name) {
            variables.push(rows(name, long_name, shape, integrations, row));
        }
    };
    let gate = "Index of the range gate of the largest power, -1 for none";
    indices(RANGE_INDEX, gate, |cube| &cube.range_index);
    let range_rate = "Index of the range rate of the largest power, -1 for none";
    indices(RANGE_RATE_INDEX, range_rate, |cube| &cube.range_rate_index);
    let acceleration = "Index into accelerations of the largest power, -1 for none";
    indices(ACCELERATION_INDEX, acceleration, |cube| {
        &cube.acceleration_index
    });
    variables
}

/// A dataset, integration by integration: a copy of it all would double the memory.
fn rows<'p, T: Number + Clone>(
    name: &'static str,
    long_name: &'static str,
    shape: CubeShape,
    integrations: &'p [Integration],
    row: impl Fn(&Cube) -> &[T],
) -> Variable<'p> {
    let kept = shape.kept().into_iter().map(|(_, length)| length);
    let lengths = std::iter::once(integrations.len()).chain(kept).collect();
    let cubes = integrations
        .iter()
        .map(|integration| integration.cube.as_ref());
    let entries: Vec<_> = cubes.map(|cube| cube.map(&row)).collect();
    let absent = if entries.iter().any(Option::is_none) {
        row(&Cube::empty(shape)).to_vec()
    } else {
        Vec::new()
    };
    let values = Values::Entries { entries, absent };
    Variable::results(name, lengths, axes(shape), values, long_name).large()
}
