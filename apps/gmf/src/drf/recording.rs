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
        let mut channels = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            if is_channel(&entry.path())
                && let Ok(name) = entry.file_name().into_string()
            {
                channels.push(name);
            }
        }
        channels.sort();
        let problem = if is_channel(directory) {
            "is a channel of a Digital RF recording: give the directory that contains it"
        } else if channels.is_empty() {
            "contains no Digital RF channel (no sub-directory with drf_properties.h5)"
        } else {
            return Ok(Self {
                directory: directory.to_path_buf(),
                channels,
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
    Ok(is_channel(directory) && !listing::subdirectories(directory)?.is_empty())
}

fn is_channel(directory: &Path) -> bool {
    FILE_NAMES.iter().any(|name| directory.join(name).is_file())
}
