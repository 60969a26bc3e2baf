use std::path::{Path, PathBuf};

use jobwise_kit::atomic;
use serde_json::json;

use super::Observation;
use crate::output::{Error, Writer};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// The list of files, as `frames run --files` takes it.
    pub list: PathBuf,
    /// All files.
    pub files: Vec<PathBuf>,
}

/// Writes an observation into `directory`: `shared.g3` with what concerns all scans, `part0000.g3`,
/// ... with the calibration and scans, and `list.json`.
///
/// # Errors
/// A file cannot be written.
pub fn write(observation: &Observation, directory: &Path) -> Result<Simulated, Error> {
    let shared = directory.join("shared.g3");
    let mut writer = Writer::create(&shared)?;
    observation
        .shared()
        .iter()
        .try_for_each(|frame| writer.write(frame))?;
    writer.finish()?;
    let mut files = vec![shared];
    let mut names = Vec::new();
    for part in 0..observation.files {
        let name = format!("part{part:04}.g3");
        let file = directory.join(&name);
        let mut writer = Writer::create(&file)?;
        writer.write(&observation.calibration())?;
        // Scans lie in their order, as many in each file as in the next, or one more.
        let begin = |part: usize| part * observation.scans / observation.files;
        for scan in begin(part)..begin(part + 1) {
            writer.write(&observation.scan(scan))?;
        }
        writer.finish()?;
        files.push(file);
        names.push(name);
    }
    let list = directory.join("list.json");
    let text = format!("{}\n", json!(["shared.g3", names]));
    atomic::write(&list, text)?;
    Ok(Simulated { list, files })
}
