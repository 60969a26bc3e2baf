//! What makes two recordings equal.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use jobwise_gmf::product::Origin;
use jobwise_hdf5::raw_rows;
use jobwise_testing::{Tree, tree};

/// The files below a directory, each with a last byte that says whether it is noted what it was
/// computed from; of those with samples, which hold the time of writing too, a digest of the
/// samples and the index.
pub(crate) fn recorded(place: &Path) -> Tree {
    let content = |(name, bytes): (String, Vec<u8>)| {
        let path = place.join(&name);
        let mut content = if name.contains("rf@") {
            samples(&path)
        } else {
            bytes
        };
        content.push(u8::from(Origin::of(&path).is_some()));
        (name, content)
    };
    tree(place).into_iter().map(content).collect()
}

fn samples(path: &Path) -> Vec<u8> {
    let read = || -> hdf5::Result<u64> {
        let file = hdf5::File::open(path)?;
        let mut digest = DefaultHasher::new();
        let index = file.dataset("rf_data_index")?.read_raw::<u64>()?;
        index.hash(&mut digest);
        // As they are stored: the library converts millions of samples one by one.
        let samples = file.dataset("rf_data")?;
        let (rows, mut bytes) = (samples.shape()[0], Vec::new());
        let read = raw_rows::read(&samples, 0..rows, &mut bytes);
        read.map_err(|error| error.to_string())?;
        bytes.hash(&mut digest);
        Ok(digest.finish())
    };
    match read() {
        Ok(digest) => digest.to_le_bytes().into(),
        Err(error) => error.to_string().into_bytes(),
    }
}
