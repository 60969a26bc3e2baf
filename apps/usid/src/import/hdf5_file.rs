use std::path::Path;

use hdf5::{Dataset, File};
use jobwise_kit::h5::unlocked;
use ndarray::{Array2, s};

use super::{INFLATION, Picture, Which, believable, hyperspy, wrong};
use crate::error::refused;
use crate::format::{Element, Main, Member, Scalar, Walk};
use crate::{Error, Result};

/// Bytes of the largest picture that may be there without being stored.
const UNWRITTEN: u64 = 1 << 28;

/// Reads a two-dimensional dataset, or one picture of a stack, of an HDF5 file.
pub(super) fn read(path: &Path, which: &Which) -> Result<Picture> {
    let file = unlocked::open(path)?;
    let (dataset, scalar) = match &which.dataset {
        Some(name) => {
            let missing = |_| {
                wrong(
                    path,
                    &format!("has no dataset {name}; `usid inspect` lists those that there are"),
                )
            };
            let dataset = file.dataset(name).map_err(missing)?;
            let scalar = real(&dataset)?;
            (dataset, scalar)
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
    let pixels = pixels(path, &dataset, scalar, which.page)?;
    let mut picture = Picture::new(pixels, scalar.little_endian());
    hyperspy::describe(&dataset, &mut picture)?;
    Ok(picture)
}

/// The only dataset that may be a picture.
fn find(path: &Path, file: &File) -> Result<(Dataset, Scalar)> {
    let mut found = Vec::new();
    for step in Walk::new(file)? {
        if let (_, _, Member::Dataset(dataset)) = step?
            && matches!(dataset.ndim(), 2 | 3)
            && let Ok(scalar) = real(&dataset)
        {
            if Main::is_main(&dataset) {
                let problem = format!(
                    "holds the USID main dataset {}: use the file as it is, or choose a picture with --dataset",
                    dataset.name()
                );
                return Err(wrong(path, &problem));
            }
            found.push((dataset, scalar));
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
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

fn real(dataset: &Dataset) -> Result<Scalar> {
    match Element::of(dataset)? {
        Element::Real(scalar) => Ok(scalar),
        other => Err(Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!("has elements of type {other}, not real numbers"),
        }),
    }
}

fn pixels(
    path: &Path,
    dataset: &Dataset,
    scalar: Scalar,
    page: Option<usize>,
) -> Result<Array2<f64>> {
    let name = dataset.name();
    let failed = || refused(path, &name);
    let shape = dataset.shape();
    // What was never written takes no space in the file.
    let most = dataset
        .storage_size()
        .saturating_mul(INFLATION)
        .max(UNWRITTEN);
    match (shape.as_slice(), page) {
        (&[rows, columns], None) => {
            believable(path, [rows, columns], scalar.size(), most)?;
            dataset.read_2d().map_err(failed())
        }
        (&[pages, rows, columns], page)
            if page.unwrap_or(0) < pages && (page.is_some() || pages == 1) =>
        {
            believable(path, [rows, columns], scalar.size(), most)?;
            let window = s![page.unwrap_or(0), .., ..];
            dataset.read_slice_2d(window).map_err(failed())
        }
        (&[pages, _, _], _) => Err(wrong(
            path,
            &format!(
                "{name} is a stack of {pages} pictures: choose one with --page, from 0 to {}",
                pages.saturating_sub(1)
            ),
        )),
        (shape, _) => Err(wrong(
            path,
            &format!(
                "{name} has shape {shape:?}; a picture has (rows, columns), a stack (pictures, rows, columns)"
            ),
        )),
    }
}
