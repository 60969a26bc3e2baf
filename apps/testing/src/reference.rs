use std::path::{Path, PathBuf};

use crate::skipped;

/// A file or directory of the reference outputs of the systems that jobwise replaces, which lie in
/// `shared/reference` beside this checkout or where `JOBWISE_REFERENCE` points. Where it is not
/// there, the test is [`skipped`].
pub fn reference(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("JOBWISE_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    found(root.join(name), "reference data")
}

/// The unpacked source distribution of `digital_rf` 2.6.14 (`JOBWISE_DIGITAL_RF` points to it).
/// Where it is not there, the test is [`skipped`].
pub fn digital_rf_source() -> Option<PathBuf> {
    let root = std::env::var_os("JOBWISE_DIGITAL_RF").map(PathBuf::from);
    match root {
        Some(root) => found(root, "digital_rf source distribution"),
        None => skipped("JOBWISE_DIGITAL_RF does not name the digital_rf source distribution"),
    }
}

fn found(path: PathBuf, what: &str) -> Option<PathBuf> {
    if path.exists() {
        Some(path)
    } else {
        skipped(&format!("{what} not found at {}", path.display()))
    }
}
