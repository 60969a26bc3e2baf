//! The file on its way, and which version of the remote file it is a part of.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jobwise_kit::{LockedFile, atomic};

use crate::{Error, Result};

/// `FILE.part`, with what identifies the remote version in `FILE.part.version`.
pub(super) struct Part {
    destination: PathBuf,
    path: PathBuf,
    file: LockedFile,
    length: u64,
    version: Option<Version>,
}

/// What identifies a version of a remote file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// The address.
    pub(super) url: String,
    /// The `ETag` (a strong one), else `Last-Modified`.
    pub(super) mark: String,
}

impl Part {
    /// Opens or creates the part of `destination`.
    ///
    /// # Errors
    /// It cannot be written, or another process does.
    pub(super) fn open(destination: &Path) -> Result<Part> {
        let path = with_ending(destination, ".part");
        let io = |source| Error::Io {
            path: path.clone(),
            source,
        };
        if let Some(parent) = destination.parent().filter(|p| !p.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(|source| Error::Io {
                path: parent.to_path_buf(),
                source,
            })?;
        }
        let mut options = fs::OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true);
        let file = options.open(&path).map_err(io)?;
        let Some(mut file) = LockedFile::try_new(file).map_err(io)? else {
            return Err(Error::Format {
                path,
                problem: "another process is downloading it: wait for its end".to_owned(),
            });
        };
        // Another process may have given it its name between the opening and the lock: then this is
        // the finished file.
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let opened = file.metadata().map(identity).map_err(io)?;
        if fs::metadata(&path).map(identity).ok() != Some(opened) {
            return Err(Error::Format {
                path: destination.to_path_buf(),
                problem: "another process has finished it just now".to_owned(),
            });
        }
        let length = file.seek(SeekFrom::End(0)).map_err(io)?;
        let version = fs::read_to_string(with_ending(&path, ".version")).ok();
        let version = version.and_then(|text| {
            let mut lines = text.lines().map(str::to_owned);
            Some(Version {
                url: lines.next()?,
                mark: lines.next()?,
            })
        });
        Ok(Part {
            destination: destination.to_path_buf(),
            path,
            file,
            length,
            version,
        })
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The mark of the version at this address that the part belongs to, if it can be continued.
    pub(super) fn mark(&self, url: &str) -> Option<&str> {
        let version = self.version.as_ref().filter(|version| version.url == url)?;
        (self.length > 0).then_some(version.mark.as_str())
    }

    /// Begins anew, as a part of another version; `None` where the server does not tell versions
    /// apart.
    pub(super) fn restart(&mut self, version: Option<Version>) -> Result<()> {
        self.file.set_len(0).map_err(|e| self.io(e))?;
        self.file.rewind().map_err(|e| self.io(e))?;
        self.length = 0;
        let note = with_ending(&self.path, ".version");
        match &version {
            Some(Version { url, mark }) => atomic::write(&note, format!("{url}\n{mark}\n"))?,
            None => forget(&note)?,
        }
        self.version = version;
        Ok(())
    }

    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| self.io(e))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Whether it ends as a ZIP file does: with the record of its directory, and a comment of at
    /// most 64 KiB.
    pub(super) fn is_zip(&mut self) -> Result<bool> {
        let tail = self.length.min(22 + 0xffff);
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.length - tail))
            .map_err(|e| self.io(e))?;
        (&*self.file)
            .take(tail)
            .read_to_end(&mut bytes)
            .map_err(|e| self.io(e))?;
        Ok(bytes.windows(4).any(|window| window == b"PK\x05\x06"))
    }

    /// Gives the complete file its name.
    pub(super) fn commit(self) -> Result<()> {
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| Error::Io { path, source }
        };
        self.file.sync_all().map_err(io(&self.path))?;
        fs::rename(&self.path, &self.destination).map_err(io(&self.destination))?;
        let parent = self
            .destination
            .parent()
            .filter(|p| !p.as_os_str().is_empty());
        let directory = parent.unwrap_or(Path::new("."));
        File::open(directory)
            .and_then(|d| d.sync_all())
            .map_err(io(directory))?;
        forget(&with_ending(&self.path, ".version"))
    }

    /// Removes it.
    pub(super) fn discard(self) -> Result<()> {
        forget(&with_ending(&self.path, ".version"))?;
        forget(&self.path)
    }

    fn io(&self, source: std::io::Error) -> Error {
        Error::Io {
            path: self.path.clone(),
            source,
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn forget(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::Io {
            path: path.to_path_buf(),
            source,
        }),
        _ => Ok(()),
    }
}
