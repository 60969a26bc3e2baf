use ndarray::{
    ArrayD, Axis, Dimension, IxDyn, ShapeBuilder, Slice, SliceInfoElem, arr0, arr1, arr2,
};

use super::text;
use crate::{Patch, SharedArray};
use jobwise_core::Cluster;
use jobwise_core::conformance::{Verdict, ensure};

/// A small generator: the same numbers on every rank.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Boxes anywhere, with steps in both directions, one or several at once, from any rank: as
/// `ndarray` does it.
pub(super) fn law(cluster: &dyn Cluster) -> Verdict {
    let mut dice = Dice(cluster.size() as u64);
    for shape in [vec![7], vec![4, 6], vec![3, 1, 5], vec![2, 3, 2, 4]] {
        let mut array = SharedArray::<u32>::new(cluster, &shape).map_err(text)?;
        let mut model = ArrayD::<u32>::zeros(IxDyn(&shape));
        for round in 0..25u32 {
            let from = dice.below(cluster.size());
            let mine = cluster.rank() == from;
            let slices: Vec<Slice> = shape
                .iter()
                .map(|&extent| {
                    let start = dice.below(extent);
                    let end = start + 1 + dice.below(extent - start);
                    let step = [1, 1, 2, 3, -1, -2][dice.below(6)];
                    Slice::new(start as isize, Some(end as isize), step)
                })
                .collect();
            let mut place = model.slice_each_axis_mut(|axis| slices[axis.axis.index()]);
            let extents = place.raw_dim();
            let data = ArrayD::from_shape_fn(extents, |at| {
                at.slice()
                    .iter()
                    .fold(round + 1, |sum, i| sum * 11 + *i as u32)
            });
            place.assign(&data);
            let elements: Vec<SliceInfoElem> = slices
                .iter()
                .map(|slice| SliceInfoElem::Slice {
                    start: slice.start,
                    end: slice.end,
                    step: slice.step,
                })
                .collect();
            array
                .assign(&elements, mine.then_some(data.view()))
                .map_err(text)?;
            ensure(array.view() == model, || {
                format!("{elements:?} of {shape:?} from rank {from}")
            })?;

            let data = ArrayD::from_elem(IxDyn(&vec![1; shape.len()]), round);
            let offsets: Vec<Vec<usize>> = (0..3)
                .map(|_| shape.iter().map(|&extent| dice.below(extent)).collect())
                .collect();
            let patches: Vec<_> = offsets
                .iter()
                .map(|at| Patch::with_offset(at, data.view()))
                .collect();
            array
                .set_many(from, mine.then_some(&patches))
                .map_err(text)?;
            for at in &offsets {
                model[IxDyn(at)] = round;
            }
            ensure(array.view() == model, || {
                format!("several patches of {shape:?} from rank {from}")
            })?;
        }
    }
    indices(cluster)
}

/// Indices with and without their axis, single values, slices left away.
fn indices(cluster: &dyn Cluster) -> Verdict {
    let mut array = SharedArray::<i8>::new(cluster, &[3, 4]).map_err(text)?;
    let last = cluster.rank() + 1 == cluster.size();
    array
        .assign(slices![..], last.then_some(arr0(1).view()))
        .map_err(text)?;
    array
        .assign(slices![1], last.then_some(arr1(&[2, 3, 4, 5]).view()))
        .map_err(text)?;
    array
        .assign(
            slices![1, 2],
            last.then_some(arr2(&[[6, 7], [8, 9]]).view()),
        )
        .map_err(text)?;
    array
        .assign(
            slices![Slice::new(0, None, 2), -4],
            last.then_some(arr1(&[10, 11]).view()),
        )
        .map_err(text)?;
    let expected = [[10, 1, 1, 1], [2, 3, 6, 7], [11, 1, 8, 9]].concat();
    ensure(array.as_slice() == expected, || format!("{array}"))
}

/// Data may lie in memory in any order.
pub(super) fn strides(cluster: &dyn Cluster) -> Verdict {
    let mut array = SharedArray::<f32>::new(cluster, &[4, 5, 6]).map_err(text)?;
    let fortran = ArrayD::from_shape_fn(IxDyn(&[4, 5, 6]).f(), |at| {
        (at[0] * 100 + at[1] * 10 + at[2]) as f32
    });
    let mut turned = fortran.clone();
    turned.invert_axis(Axis(1));
    let large = ArrayD::from_shape_fn(IxDyn(&[8, 5, 7]), |at| {
        (at[0] * 1000 + at[1] * 50 + at[2]) as f32
    });
    let part = large
        .slice(slices![Slice::new(0, None, 2), .., 1..])
        .into_dyn();
    let column = arr0(3.5);
    let same = column.broadcast(IxDyn(&[4, 5, 6])).ok_or("no broadcast")?;
    let swapped = ArrayD::from_shape_fn(IxDyn(&[6, 5, 4]), |at| at[2] as f32);
    let swapped = swapped.view().reversed_axes();
    for (number, data) in [fortran.view(), turned.view(), part, same, swapped]
        .into_iter()
        .enumerate()
    {
        let from = number % cluster.size();
        let mine = (cluster.rank() == from).then(|| Patch::new(data.view()));
        array.set(from, mine).map_err(text)?;
        ensure(array.view() == data, || {
            format!("data {number} from rank {from}")
        })?;
    }
    Ok(())
}
