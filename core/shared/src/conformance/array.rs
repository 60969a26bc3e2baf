use bytemuck::Pod;
use ndarray::{Array3, ArrayD, ArrayView1, Axis, IxDyn, arr0};

use super::text;
use crate::{Patch, SharedArray};
use jobwise_core::conformance::{Verdict, ensure};
use jobwise_core::{Cluster, Comm};

/// Every rank in turn fills an array with its number, slab by slab, by `set` and by slices.
pub(super) fn slabs(cluster: &dyn Cluster) -> Verdict {
    slabs_of(cluster, |rank| rank as i32)?;
    slabs_of(cluster, |rank| rank as i64 - 3)?;
    slabs_of(cluster, |rank| rank as f32 + 0.25)?;
    slabs_of(cluster, |rank| rank as f64 - 0.5)?;
    slabs_of(cluster, |rank| [rank as f64, -1.0])
}

fn slabs_of<T: Pod + PartialEq>(cluster: &dyn Cluster, number: fn(usize) -> T) -> Verdict {
    let mut array = SharedArray::<T>::new(cluster, &[2, 5, 10]).map_err(text)?;
    ensure(array.as_slice().iter().all(|v| *v == T::zeroed()), || {
        "not all zero at first".into()
    })?;
    for turn in 0..cluster.size() {
        for by_slices in [false, true] {
            let value = number(turn + 7 * usize::from(by_slices));
            let slab = Array3::from_elem((1, 1, 5), value);
            for (i, j, k) in places() {
                let mine = cluster.rank() == turn;
                if by_slices {
                    let place = slices![i..=i, j..=j, k..k + 5];
                    array
                        .assign(place, mine.then_some(slab.view()))
                        .map_err(text)?;
                } else {
                    let offset = [i, j, k];
                    array
                        .set(turn, mine.then(|| Patch::with_offset(&offset, slab.view())))
                        .map_err(text)?;
                }
                let read = array
                    .view()
                    .slice(slices![i, j, k..k + 5])
                    .iter()
                    .all(|v| *v == value);
                ensure(read, || {
                    format!("slab {i} {j} {k} of rank {turn} was not read")
                })?;
            }
            ensure(array.as_slice().iter().all(|v| *v == value), || {
                format!("not all of rank {turn}")
            })?;
        }
    }
    let whole = ArrayD::from_elem(IxDyn(&[2, 5, 10]), number(99));
    let last = cluster.size() - 1;
    let mine = cluster.rank() == last;
    array
        .assign(slices![.., .., ..], mine.then_some(whole.view()))
        .map_err(text)?;
    ensure(array.view() == whole, || {
        "open slices are not the whole array".into()
    })
}

fn places() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..2).flat_map(|i| (0..5).flat_map(move |j| [0, 5].map(|k| (i, j, k))))
}

/// Any rank may bring data, whatever it is on its node; what others bring is ignored; the last
/// change wins.
pub(super) fn sources(cluster: &dyn Cluster) -> Verdict {
    let mut array = SharedArray::<u64>::new(cluster, &[4]).map_err(text)?;
    for round in 0..3 * cluster.size() as u64 {
        let from = (round * 5) as usize % cluster.size();
        let mine = [round + 1000 * cluster.rank() as u64 + 1; 2];
        let patch = Patch::with_offset(&[1], ArrayView1::from(&mine));
        array.set(from, Some(patch)).map_err(text)?;
        let value = round + 1000 * from as u64 + 1;
        let expected = [0, value, value, 0];
        ensure(array.as_slice() == expected, || {
            format!("{:?} from rank {from}, not {expected:?}", array.as_slice())
        })?;
    }
    Ok(())
}

