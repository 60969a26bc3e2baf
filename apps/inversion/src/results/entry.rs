use hdf5::types::{FixedUnicode, FloatSize, IntSize, TypeDescriptor, VarLenUnicode};
use hdf5::{Group, H5Type};
use jobwise_hdf5::row_store::create_marks;

use super::cell::Cell;
use crate::{Error, Result};

/// Bytes of a text in a row.
pub(super) const TEXT: usize = 200;

/// Elements of a chunk, at most.
const CHUNK: usize = 1 << 16;

/// How hard rows are packed.
const DEFLATE: u8 = 4;

/// A group or a dataset that a file will have.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// From the root, without a slash at the front.
    pub(super) path: String,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Group,
    /// A group with a list of lines as the attribute `data`.
    System(Vec<String>),
    /// The same for all soundings.
    Constant(Constant),
    /// A row per sounding.
    Rows(Rows),
    /// Marks of the row store.
    Marks,
}

/// What is the same for all soundings.
#[derive(Clone, Debug)]
pub(super) enum Constant {
    Truth(bool),
    Byte(u8),
    Whole(i64),
    Small(i32),
    Seed(u64),
    Text(String),
    Smalls(Vec<i32>),
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

/// A row per sounding.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) element: Element,
    /// Of a row.
    pub(super) shape: Vec<usize>,
    /// Whether each row is a chunk and packed.
    pub(super) is_packed: bool,
    /// What is known before chains begin, all rows.
    pub(super) initial: Option<Initial>,
    /// What chains add, if anything.
    pub(super) cell: Option<Cell>,
}

#[derive(Clone, Debug)]
pub(super) enum Initial {
    Numbers(Vec<f64>),
    Smalls(Vec<i32>),
}

/// What rows are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Number,
    /// A number of half the width.
    Short,
    Whole,
    Small,
    Byte,
    Truth,
    Text,
}

impl Element {
    pub(super) fn descriptor(self) -> TypeDescriptor {
        match self {
            Element::Number => TypeDescriptor::Float(FloatSize::U8),
            Element::Short => TypeDescriptor::Float(FloatSize::U4),
            Element::Whole => TypeDescriptor::Integer(IntSize::U8),
            Element::Small => TypeDescriptor::Integer(IntSize::U4),
            Element::Byte => TypeDescriptor::Unsigned(IntSize::U1),
            Element::Truth => TypeDescriptor::Boolean,
            Element::Text => FixedUnicode::<TEXT>::type_descriptor(),
        }
    }
}

impl Entry {
    /// Makes it in `root`, with room for so many soundings. Its parent must be there.
    ///
    /// # Errors
    /// The library refuses.
    pub(super) fn create(&self, root: &Group, soundings: usize) -> Result<()> {
        let refused = |source| {
            let refused = jobwise_hdf5::Error::hdf5(root.filename(), &self.path);
            Error::from(refused(source))
        };
        let (parent, name) = match self.path.rsplit_once('/') {
            Some((parent, name)) => (root.group(parent).map_err(refused)?, name),
            None => (root.clone(), &*self.path),
        };
        let attribute = |object: &hdf5::Location| -> hdf5::Result<()> {
            for (name, value) in &self.attributes {
                let attribute = object.new_attr::<VarLenUnicode>().create(*name)?;
                attribute.write_scalar(&text(value)?)?;
            }
            Ok(())
        };
        let made = match &self.content {
            Content::Group => parent
                .create_group(name)
                .and_then(|group| attribute(&group)),
            Content::System(lines) => parent.create_group(name).and_then(|group| {
                attribute(&group)?;
                let lines: hdf5::Result<Vec<VarLenUnicode>> =
                    lines.iter().map(|line| text(line)).collect();
                let lines = lines?;
                let data = group.new_attr::<VarLenUnicode>().shape(lines.len());
                data.create("data")?.write_raw(&lines)
            }),
            Content::Constant(constant) => constant.create(&parent, name),
            Content::Rows(rows) => rows.create(&parent, name, soundings),
            Content::Marks => {
                return Ok(create_marks(&parent, name, soundings).map(drop)?);
            }
        };
        made.map_err(refused)
    }
}

fn text(text: &str) -> hdf5::Result<VarLenUnicode> {
    let parsed = text.parse::<VarLenUnicode>();
    parsed.map_err(|_| "a text contains a NUL".into())
}

impl Constant {
    fn create(&self, parent: &Group, name: &str) -> hdf5::Result<()> {
        fn scalar<T: H5Type>(parent: &Group, name: &str, value: &T) -> hdf5::Result<()> {
            parent.new_dataset::<T>().create(name)?.write_scalar(value)
        }
        fn vector<T: H5Type>(parent: &Group, name: &str, values: &[T]) -> hdf5::Result<()> {
            let dataset = parent.new_dataset::<T>().shape(values.len());
            dataset.create(name)?.write_raw(values)
        }
        match self {
            Constant::Truth(value) => scalar(parent, name, value),
            Constant::Byte(value) => scalar(parent, name, value),
            Constant::Whole(value) => scalar(parent, name, value),
            Constant::Small(value) => scalar(parent, name, value),
            Constant::Seed(value) => scalar(parent, name, value),
            Constant::Text(value) => scalar(parent, name, &text(value)?),
            Constant::Smalls(values) => vector(parent, name, values),
            Constant::Numbers(values) => vector(parent, name, values),
            Constant::Texts(values) => {
                let values: hdf5::Result<Vec<VarLenUnicode>> =
                    values.iter().map(|value| text(value)).collect();
                vector(parent, name, &values?)
            }
        }
    }
}

impl Rows {
    /// Elements of a row.
    pub(super) fn width(&self) -> usize {
        self.shape.iter().product()
    }

    fn create(&self, parent: &Group, name: &str, soundings: usize) -> hdf5::Result<()> {
        use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
        let mut shape = vec![soundings];
        shape.extend(&self.shape);
        let builder = parent.new_dataset_builder();
        let builder = if self.is_packed && self.width() > 0 {
            let mut chunk = vec![1];
            chunk.extend(self.shape.iter().map(|extent| (*extent).min(CHUNK)));
            builder.chunk(chunk).shuffle().deflate(DEFLATE)
        } else {
            let early = builder.layout(Layout::Contiguous);
            early
                .alloc_time(Some(AllocTime::Early))
                .fill_time(FillTime::Alloc)
        };
        let dataset = match self.element {
            Element::Number => builder.fill_value(f64::NAN).empty::<f64>().shape(shape),
            Element::Short => builder.fill_value(f32::NAN).empty::<f32>().shape(shape),
            Element::Whole => builder.fill_value(i64::MIN).empty::<i64>().shape(shape),
            Element::Small => builder.fill_value(i32::MIN).empty::<i32>().shape(shape),
            Element::Byte => builder.empty::<u8>().shape(shape),
            Element::Truth => builder.fill_value(false).empty::<bool>().shape(shape),
            Element::Text => builder.empty::<FixedUnicode<TEXT>>().shape(shape),
        };
        let dataset = dataset.create(name)?;
        match &self.initial {
            None => Ok(()),
            Some(Initial::Numbers(values)) => dataset.write_raw(values),
            Some(Initial::Smalls(values)) => dataset.write_raw(values),
        }
    }
}
