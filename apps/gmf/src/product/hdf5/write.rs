//! How HDF5 holds the content of a file.

use hdf5::{Dataset, Group, H5Type};
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::attributes;
use jobwise_hdf5::scales::{self, Dimension};
use ndarray::ArrayView1;

use super::storage;
use crate::Result;
use crate::product::attributes::Attributes;
use crate::product::content::{Axis, Content, Numbers, Role, Value, Values, Variable};

/// Puts a content into an empty file; large variables are deflated with this level, if it is not 0.
pub(super) fn put(file: &Group, content: &Content<'_>, compression: u8) -> Result<()> {
    for list in &content.variables {
        make_all(file, list, compression)?;
    }
    attach(file, content.variables.iter().flatten())?;
    let (name, start) = content.start;
    compressed(file, name, &[], &[start], 0)?;
    for (name, attributes) in &content.groups {
        let group = file
            .create_group(name)
            .map_err(Stored::hdf5(file.filename(), name))?;
        write_attributes(&group, attributes)?;
    }
    write_attributes(file, &content.attributes)?;
    if content.refined.is_empty() {
        return Ok(());
    }
    add(file, &content.refined, compression)
}

/// Puts variables into a file that has their scales, but none of them.
pub(super) fn add(file: &Group, variables: &[Variable<'_>], compression: u8) -> Result<()> {
    make_all(file, variables, compression)?;
    attach(file, variables)
}

/// Removes those of the variables that a file has.
pub(super) fn remove(file: &Group, variables: &[Variable<'_>]) -> Result<()> {
    for Variable { name, .. } in variables {
        if file.link_exists(name) {
            scales::detach(file, name)?;
            file.unlink(name)
                .map_err(Stored::hdf5(file.filename(), name))?;
        }
    }
    Ok(())
}

/// Makes the datasets of variables, all before the first of them is described.
fn make_all(file: &Group, variables: &[Variable<'_>], compression: u8) -> Result<()> {
    let made: Result<Vec<_>> = variables
        .iter()
        .map(|one| make(file, one, compression))
        .collect();
    for (variable, dataset) in variables.iter().zip(made?) {
        describe(&dataset, variable)?;
    }
    Ok(())
}

/// Attaches results to the scales of their axes.
fn attach<'v, 'p: 'v>(
    file: &Group,
    variables: impl IntoIterator<Item = &'v Variable<'p>>,
) -> Result<()> {
    let users: Vec<_> = variables.into_iter().filter_map(axes).collect();
    let users: Vec<_> = users
        .iter()
        .map(|(name, axes)| (*name, &axes[..]))
        .collect();
    Ok(scales::attach(file, &users)?)
}

/// The dimensions of results, as HDF5 has them.
fn axes<'c>(variable: &'c Variable<'_>) -> Option<(&'c str, Vec<Option<Dimension<'c>>>)> {
    let Role::Results(axes) = &variable.role else {
        return None;
    };
    let dimension = |axis: &Option<Axis>| {
        axis.map(|axis| Dimension {
            label: axis.label,
            scale: axis.scale,
        })
    };
    Some((variable.name, axes.iter().map(dimension).collect()))
}

/// Makes the dataset of a variable, with its numbers.
fn make(file: &Group, variable: &Variable<'_>, compression: u8) -> Result<Dataset> {
    let level = if variable.is_large { compression } else { 0 };
    match &variable.numbers {
        Numbers::I32(values) => fill(file, variable, values, level),
        Numbers::I64(values) => fill(file, variable, values, level),
        Numbers::F32(values) => fill(file, variable, values, level),
        Numbers::F64(values) => fill(file, variable, values, level),
    }
}

fn fill<T: H5Type>(
    file: &Group,
    variable: &Variable<'_>,
    values: &Values<'_, T>,
    compression: u8,
) -> Result<Dataset> {
    let Variable { name, shape, .. } = variable;
    let (entries, absent) = match values {
        Values::Whole(values) => return compressed(file, name, shape, values, compression),
        Values::Entries { entries, absent } => (entries, absent),
    };
    let refused = || Stored::hdf5(file.filename(), name);
    let dataset = storage::create::<T>(file, name, shape, compression).map_err(refused())?;
    for (place, entry) in entries.iter().enumerate() {
        let entry = ArrayView1::from(entry.unwrap_or(absent))
            .into_shape_with_order(&shape[1..])
            .map_err(|source| refused()(source.to_string().into()))?;
        dataset
            .write_slice(entry, one_of_first_axis(place, shape.len()))
            .map_err(refused())?;
    }
    Ok(dataset)
}

/// One entry of the first axis.
fn one_of_first_axis(place: usize, dimensions: usize) -> hdf5::Hyperslab {
    let all = std::iter::repeat_n(hdf5::SliceOrIndex::from(..), dimensions - 1);
    let slices = std::iter::once(hdf5::SliceOrIndex::Index(place)).chain(all);
    hdf5::Hyperslab::new(slices.collect::<Vec<_>>())
}

fn describe(dataset: &Dataset, variable: &Variable<'_>) -> Result<()> {
    if matches!(variable.role, Role::Scale) {
        scales::make_scale(dataset, variable.name)?;
    }
    attributes::write_text(dataset, "long_name", variable.long_name)?;
    if let Some(units) = variable.units {
        attributes::write_text(dataset, "units", units)?;
    }
    for (name, value) in &variable.attributes {
        write_attribute(dataset, name, value)?;
    }
    Ok(())
}

fn compressed<T: H5Type>(
    group: &Group,
    name: &str,
    shape: &[usize],
    values: &[T],
    compression: u8,
) -> Result<Dataset> {
    storage::create::<T>(group, name, shape, compression)
        .and_then(|dataset| dataset.write_raw(values).map(|()| dataset))
        .map_err(|source| Stored::hdf5(group.filename(), name)(source).into())
}

fn write_attributes(group: &Group, values: &Attributes) -> Result<()> {
    values
        .iter()
        .try_for_each(|(name, value)| write_attribute(group, name, value))
}

fn write_attribute(object: &hdf5::Location, name: &str, value: &Value) -> Result<()> {
    match value {
        Value::Integer(value) => attributes::write(object, name, *value)?,
        Value::Unsigned(value) => attributes::write(object, name, *value)?,
        Value::Float(value) => attributes::write(object, name, *value)?,
        Value::Text(value) | Value::Other(value) => attributes::write_text(object, name, value)?,
    }
    Ok(())
}
