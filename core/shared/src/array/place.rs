use ndarray::{ArrayViewD, Axis, IxDyn, SliceInfoElem};

use super::runs::{Runs, Taken};

/// Where data of these extents lie at `offset` (`None`: at the beginning), or why they lie nowhere.
pub(super) fn locate(
    shape: &[usize],
    size: usize,
    offset: Option<&[usize]>,
    extents: &[usize],
) -> Result<Runs, String> {
    let axes = shape.len();
    if extents.len() != axes {
        return Err(format!(
            "data of {} axes for an array of {axes}",
            extents.len()
        ));
    }
    if let Some(offset) = offset.filter(|offset| offset.len() != axes) {
        return Err(format!(
            "an offset of {} numbers into an array of {axes} axes",
            offset.len()
        ));
    }
    let start = |axis: usize| offset.map_or(0, |offset| offset[axis]);
    let fits = |axis: usize| {
        let end = start(axis).checked_add(extents[axis]);
        end.is_some_and(|end| end <= shape[axis])
    };
    if !(0..axes).all(fits) {
        let offset = offset.map_or(vec![0; axes], <[usize]>::to_vec);
        return Err(format!(
            "data of shape {extents:?} at {offset:?} stick out of an array of shape {shape:?}"
        ));
    }
    let taken = (0..axes).map(|axis| Taken {
        start: start(axis),
        step: 1,
        count: extents[axis],
    });
    Ok(Runs::new(shape, size, taken))
}

/// Where `value` lies in the slices of an array, and the value as it lies there: repeated if it is
/// a single one, turned round along axes that are stepped through backwards; or why it does not
/// fit.
pub(super) fn within<'v, T>(
    shape: &[usize],
    size: usize,
    slices: &[SliceInfoElem],
    value: &'v ArrayViewD<'_, T>,
) -> Result<(Runs, ArrayViewD<'v, T>), String> {
    if slices.len() > shape.len() {
        return Err(format!(
            "{} slices for an array of {} axes",
            slices.len(),
            shape.len()
        ));
    }
    let mut shaped = value.view();
    let indices = slices
        .iter()
        .filter(|slice| matches!(slice, SliceInfoElem::Index(_)))
        .count();
    // A value that lacks the axes of the indices has extent 1 there; one that has them says itself
    // how far it reaches.
    let reaches = value.ndim() == shape.len();
    let single = value.ndim() == 0;
    if !reaches && !single && value.ndim() + indices != shape.len() {
        return Err(format!(
            "a value of {} axes for {} axes of an array",
            value.ndim(),
            shape.len() - indices
        ));
    }
    let mut taken = Vec::with_capacity(shape.len());
    for (axis, &extent) in shape.iter().enumerate() {
        let slice = slices.get(axis).copied().unwrap_or((..).into());
        let part = match slice {
            SliceInfoElem::Index(index) => {
                if !reaches && !single {
                    shaped.insert_axis_inplace(Axis(axis));
                }
                let count = if reaches { value.len_of(Axis(axis)) } else { 1 };
                let start = from_either_end(index, extent)
                    .filter(|start| start.checked_add(count).is_some_and(|end| end <= extent));
                let start = start.ok_or_else(|| {
                    format!(
                        "index {index} and {count} elements on axis {axis} stick out of its \
                         {extent}"
                    )
                })?;
                (start, 1, count)
            }
            SliceInfoElem::Slice { start, end, step } => {
                let bounds = from_either_end(start, extent)
                    .zip(end.map_or(Some(extent), |end| from_either_end(end, extent)));
                let (start, end) = bounds.filter(|(start, end)| start <= end).ok_or_else(|| {
                    let end = end.map_or(String::new(), |end| end.to_string());
                    format!("slice {start}..{end} on axis {axis} sticks out of its {extent}")
                })?;
                let stride = step.unsigned_abs();
                if stride == 0 {
                    return Err(format!("a step of 0 on axis {axis}"));
                }
                let count = (end - start).div_ceil(stride);
                if step < 0 && count > 0 {
                    // Backwards from the last one: the lowest is where as many steps lead.
                    (end - 1 - (count - 1) * stride, stride, count)
                } else {
                    (start, stride, count)
                }
            }
            SliceInfoElem::NewAxis => return Err("an axis that the array lacks".to_owned()),
        };
        let (start, step, count) = part;
        taken.push(Taken { start, step, count });
    }
    let counts: Vec<usize> = taken.iter().map(|part| part.count).collect();
    if single {
        shaped = value
            .broadcast(IxDyn(&counts))
            .ok_or_else(|| format!("slices of shape {counts:?} are too many elements"))?;
    }
    if shaped.shape() != counts {
        return Err(format!(
            "a value of shape {:?} for slices of shape {counts:?}",
            value.shape()
        ));
    }
    for (axis, slice) in slices.iter().enumerate() {
        if matches!(slice, SliceInfoElem::Slice { step, .. } if *step < 0) {
            shaped.invert_axis(Axis(axis));
        }
    }
    Ok((Runs::new(shape, size, taken.into_iter()), shaped))
}

/// An index that counts from the end if it is negative; the end itself is one.
fn from_either_end(index: isize, extent: usize) -> Option<usize> {
    let distance = index.unsigned_abs();
    if index < 0 {
        extent.checked_sub(distance)
    } else {
        (distance <= extent).then_some(distance)
    }
}
