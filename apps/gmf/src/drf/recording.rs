use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_kit::Inputs;

use super::properties::FILE_NAMES;
use super::{Channel, listing};
use crate::{Error, Result};

/// A directory of channels.
#[derive(Clone, Debug)]
pub struct Recording {
    directory: PathBuf,
    channels: Vec<String>,
    /// Directories that may not be looked into, and the kind of refusal.
    refused: Vec<(PathBuf, ErrorKind)>,
}

impl Recording {
    /// Lists the channels of a recording. No channel is opened yet.
    ///
    /// # Errors
    /// The directory cannot be listed, has no channels, or is itself a channel.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let refused = |source| Error::Io {
            path: directory.to_path_buf(),
            source,
        };
        let (mut channels, mut unseen) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(directory).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            match (is_channel(&entry.path()), entry.file_name().into_string()) {
                (Ok(true), Ok(name)) => channels.push(name),
                (Err(error), _) => unseen.push((entry.path(), error.kind())),
                _ => {}
            }
        }
        channels.sort();
        unseen.sort();
        let problem = if is_channel(directory).map_err(refused)? {
            "is a channel of a Digital RF recording: give the directory that contains it"
        } else if let (Some((path, kind)), true) = (unseen.first(), channels.is_empty()) {
            return Err(Error::Io {
                path: path.clone(),
                source: (*kind).into(),
            });
        } else if channels.is_empty() {
            "contains no Digital RF channel (no sub-directory with drf_properties.h5)"
        } else {
            return Ok(Self {
                directory: directory.to_path_buf(),
                channels,
                refused: unseen,
            });
        };
        Err(Error::Format {
            path: directory.to_path_buf(),
            problem: problem.into(),
        })
    }

    /// The directory of the recording.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directories that may hold channels, but may not be looked into, with what is said of
    /// each.
    pub fn refused(&self) -> impl Iterator<Item = (&Path, Error)> {
        self.refused.iter().map(|(path, kind)| {
            let error = Error::Io {
                path: path.clone(),
                source: (*kind).into(),
            };
            (path.as_path(), error)
        })
    }

    /// The names of the channels, sorted.
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// Opens a channel.
    ///
    /// # Errors
    /// There is no such channel, or its properties cannot be read.
    pub fn channel(&self, name: &str) -> Result<Channel> {
        self.channel_with(name, Arc::new(Inputs::new(true)))
    }

    /// As [`channel`](Self::channel), but files that cannot be used are passed over if `inputs`
    /// says so.
    ///
    /// # Errors
    /// As [`channel`](Self::channel).
    pub fn channel_with(&self, name: &str, inputs: Arc<Inputs>) -> Result<Channel> {
        if self.channels.iter().any(|present| present == name) {
            return Channel::open_with(self.directory.join(name), inputs);
        }
        let asked = self.directory.join(name);
        if let Some((_, error)) = self.refused().find(|(path, _)| *path == asked) {
            return Err(error);
        }
        Err(Error::Format {
            path: self.directory.clone(),
            problem: format!("has no channel {name:?}, but {}", self.channels.join(", ")),
        })
    }
}

/// Whether the channel in `directory` has been begun: its properties are written, and at least one
/// directory of files exists. Writers make them in this order, so the properties can be read.
///
/// # Errors
/// The directory cannot be listed.
pub fn is_begun(directory: &Path) -> Result<bool> {
    let is_channel = is_channel(directory).map_err(|source| Error::Io {
        path: directory.to_path_buf(),
        source,
    })?;
    Ok(is_channel && !listing::subdirectories(directory)?.is_empty())
}

/// Whether a directory has a file of properties; an error where it may not be looked into.
fn is_channel(directory: &Path) -> io::Result<bool> {
    for name in FILE_NAMES {
        match fs::metadata(directory.join(name)) {
            Ok(found) if found.is_file() => return Ok(true),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
    }
    Ok(false)
}
