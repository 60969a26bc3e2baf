use std::ops::Range;
use std::path::Path;

use hdf5::{Dataset, File, Selection};
use jobwise_hdf5::element::Kind;
use jobwise_hdf5::{file_access, lengths};
use ndarray::Array2;

use super::{Picture, Which, believable, hyperspy, wrong};
use crate::format::{Absent, Element, INFLATION, Losses, Main, Member, Scalar, UNWRITTEN, Walk};
use crate::{Error, Result};

/// Reads a two-dimensional dataset, or one picture of a stack, of an HDF5 file.
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
    let (pixels, losses, filled) = pixels(path, &dataset, scalar, which.page)?;
    let mut picture = Picture::new(pixels, scalar);
    picture.losses = losses;
    picture.warnings.extend(filled);
    hyperspy::describe(&dataset, &mut picture)?;
    Ok(picture)
}

/// The only dataset that may be a picture.
fn find(path: &Path, file: &File) -> Result<(Dataset, Scalar)> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for (_, name, member) in Walk::new(file)? {
        let dataset = match member {
            Member::Dataset(dataset) if matches!(dataset.ndim(), 2 | 3) => dataset,
            Member::Unreadable(problem) => {
                refused.push(wrong(path, &format!("{name} cannot be read: {problem}")));
                continue;
            }
            _ => continue,
        };
        match real(&dataset) {
            Ok(_) if Main::is_main(&dataset) => {
                let problem = format!(
                    "holds the USID main dataset {}: use the file as it is, or choose a picture with --dataset",
                    dataset.name()
                );
                return Err(wrong(path, &problem));
            }
            Ok(scalar) => found.push((dataset, scalar)),
            Err(error) => refused.push(error),
        }
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

/// The pixels, what they lose, and what must be told of those that were never stored. The lengths
/// are believable before the storage is looked at.
fn pixels(
    path: &Path,
    dataset: &Dataset,
    scalar: Scalar,
    page: Option<usize>,
) -> Result<(Array2<f64>, Losses, Option<String>)> {
    let stored = |rows: Range<usize>, window: Selection| {
        let absent = Absent::of(dataset)?;
        absent.refuse(dataset, rows)?;
        let (pixels, losses) = numbers(dataset, scalar, &window)?;
        Ok((pixels, losses, absent.filled()))
    };
    let name = dataset.name();
    let shape = dataset.shape();
    // What was never written takes no space in the file.
    let most = dataset
        .storage_size()
        .saturating_mul(INFLATION)
        .max(UNWRITTEN);
    match (shape.as_slice(), page) {
        (&[rows, columns], None) => {
            believable(path, [rows, columns], scalar.size(), most)?;
            stored(0..rows, Selection::from((.., ..)))
        }
        (&[pages, rows, columns], page)
            if page.unwrap_or(0) < pages && (page.is_some() || pages == 1) =>
        {
            believable(path, [rows, columns], scalar.size(), most)?;
            let page = page.unwrap_or(0);
            stored(page..page + 1, Selection::from((page, .., ..)))
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
    Ok(match scalar {
        Scalar::Of(Kind::I64) => integers!(i64),
        Scalar::Of(Kind::U64) => integers!(u64),
        _ => {
            let pixels = lengths::read_slice(dataset, window.clone())?;
            (pixels, Losses::default())
        }
    })
}
