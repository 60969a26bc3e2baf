use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Bytes of a line, at most: a thousand gates need some 20 kB.
pub(super) const LONGEST: u64 = 1 << 20;

/// The lines of a file, one at a time: no more than a line is in memory.
pub(super) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    line: usize,
    bytes: Vec<u8>,
    is_ended: bool,
}

impl Lines {
    pub(super) fn new(path: &Path, reader: Box<dyn BufRead + Send>) -> Lines {
        Lines {
            path: path.to_path_buf(),
            reader,
            line: 0,
            bytes: Vec::new(),
            is_ended: true,
        }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Whether the line that was read last has an end.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Puts the next line into `text`, without its end; false after the last one. Bytes that are no
    /// text are replaced.
    ///
    /// # Errors
    /// The file cannot be read, or a line is too long for a table.
    pub(super) fn next(&mut self, text: &mut String) -> Result<bool> {
        self.bytes.clear();
        let mut limited = (&mut self.reader).take(LONGEST + 1);
        let read = limited.read_until(b'\n', &mut self.bytes);
        let length = read.map_err(Error::io(&self.path))?;
        text.clear();
        if length == 0 {
            return Ok(false);
        }
        self.line += 1;
        self.is_ended = self.bytes.ends_with(b"\n");
        if length as u64 > LONGEST {
            return Err(self.wrong(format!(
                "this is no table: a line has more than {LONGEST} bytes"
            )));
        }
        let line = String::from_utf8_lossy(&self.bytes);
        text.push_str(line.trim_end_matches(['\n', '\r']));
        Ok(true)
    }

    /// An error about the line that was read last.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::Line {
            path: self.path.clone(),
            line: self.line.max(1),
            problem: problem.into(),
        }
    }
}
