mod place;
mod runs;
mod show;
mod tree;

use std::marker::PhantomData;

use bytemuck::Pod;
use ndarray::{ArrayView, ArrayViewD, Dimension, IxDyn, SliceInfoElem};

use jobwise_core::{Cluster, Comm, Error, Region, Result};
use runs::{Cursor, Runs};
use tree::Tree;

/// An array of which every node holds one copy. All ranks read it without messages; changes are
/// collective and reach every copy.
///
/// Elements are plain bytes ([`Pod`]): integers, floats, arrays of them (`[f64; 2]` for a complex
/// number), structures that declare it; truth values as `u8`. Any extents are possible: without
/// axes it has one element, with an extent of 0 it has none and needs no memory. Rows are in
/// row-major order.
///
/// All ranks see a change when the call that makes it returns, and none before it has called it
/// itself.
///
/// ```
/// use jobwise_core::{LocalCluster, Nodes};
/// use jobwise_shared::{Patch, SharedArray};
/// use ndarray::{arr2, s};
///
/// LocalCluster::run_on(Nodes::new(&[0, 0, 1]), |comm| {
///     let mut image = SharedArray::<f32>::new(&comm, &[4, 2])?;
///     // Rank 2 brings two rows, then rank 1 a column.
///     let rows = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
///     image.set(2, Some(Patch::with_offset(&[1, 0], rows.view())))?;
///     let column = ndarray::arr0(5.0);
///     image.assign(s![.., 1], (comm.rank() == 1).then_some(column.view()))?;
///     assert_eq!(image.as_slice(), [0.0, 5.0, 1.0, 5.0, 3.0, 5.0, 0.0, 5.0]);
///     Ok::<(), jobwise_core::Error>(())
/// });
/// # use jobwise_core::Comm;
/// ```
pub struct SharedArray<'c, T> {
    cluster: &'c dyn Cluster,
    shape: Vec<usize>,
    /// `None` when there are no elements.
    region: Option<Box<dyn Region + 'c>>,
    elements: PhantomData<T>,
}

/// Data and their place in a [`SharedArray`].
#[derive(Clone, Debug)]
pub struct Patch<'d, T> {
    offset: Option<&'d [usize]>,
    data: ArrayViewD<'d, T>,
}

impl<'d, T> Patch<'d, T> {
    /// From the array's beginning on.
    pub fn new<D: Dimension>(data: ArrayView<'d, T, D>) -> Patch<'d, T> {
        Patch {
            offset: None,
            data: data.into_dyn(),
        }
    }

    /// From `offset` on, one number per axis.
    pub fn with_offset<D: Dimension>(
        offset: &'d [usize],
        data: ArrayView<'d, T, D>,
    ) -> Patch<'d, T> {
        Patch {
            offset: Some(offset),
            data: data.into_dyn(),
        }
    }
}

/// What one rank brings: boxes, and the data for each; or why it cannot be done.
type Change<'d, T> = Result<Vec<(Runs, ArrayViewD<'d, T>)>, String>;

impl<'c, T: Pod> SharedArray<'c, T> {
    /// An array of this shape, all bytes 0, on every node of `cluster`. Collective.
    ///
    /// # Errors
    /// On every rank: when the shape has more elements than can be addressed, ranks ask for
    /// different arrays, or a node has not so much memory.
    pub fn new(cluster: &'c dyn Cluster, shape: &[usize]) -> Result<SharedArray<'c, T>> {
        const {
            assert!(size_of::<T>() > 0, "elements have bytes");
            assert!(align_of::<T>() <= 64, "a region is aligned to 64 bytes");
        }
        let comm: &dyn Comm = cluster;
        let mine = (size_of::<T>(), shape.to_vec());
        let first = comm.broadcast_value(Some(mine.clone()));
        let bytes = first.and_then(|first| {
            if first == mine {
                bytes(shape, size_of::<T>()).ok_or_else(|| {
                    wrong(format!("an array of shape {shape:?} cannot be addressed"))
                })
            } else {
                Err(wrong(format!(
                    "an array of shape {shape:?} with elements of {} bytes, where rank 0 asks for \
                     {:?} of {} bytes",
                    mine.0, first.1, first.0
                )))
            }
        });
        let region = match comm.agree(bytes)? {
            0 => None,
            bytes => Some(cluster.region(bytes)?),
        };
        Ok(SharedArray {
            cluster,
            shape: shape.to_vec(),
            region,
            elements: PhantomData,
        })
    }

    /// The extent of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The ranks that share it.
    pub fn cluster(&self) -> &'c dyn Cluster {
        self.cluster
    }

