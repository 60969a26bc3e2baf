use std::path::{Path, PathBuf};

use jobwise_kit::Inputs;

use super::{LineFile, Point, Profile, Widths};
use crate::{Error, Result};

/// The files of a directory, by the number of the line.
#[derive(Debug)]
pub struct Results {
    files: Vec<LineFile>,
    inputs: Inputs,
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
        let mut files = Vec::new();
        for path in &paths {
            match LineFile::open(path) {
                Ok(file) => files.push(file),
                Err(error) => inputs.pass_over(path, error)?,
            }
        }
        files.sort_by(|a, b| a.line().total_cmp(&b.line()));
        if files.is_empty() {
            return Err(Error::File {
                path: directory.to_path_buf(),
                problem: format!("{} files *.h5, none of which is of results", paths.len()),
            });
        }
        Ok(Results { files, inputs })
    }

    /// The files that can be used.
    pub fn files(&self) -> &[LineFile] {
        &self.files
    }

    /// The file of a line.
    ///
    /// # Errors
    /// There is none, or several are of this line.
    pub fn line(&self, line: f64) -> Result<&LineFile> {
        let same = |file: &&LineFile| file.line().total_cmp(&line).is_eq();
        let mut found = self.files.iter().filter(same);
        match (found.next(), found.next()) {
            (Some(file), None) => Ok(file),
            (None, _) => {
                let lines = self.files.iter().map(|file| format!("{:?}", file.line()));
                let lines: Vec<String> = lines.collect();
                let problem = format!("no line {line:?}: there are {}", lines.join(", "));
                Err(Error::Request(problem))
            }
            (Some(one), Some(other)) => Err(Error::Request(format!(
                "line {line:?} is in {} and in {}: keep one of them",
                one.path().display(),
                other.path().display()
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

/// A sounding with what its counts say.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the file has.
    pub point: Point,
    /// Conductivities by depth.
    pub profile: Profile,
    /// One per bin of depth, from 0 to 1.
    pub opacity: Vec<f64>,
    /// m: the depth of investigation; not a number where nothing is counted.
    pub doi: f64,
}

impl Seen {
    /// What the counts of a sounding say, on a line with these widths.
    pub fn new(point: Point, widths: Widths) -> Seen {
        let profile = Profile::new(&point.conductivity);
        let opacity = widths.opacity(&profile);
        let doi = if point.kept() > 0 {
            point.conductivity.middle(Widths::investigated(&opacity))
        } else {
            f64::NAN
        };
        Seen {
            point,
            profile,
            opacity,
            doi,
        }
    }
}
