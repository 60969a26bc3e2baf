use std::os::unix::fs::MetadataExt;

use hdf5::Dataset;
use hdf5::plist::dataset_create::Layout;

pub(crate) use jobwise_hdf5::lengths::UNPACKED as INFLATION;

/// Bytes that may be there without being stored: what was never written takes no space.
pub(crate) const UNWRITTEN: u64 = 1 << 28;

/// Refuses a dataset that promises more than its file can hold: lengths are numbers in a file like
/// others, and memory, time and space are spent after this only.
///
/// What is stored is the least of what the dataset has in its file and of what the file has on its
/// disk, except where the elements lie in other files.
///
/// # Errors
/// What it promises, and what there is.
pub(crate) fn believable(dataset: &Dataset) -> Result<(), String> {
    let shape = dataset.shape();
    let size = dataset
        .dtype()
        .map_err(|error| format!("its type cannot be read ({error})"))?
        .size();
    let promised = shape
        .iter()
        .try_fold(size as u64, |bytes, &length| {
            bytes.checked_mul(length as u64)
        })
        .ok_or_else(|| format!("its shape {shape:?} has more bytes than a file can hold"))?;
    if promised <= UNWRITTEN || lies_elsewhere(dataset) {
        return Ok(());
    }
    let on_disk = std::fs::metadata(dataset.filename())
        .map_or(u64::MAX, |file| file.blocks().saturating_mul(512));
    let stored = dataset.storage_size().min(on_disk);
    if promised <= stored.saturating_mul(INFLATION) {
        return Ok(());
    }
    Err(format!(
        "its shape {shape:?} promises {} MiB, of which {} KiB are stored: the file is damaged, or \
         was never filled",
        promised >> 20,
        stored >> 10
    ))
}

/// Whether elements lie in other files.
fn lies_elsewhere(dataset: &Dataset) -> bool {
    let external = dataset.dcpl().is_ok_and(|list| !list.external().is_empty());
    external || dataset.layout() == Layout::Virtual
}
