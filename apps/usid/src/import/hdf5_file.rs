use std::path::Path;

use hdf5::types::TypeDescriptor;
use hdf5::{Dataset, Group, Hyperslab, Selection, SliceOrIndex};
use jobwise_hdf5::element::Kind;
use jobwise_hdf5::{file_access, lengths};
use ndarray::Array2;

use super::axes::Axes;
use super::{Picture, Which, believable, hyperspy, instruments, wrong};
use crate::format::members;
use crate::format::{Absent, Element, INFLATION, Losses, Main, Member, Scalar, UNWRITTEN, Walk};
use crate::{Error, Result};

/// Reads a picture, or one of a stack, of an HDF5 file.
pub(super) fn read(path: &Path, which: &Which) -> Result<Picture> {
    let file = file_access::open(path)?;
    let (dataset, scalar) = match &which.dataset {
        Some(name) => {
            let missing = |_| {
                wrong(
                    path,
                    &format!("has no dataset {name}; `usid inspect` lists those that there are"),
                )
            };
            if let Ok(group) = file.group(name) {
                find(path, &group)?
            } else {
                let dataset = file.dataset(name).map_err(missing)?;
                let scalar = real(&dataset)?;
                (dataset, scalar)
            }
        }
        None => find(path, &file)?,
    };
    if Main::is_main(&dataset) {
        let problem = format!(
            "{} is a USID main dataset already: use the file as it is",
            dataset.name()
        );
        return Err(wrong(path, &problem));
    }
    let said = instruments::axes(&dataset)?;
    let named = |problem: String| wrong(path, &format!("{} {problem}", dataset.name()));
    let axes = Axes::of(&dataset.shape(), &said, which.axis).map_err(named)?;
    let place = axes.place(which.page).map_err(named)?;
    let (pixels, losses, filled) = pixels(path, &dataset, scalar, (&axes, &place))?;
    let mut picture = Picture::new(pixels, scalar);
    picture.scales = [axes.rows, axes.columns].map(|axis| said[axis].scale.clone());
    picture.losses = losses;
    picture.warnings.extend(filled);
    if let Some(group) = instruments::parent(&dataset) {
        hyperspy::describe(&group, &mut picture)?;
    }
    Ok(picture)
}

/// The only dataset below a group that may be a picture; those to which links lead count where
/// there are no others.
fn find(path: &Path, group: &Group) -> Result<(Dataset, Scalar)> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let mut datasets = Vec::new();
    for (_, name, member) in Walk::new(group)? {
        match member {
            Member::Dataset(dataset) => datasets.push(dataset),
            Member::Unreadable(problem) => {
                refused.push(wrong(path, &format!("{name} cannot be read: {problem}")));
            }
            _ => {}
        }
    }
    let is_picture = |dataset: &Dataset| dataset.ndim() >= 2;
    if !datasets.iter().any(is_picture) {
        datasets = linked(path, group, &mut refused)?;
    }
    for dataset in datasets.into_iter().filter(is_picture) {
        match real(&dataset) {
            Ok(_) if Main::is_main(&dataset) => {
                let problem = format!(
                    "holds the USID main dataset {}: use the file as it is, or choose a picture \
                     with --dataset",
                    dataset.name()
                );
                return Err(wrong(path, &problem));
            }
            Ok(scalar) => found.push((dataset, scalar)),
            Err(error) => refused.push(error),
        }
    }
    // Beside the pictures of an instrument there are arrays that say what they are.
    if found
        .iter()
        .any(|(dataset, _)| instruments::is_picture(dataset))
    {
        found.retain(|(dataset, _)| instruments::is_picture(dataset));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        // The first of them says why it is no picture.
        0 if !refused.is_empty() => Err(refused.swap_remove(0)),
        0 => Err(wrong(
            path,
            "holds no dataset of two dimensions with real numbers",
        )),
        _ => {
            let names: Vec<String> = found.iter().map(|(dataset, _)| dataset.name()).collect();
            let problem = format!(
                "holds {} pictures, choose one with --dataset: {}",
                names.len(),
                names.join(", ")
            );
            Err(wrong(path, &problem))
        }
    }
}