    /// How many elements.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.region.is_none()
    }

    /// This node's copy, in row-major order.
    pub fn as_slice(&self) -> &[T] {
        self.region
            .as_ref()
            .map_or(&[], |region| bytemuck::cast_slice(region.bytes()))
    }

    /// This node's copy with its axes.
    ///
    /// # Panics
    /// Never: the shape was checked when the array was made.
    pub fn view(&self) -> ArrayViewD<'_, T> {
        ArrayViewD::from_shape(IxDyn(&self.shape), self.as_slice())
            .expect("the region holds as many elements as the shape says")
    }

    /// Rank `from`, the same on all ranks, changes a part of the array; what other ranks bring is
    /// ignored. Data without elements change nothing. Collective.
    ///
    /// # Errors
    /// On every rank, and nothing is changed: when there is no rank `from`, it brings nothing, its
    /// data have other axes or stick out of the array, or the array is empty. The rank `from` gets
    /// [`Error::Program`], the others [`Error::Peer`] with the same text. When a rank is gone.
    pub fn set(&mut self, from: usize, patch: Option<Patch<'_, T>>) -> Result<()> {
        let patch = patch.filter(|_| self.cluster.rank() == from);
        let change = patch.map(|patch| {
            let place = self.place(&patch)?;
            Ok(vec![(place, patch.data)])
        });
        self.change(from, change)
    }

    /// As [`set`](Self::set) of one patch after the other, at the price of one. Collective.
    ///
    /// # Errors
    /// As [`set`](Self::set): all patches are made or none.
    pub fn set_many(&mut self, from: usize, patches: Option<&[Patch<'_, T>]>) -> Result<()> {
        let patches = patches.filter(|_| self.cluster.rank() == from);
        let change = patches.map(|patches| {
            let places = patches
                .iter()
                .map(|patch| Ok((self.place(patch)?, patch.data.view())));
            places.collect()
        });
        self.change(from, change)
    }

    /// The one rank that brings a value puts it into these slices (`ndarray::s!`) of the array;
    /// slices on other ranks are ignored. Slices that are left away at the end mean whole axes;
    /// negative numbers count from the end; a step takes every so many elements, backwards if it is
    /// negative.
    ///
    /// A value of no axes fills the slices. Any other has the extents of the slices. An index is an
    /// extent of 1 that the value may lack; if the value has all axes of the array, an index says
    /// only where it begins. Collective.
    ///
    /// # Errors
    /// On every rank, and nothing is changed: when no rank or more than one brings a value, or the
    /// value has other extents than the slices or sticks out of the array. Further as
    /// [`set`](Self::set).
    pub fn assign<D: Dimension>(
        &mut self,
        slices: impl AsRef<[SliceInfoElem]>,
        value: Option<ArrayView<'_, T, D>>,
    ) -> Result<()> {
        let from = self.who_brings(value.is_some())?;
        let value = value.map(ArrayView::into_dyn);
        let change = value.as_ref().map(|value| {
            let slices = slices.as_ref();
            place::within(&self.shape, size_of::<T>(), slices, value).map(|change| vec![change])
        });
        self.change(from, change)
    }

    /// The one rank that says it does. Collective.
    fn who_brings(&self, does: bool) -> Result<usize> {
        let comm: &dyn Comm = self.cluster;
        let told = comm.all_reduce(&does, |all| {
            let first = all.iter().position(|does| *does).unwrap_or_default();
            (all.iter().filter(|does| **does).count(), first)
        })?;
        match told {
            (1, from) => Ok(from),
            (count, _) => Err(wrong(format!(
                "{count} ranks bring a value for a shared array; exactly one must"
            ))),
        }
    }

    fn place(&self, patch: &Patch<'_, T>) -> Result<Runs, String> {
        place::locate(
            &self.shape,
            size_of::<T>(),
            patch.offset,
            patch.data.shape(),
        )
    }

    fn change(&mut self, from: usize, change: Option<Change<'_, T>>) -> Result<()> {
        let (cluster, nodes) = (self.cluster, self.cluster.nodes());
        if from >= nodes.ranks() {
            return Err(wrong(format!(
                "rank {from} is to change a shared array, but there are {} ranks",
                nodes.ranks()
            )));
        }
        let Some(region) = &mut self.region else {
            return Err(wrong("a shared array without elements cannot be changed"));
        };
        let (rank, node) = (cluster.rank(), nodes.of(cluster.rank()));
        let tree = || Tree::new(cluster, nodes, from, node);
        let outcome = if rank == from {
            let nothing = || Err("no data were brought for a change of a shared array".to_owned());
            let change = change.unwrap_or_else(nothing);
            let (order, data) = match change {
                Ok(boxes) => {
                    let (order, data): (Vec<_>, Vec<_>) = boxes.into_iter().unzip();
                    (Ok(order), data)
                }
                Err(why) => (Err(why), Vec::new()),
            };
            let order = order.as_deref().map_err(String::as_str);
            region.update(Some(&mut |copy| {
                if let Ok(boxes) = order {
                    let mut cursor = Cursor::new(boxes);
                    for view in &data {
                        write(view, &mut cursor, copy)?;
                    }
                }
                if nodes.count() > 1 {
                    tree().tell(&order, copy)?;
                }
                order.map(|_| ()).map_err(wrong)
            }))
        } else if node != nodes.of(from) && rank == nodes.leader(node) {
            region.update(Some(&mut |copy| tree().follow(copy)))
        } else {
            region.update(None)
        };
        outcome.map_err(|error| original(error, from))
    }
}

