use std::fmt::Write as _;
use std::path::Path;

use hdf5::Dataset;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use jobwise_hdf5::{Error as Stored, attributes, descriptor, file_access, lengths, scales, seal};
use jobwise_kit::Inputs;

use crate::product::{files, healthy, none_left};
use crate::{Error, Result};

/// Describes the first output file below a directory, or one HDF5 file: its datasets, scalars and
/// attributes. All files are compared with their checksums; damaged files are passed over.
///
/// # Errors
/// When there is no output file, or none can be read; and for the first damaged file where `inputs`
/// are not passed over.
pub fn product(root: &Path, inputs: &Inputs) -> Result<String> {
    if root.is_file() {
        let text = description(root);
        let Some(why) = seal::verify(root)?.problem().map(str::to_owned) else {
            return text;
        };
        let problem = Error::Format {
            path: root.to_path_buf(),
            problem: format!("is damaged: {why}"),
        };
        // Where nothing can be shown, there is nothing to go on with.
        let Ok(text) = text else {
            return Err(problem);
        };
        inputs.pass_over(root, problem)?;
        return Ok(text);
    }
    let all = files(root)?;
    let count = all.len();
    let healthy = healthy(all, inputs)?;
    let path = healthy.first().ok_or_else(|| none_left(root))?;
    let text = match count - healthy.len() {
        0 => format!("{count} files; the first is {}\n", path.display()),
        damaged => format!(
            "{count} files, of them {damaged} damaged; the first of the others is {}\n",
            path.display()
        ),
    };
    Ok(text + &description(path)?)
}

fn description(path: &Path) -> Result<String> {
    let file = file_access::open(path)?;
    let mut text = String::new();
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
        .and_then(|dtype| descriptor::of(&dtype))
        .map_err(Stored::hdf5(path, name))?;
    let kind = if scales::is_scale(dataset)? {
        "scale"
    } else {
        ""
    };
    let _ = write!(text, "{name:23} {:4} {kind:5} ", short(&dtype));
    if dataset.is_scalar() {
        lengths::check_head(dataset)?;
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
