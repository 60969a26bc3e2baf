//! A picture of another format as a USID file: TIFF, PNG, NPY, or a dataset of an HDF5 file.
//!
//! A picture of R rows and C columns becomes a main dataset of C times R positions and one column:
//! `X`, along the columns of the picture, changes slowest, `Y` fastest.

mod as_stored;
mod axes;
mod hdf5_file;
mod hyperspy;
mod instruments;
mod npy;
mod picture;
mod plan;
mod png_file;
mod side;
mod tiff_file;
mod tiff_says;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jobwise_hdf5::Error as Stored;
use jobwise_kit::regular_file;
pub use picture::{Picture, Scale};
pub use plan::{Plan, Wishes};

use crate::format::INFLATION;
use crate::{Error, Result};

/// Which picture of a file that may hold several.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// The path of a dataset in an HDF5 file.
    pub dataset: Option<String>,
    /// The page of a TIFF file, or the picture of a stack, from 0.
    pub page: Option<usize>,
    /// The axis of a stack that counts pictures, from 0; `None`: as the file says, or the first.
    pub axis: Option<usize>,
}

/// Reads a picture. What the file is, its first bytes tell.
///
/// # Errors
/// It cannot be read, is of no known format, or holds no picture, or several and `which` does not
/// say which one.
pub fn read(path: &Path, which: &Which) -> Result<Picture> {
    let mut first = [0; 8];
    regular_file(path).map_err(Stored::io(path))?;
    let mut file = File::open(path).map_err(Stored::io(path))?;
    let bytes = file.metadata().map_err(Stored::io(path))?.len();
    let got = read_some(&mut file, &mut first).map_err(Stored::io(path))?;
    drop(file);
    let is_hdf5 = || jobwise_hdf5::file_access::open(path).is_ok();
    match &first[..got] {
        [0x89, b'P', b'N', b'G', ..] => only(path, which, &["page", "dataset", "axis"])
            .and_then(|()| png_file::read(path, bytes)),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
            only(path, which, &["dataset", "axis"])?;
            tiff_file::read(path, bytes, which.page)
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
            only(path, which, &["dataset"])?;
            npy::read(path, bytes, which)
        }
        _ if is_hdf5() => hdf5_file::read(path, which),
        _ => Err(wrong(
            path,
            "is no picture: it is neither TIFF, PNG, NPY (NumPy) nor HDF5",
        )),
    }
}

/// As many bytes as there are.
fn read_some(file: &mut File, into: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    loop {
        match file.read(&mut into[got..])? {
            0 => return Ok(got),
            n => got += n,
        }
    }
}

/// Refuses what makes no sense for a format.
fn only(path: &Path, which: &Which, without: &[&str]) -> Result<()> {
    let given = [
        ("dataset", which.dataset.is_some()),
        ("page", which.page.is_some()),
        ("axis", which.axis.is_some()),
    ];
    match given
        .iter()
        .find(|(name, given)| *given && without.contains(name))
    {
        Some((name, _)) => Err(wrong(
            path,
            &format!("is of a format without --{name}: leave it out"),
        )),
        None => Ok(()),
    }
}

/// A problem with a picture's file.
fn wrong(path: &Path, problem: &str) -> Error {
    Error::Stored(Stored::Format {
        path: path.to_path_buf(),
        object: "picture".into(),
        problem: problem.to_owned(),
    })
}

/// The bytes of a picture's pixels; refused where its header promises more than `most`, which the
/// file can hold, or nothing.
fn believable(path: &Path, shape: [usize; 2], pixel_bytes: usize, most: u64) -> Result<usize> {
    let [rows, columns] = shape;
    if rows == 0 || columns == 0 {
        return Err(wrong(
            path,
            &format!("has {rows} rows and {columns} columns: there is no pixel"),
        ));
    }
    rows.checked_mul(columns)
        .filter(|&pixels| pixels <= MOST)
        .and_then(|pixels| pixels.checked_mul(pixel_bytes))
        .filter(|&bytes| bytes as u64 <= most)
        .ok_or_else(|| {
            wrong(
                path,
                &format!(
                    "promises {rows} rows and {columns} columns, more than the file can hold \
                     (damaged?)"
                ),
            )
        })
}

/// Pixels of the largest picture: 8 GiB in memory.
const MOST: usize = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_sizes_are_refused_before_memory_is_taken() {
        let path = Path::new("x");
        assert!(believable(path, [usize::MAX, 2], 8, u64::MAX).is_err());
        assert!(believable(path, [1 << 20, 1 << 20], 1, u64::MAX).is_err());
        assert!(believable(path, [100, 100], 4, 39_999).is_err());
        assert!(believable(path, [0, 5], 4, 1000).is_err());
        assert_eq!(believable(path, [100, 100], 4, 40_000).unwrap(), 40_000);
    }
}