/// A leader's word of rank `from`'s error is that error.
fn original(error: Error, from: usize) -> Error {
    match &error {
        Error::Peer { cause, .. } => match cause.strip_prefix(&format!("rank {from}: ")) {
            Some(cause) => Error::Peer {
                rank: from,
                cause: cause.to_owned(),
            },
            None => error,
        },
        _ => error,
    }
}

/// The data of one box, in row-major order, into the next places of `copy`.
fn write<T: Pod>(data: &ArrayViewD<'_, T>, cursor: &mut Cursor<'_>, copy: &mut [u8]) -> Result<()> {
    if let Some(together) = data.as_slice() {
        return cursor.fill(copy, bytemuck::cast_slice(together));
    }
    for row in data.rows() {
        if let Some(together) = row.as_slice() {
            cursor.fill(copy, bytemuck::cast_slice(together))?;
        } else {
            for element in row {
                cursor.fill(copy, bytemuck::bytes_of(element))?;
            }
        }
    }
    Ok(())
}

/// How many bytes an array has; `None` when no program can address it, by the rule of `ndarray`:
/// extents of 0 do not excuse the others.
fn bytes(shape: &[usize], size: usize) -> Option<usize> {
    let mut extents = shape.iter().filter(|&&extent| extent > 0);
    let bytes = extents.try_fold(size, |bytes, extent| bytes.checked_mul(*extent))?;
    isize::try_from(bytes).ok()?;
    Some(if shape.contains(&0) { 0 } else { bytes })
}

fn wrong(why: impl Into<jobwise_core::Cause>) -> Error {
    Error::Program(why.into())
}
