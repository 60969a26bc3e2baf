use std::path::{Path, PathBuf};

use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::atomic::AtomicFile;

use super::MetadataProperties;
use crate::{Error, Result};

/// Appends entries of `f64` fields to a metadata channel.
///
/// The file of one interval is written under a temporary name and gets its own when the next
/// interval begins or [`finish`](Self::finish) is called; a writer that is dropped before discards
/// it. An interval that is already on disk is continued: its file is replaced by a longer one.
#[derive(Debug)]
pub struct MetadataWriter {
    directory: PathBuf,
    properties: MetadataProperties,
    fields: Vec<String>,
    open: Option<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    // Declared before the temporary name, so that it is closed first.
    file: hdf5::File,
    atomic: AtomicFile,
    stamp: i64,
}

impl MetadataWriter {
    /// Begins a metadata channel in `directory`, or continues the one that is there.
    ///
    /// # Errors
    /// The properties or the names of the fields are impossible, the directory cannot be written,
    /// or a channel with other properties is there.
    pub fn create(
        directory: impl AsRef<Path>,
        properties: MetadataProperties,
        fields: &[&str],
    ) -> Result<Self> {
        let directory = directory.as_ref().to_path_buf();
        if let Some(problem) = properties.problem() {
            return Err(Error::Format {
                path: directory,
                problem,
            });
        }
        let mut sorted = fields.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.is_empty() || sorted.len() != fields.len() {
            let problem = "the fields must have different names, and there must be one".into();
            return Err(Error::Format {
                path: directory,
                problem,
            });
        }
        if directory.join("dmd_properties.h5").exists() {
            if MetadataProperties::read(&directory)? != properties {
                let problem = "holds metadata with other properties: choose another directory";
                return Err(Error::Format {
                    path: directory,
                    problem: problem.into(),
                });
            }
        } else {
            properties.write(&directory, &sorted)?;
        }
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        Ok(Self {
            directory,
            properties,
            fields,
            open: None,
        })
    }

    /// Attaches one value per field, in the order of [`create`](Self::create), to an index.
    ///
    /// # Errors
    /// The number of values is wrong, the index has an entry, or the file cannot be written.
    pub fn write(&mut self, index: u64, values: &[f64]) -> Result<()> {
        let wrong = |problem: String| Error::Format {
            path: self.directory.clone(),
            problem,
        };
        if values.len() != self.fields.len() {
            let (values, fields) = (values.len(), self.fields.len());
            return Err(wrong(format!(
                "index {index}: {values} values for {fields} fields"
            )));
        }
        let stamp = self
            .properties
            .file_of(index)
            .ok_or_else(|| wrong(format!("index {index} lies beyond the calendar")))?;
        if self.open.as_ref().is_some_and(|open| open.stamp != stamp) {
            self.close()?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let path = self.directory.join(self.properties.path(stamp)?);
                none.insert(OpenFile::continue_at(&path, stamp)?)
            }
        };
        open.insert(index, &self.fields, values)
    }

    /// Completes the file of the last interval.
    ///
    /// # Errors
    /// It cannot be written or renamed.
    pub fn finish(mut self) -> Result<()> {
        self.close()
    }

    fn close(&mut self) -> Result<()> {
        if let Some(OpenFile { file, atomic, .. }) = self.open.take() {
            atomic.commit_h5(file)?;
        }
        Ok(())
    }
}

impl OpenFile {
    fn continue_at(path: &Path, stamp: i64) -> Result<Self> {
        let atomic = AtomicFile::new(path)?;
        let file = if path.exists() {
            atomic.copy_h5(path)?
        } else {
            atomic.create_h5()?
        };
        Ok(Self {
            file,
            atomic,
            stamp,
        })
    }

    fn insert(&mut self, index: u64, fields: &[String], values: &[f64]) -> Result<()> {
        let name = index.to_string();
        if self.file.link_exists(&name) {
            return Err(Error::Format {
                path: self.atomic.destination().to_path_buf(),
                problem: format!("index {index} has an entry, which is not overwritten"),
            });
        }
        let store = || {
            let group = self.file.create_group(&name)?;
            for (field, value) in fields.iter().zip(values) {
                let dataset = group.new_dataset::<f64>().create(field.as_str())?;
                dataset.write_scalar(value)?;
            }
            Ok(())
        };
        Ok(store().map_err(Stored::hdf5(self.atomic.temporary(), &name))?)
    }
}