/// The datasets to which links in a group, and in those below it, lead.
fn linked(path: &Path, group: &Group, refused: &mut Vec<Error>) -> Result<Vec<Dataset>> {
    let mut groups = vec![group.clone()];
    groups.extend(Walk::new(group)?.filter_map(|(_, _, member)| match member {
        Member::Group(group) => Some(group),
        _ => None,
    }));
    let (mut found, mut met) = (Vec::new(), Vec::new());
    for group in groups {
        for (name, member) in members(&group)? {
            if !matches!(member, Member::Link) || group.group(&name).is_ok() {
                continue;
            }
            match group.dataset(&name) {
                Ok(dataset) => {
                    let place = dataset
                        .loc_info()
                        .map(|it| (dataset.filename(), it.token))
                        .ok();
                    if place.is_none() || !met.contains(&place) {
                        found.push(dataset);
                        met.push(place);
                    }
                }
                Err(_) => refused.push(wrong(
                    path,
                    &format!(
                        "{name} is a link to what is not there: is a file missing beside this one?"
                    ),
                )),
            }
        }
    }
    Ok(found)
}

/// Whether its cells are truth values.
fn is_flags(dataset: &Dataset) -> bool {
    let kind = dataset.dtype().and_then(|kind| kind.to_descriptor());
    matches!(kind, Ok(TypeDescriptor::Boolean))
}

fn real(dataset: &Dataset) -> Result<Scalar> {
    if is_flags(dataset) {
        return Ok(Scalar::Of(Kind::U8));
    }
    match Element::of(dataset)? {
        Element::Real(scalar) => Ok(scalar),
        other => Err(Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!("has elements of type {other}, not real numbers"),
        }),
    }
}

/// The pixels, what they lose, and what must be told of those that were never stored. The lengths
/// are believable before the storage is looked at.
fn pixels(
    path: &Path,
    dataset: &Dataset,
    scalar: Scalar,
    (axes, place): (&Axes, &[usize]),
) -> Result<(Array2<f64>, Losses, Option<String>)> {
    // What was never written takes no space in the file.
    let most = dataset
        .storage_size()
        .saturating_mul(INFLATION)
        .max(UNWRITTEN);
    believable(path, axes.picture(), scalar.size(), most)?;
    let rows = match place.first() {
        Some(&first) if axes.counts(0) => first..first + 1,
        _ => 0..dataset.shape().first().copied().unwrap_or(0),
    };
    let absent = Absent::of(dataset)?;
    absent.refuse(dataset, rows)?;
    let window = place.iter().enumerate().map(|(axis, &at)| {
        if axes.counts(axis) {
            SliceOrIndex::Index(at)
        } else {
            (..).into()
        }
    });
    let window = Selection::from(Hyperslab::from(window.collect::<Vec<_>>()));
    let (mut pixels, losses) = numbers(dataset, scalar, &window)?;
    if axes.rows > axes.columns {
        pixels = pixels.reversed_axes().as_standard_layout().into_owned();
    }
    Ok((pixels, losses, absent.filled()))
}

/// Some numbers of a dataset, and what they lose as 64-bit floats.
fn numbers(dataset: &Dataset, scalar: Scalar, window: &Selection) -> Result<(Array2<f64>, Losses)> {
    macro_rules! integers {
        ($t:ty) => {{
            let exact: Array2<$t> = lengths::read_slice(dataset, window.clone())?;
            let pixels = exact.mapv(|x| x as f64);
            let is_same = |(x, y): (&$t, &f64)| i128::from(*x) == *y as i128;
            let coarse = exact
                .iter()
                .zip(&pixels)
                .filter(|&pair| !is_same(pair))
                .count();
            let losses = Losses {
                coarse,
                ..Losses::default()
            };
            (pixels, losses)
        }};
    }
    if is_flags(dataset) {
        let flags: Array2<bool> = lengths::read_slice(dataset, window.clone())?;
        return Ok((
            flags.mapv(|flag| f64::from(u8::from(flag))),
            Losses::default(),
        ));
    }
    Ok(match scalar {
        Scalar::Of(Kind::I64) => integers!(i64),
        Scalar::Of(Kind::U64) => integers!(u64),
        _ => {
            let pixels = lengths::read_slice(dataset, window.clone())?;
            (pixels, Losses::default())
        }
    })
}
