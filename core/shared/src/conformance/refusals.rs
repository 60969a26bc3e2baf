use ndarray::{ArrayD, ArrayView2, IxDyn, NewAxis, Slice, SliceInfoElem, arr2};

use super::text;
use crate::{Patch, SharedArray};
use jobwise_core::conformance::{Verdict, ensure};
use jobwise_core::{Cluster, Error, Result};

/// What cannot be done is refused on every rank with the same words, changes nothing, and disturbs
/// nothing after.
pub(super) fn law(cluster: &dyn Cluster) -> Verdict {
    let array = &mut SharedArray::<i32>::new(cluster, &[3, 4]).map_err(text)?;
    let (rank, size) = (cluster.rank(), cluster.size());
    let data = arr2(&[[1, 2], [3, 4]]);
    let box_of = |rows, columns| ArrayD::<i32>::ones(IxDyn(&[rows, columns]));
    for from in 0..size {
        let mine = rank == from;
        let whole = arr2(&[[from as i32; 4]; 3]);
        array
            .set(from, Some(Patch::new(whole.view())))
            .map_err(text)?;
        let mut sticks = |offset: &[usize], data: ArrayD<i32>| {
            let outcome = array.set(from, mine.then(|| Patch::with_offset(offset, data.view())));
            refused(
                &outcome,
                from,
                rank,
                "stick out of an array of shape [3, 4]",
            )
        };
        sticks(&[2, 0], box_of(2, 2))?;
        sticks(&[0, 3], box_of(2, 2))?;
        sticks(&[3, 0], box_of(1, 1))?;
        sticks(&[usize::MAX, 0], box_of(2, 2))?;
        sticks(&[0, 0], box_of(3, 5))?;
        sticks(&[4, 0], box_of(0, 4))?;
        let axes = array.set(from, mine.then(|| Patch::new(data.row(0))));
        refused(&axes, from, rank, "data of 1 axes for an array of 2")?;
        let offset = array.set(from, mine.then(|| Patch::with_offset(&[1], data.view())));
        refused(&offset, from, rank, "an offset of 1 numbers")?;
        let nothing = array.set(from, (!mine).then(|| Patch::new(data.view())));
        refused(&nothing, from, rank, "no data were brought")?;
        let patches = [
            Patch::new(data.view()),
            Patch::with_offset(&[2, 3], data.view()),
        ];
        let half = array.set_many(from, mine.then_some(&patches));
        refused(&half, from, rank, "stick out of an array of shape [3, 4]")?;
        slices(array, from, &data.view())?;
        ensure(array.view() == whole.view().into_dyn(), || {
            format!("rank {from} changed the array: {array}")
        })?;
        // Without elements nothing is changed, at the edge too.
        let none = box_of(0, 0);
        array
            .set(from, mine.then(|| Patch::with_offset(&[3, 4], none.view())))
            .map_err(text)?;
        array.set_many(from, mine.then_some(&[])).map_err(text)?;
        ensure(array.view() == whole.into_dyn(), || {
            "no elements changed the array".into()
        })?;
    }
    let outside = array.set(size, Some(Patch::new(data.view())));
    ensure(
        outside.is_err_and(|e| e.to_string().contains(&format!("there are {size} ranks"))),
        || "a rank too many".into(),
    )
}

