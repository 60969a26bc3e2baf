use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use hdf5::{Group, LocationType};
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::attributes::{Value, read_dataset};
use jobwise_hdf5::file_access;
use jobwise_kit::regular_file;

use super::MetadataProperties;
use crate::clock::parse_directory_stamp;
use crate::{Error, Result};

/// Nested groups deeper than this are taken for damage, or for one that contains itself.
const DEEPEST: usize = 16;

/// Most groups and datasets of one entry; more is taken for damage.
const MOST_MEMBERS: usize = 1 << 16;

/// The fields attached to one index. Fields of nested groups are named `group/field`.
pub type Entry = BTreeMap<String, Value>;

/// A metadata channel, for reading. Files are opened when asked for and closed at once.
#[derive(Clone, Debug)]
pub struct Metadata {
    directory: PathBuf,
    properties: MetadataProperties,
}

impl Metadata {
    /// Opens the metadata channel in `directory`. Only its properties are read.
    ///
    /// # Errors
    /// As [`MetadataProperties::read`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        let properties = MetadataProperties::read(&directory)?;
        Ok(Self::described(directory.as_ref(), properties))
    }

    /// The metadata channel in `directory`, whose properties are known. Nothing is read yet.
    pub(crate) fn described(directory: &Path, properties: MetadataProperties) -> Self {
        Self {
            directory: directory.to_path_buf(),
            properties,
        }
    }

    /// What holds for the whole channel.
    pub fn properties(&self) -> &MetadataProperties {
        &self.properties
    }

    /// The first and the last index with an entry; `None` if there is none.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn bounds(&self) -> Result<Option<RangeInclusive<u64>>> {
        let files = self.files()?;
        let mut first = None;
        for &file in &files {
            first = self.indices(file)?.first().copied();
            if first.is_some() {
                break;
            }
        }
        let Some(first) = first else { return Ok(None) };
        for &file in files.iter().rev() {
            if let Some(&last) = self.indices(file)?.last() {
                return Ok(Some(first..=last));
            }
        }
        Ok(None)
    }

    /// All entries with an index in `range`, ascending.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn range(&self, range: RangeInclusive<u64>) -> Result<Vec<(u64, Entry)>> {
        let mut entries = Vec::new();
        if range.is_empty() {
            return Ok(entries);
        }
        let first = self.properties.file_of(*range.start());
        let last = self.properties.file_of(*range.end()).unwrap_or(i64::MAX);
        for file in self.files()? {
            if first.is_none_or(|first| file < first) || file > last {
                continue;
            }
            for index in self.indices(file)? {
                if range.contains(&index) {
                    entries.push((index, self.entry(file, index)?));
                }
            }
        }
        Ok(entries)
    }

    /// The entry at `index`, or the last one before it; `None` if there is none.
    ///
    /// # Errors
    /// A directory cannot be listed or a file cannot be read.
    pub fn at_or_before(&self, index: u64) -> Result<Option<(u64, Entry)>> {
        let last = self.properties.file_of(index).unwrap_or(i64::MAX);
        for file in self.files()?.into_iter().rev().filter(|&file| file <= last) {
            let found = self
                .indices(file)?
                .into_iter()
                .rev()
                .find(|&found| found <= index);
            if let Some(found) = found {
                return Ok(Some((found, self.entry(file, found)?)));
            }
        }
        Ok(None)
    }

    /// The stamps of all files, ascending.
    fn files(&self) -> Result<Vec<i64>> {
        let mut stamps = Vec::new();
        for name in names(&self.directory)? {
            if parse_directory_stamp(&name).is_none() {
                continue;
            }
            for file in names(&self.directory.join(&name))? {
                let Some(stamp) = self.properties.stamp_of(&file) else {
                    continue;
                };
                let expected = self.properties.path(stamp)?;
                if expected != Path::new(&name).join(&file) {
                    return Err(Error::Format {
                        path: self.directory.join(name).join(file),
                        problem: format!("should lie at {}", expected.display()),
                    });
                }
                stamps.push(stamp);
            }
        }
        stamps.sort_unstable();
        Ok(stamps)
    }

    /// The indices in a file, ascending. Groups with other names are ignored.
    fn indices(&self, stamp: i64) -> Result<Vec<u64>> {
        let (path, file) = self.open_file(stamp)?;
        let members = file.member_names().map_err(Stored::hdf5(&path, "/"))?;
        // Only the canonical decimal form: "007" and "+7" are no indices.
        let index = |name: &String| {
            name.parse::<u64>()
                .ok()
                .filter(|index| index.to_string() == *name)
        };
        let mut indices = members.iter().filter_map(index).collect::<Vec<_>>();
        indices.sort_unstable();
        // A recorder that has just made it may have put nothing in yet.
        if indices.is_empty() && !members.is_empty() {
            return Err(Error::Format {
                path,
                problem:
                    "holds other things than metadata: no group has the number of a sample as \
                     its name"
                        .to_owned(),
            });
        }
        Ok(indices)
    }

    fn entry(&self, file: i64, index: u64) -> Result<Entry> {
        let (path, file) = self.open_file(file)?;
        let mut entry = Entry::new();
        let mut budget = MOST_MEMBERS;
        let group = file
            .group(&index.to_string())
            .map_err(Stored::hdf5(&path, &index.to_string()))?;
        collect(&path, &group, "", &mut budget, &mut entry)?;
        Ok(entry)
    }

    fn open_file(&self, stamp: i64) -> Result<(PathBuf, hdf5::File)> {
        let path = self.directory.join(self.properties.path(stamp)?);
        regular_file(&path).map_err(Stored::io(&path))?;
        let file = file_access::open(&path)?;
        Ok((path, file))
    }
}

/// Adds the fields of a group and of the groups in it.
fn collect(
    path: &Path,
    group: &Group,
    prefix: &str,
    budget: &mut usize,
    entry: &mut Entry,
) -> Result<()> {
    let refused = |source| Stored::hdf5(path, &group.name())(source);
    for name in group.member_names().map_err(refused)? {
        let field = format!("{prefix}{name}");
        *budget = budget.saturating_sub(1);
        if *budget == 0 || field.matches('/').count() > DEEPEST {
            return Err(Error::Format {
                path: path.to_path_buf(),
                problem: format!("{}: too many or too deeply nested groups", group.name()),
            });
        }
        let kind = group.loc_type_by_name(&name).map_err(refused)?;
        if kind == LocationType::Group {
            let nested = group.group(&name).map_err(refused)?;
            collect(path, &nested, &format!("{field}/"), budget, entry)?;
        } else if kind == LocationType::Dataset {
            let dataset = group.dataset(&name).map_err(refused)?;
            entry.insert(field, read_dataset(&dataset)?);
        } else {
            entry.insert(field, Value::Other("a datatype".into()));
        }
    }
    Ok(())
}

fn names(directory: &Path) -> Result<Vec<String>> {
    let refused = |source| Error::Io {
        path: directory.to_path_buf(),
        source,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(refused)? {
        names.extend(entry.map_err(refused)?.file_name().into_string());
    }
    Ok(names)
}
