use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::{Dataset, Group, H5Type, ObjectReference1};
use ndarray::Array2;

use super::dimension::indices;
use super::{Ancillary, Bookkeeping, Dimension, Element, Main, Value};
use crate::Result;
use crate::error::refused;

/// How a dataset lies in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// In one piece, room for everything from the start.
    #[default]
    Contiguous,
    /// In pieces of whole rows, of 1 MiB or a row, compressed.
    Gzip {
        /// From 1 (fast) to 9 (small).
        level: u8,
    },
}

/// Which axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Rows.
    Position,
    /// Columns.
    Spectroscopic,
}

/// The indices and values of one axis.
#[derive(Clone, Debug)]
pub struct Axis {
    indices: Dataset,
    values: Dataset,
}

impl Axis {
    /// The axis of another main dataset in the same file.
    pub fn of(main: &Main, side: Side) -> Axis {
        let [indices, values] = side.ancillaries();
        Axis {
            indices: main.ancillary(indices).clone(),
            values: main.ancillary(values).clone(),
        }
    }

    /// Writes a full grid of `dimensions`, slowest first: `PREFIX_Indices` (u32) and `PREFIX_Values` (f32), one row per position, or
    /// one column per spectroscopic value.
    ///
    /// # Errors
    /// The names are taken, or the library refuses.
    pub fn create(
        group: &Group,
        prefix: &str,
        side: Side,
        dimensions: &[Dimension],
    ) -> Result<Axis> {
        let lengths: Vec<usize> = dimensions.iter().map(|axis| axis.values.len()).collect();
        let grid = indices(&lengths);
        let values = Array2::from_shape_fn(grid.dim(), |(entry, k)| {
            dimensions[k].values[grid[(entry, k)] as usize] as f32
        });
        Axis::write(group, prefix, side, dimensions, (grid, values))
    }

    /// As [`create`](Self::create), from the matrices of indices and values, one row per entry.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn write(
        group: &Group,
        prefix: &str,
        side: Side,
        labels: &[Dimension],
        (indices, values): (Array2<u32>, Array2<f32>),
    ) -> Result<Axis> {
        Ok(Axis {
            indices: store(group, &format!("{prefix}_Indices"), side, labels, indices)?,
            values: store(group, &format!("{prefix}_Values"), side, labels, values)?,
        })
    }
}

impl Side {
    fn ancillaries(self) -> [Ancillary; 2] {
        match self {
            Side::Position => [Ancillary::PositionIndices, Ancillary::PositionValues],
            Side::Spectroscopic => [
                Ancillary::SpectroscopicIndices,
                Ancillary::SpectroscopicValues,
            ],
        }
    }
}

fn store<T: H5Type + Clone>(
    group: &Group,
    name: &str,
    side: Side,
    labels: &[Dimension],
    matrix: Array2<T>,
) -> Result<Dataset> {
    let matrix = match side {
        Side::Position => matrix,
        Side::Spectroscopic => matrix.reversed_axes().as_standard_layout().into_owned(),
    };
    let dataset = group
        .new_dataset_builder()
        .with_data(&matrix)
        .create(name)
        .map_err(refused(group.filename(), name))?;
    let texts = |text: fn(&Dimension) -> &String| labels.iter().map(text).cloned().collect();
    Value::Texts(texts(|axis| &axis.name)).write(&dataset, "labels")?;
    Value::Texts(texts(|axis| &axis.units)).write(&dataset, "units")?;
    // All dimensions are of the default kind.
    Value::Integers(vec![0; labels.len()]).write(&dataset, "type")?;
    Ok(dataset)
}

/// A main dataset to be.
#[derive(Clone, Debug)]
pub struct NewMain<'a> {
    /// Its name.
    pub name: &'a str,
    /// Rows.
    pub positions: usize,
    /// Columns.
    pub width: usize,
    /// What a cell holds.
    pub element: &'a Element,
    /// What was measured or computed.
    pub quantity: &'a str,
    /// In which units.
    pub units: &'a str,
    /// How it lies in the file.
    pub storage: Storage,
    /// What the rows are.
    pub position: Axis,
    /// What the columns are.
    pub spectroscopic: Axis,
}

impl NewMain<'_> {
    /// Creates it, all zero.
    ///
    /// Of a contiguous dataset nothing is written: new space at the end of a file reads as zero (amendments see to that).
    ///
    /// # Errors
    /// The name is taken, or the library refuses.
    pub fn create(&self, group: &Group, bookkeeping: &Bookkeeping) -> Result<Dataset> {
        let failed = refused(group.filename(), self.name);
        let kind = self.element.descriptor();
        let builder = group.new_dataset_builder().empty_as(&kind);
        let shape = (self.positions, self.width);
        let dataset = match self.storage {
            Storage::Contiguous => builder
                .layout(Layout::Contiguous)
                .alloc_time(Some(AllocTime::Early))
                .fill_time(FillTime::Never)
                .shape(shape)
                .create(self.name),
            Storage::Gzip { level } => builder
                .chunk(super::chunks::rows(
                    self.positions,
                    self.width * self.element.size(),
                    self.width,
                ))
                .deflate(level)
                .shape(shape)
                .create(self.name),
        };
        let dataset = dataset.map_err(&failed)?;
        Value::Text(self.quantity.to_owned()).write(&dataset, "quantity")?;
        Value::Text(self.units.to_owned()).write(&dataset, "units")?;
        for (side, axis) in [
            (Side::Position, &self.position),
            (Side::Spectroscopic, &self.spectroscopic),
        ] {
            let [indices, values] = side.ancillaries();
            refer(&dataset, indices.name(), &axis.indices)?;
            refer(&dataset, values.name(), &axis.values)?;
        }
        bookkeeping.write(&dataset)?;
        Ok(dataset)
    }
}

/// Writes an attribute that refers to a dataset of the same file.
pub(super) fn refer(object: &hdf5::Location, name: &str, target: &Dataset) -> Result<()> {
    let failed = refused(object.filename(), name);
    let reference: ObjectReference1 = target.reference(&target.name()).map_err(&failed)?;
    let attribute = object
        .new_attr::<ObjectReference1>()
        .create(name)
        .map_err(&failed)?;
    attribute.write_scalar(&reference).map_err(&failed)
}
