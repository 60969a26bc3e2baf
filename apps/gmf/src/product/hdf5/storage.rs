//! How the numbers of a dataset lie in the file.

use hdf5::{Dataset, Group, H5Type};

/// Chunks are whole rows, of about so many bytes: what readers of HDF5 keep decoded by default.
const CHUNK_BYTES: usize = 1 << 20;

/// Datasets of fewer bytes gain nothing: the index of the chunks takes as much.
const LEAST_BYTES: usize = 4096;

/// Creates a dataset of this shape without values: contiguous with level 0 and where it is small,
/// else deflated.
pub(super) fn create<T: H5Type>(
    group: &Group,
    name: &str,
    shape: &[usize],
    compression: u8,
) -> hdf5::Result<Dataset> {
    let builder = group.new_dataset::<T>();
    let bytes = shape.iter().product::<usize>() * size_of::<T>();
    if compression == 0 || shape.is_empty() || bytes < LEAST_BYTES {
        return builder.shape(shape).create(name);
    }
    builder
        .chunk(chunk(shape, size_of::<T>()))
        .shuffle()
        .deflate(compression)
        .shape(shape)
        .create(name)
}

/// As many entries of the first axes as fit: `[1, .., 1, n, whole, .., whole]`.
fn chunk(shape: &[usize], element: usize) -> Vec<usize> {
    let mut room = (CHUNK_BYTES / element).max(1);
    let mut chunk = vec![1; shape.len()];
    for (chunk, &length) in chunk.iter_mut().zip(shape).rev() {
        *chunk = length.min(room);
        room /= *chunk;
        if room == 0 || *chunk < length {
            break;
        }
    }
    chunk
}

/// Whether everything that a dataset of these bytes claims was written.
pub(super) fn is_whole(dataset: &Dataset, bytes: usize) -> bool {
    match dataset.chunk() {
        None => dataset.storage_size() == bytes as u64,
        Some(chunk) => {
            let shape = dataset.shape();
            let along = shape.iter().zip(&chunk).map(|(&n, &c)| n.div_ceil(c));
            dataset.num_chunks() == Some(along.product())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::chunk;

    #[test]
    fn chunks_are_whole_rows_of_about_a_megabyte() {
        assert_eq!(chunk(&[200_000], 8), [131_072]);
        assert_eq!(chunk(&[100, 480], 4), [100, 480]);
        assert_eq!(chunk(&[5000, 480], 4), [546, 480]);
        assert_eq!(chunk(&[10, 480, 19, 12_500], 4), [1, 1, 19, 12_500]);
        assert_eq!(chunk(&[10, 3, 500_000], 4), [1, 1, 262_144]);
    }
}
