use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use hdf5::Dataset;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use jobwise_kit::h5::{Error as Stored, attributes, scales, unlocked};

use crate::clock::parse_directory_stamp;
use crate::{Error, Result};

/// The output files below a directory, in order of time; there is at least one.
///
/// # Errors
/// When a directory cannot be listed, or there is no output file.
pub fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for directory in listed(root)? {
        let stamp = name(&directory);
        // A directory for each hour.
        if parse_directory_stamp(&stamp).is_some_and(|seconds| seconds % 3600 == 0) {
            let inside = listed(&directory)?;
            files.extend(inside.into_iter().filter(|path| {
                let name = name(path);
                name.starts_with("gmf-") && path.extension().is_some_and(|e| e == "h5")
            }));
        }
    }
    if files.is_empty() {
        return Err(Error::Format {
            path: root.to_path_buf(),
            problem: "holds no GMF files (YYYY-MM-DDTHH-00-00/gmf-*.h5); \
                      give the output directory of gmf analyze"
                .to_owned(),
        });
    }
    files.sort();
    Ok(files)
}

fn listed(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::Io {
        path: directory.to_path_buf(),
        source,
    };
    let entries = fs::read_dir(directory).map_err(failed)?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect()
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Describes the first output file below a directory: its datasets, scalars and attributes.
///
/// # Errors
/// When there is no output file, or it cannot be read.
pub fn product(root: &Path) -> Result<String> {
    let files = files(root)?;
    let path = &files[0];
    let file = unlocked::open(path)?;
    let mut text = format!("{} files; the first is {}\n", files.len(), path.display());
    let mut datasets = file.datasets().map_err(Stored::hdf5(path, "datasets"))?;
    datasets.sort_by_key(|dataset| dataset.name());
    for dataset in &datasets {
        describe(&mut text, path, dataset)?;
    }
    for (name, value) in attributes::list(&file)? {
        let _ = writeln!(text, "{name} = {value}");
    }
    let mut groups = file.groups().map_err(Stored::hdf5(path, "groups"))?;
    groups.sort_by_key(|group| group.name());
    for group in groups {
        let _ = writeln!(text, "{}", group.name().trim_start_matches('/'));
        for (name, value) in attributes::list(&group)? {
            let _ = writeln!(text, "  {name} = {value}");
        }
    }
    Ok(text)
}

fn describe(text: &mut String, path: &Path, dataset: &Dataset) -> Result<()> {
    let full = dataset.name();
    let name = full.trim_start_matches('/');
    let dtype = dataset
        .dtype()
        .and_then(|dtype| dtype.to_descriptor())
        .map_err(Stored::hdf5(path, name))?;
    let kind = if scales::is_scale(dataset)? {
        "scale"
    } else {
        ""
    };
    let _ = write!(text, "{name:22} {:4} {kind:5} ", short(&dtype));
    if dataset.is_scalar() {
        let value: f64 = dataset.read_scalar().map_err(Stored::hdf5(path, name))?;
        let _ = writeln!(text, "= {value}");
    } else {
        let _ = writeln!(text, "{:?}", dataset.shape());
    }
    Ok(())
}

/// The name of a type as `NumPy` users know it.
fn short(dtype: &TypeDescriptor) -> String {
    match dtype {
        TypeDescriptor::Integer(IntSize::U4) => "i32".to_owned(),
        TypeDescriptor::Integer(IntSize::U8) => "i64".to_owned(),
        TypeDescriptor::Float(FloatSize::U4) => "f32".to_owned(),
        TypeDescriptor::Float(FloatSize::U8) => "f64".to_owned(),
        other => other.to_string(),
    }
}
