//! Whole datasets, whose lengths are not believed before they are compared with the file.
//!
//! A few bytes of a damaged file, or of one that was made to do harm, can claim any number of
//! elements. Memory is taken only for what the file can hold.

use hdf5::plist::dataset_create::Layout;
use hdf5::{Dataset, H5Type, Selection};
use ndarray::{Array, Array2, Dimension};

use super::{Error, Result};

/// A dataset may unpack to so many times the bytes that are stored: deflate cannot do more.
pub const UNPACKED: u64 = 2048;

/// Refuses a dataset that claims more elements, of `element` bytes in memory, than its file can
/// hold, or than are there where they lie in the dataset's own head.
///
/// # Errors
/// It claims more, or the library refuses to tell.
pub fn check(dataset: &Dataset, element: usize) -> Result<()> {
    check_head(dataset)?;
    let shape = dataset.space().map_err(refused(dataset))?.shape();
    let bytes = shape
        .iter()
        .fold(element as u64, |bytes, &n| bytes.saturating_mul(n as u64));
    let size = dataset.file().map_err(refused(dataset))?.size();
    if bytes > size.saturating_mul(UNPACKED) {
        let problem = format!("claims {bytes} bytes in a file of {size}: the file is damaged");
        return Err(wrong(dataset, problem));
    }
    Ok(())
}

/// Refuses a dataset whose elements lie in its own head, which claims more of them than are there:
/// the library reads on beyond.
///
/// # Errors
/// As [`check`].
pub fn check_head(dataset: &Dataset) -> Result<()> {
    // What has an address lies elsewhere; this is quick, to ask for the layout is not.
    if dataset.offset().is_some() || dataset.layout() != Layout::Compact {
        return Ok(());
    }
    let shape = dataset.space().map_err(refused(dataset))?.shape();
    let stored = dataset.dtype().map_err(refused(dataset))?.size();
    let claimed = shape
        .iter()
        .fold(stored, |bytes, &n| bytes.saturating_mul(n));
    let there = dataset.storage_size();
    if there < claimed as u64 {
        let problem =
            format!("claims {claimed} bytes of which {there} are there: the file is damaged");
        return Err(wrong(dataset, problem));
    }
    Ok(())
}

/// All elements, row by row.
///
/// # Errors
/// As [`check`]; or the elements cannot be read as `T`.
pub fn read<T: H5Type>(dataset: &Dataset) -> Result<Vec<T>> {
    check(dataset, size_of::<T>())?;
    let read = dataset.read_raw();
    read.map_err(refused(dataset))
}

/// All elements of a dataset of two dimensions.
///
/// # Errors
/// As [`read`]; or it has not two dimensions.
pub fn read_matrix<T: H5Type>(dataset: &Dataset) -> Result<Array2<T>> {
    check(dataset, size_of::<T>())?;
    let read = dataset.read_2d();
    read.map_err(refused(dataset))
}

/// Some elements of a dataset. How many there are is for the caller to believe.
///
/// # Errors
/// As [`check_head`]; or the elements cannot be read as `T`, or are not in it.
pub fn read_slice<T: H5Type, D: Dimension>(
    dataset: &Dataset,
    selection: impl TryInto<Selection, Error: Into<hdf5::Error>>,
) -> Result<Array<T, D>> {
    check_head(dataset)?;
    let selection = selection.try_into().map_err(Into::into);
    let read = selection.and_then(|selection| dataset.read_slice::<T, Selection, D>(selection));
    read.map_err(refused(dataset))
}

fn refused(dataset: &Dataset) -> impl FnOnce(hdf5::Error) -> Error {
    |source| Error::Hdf5 {
        path: dataset.filename().into(),
        object: dataset.name(),
        source,
    }
}

fn wrong(dataset: &Dataset, problem: String) -> Error {
    Error::Format {
        path: dataset.filename().into(),
        object: dataset.name(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_access;
    use ndarray::Array1;

    #[test]
    fn what_a_small_file_cannot_hold_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_access::create(directory.path().join("claims.h5")).unwrap();
        let builder = file.new_dataset::<f32>().chunk([1, 10]);
        let vast = builder.shape([1_usize << 36, 10]).create("vast").unwrap();
        for error in [
            read::<f32>(&vast).unwrap_err(),
            read_matrix::<f32>(&vast).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(
                error.contains("vast") && error.contains("damaged"),
                "{error}"
            );
        }
        let small = file.new_dataset_builder().with_data(&[1, 2, 3]);
        let small = small.create("small").unwrap();
        assert_eq!(read::<i32>(&small).unwrap(), [1, 2, 3]);
        assert!(read_matrix::<i32>(&small).is_err());
        // Zeros that deflate well are no damage.
        let zeros = file.new_dataset::<u8>().chunk(1 << 20).deflate(9);
        let zeros = zeros.shape(1 << 20).create("zeros").unwrap();
        zeros.write_raw(&vec![0_u8; 1 << 20]).unwrap();
        file.flush().unwrap();
        assert_eq!(read::<u8>(&zeros).unwrap().len(), 1 << 20);
    }

    #[test]
    fn elements_in_the_head_are_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("head.h5");
        let file = file_access::create(&path).unwrap();
        let numbers = [1.5_f64, 2.5, 3.5, 4.5];
        let builder = file.new_dataset_builder().with_data(&numbers);
        builder.layout(Layout::Compact).create("head").unwrap();
        file.close().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let read = || -> Result<Vec<f64>> {
            let file = file_access::open(&path)?;
            let head = file.dataset("head").map_err(Error::hdf5(&path, "head"))?;
            let some: Array1<f64> = read_slice(&head, 1..4)?;
            Ok(some.to_vec())
        };
        assert_eq!(read().unwrap(), numbers[1..]);
        // How many bytes there are, before them.
        let first = numbers[0].to_le_bytes();
        let at = bytes.windows(8).position(|there| there == first).unwrap();
        assert_eq!(bytes[at - 2..at], [32, 0]);
        for there in [0, 8, 31] {
            bytes[at - 2] = there;
            std::fs::write(&path, &bytes).unwrap();
            let error = read().unwrap_err().to_string();
            assert!(error.contains("head: claims 32 bytes"), "{error}");
        }
    }
}
