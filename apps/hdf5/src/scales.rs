//! Dimension scales: datasets that are the axes of other datasets.
//!
//! Written as the attributes that the HDF5 dimension scale convention prescribes: `CLASS` and
//! `NAME` on a scale and `REFERENCE_LIST` back to its users; `DIMENSION_LIST` and
//! `DIMENSION_LABELS` on a user. Readers such as h5py and netCDF see real scales.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};

use hdf5::types::{TypeDescriptor, VarLenArray};
use hdf5::{Dataset, Group, H5Type, Location, ObjectReference1, ReferencedObject};

use super::attributes::{self, Padding, write_fixed_text};
use super::{Error, Result, vlen};

const CLASS: &str = "DIMENSION_SCALE";
const REFERENCES: &str = "REFERENCE_LIST";

/// One dimension of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension<'a> {
    /// What the dimension is called.
    pub label: &'a str,
    /// The name of the dataset that is its axis.
    pub scale: &'a str,
}

/// One entry of `REFERENCE_LIST`: a dataset and the dimension that uses the scale.
#[derive(Clone, Copy, H5Type)]
#[repr(C)]
struct User {
    dataset: ObjectReference1,
    dimension: u32,
}

/// A text of variable length in memory: a pointer to NUL-terminated bytes, or null for no text.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Label(*const c_char);

// SAFETY: the library represents a text of variable length in memory as one `char *`, which may be
// null; `Label` is exactly that. It is only ever written, never read, so ownership of the bytes
// stays here.
unsafe impl H5Type for Label {
    fn type_descriptor() -> TypeDescriptor {
        TypeDescriptor::VarLenAscii
    }
}

/// Makes a dataset a scale of the given name.
///
/// # Errors
/// The dataset is a scale already, the name contains a NUL or is not ASCII, or the library refuses.
pub fn make_scale(dataset: &Dataset, name: &str) -> Result<()> {
    let fixed = |attribute, value: &str| {
        write_fixed_text(
            dataset,
            attribute,
            value,
            value.len() + 1,
            Padding::NulTerminated,
        )
    };
    fixed("CLASS", CLASS)?;
    fixed("NAME", name)
}

/// Whether a dataset is a scale.
///
/// # Errors
/// Its attributes cannot be read.
pub fn is_scale(dataset: &Dataset) -> Result<bool> {
    let class = super::attributes::find(dataset, "CLASS")?;
    Ok(class == Some(super::attributes::Value::Text(CLASS.to_owned())))
}