/// Slices along the last axis lie together in the array itself, and stay where they are.
pub(super) fn views(cluster: &dyn Cluster) -> Verdict {
    let mut array = SharedArray::<f64>::new(cluster, &[3, 4, 7]).map_err(text)?;
    let before = array.as_slice().as_ptr();
    let ones = ArrayD::from_elem(IxDyn(&[3, 4, 7]), 1.0);
    let last = cluster.size() - 1;
    array
        .set(last, Some(Patch::new(ones.view())))
        .map_err(text)?;
    ensure(array.as_slice().as_ptr() == before, || {
        "the array moved".into()
    })?;
    let view = array.view();
    let lanes = view.lanes(Axis(2)).into_iter().enumerate();
    for (index, lane) in lanes {
        let together = lane.as_slice().map(<[f64]>::as_ptr);
        ensure(together == Some(before.wrapping_add(7 * index)), || {
            format!("lane {index} is elsewhere")
        })?;
    }
    let shown = array.to_string();
    let header = format!(
        "SharedArray [3, 4, 7] of f64 on {} nodes",
        cluster.nodes().count()
    );
    ensure(
        shown.starts_with(&header) && shown.lines().count() == 4,
        || shown,
    )?;
    let mut single = SharedArray::<i16>::new(cluster, &[]).map_err(text)?;
    single
        .set(0, Some(Patch::new(arr0(7).view())))
        .map_err(text)?;
    ensure(single.len() == 1 && single.as_slice() == [7], || {
        "no single element".into()
    })?;
    ensure(single.to_string().ends_with('7'), || single.to_string())
}

/// Groups of one rank, halves, rows and columns of grids: each has arrays of its own.
pub(super) fn groups(cluster: &dyn Cluster) -> Verdict {
    let (rank, size) = (cluster.rank(), cluster.size());
    let wide = (1..=size).rfind(|w| w * w <= size).unwrap_or(1);
    for colour in [rank, 2 * rank / size, rank / wide, rank % wide, 0] {
        let group = cluster.split(colour, size - rank).map_err(text)?;
        let mut array = SharedArray::<i32>::new(&*group, &[3]).map_err(text)?;
        for from in 0..group.size() {
            let data = [(100 * colour + from) as i32];
            let place = [from % 3];
            let mine = Patch::with_offset(&place, ArrayView1::from(&data));
            array
                .set(from, (group.rank() == from).then_some(mine))
                .map_err(text)?;
            ensure(array.as_slice()[from % 3] == data[0], || {
                format!("colour {colour}, from {from}")
            })?;
        }
    }
    Ok(())
}

/// Many arrays live at once and go in any order.
pub(super) fn many(cluster: &dyn Cluster) -> Verdict {
    let mut arrays = (0..100)
        .map(|number| SharedArray::<u8>::new(cluster, &[number % 7 + 1]))
        .collect::<jobwise_core::Result<Vec<_>>>()
        .map_err(text)?;
    for (number, array) in arrays.iter_mut().enumerate() {
        let data = [number as u8];
        let from = number % cluster.size();
        array
            .set(from, Some(Patch::new(ArrayView1::from(&data))))
            .map_err(text)?;
    }
    while !arrays.is_empty() {
        drop(arrays.swap_remove(cluster.rank() % arrays.len()));
        let kept = arrays
            .iter()
            .all(|array| usize::from(array.as_slice()[0]) % 7 + 1 == array.len());
        ensure(kept, || "an array changed when another one went".into())?;
    }
    (cluster as &dyn Comm).barrier().map_err(text)
}

/// Changes of many messages reach other nodes whole: 30 MB in rows that end where messages do not.
pub(super) fn parts(cluster: &dyn Cluster) -> Verdict {
    let (rows, columns) = (1000, 30_011);
    let mut array = SharedArray::<u8>::new(cluster, &[rows, columns]).map_err(text)?;
    let value = |row: usize, column: usize| ((row * 31 + column * 7) % 251 + 1) as u8;
    let from = cluster.size() / 2;
    let data = ndarray::Array2::from_shape_fn((rows, columns - 1), |(i, j)| value(i, j));
    let mine = (cluster.rank() == from).then(|| Patch::with_offset(&[0, 1], data.view()));
    array.set(from, mine).map_err(text)?;
    let view = array.view();
    let first = view.slice(slices![.., 0]).iter().all(|v| *v == 0);
    ensure(
        first && view.slice(slices![.., 1..]) == data.into_dyn(),
        || "30 MB are not the same".into(),
    )
}
