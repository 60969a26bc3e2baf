use hdf5::{File, Group, ObjectReference, ObjectReference1, ReferencedObject};

use jobwise_hdf5::lengths;

use crate::error::refused;
use crate::format::{Main, SourceRows, Value, mains};
use crate::process::COMPLETED;
use crate::{Error, Result};

/// A results group with its source.
#[derive(Debug)]
pub struct Results {
    /// The group.
    pub group: Group,
    /// What made it.
    pub tool: String,
    /// What it was made from.
    pub source: Main,
}

impl Results {
    /// The group at a path, or the newest results group that holds a main dataset.
    pub(super) fn find(file: &File, path: Option<&str>) -> Result<Results> {
        match path {
            Some(path) => {
                let group = file.group(path).map_err(refused(file.filename(), path))?;
                Results::open(group)
            }
            None => Results::newest(file)?.ok_or_else(|| Error::Format {
                path: file.filename().into(),
                object: "/".into(),
                problem: "holds no results yet".into(),
            }),
        }
    }

    fn newest(file: &File) -> Result<Option<Results>> {
        let mut newest: Option<(String, Results)> = None;
        for main in mains(file)? {
            let Ok(results) = Results::open(main.parent()?) else {
                continue;
            };
            let made = match Value::find(&results.group, "timestamp")? {
                Some(Value::Text(made)) => made,
                _ => String::new(),
            };
            let later = (made, results.group.name());
            if newest
                .as_ref()
                .is_none_or(|(made, other)| (made, &other.group.name()) < (&later.0, &later.1))
            {
                newest = Some((later.0, results));
            }
        }
        Ok(newest.map(|(_, results)| results))
    }

    fn open(group: Group) -> Result<Results> {
        let wrong = |problem: &str| Error::Format {
            path: group.filename().into(),
            object: group.name(),
            problem: problem.to_owned(),
        };
        let Some(Value::Text(tool)) = Value::find(&group, "tool")? else {
            return Err(wrong("is no results group: it has no attribute tool"));
        };
        let reference = group
            .attr("source_000")
            .and_then(|attribute| attribute.read_scalar::<ObjectReference1>());
        let source = reference.and_then(|reference| reference.dereference(&group));
        let Ok(ReferencedObject::Dataset(source)) = source else {
            return Err(wrong("does not say from which dataset it was made"));
        };
        Ok(Results {
            source: Main::open(&source)?,
            group,
            tool,
        })
    }

    /// The last part of its path.
    pub(super) fn name(&self) -> String {
        let path = self.group.name();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Whether there is a dataset of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.group.link_exists(name)
    }

    /// All numbers of a dataset of real numbers, no more than the file can hold.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let failed = refused(
            self.group.filename(),
            format!("{}/{name}", self.group.name()),
        );
        let dataset = self.group.dataset(name).map_err(&failed)?;
        Ok(lengths::read(&dataset)?)
    }

    /// The numbers of one row of a result, flattened as its element says.
    pub(super) fn row(&self, name: &str, row: usize) -> Result<Vec<f64>> {
        let failed = refused(
            self.group.filename(),
            format!("{}/{name}", self.group.name()),
        );
        row_of(
            &Main::open(&self.group.dataset(name).map_err(&failed)?)?,
            row,
        )
    }

    /// Fails where a position is not done yet.
    pub(super) fn must_be_done(&self, positions: impl IntoIterator<Item = usize>) -> Result<()> {
        let marks = self.numbers(COMPLETED)?;
        for position in positions {
            let problem = match marks.get(position) {
                Some(&mark) if mark != 0.0 => continue,
                Some(_) => format!(
                    "position {position} is not done yet: run the same command again to continue"
                ),
                None => format!(
                    "has positions 0 to {}, not {position}",
                    marks.len().saturating_sub(1)
                ),
            };
            return Err(Error::Format {
                path: self.group.filename().into(),
                object: self.group.name(),
                problem,
            });
        }
        Ok(())
    }
}

/// The numbers of one row of a main dataset.
pub(super) fn row_of(main: &Main, row: usize) -> Result<Vec<f64>> {
    Ok(SourceRows::of(main)?.numbers(row..row + 1)?.0)
}
