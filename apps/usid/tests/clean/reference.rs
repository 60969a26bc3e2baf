//! Cleaning against what the peer and an independent decomposition in f64 give.

use std::path::{Path, PathBuf};

use hdf5::{File, H5Type, Location};
use jobwise_kit::h5::unlocked;
use jobwise_usid::clean::window_size;
use ndarray::Array2;

/// A file of the reference set, if the set is there.
pub(crate) fn open(name: &str) -> Option<File> {
    let root = std::env::var_os("JOBWISE_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let path = root.join("usid").join(name);
    if path.is_file() {
        return Some(unlocked::open(&path).unwrap());
    }
    let why = format!("reference data not found at {}", path.display());
    assert!(
        std::env::var_os("JOBWISE_REQUIRE_ALL").is_none(),
        "JOBWISE_REQUIRE_ALL is set, but {why}"
    );
    eprintln!("SKIPPED: {why}");
    None
}

pub(crate) fn attribute<T: H5Type>(at: &Location, name: &str) -> T {
    at.attr(name).unwrap().read_scalar().unwrap()
}

#[test]
fn window_sizes_are_the_peers() {
    let Some(file) = open("window_size.h5") else {
        return;
    };
    for case in (0..5).map(|i| file.group(&format!("case_{i}")).unwrap()) {
        let image: Array2<f64> = case.dataset("image").unwrap().read_2d().unwrap();
        let found = window_size(&image).unwrap();
        for peaks in ["np2", "np3"] {
            let size: i64 = attribute(&case, &format!("window_size_{peaks}"));
            assert_eq!(found.size as i64, size, "{}", case.name());
            let psf: f64 = attribute(&case, &format!("psf_width_{peaks}"));
            assert!(
                (found.psf_width / psf - 1.0).abs() < 1e-6,
                "{}: {found:?}",
                case.name()
            );
        }
    }
}
