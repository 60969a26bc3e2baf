use std::fmt::Write as _;
use std::path::Path;

use hdf5::Dataset;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use jobwise_kit::h5::{Error as Stored, attributes, scales, unlocked};

use crate::Result;
use crate::product::files;

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
    let _ = write!(text, "{name:23} {:4} {kind:5} ", short(&dtype));
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
