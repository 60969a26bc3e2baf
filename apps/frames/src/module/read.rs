use std::path::Path;

use crate::input::{Error, Files, Options};
use crate::pipeline::{Module, source};

/// The frames of files, one file after the other; at most `most` of them. All files are looked for
/// before the first is read. In front of the first module of a pipeline, all its frames go in front
/// of the first one that comes.
///
/// # Errors
/// There is no file, or one of them cannot be opened.
pub fn read(
    files: impl IntoIterator<Item = impl AsRef<Path>>,
    options: &Options,
    most: Option<usize>,
) -> Result<Box<dyn Module>, ReadError> {
    let names: Vec<_> = files
        .into_iter()
        .map(|name| name.as_ref().to_path_buf())
        .collect();
    if names.is_empty() {
        return Err(ReadError::Empty);
    }
    let frames = Files::new(names, options)?;
    let frames = frames.take(most.unwrap_or(usize::MAX));
    Ok(Box::new(source(frames)))
}

/// Files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The list has none.
    #[error("the list of files is empty")]
    Empty,
    /// One of them cannot be opened.
    #[error(transparent)]
    Input(#[from] Error),
}
