use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::Array;
use super::element::{Order, Tag, kind};
use super::source::Source;
use crate::{Error, Result};

/// A MATLAB file of version 5, plain or in bzip2, read from front to back.
#[derive(Debug)]
pub struct MatFile {
    path: PathBuf,
    order: Order,
    source: Source,
    /// Where the next element begins.
    next: u64,
}

impl MatFile {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// The file cannot be read, or is none of version 5; one of version 7.3 is told apart.
    pub fn open(path: impl AsRef<Path>) -> Result<MatFile> {
        let path = path.as_ref().to_path_buf();
        let wrong = |problem: &str| Error::Format {
            path: path.clone(),
            problem: problem.to_owned(),
        };
        let mut source = Source::open(&path).map_err(|source| Error::Io {
            path: path.clone(),
            source,
        })?;
        let mut header = Vec::with_capacity(128);
        (&mut source)
            .take(128)
            .read_to_end(&mut header)
            .map_err(|error| damaged(&path, &error))?;
        if header.starts_with(b"MATLAB 7.3 MAT-file") || header.starts_with(b"\x89HDF\r\n\x1a\n") {
            return Err(wrong(
                "is a MATLAB file of version 7.3 (HDF5): save it with -v7 or -v6",
            ));
        }
        let order = match header.get(124..) {
            Some([0x00, 0x01, b'I', b'M']) => Order::Little,
            Some([0x01, 0x00, b'M', b'I']) => Order::Big,
            _ => return Err(wrong("is no MATLAB file of version 5")),
        };
        Ok(MatFile {
            path,
            order,
            source,
            next: 128,
        })
    }

    /// The next array; `None` at the end of the file.
    ///
    /// # Errors
    /// The file is cut off or damaged.
    pub fn next_array(&mut self) -> Result<Option<Array<'_>>> {
        loop {
            self.source
                .skip_to(self.next)
                .map_err(|error| damaged(&self.path, &error))?;
            let tag = Tag::read(&mut self.source, self.order)
                .map_err(|error| damaged(&self.path, &error))?;
            let Some(tag) = tag else {
                return Ok(None);
            };
            let length = u64::from(tag.length);
            if tag.inline.is_none() {
                if length > self.source.left() {
                    return Err(self.wrong(format!(
                        "is cut off: a variable claims {length} bytes, but {} are left",
                        self.source.left()
                    )));
                }
                // Deflated elements are not padded.
                let padding = if tag.kind == kind::COMPRESSED {
                    0
                } else {
                    tag.padding()
                };
                self.next = self.source.position() + length;
                // The file may end with its last element.
                self.next += padding.min(self.source.left().saturating_sub(length));
            } else {
                self.next = self.source.position();
            }
            match tag.kind {
                kind::MATRIX if tag.inline.is_none() => {
                    let body = Box::new((&mut self.source).take(length));
                    return Array::read(&self.path, self.order, body, length).map(Some);
                }
                kind::COMPRESSED if tag.inline.is_none() => {
                    let mut body = ZlibDecoder::new((&mut self.source).take(length));
                    let inner = Tag::read(&mut body, self.order)
                        .map_err(|error| damaged(&self.path, &error))?;
                    return match inner {
                        Some(Tag {
                            kind: kind::MATRIX,
                            length,
                            inline: None,
                        }) => {
                            let length = u64::from(length);
                            let body = Box::new(body.take(length));
                            Array::read(&self.path, self.order, body, length).map(Some)
                        }
                        _ => Err(Error::Format {
                            path: self.path.clone(),
                            problem: "is damaged: a deflated variable is no array".to_owned(),
                        }),
                    };
                }
                _ => {}
            }
        }
    }

    fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::Format {
            path: self.path.clone(),
            problem: problem.into(),
        }
    }
}

fn damaged(path: &Path, error: &io::Error) -> Error {
    Error::Format {
        path: path.to_path_buf(),
        problem: match error.kind() {
            io::ErrorKind::UnexpectedEof => "is cut off".to_owned(),
            _ => format!("is damaged: {error}"),
        },
    }
}