/// Labels the dimensions of datasets of a group and attaches their scales.
///
/// Each user is the name of a dataset and one entry per dimension: its label and scale, or `None`.
/// Scales are datasets of the same group that [`make_scale`] has made. Users that the scales have
/// already stay.
///
/// # Errors
/// A dataset is missing, a user's rank differs from its number of entries, an attribute exists, a
/// label contains a NUL, or the library refuses.
pub fn attach(group: &Group, users: &[(&str, &[Option<Dimension<'_>>])]) -> Result<()> {
    let mut back: BTreeMap<&str, Vec<User>> = BTreeMap::new();
    for (name, dimensions) in users {
        let dataset = open(group, name)?;
        if dataset.ndim() != dimensions.len() {
            return Err(Error::Format {
                path: dataset.filename().into(),
                object: (*name).to_owned(),
                problem: format!(
                    "has {} dimensions, but {} are described",
                    dataset.ndim(),
                    dimensions.len()
                ),
            });
        }
        let mut axes = Vec::with_capacity(dimensions.len());
        for (index, dimension) in dimensions.iter().enumerate() {
            let Some(Dimension { scale, .. }) = dimension else {
                axes.push(VarLenArray::from_slice(&[]));
                continue;
            };
            axes.push(VarLenArray::from_slice(&[refer(group, scale)?]));
            back.entry(scale).or_default().push(User {
                dataset: refer(group, name)?,
                dimension: index as u32,
            });
        }
        write_array(&dataset, "DIMENSION_LIST", &axes)?;
        write_labels(&dataset, dimensions)?;
    }
    for (scale, new) in back {
        let scale = open(group, scale)?;
        let mut users = users_of(&scale)?;
        users.extend(new);
        write_users(&scale, &users)?;
    }
    Ok(())
}

/// Takes a dataset of a group out of the back references of its scales, before it is removed.
///
/// # Errors
/// The dataset is missing, or references cannot be read or written.
pub fn detach(group: &Group, name: &str) -> Result<()> {
    let dataset = open(group, name)?;
    for scale in attached(&dataset)?.into_iter().flatten() {
        let scale = open(group, &scale)?;
        let mut users = users_of(&scale)?;
        let refused = || Error::hdf5(scale.filename(), REFERENCES);
        let mut kept = Vec::with_capacity(users.len());
        for user in users.drain(..) {
            match scale.dereference(&user.dataset).map_err(refused())? {
                ReferencedObject::Dataset(used) if used.name() == dataset.name() => {}
                _ => kept.push(user),
            }
        }
        write_users(&scale, &kept)?;
    }
    Ok(())
}

/// The users that a scale has.
fn users_of(scale: &Dataset) -> Result<Vec<User>> {
    let refused = || Error::hdf5(scale.filename(), REFERENCES);
    if !attributes::exists(scale, REFERENCES)? {
        return Ok(Vec::new());
    }
    let attribute = scale.attr(REFERENCES).map_err(refused())?;
    attribute.read_raw().map_err(refused())
}

/// Writes the users of a scale anew; without any, it has no such attribute.
fn write_users(scale: &Dataset, users: &[User]) -> Result<()> {
    let refused = || Error::hdf5(scale.filename(), REFERENCES);
    if attributes::exists(scale, REFERENCES)? {
        scale.delete_attr(REFERENCES).map_err(refused())?;
    }
    if users.is_empty() {
        return Ok(());
    }
    write_array(scale, REFERENCES, users)
}

/// The names (paths in the file) of the scales attached to a dataset, one entry per dimension; of
/// several scales of a dimension the first. Empty when the dataset has no `DIMENSION_LIST`.
///
/// # Errors
/// The references cannot be read or do not lead to datasets.
pub fn attached(dataset: &Dataset) -> Result<Vec<Option<String>>> {
    let name = "DIMENSION_LIST";
    let object = format!("{}@{name}", dataset.name().trim_start_matches('/'));
    let refused = || Error::hdf5(dataset.filename(), &object);
    if !attributes::exists(dataset, name)? {
        return Ok(Vec::new());
    }
    let axes = dataset
        .attr(name)
        .and_then(|lists| vlen::references(&lists))
        .map_err(refused())?;
    axes.iter()
        .map(|references| {
            references
                .first()
                .map(|reference| match dataset.dereference(reference) {
                    Ok(ReferencedObject::Dataset(scale)) => Ok(scale.name()),
                    Ok(_) => Err(Error::Format {
                        path: dataset.filename().into(),
                        object: object.clone(),
                        problem: "a reference does not lead to a dataset".to_owned(),
                    }),
                    Err(source) => Err(refused()(source)),
                })
                .transpose()
        })
        .collect()
}

fn open(group: &Group, name: &str) -> Result<Dataset> {
    group
        .dataset(name)
        .map_err(Error::hdf5(group.filename(), name))
}

fn refer(group: &Group, name: &str) -> Result<ObjectReference1> {
    group
        .reference(name)
        .map_err(Error::hdf5(group.filename(), name))
}

fn write_array<T: H5Type>(object: &Location, name: &str, values: &[T]) -> Result<()> {
    object
        .new_attr::<T>()
        .shape([values.len()])
        .create(name)
        .and_then(|attribute| attribute.write_raw(values))
        .map_err(Error::hdf5(object.filename(), name))
}

fn write_labels(dataset: &Dataset, dimensions: &[Option<Dimension<'_>>]) -> Result<()> {
    let name = "DIMENSION_LABELS";
    let texts: Vec<Option<CString>> = dimensions
        .iter()
        .map(|dimension| dimension.map(|d| CString::new(d.label)).transpose())
        .collect::<Result<_, _>>()
        .map_err(|_| Error::Format {
            path: dataset.filename().into(),
            object: name.to_owned(),
            problem: "a label contains a NUL".to_owned(),
        })?;
    // The pointers are read while `texts` is alive: the attribute is written before this returns.
    let labels: Vec<Label> = texts
        .iter()
        .map(|text| Label(text.as_ref().map_or(std::ptr::null(), |t| t.as_ptr())))
        .collect();
    write_array(dataset, name, &labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(directory: &tempfile::TempDir) -> hdf5::File {
        let file = hdf5::File::create(directory.path().join("scales.h5")).unwrap();
        for (name, shape) in [("t", vec![2]), ("r", vec![3]), ("data", vec![2, 3])] {
            file.new_dataset::<f64>().shape(shape).create(name).unwrap();
        }
        for name in ["t", "r"] {
            make_scale(&file.dataset(name).unwrap(), name).unwrap();
        }
        file
    }

    const T: Option<Dimension<'_>> = Some(Dimension {
        label: "time",
        scale: "t",
    });
    const R: Option<Dimension<'_>> = Some(Dimension {
        label: "range",
        scale: "r",
    });

    #[test]
    fn scales_are_found_from_their_user() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        attach(&file, &[("data", &[T, R])]).unwrap();
        let data = file.dataset("data").unwrap();
        let found = attached(&data).unwrap();
        assert_eq!(found, [Some("/t".to_owned()), Some("/r".to_owned())]);
        let scale = file.dataset("r").unwrap();
        assert!(is_scale(&scale).unwrap() && !is_scale(&data).unwrap());
        assert!(attached(&scale).unwrap().is_empty());
        let users: Vec<User> = scale.attr("REFERENCE_LIST").unwrap().read_raw().unwrap();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0].dimension, 1);
        let ReferencedObject::Dataset(user) = file.dereference(&users[0].dataset).unwrap() else {
            panic!("the reference must lead to a dataset");
        };
        assert_eq!(user.name(), "/data");
    }

    #[test]
    fn a_dimension_may_have_no_scale() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        attach(&file, &[("data", &[T, None])]).unwrap();
        let found = attached(&file.dataset("data").unwrap()).unwrap();
        assert_eq!(found, [Some("/t".to_owned()), None]);
    }

    #[test]
    fn users_join_and_leave() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        let users = |scale: &str| -> Vec<(String, u32)> {
            let scale = file.dataset(scale).unwrap();
            let users = users_of(&scale).unwrap();
            let name = |user: &User| match scale.dereference(&user.dataset).unwrap() {
                ReferencedObject::Dataset(dataset) => dataset.name(),
                _ => panic!("the reference must lead to a dataset"),
            };
            users.iter().map(|u| (name(u), u.dimension)).collect()
        };
        attach(&file, &[("data", &[T, R])]).unwrap();
        file.new_dataset::<f64>().shape(3).create("more").unwrap();
        attach(&file, &[("more", &[T])]).unwrap();
        let both = [("/data".to_owned(), 0), ("/more".to_owned(), 0)];
        assert_eq!(users("t"), both);
        detach(&file, "more").unwrap();
        file.unlink("more").unwrap();
        assert_eq!(users("t"), both[..1]);
        detach(&file, "data").unwrap();
        assert!(users("t").is_empty() && users("r").is_empty());
    }

    #[test]
    fn mistakes_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        assert!(attach(&file, &[("absent", &[T])]).is_err());
        let message = attach(&file, &[("data", &[T])]).unwrap_err().to_string();
        assert!(message.contains("has 2 dimensions, but 1 are described"));
        assert!(make_scale(&file.dataset("t").unwrap(), "t").is_err());
        let lost = Dimension {
            label: "x",
            scale: "absent",
        };
        assert!(attach(&file, &[("data", &[Some(lost), R])]).is_err());
    }
}
