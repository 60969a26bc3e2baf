//! Where the frames of a file begin: kept in a small file beside it, which nobody needs. A file
//! that was cut between two frames looks whole; its index tells.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::error::Error as InputError;
use super::open::open;
use super::options::Options;
use crate::frame::FrameType;

/// The longest file that is taken for an index.
const LONGEST: u64 = 1 << 30;

/// The frames of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Where each frame begins, in bytes before compression, and its type.
    pub frames: Vec<(u64, FrameType)>,
    /// The bytes of all of them.
    pub bytes: u64,
}

/// Why an index cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is none.
    #[error("{}: is no index of frames", .0.display())]
    Foreign(PathBuf),
    /// The system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// The index.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be given its name.
    #[error(transparent)]
    Atomic(#[from] jobwise_kit::atomic::Error),
}

impl Index {
    /// The index of a file: all of it is read.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn of(file: impl AsRef<Path>) -> Result<Index, InputError> {
        let mut input = open(file, &Options::default())?;
        let mut frames = Vec::new();
        for frame in &mut input {
            let frame = frame?;
            let offset = frame.place().map_or(0, |place| place.offset);
            frames.push((offset, frame.kind()));
        }
        let bytes = input.tally().bytes;
        Ok(Index { frames, bytes })
    }

    /// The name of the index of a file.
    pub fn path(file: impl AsRef<Path>) -> PathBuf {
        let mut name = OsString::from(file.as_ref());
        name.push(".index");
        name.into()
    }

    /// The index beside a file, where there is one.
    ///
    /// # Errors
    /// What is there is none, or cannot be read.
    pub fn beside(file: impl AsRef<Path>) -> Result<Option<Index>, Error> {
        let path = Index::path(file);
        let failed = |source| Error::Io {
            path: path.clone(),
            source,
        };
        let length = match fs::metadata(&path) {
            Ok(found) if found.is_file() => found.len(),
            Ok(_) => return Err(Error::Foreign(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if length > LONGEST {
            return Err(Error::Foreign(path));
        }
        let text = fs::read(&path).map_err(failed)?;
        let value = serde_json::from_slice(&text).ok();
        match value.as_ref().and_then(Index::from_json) {
            Some(index) => Ok(Some(index)),
            None => Err(Error::Foreign(path)),
        }
    }

    /// Writes the index of a file beside it.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write_beside(&self, file: impl AsRef<Path>) -> Result<(), Error> {
        let text = self.to_json().to_string() + "\n";
        Ok(jobwise_kit::atomic::write(Index::path(file), text)?)
    }

    /// As JSON: `{"bytes": N, "frames": [[offset, type], ..]}`, types as numbers.
    pub fn to_json(&self) -> Value {
        let frames = self.frames.iter();
        let frames: Vec<Value> = frames.map(|(at, kind)| json!([at, kind.0])).collect();
        json!({"bytes": self.bytes, "frames": frames})
    }

    fn from_json(value: &Value) -> Option<Index> {
        let frames = value.get("frames")?.as_array()?.iter();
        let frame = |frame: &Value| {
            let kind = u32::try_from(frame.get(1)?.as_u64()?).ok()?;
            Some((frame.get(0)?.as_u64()?, FrameType(kind)))
        };
        Some(Index {
            frames: frames.map(frame).collect::<Option<_>>()?,
            bytes: value.get("bytes")?.as_u64()?,
        })
    }
}
