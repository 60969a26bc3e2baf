//! Where test data lies, and how a test says that some is absent.
#![allow(dead_code)] // each test binary uses its own part

use std::path::{Path, PathBuf};

use hdf5::{File, H5Type, Location};
use jobwise_core::{Cancel, Job};
use jobwise_hdf5::file_access;
use jobwise_usid::process::{Policy, Settings, Writer};

/// A file of the reference set, if the set is there.
pub(crate) fn reference(name: &str) -> Option<PathBuf> {
    jobwise_testing::reference(&format!("usid/{name}"))
}

/// The same, opened.
pub(crate) fn open(name: &str) -> Option<File> {
    Some(file_access::open(reference(name)?).unwrap())
}

/// A copy of the file that may be changed, in a directory that goes with the first of the pair.
pub(crate) fn copy(name: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let original = reference(name)?;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    // Its content alone: the original may be read-only.
    std::fs::write(&path, std::fs::read(original).unwrap()).unwrap();
    Some((directory, path))
}

pub(crate) fn attribute<T: H5Type>(at: &Location, name: &str) -> T {
    at.attr(name).unwrap().read_scalar().unwrap()
}

pub(crate) fn numbers(at: &hdf5::Group, name: &str) -> Vec<f64> {
    at.dataset(name).unwrap().read_raw().unwrap()
}

/// A run on a file, into a new results group.
pub(crate) fn settings(file: &Path) -> Settings {
    Settings {
        file: file.to_path_buf(),
        source: None,
        target: None,
        policy: Policy::Override,
        compression: None,
        writer: Writer::Single,
        checkpoint: std::time::Duration::from_secs(30),
        memory: 1 << 28,
        job: Job::WHOLE,
        sharing: jobwise_kit::Sharing::Static,
        progress: false,
        dry_run: false,
        is_strict: false,
        choice: None,
        cancel: Cancel::default(),
    }
}

/// Whether filters fuse products and sums on this processor.
pub(crate) fn fuses() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    false
}
