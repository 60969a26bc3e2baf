use std::path::{Path, PathBuf};

use clap::Args;
use jobwise_frames::input::Index;
use jobwise_kit::Failure;
use serde_json::json;

use super::failed;
use super::reading::unread;

/// Write beside files where their frames begin (FILE.index)
///
/// A file that was cut between two frames looks whole; frames verify compares it with its index.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// .g3, .g3.gz, .g3.bz2, .g3.xz or .g3.zst
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print {file: {bytes, frames: [[offset, type], ..]}} and write nothing
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    if flags.files.iter().any(|file| file == Path::new("-")) {
        return Err(Failure::usage("standard input has no place for an index"));
    }
    let mut all = json!({});
    let mut indices = Vec::new();
    for file in &flags.files {
        let index = Index::of(file).map_err(unread)?;
        all[file.to_string_lossy().as_ref()] = index.to_json();
        indices.push(index);
    }
    if flags.json {
        return jobwise_kit::print(&format!("{all}\n"));
    }
    // After all of them are known to be whole.
    for (file, index) in flags.files.iter().zip(indices) {
        index.write_beside(file).map_err(failed)?;
    }
    Ok(())
}
