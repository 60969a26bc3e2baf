use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::{Dataset, Datatype, Group};

use super::chunks;
use super::{Axis, Bookkeeping, Element, Value, failed};
use crate::Result;

/// How a dataset lies in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// In one piece, filled with zeros at once.
    #[default]
    Contiguous,
    /// In one piece, of which nothing is written: only where new space of the file reads as zero,
    /// as behind its old end.
    Unwritten,
    /// In compressed pieces of whole rows, of 1 MiB or a row. What was never written reads as zero.
    Gzip {
        /// From 1 (fast) to 9 (small).
        level: u8,
    },
    /// In pieces of this shape, as other programs choose them. What was never written reads as
    /// zero.
    Chunks {
        /// Rows and columns.
        shape: [usize; 2],
        /// Compressed with gzip at this level.
        level: Option<u8>,
    },
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
    /// Creates it in `group`, all zero.
    ///
    /// # Errors
    /// The name is taken, or the library refuses.
    pub fn create(&self, group: &Group, bookkeeping: &Bookkeeping) -> Result<Dataset> {
        let dataset = self
            .allocate(group)
            .map_err(failed::member(group, self.name))?;
        Value::from(self.quantity).write(&dataset, "quantity")?;
        Value::from(self.units).write(&dataset, "units")?;
        self.position.attach(&dataset, group)?;
        self.spectroscopic.attach(&dataset, group)?;
        bookkeeping.write(&dataset)?;
        Ok(dataset)
    }

    fn allocate(&self, group: &Group) -> hdf5::Result<Dataset> {
        // As a type, not as a description: the binding would put gaps into compounds.
        let kind = Datatype::from_descriptor(&self.element.descriptor())?;
        let builder = group.new_dataset_builder().empty_as(kind);
        let shape = (self.positions, self.width);
        let contiguous = |builder: hdf5::DatasetBuilderEmpty, fill: FillTime| {
            builder
                .layout(Layout::Contiguous)
                .alloc_time(Some(AllocTime::Early))
                .fill_time(fill)
                .shape(shape)
                .create(self.name)
        };
        match self.storage {
            // Without the order to fill, space that the file used before would show what it held.
            Storage::Contiguous => contiguous(builder, FillTime::Alloc),
            Storage::Unwritten => contiguous(builder, FillTime::Never),
            Storage::Gzip { level } => {
                let rows = chunks::rows(self.positions, self.width * self.element.size());
                builder
                    .chunk((rows, self.width.max(1)))
                    .fill_time(FillTime::Alloc)
                    .deflate(level)
                    .shape(shape)
                    .create(self.name)
            }
            Storage::Chunks {
                shape: [rows, columns],
                level,
            } => {
                let builder = builder
                    .chunk((rows, columns))
                    .fill_time(FillTime::Alloc)
                    .shape(shape);
                match level {
                    Some(level) => builder.deflate(level).create(self.name),
                    None => builder.create(self.name),
                }
            }
        }
    }
}
