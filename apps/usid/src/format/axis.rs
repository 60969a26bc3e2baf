use std::ops::Range;

use hdf5::{Dataset, Group, H5Type, Location};
use ndarray::{Array2, s};

use super::reference::{is_same_file, refer};
use super::{Ancillary, Dimension, Main, Value, failed};
use crate::{Error, Result};

/// Entries written at a time.
const SLAB: usize = 1 << 16;

/// Which axis of a main dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Its rows.
    Position,
    /// Its columns.
    Spectroscopic,
}

impl Side {
    /// The indices and the values.
    pub(super) fn ancillaries(self) -> [Ancillary; 2] {
        match self {
            Side::Position => [Ancillary::PositionIndices, Ancillary::PositionValues],
            Side::Spectroscopic => [
                Ancillary::SpectroscopicIndices,
                Ancillary::SpectroscopicValues,
            ],
        }
    }

    /// The usual prefix of their names.
    pub fn prefix(self) -> &'static str {
        match self {
            Side::Position => "Position",
            Side::Spectroscopic => "Spectroscopic",
        }
    }
}

/// The indices and values of one axis, as datasets.
#[derive(Clone, Debug)]
pub struct Axis {
    side: Side,
    /// Indices and values.
    datasets: [Dataset; 2],
}

impl Axis {
    /// The axis of another main dataset. If that lies in another file, the two datasets are copied
    /// beside the new main dataset.
    pub fn of(main: &Main, side: Side) -> Axis {
        let datasets = side
            .ancillaries()
            .map(|which| main.ancillary(which).clone());
        Axis { side, datasets }
    }

    /// Writes a full grid of `dimensions`, slowest first: `PREFIX_Indices` (u32) and
    /// `PREFIX_Values` (f32), one row per position, or one column per spectroscopic value. Values
    /// are f64 where neighbours would become equal as f32, or infinite, or 0.
    ///
    /// # Errors
    /// The names are taken, the grid has 2^32 entries or more, or the library refuses.
    ///
    /// # Panics
    /// There is no dimension.
    pub fn create(
        group: &Group,
        prefix: &str,
        side: Side,
        dimensions: &[Dimension],
    ) -> Result<Axis> {
        assert!(!dimensions.is_empty(), "an axis has one dimension at least");
        let names = ["Indices", "Values"].map(|what| format!("{prefix}_{what}"));
        let lengths: Vec<usize> = dimensions.iter().map(Dimension::len).collect();
        let entries = lengths
            .iter()
            .try_fold(1usize, |product, &length| product.checked_mul(length))
            .filter(|&entries| u32::try_from(entries).is_ok())
            .ok_or_else(|| Error::Format {
                path: group.filename().into(),
                object: format!("{}/{}", group.name(), names[0]),
                problem: format!("a grid of {lengths:?} has too many entries"),
            })?;
        let grid = Grid {
            side,
            dimensions,
            entries,
        };
        let indices = grid.store(group, &names[0], |_, index| index as u32)?;
        let values = if dimensions.iter().all(fits_f32) {
            grid.store(group, &names[1], |d, index| d.values[index] as f32)?
        } else {
            grid.store(group, &names[1], |d, index| d.values[index])?
        };
        Ok(Axis {
            side,
            datasets: [indices, values],
        })
    }

    /// Lets a dataset refer to this axis.
    pub(super) fn attach(&self, dataset: &Dataset, group: &Group) -> Result<()> {
        for (which, ours) in self.side.ancillaries().into_iter().zip(&self.datasets) {
            let target = if is_same_file(ours, group) {
                ours.clone()
            } else {
                copied(ours, group)?
            };
            refer(dataset, which.name(), &target)?;
        }
        Ok(())
    }
}

/// Whether values that follow each other stay different, and none is lost, as 32-bit floats.
fn fits_f32(dimension: &Dimension) -> bool {
    let narrow = |x: f64| f64::from(x as f32);
    let is_kept =
        |&x: &f64| narrow(x).is_finite() == x.is_finite() && (narrow(x) == 0.0) == (x == 0.0);
    #[allow(clippy::float_cmp)] // equal or not is what matters
    let stays = |pair: &[f64]| (pair[0] == pair[1]) == (narrow(pair[0]) == narrow(pair[1]));
    dimension.values.iter().all(is_kept) && dimension.values.windows(2).all(stays)
}

/// The copy of a dataset of another file in `group`; made unless another main dataset of the group
/// has it already.
fn copied(dataset: &Dataset, group: &Group) -> Result<Dataset> {
    let path = dataset.name();
    let name = path.rsplit('/').next().unwrap_or_default();
    let failed = || failed::member(group, name);
    if !group.link_exists(name) {
        dataset.copy_to(group, name).map_err(failed())?;
    }
    let copy = group.dataset(name).map_err(failed())?;
    if copy.shape() == dataset.shape() {
        return Ok(copy);
    }
    Err(Error::Format {
        path: group.filename().into(),
        object: copy.name(),
        problem: format!(
            "is in the way of a copy of {}: {path}; remove it or choose another group",
            dataset.filename()
        ),
    })
}

/// A full grid, to be written.
#[derive(Debug)]
struct Grid<'a> {
    side: Side,
    dimensions: &'a [Dimension],
    entries: usize,
}

impl Grid<'_> {
    /// Writes a number for each entry and dimension, found from the index along that dimension.
    fn store<T: H5Type + Copy>(
        &self,
        group: &Group,
        name: &str,
        number: impl Fn(&Dimension, usize) -> T,
    ) -> Result<Dataset> {
        let failed = || failed::member(group, name);
        let columns = self.dimensions.len();
        let shape = match self.side {
            Side::Position => (self.entries, columns),
            Side::Spectroscopic => (columns, self.entries),
        };
        let dataset = group
            .new_dataset::<T>()
            .shape(shape)
            .create(name)
            .map_err(failed())?;
        for start in (0..self.entries).step_by(SLAB) {
            let range = start..(start + SLAB).min(self.entries);
            let slab = self.slab(range.clone(), &number);
            let written = match self.side {
                Side::Position => dataset.write_slice(&slab, s![range, ..]),
                Side::Spectroscopic => {
                    let slab = slab.t().as_standard_layout().into_owned();
                    dataset.write_slice(&slab, s![.., range])
                }
            };
            written.map_err(failed())?;
        }
        self.label(&dataset)?;
        Ok(dataset)
    }

    /// One row per entry, one column per dimension.
    fn slab<T>(&self, range: Range<usize>, number: impl Fn(&Dimension, usize) -> T) -> Array2<T> {
        let mut steps = vec![1; self.dimensions.len()];
        for k in (1..steps.len()).rev() {
            steps[k - 1] = steps[k] * self.dimensions[k].len();
        }
        Array2::from_shape_fn((range.len(), steps.len()), |(row, k)| {
            let dimension = &self.dimensions[k];
            number(dimension, (range.start + row) / steps[k] % dimension.len())
        })
    }

    fn label(&self, dataset: &Location) -> Result<()> {
        let texts = |text: fn(&Dimension) -> &String| {
            Value::Texts(self.dimensions.iter().map(text).cloned().collect())
        };
        texts(|dimension| &dimension.name).write(dataset, "labels")?;
        texts(|dimension| &dimension.units).write(dataset, "units")?;
        let codes = self.dimensions.iter().map(|d| d.spacing.code());
        Value::Integers(codes.collect()).write(dataset, "type")
    }
}
