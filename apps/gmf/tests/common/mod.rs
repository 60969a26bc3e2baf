//! Where test data lies, and how a test says that some is absent.
#![allow(dead_code)] // each test binary uses its own part

use std::path::{Path, PathBuf};

/// The reference outputs of the systems jobwise replaces, if they lie beside this checkout
/// (or where `JOBWISE_REFERENCE` points).
pub(crate) fn reference(topic: &str) -> Option<PathBuf> {
    let root = std::env::var_os("JOBWISE_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    found(root.join(topic), "reference data")
}

/// The unpacked source distribution of `digital_rf` 2.6.14 (`JOBWISE_DIGITAL_RF` points to it).
pub(crate) fn digital_rf_source() -> Option<PathBuf> {
    let root = std::env::var_os("JOBWISE_DIGITAL_RF").map(PathBuf::from);
    match root {
        Some(root) => found(root, "digital_rf source distribution"),
        None => skipped("JOBWISE_DIGITAL_RF does not name the digital_rf source distribution"),
    }
}

/// A Python that imports h5py and `digital_rf` (`JOBWISE_PYTHON`, else `python3`).
pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("JOBWISE_PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
    let answers = std::process::Command::new(&python)
        .args(["-c", "import h5py, digital_rf"])
        .output()
        .is_ok_and(|out| out.status.success());
    if answers {
        Some(python)
    } else {
        skipped("no Python with h5py and digital_rf (set JOBWISE_PYTHON)")
    }
}

fn found(path: PathBuf, what: &str) -> Option<PathBuf> {
    if path.is_dir() {
        Some(path)
    } else {
        skipped(&format!("{what} not found at {}", path.display()))
    }
}

fn skipped<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("JOBWISE_REQUIRE_ALL").is_none(),
        "JOBWISE_REQUIRE_ALL is set, but {why}"
    );
    eprintln!("SKIPPED: {why}");
    None
}
