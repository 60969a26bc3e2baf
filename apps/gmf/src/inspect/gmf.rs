use std::fmt::Write as _;
use std::path::Path;

use jobwise_kit::Inputs;

use crate::product::{
    Devices, Head, Integrity, Kind, Origin, Part, Stored, files, format_of, healthy, none_left,
};
use crate::{Error, Result};

/// Describes the first output file below a directory, or one file: its variables, scalars and
/// attributes. All files are compared with their checksums; damaged files are passed over.
///
/// # Errors
/// When there is no output file, or none can be read; and for the first damaged file where `inputs`
/// are not passed over.
pub fn product(root: &Path, inputs: &Inputs) -> Result<String> {
    if root.is_file() {
        let text = description(root);
        let Integrity::Damaged { why } = format_of(root).check(root)? else {
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
    let file = Stored::open(path)?;
    let names = file.names()?;
    let mut text = String::new();
    for (name, is_scale) in &names.variables {
        describe(&mut text, &file, name, *is_scale)?;
    }
    for (name, value) in file.attributes(Part::File)? {
        let _ = writeln!(text, "{name} = {value}");
    }
    let devices = Origin::of(path).map_or(Devices::UNKNOWN, |origin| origin.devices);
    if devices != Devices::UNKNOWN {
        let _ = writeln!(text, "computed on {devices}");
    }
    for group in &names.groups {
        let _ = writeln!(text, "{group}");
        for (name, value) in file.attributes(Part::Group(group))? {
            let _ = writeln!(text, "  {name} = {value}");
        }
    }
    Ok(text)
}

fn describe(text: &mut String, file: &Stored, name: &str, is_scale: bool) -> Result<()> {
    let Head { kind, shape, .. } = file.head(name)?;
    let (kind, scale) = (short(&kind), if is_scale { "scale" } else { "" });
    let _ = write!(text, "{name:23} {kind:4} {scale:5} ");
    if shape.is_empty() {
        let _ = writeln!(text, "= {}", file.scalar(name)?);
    } else {
        let _ = writeln!(text, "{shape:?}");
    }
    Ok(())
}

/// The name of a type as `NumPy` users know it.
fn short(kind: &Kind) -> &str {
    match kind {
        Kind::I32 => "i32",
        Kind::I64 => "i64",
        Kind::F32 => "f32",
        Kind::F64 => "f64",
        Kind::Other(name) => name,
    }
}