fn slices(array: &mut SharedArray<'_, i32>, from: usize, data: &ArrayView2<'_, i32>) -> Verdict {
    let (rank, size) = (array.cluster().rank(), array.cluster().size());
    let mine = (rank == from).then(|| data.view());
    let mut refuse =
        |slices: &[SliceInfoElem], words| refused(&array.assign(slices, mine), from, rank, words);
    refuse(
        slices![1..3, 0..3],
        "a value of shape [2, 2] for slices of shape [2, 3]",
    )?;
    refuse(
        slices![Slice::new(0, Some(3), 2), 0..4],
        "for slices of shape [2, 4]",
    )?;
    refuse(
        slices![2..4, 0..2],
        "slice 2..4 on axis 0 sticks out of its 3",
    )?;
    refuse(slices![-4isize..-2, 0..2], "sticks out of its 3")?;
    refuse(
        slices![2, 0],
        "index 2 and 2 elements on axis 0 stick out of its 3",
    )?;
    refuse(slices![0, 0, 0], "3 slices for an array of 2 axes")?;
    refuse(slices![NewAxis, 0..2], "an axis that the array lacks")?;
    let mut counted = |brings: bool, count: usize| {
        let outcome = array.assign(slices![0..2, 0..2], brings.then_some(data.view()));
        let words = format!("{count} ranks bring a value for a shared array");
        ensure(
            matches!(&outcome, Err(Error::Program(why)) if why.to_string().contains(&words)),
            || format!("not '{words}': {outcome:?}"),
        )
    };
    counted(false, 0)?;
    if size > 1 {
        counted(true, size)?;
        counted(rank == from || rank == (from + 1) % size, 2)?;
    }
    Ok(())
}

/// The rank `from` has its own error, the others have it from that rank.
fn refused(outcome: &Result<()>, from: usize, rank: usize, words: &str) -> Verdict {
    let right = match outcome {
        Err(Error::Program(why)) => rank == from && why.to_string().contains(words),
        Err(Error::Peer { rank: at, cause }) => {
            rank != from && *at == from && cause.contains(words) && !cause.starts_with("rank ")
        }
        _ => false,
    };
    ensure(right, || {
        format!("rank {from} refuses, not '{words}' but {outcome:?}")
    })
}

/// Shapes that no memory holds, or that ranks do not have in common, are errors on every rank.
pub(super) fn creation(cluster: &dyn Cluster) -> Verdict {
    let new = |shape: &[usize]| SharedArray::<u64>::new(cluster, shape).map(|_| ());
    for shape in [
        &[usize::MAX][..],
        &[1 << 40, 1 << 40],
        &[0, usize::MAX, 2],
        &[usize::MAX, usize::MAX, 0],
    ] {
        let outcome = new(shape);
        ensure(
            outcome
                .as_ref()
                .is_err_and(|e| e.to_string().contains("cannot be addressed")),
            || format!("{outcome:?}"),
        )?;
    }
    let huge = new(&[1 << 55]);
    ensure(huge.is_err(), || "2^58 bytes were found".into())?;
    if cluster.size() > 1 {
        let last = cluster.rank() + 1 == cluster.size();
        let differ = new(if last { &[2, 3] } else { &[3, 2] });
        let text = differ
            .as_ref()
            .map_or_else(ToString::to_string, |()| String::new());
        ensure(text.contains("rank 0 asks for [3, 2]"), || {
            format!("{differ:?}")
        })?;
    }
    new(&[2]).map_err(text)
}

/// Without elements there is nothing to read, nothing to change, and nothing wrong with it.
pub(super) fn empty(cluster: &dyn Cluster) -> Verdict {
    let mut array = SharedArray::<f64>::new(cluster, &[3, 0, 2]).map_err(text)?;
    ensure(
        array.is_empty() && array.view().shape() == [3, 0, 2],
        || "not empty".into(),
    )?;
    let last = cluster.size() - 1;
    let data = ArrayD::<f64>::zeros(IxDyn(&[3, 0, 2]));
    for outcome in [
        array.set(last, Some(Patch::new(data.view()))),
        array.assign(
            slices![.., .., ..],
            (cluster.rank() == last).then_some(data.view()),
        ),
    ] {
        ensure(
            matches!(&outcome, Err(Error::Program(why)) if why.to_string().contains("without elements")),
            || format!("{outcome:?}"),
        )?;
    }
    let lines = array.to_string().lines().count();
    ensure(lines == 4, || format!("{array}"))
}
