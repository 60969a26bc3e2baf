//! Parts of an HDF5 file.

use std::path::{Path, PathBuf};

use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use hdf5::{Dataset, File, H5Type, Location};
use jobwise_hdf5::{Error as Refused, attributes, descriptor, file_access, lengths, scales};

use super::storage;
use crate::Result;
use crate::product::content::{Number, Numbers, Value, Values};
use crate::product::format::{Head, Kind, Names, Part, Reader};

#[derive(Debug)]
pub(super) struct Hdf5Reader {
    path: PathBuf,
    file: File,
}

impl Hdf5Reader {
    pub(super) fn open(path: &Path) -> Result<Hdf5Reader> {
        Ok(Hdf5Reader {
            path: path.to_path_buf(),
            file: file_access::open(path)?,
        })
    }

    fn dataset(&self, name: &str) -> Result<Dataset> {
        Ok(self.file.dataset(name).map_err(self.refused(name))?)
    }

    /// What `read` makes of a part.
    fn of_part<R>(
        &self,
        part: Part<'_>,
        read: impl FnOnce(&Location) -> jobwise_hdf5::Result<R>,
    ) -> Result<R> {
        let read = match part {
            Part::File => read(&self.file),
            Part::Group(name) => {
                let group = self.file.group(name).map_err(self.refused(name))?;
                read(&group)
            }
            Part::Variable(name) => {
                let dataset = self.dataset(name)?;
                read(&dataset)
            }
        };
        Ok(read?)
    }

    fn whole<T: H5Type + Number>(&self, variable: &str) -> Result<Numbers<'static>> {
        let numbers: Vec<T> = lengths::read(&self.dataset(variable)?)?;
        Ok(T::numbers(Values::Whole(numbers)))
    }

    fn refused(&self, object: &str) -> impl FnOnce(hdf5::Error) -> Refused {
        Refused::hdf5(&self.path, object)
    }
}

impl Reader for Hdf5Reader {
    fn names(&self) -> Result<Names> {
        let datasets = self.file.datasets().map_err(self.refused("datasets"))?;
        let variables: Result<Vec<_>> = datasets
            .iter()
            .map(|dataset| Ok((own_name(dataset), scales::is_scale(dataset)?)))
            .collect();
        let mut variables = variables?;
        variables.sort();
        let groups = self.file.groups().map_err(self.refused("groups"))?;
        let mut groups: Vec<String> = groups.iter().map(|group| own_name(group)).collect();
        groups.sort();
        Ok(Names { variables, groups })
    }

    fn has(&self, variable: &str) -> bool {
        self.file.link_exists(variable)
    }

    fn head(&self, variable: &str) -> Result<Head> {
        let dataset = self.dataset(variable)?;
        let stored = dataset.dtype().and_then(|dtype| descriptor::of(&dtype));
        let stored = stored.map_err(self.refused(variable))?;
        let shape = dataset.shape();
        let bytes = shape
            .iter()
            .fold(stored.size(), |bytes, &n| bytes.saturating_mul(n));
        Ok(Head {
            kind: kind(&stored),
            shape,
            is_whole: storage::is_whole(&dataset, bytes),
        })
    }

    fn numbers(&self, variable: &str, kind: &Kind) -> Result<Numbers<'static>> {
        match kind {
            Kind::I32 => self.whole::<i32>(variable),
            Kind::I64 => self.whole::<i64>(variable),
            Kind::F32 => self.whole::<f32>(variable),
            // What this program does not write is no number to it, and refused by the library.
            Kind::F64 | Kind::Other(_) => self.whole::<f64>(variable),
        }
    }

    fn attributes(&self, part: Part<'_>) -> Result<Vec<(String, Value)>> {
        self.of_part(part, attributes::list)
    }

    fn attribute(&self, part: Part<'_>, name: &str) -> Result<Option<Value>> {
        self.of_part(part, |object| attributes::find(object, name))
    }
}

fn own_name(object: &Location) -> String {
    object.name().trim_start_matches('/').to_owned()
}

fn kind(stored: &TypeDescriptor) -> Kind {
    match stored {
        TypeDescriptor::Integer(IntSize::U4) => Kind::I32,
        TypeDescriptor::Integer(IntSize::U8) => Kind::I64,
        TypeDescriptor::Float(FloatSize::U4) => Kind::F32,
        TypeDescriptor::Float(FloatSize::U8) => Kind::F64,
        other => Kind::Other(other.to_string()),
    }
}
