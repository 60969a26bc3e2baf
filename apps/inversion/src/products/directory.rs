use std::path::{Path, PathBuf};

use jobwise_kit::Inputs;

use super::{LineFile, Point};
use crate::{Error, Result};

/// The files of a directory, by the number of the line. They are open one at a time.
#[derive(Debug)]
pub struct Results {
    lines: Vec<Line>,
    inputs: Inputs,
}

/// A file of a directory, closed.
#[derive(Clone, Debug)]
pub struct Line {
    /// The file.
    pub path: PathBuf,
    /// The number of the line.
    pub number: f64,
    /// The number of soundings.
    pub count: usize,
    /// m: edges of the bins of depth of conductivities.
    pub depths: Vec<f64>,
}

impl Line {
    fn of(file: &LineFile) -> Line {
        Line {
            path: file.path().to_path_buf(),
            number: file.line(),
            count: file.count(),
            depths: file.depths().to_vec(),
        }
    }

    /// Opens the file again.
    ///
    /// # Errors
    /// It is not what it was.
    pub fn open(&self) -> Result<LineFile> {
        let file = LineFile::open(&self.path)?;
        if file.count() == self.count && file.depths() == self.depths {
            return Ok(file);
        }
        Err(Error::File {
            path: self.path.clone(),
            problem: "has changed while it was read: run again".into(),
        })
    }
}

impl Results {
    /// Opens all `*.h5` of a directory; one that cannot be used is told and passed over, or an
    /// error where `is_strict`.
    ///
    /// # Errors
    /// The directory cannot be read, or nothing in it can be used.
    pub fn open(directory: &Path, is_strict: bool) -> Result<Results> {
        let inputs = Inputs::new(is_strict);
        let entries = std::fs::read_dir(directory).map_err(Error::io(directory))?;
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            let path = entry.map_err(Error::io(directory))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.extension().is_some_and(|end| end == "h5") && !name.starts_with('.') {
                paths.push(path);
            }
        }
        paths.sort();
        let mut lines = Vec::new();
        for path in &paths {
            match LineFile::open(path) {
                Ok(file) => lines.push(Line::of(&file)),
                Err(error) => inputs.pass_over(path, error)?,
            }
        }
        lines.sort_by(|a: &Line, b: &Line| a.number.total_cmp(&b.number));
        if lines.is_empty() {
            return Err(Error::File {
                path: directory.to_path_buf(),
                problem: format!("{} files *.h5, none of which is of results", paths.len()),
            });
        }
        Ok(Results { lines, inputs })
    }

    /// The files that can be used.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The file of a line.
    ///
    /// # Errors
    /// There is none, or several are of this line.
    pub fn line(&self, line: f64) -> Result<&Line> {
        let same = |found: &&Line| found.number.total_cmp(&line).is_eq();
        let mut found = self.lines.iter().filter(same);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => {
                let lines = self.lines.iter().map(|one| format!("{:?}", one.number));
                let lines: Vec<String> = lines.collect();
                let problem = format!("no line {line:?}: there are {}", lines.join(", "));
                Err(Error::Request(problem))
            }
            (Some(one), Some(other)) => Err(Error::Request(format!(
                "line {line:?} is in {} and in {}: keep one of them",
                one.path.display(),
                other.path.display()
            ))),
        }
    }

    /// A sounding; none where it cannot be read, which is told once for its file.
    ///
    /// # Errors
    /// It cannot be read, and inputs must be whole.
    pub fn point(&self, file: &LineFile, row: usize) -> Result<Option<Point>> {
        match file.point(row) {
            Ok(point) => Ok(Some(point)),
            Err(error) => {
                self.inputs.use_in_part(file.path(), error)?;
                Ok(None)
            }
        }
    }

    /// How a command ends that passed over inputs.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}
