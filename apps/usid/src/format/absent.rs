//! Rows whose storage is not there. The library reads them as a fill value, which nobody measured.

mod composed;

use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5::Dataset;
use hdf5::plist::dataset_create::{FillTime, FillValue, Layout};
use jobwise_core::IndexSet;
use jobwise_hdf5::{chunks, virtuals};

use self::composed::Met;
use super::failed;
use crate::{Error, Result};

/// The rows (indices of the leading axis) of a dataset of which not everything is stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Absent {
    /// They are no data, whatever the library reads.
    rows: IndexSet,
    /// They hold the fill value that the file defines, which may be data.
    filled: IndexSet,
    /// Why, of the absent ones.
    why: String,
}

impl Absent {
    /// Looks at the storage of a dataset: chunks, space of its own, external files, the sources of
    /// a virtual dataset.
    ///
    /// # Errors
    /// The library refuses to say.
    pub(crate) fn of(dataset: &Dataset) -> Result<Absent> {
        Absent::within(dataset, &mut Met::default())
    }

    /// The same of a dataset that others, which were met, are made of.
    fn within(dataset: &Dataset, met: &mut Met) -> Result<Absent> {
        let mut absent = Absent::default();
        let shape = dataset.shape();
        let Some(&rows) = shape.first().filter(|_| !shape.contains(&0)) else {
            return Ok(absent);
        };
        let list = dataset.dcpl().map_err(failed::member(dataset, ""))?;
        let external = list.get_external().map_err(failed::member(dataset, ""))?;
        let mut never = IndexSet::new();
        match list.layout() {
            Layout::Compact => {}
            Layout::Chunked => {
                for run in chunks::never_stored(dataset)? {
                    never.insert(run);
                }
            }
            Layout::Contiguous if external.is_empty() => {
                if dataset.offset().is_none() {
                    never.insert(0..rows);
                }
            }
            Layout::Contiguous => {
                let mut at = 0;
                let row = row_bytes(dataset)?;
                for part in external {
                    let path = elsewhere(dataset, &part.name, "HDF5_EXTFILE_PREFIX", false)
                        .into_iter()
                        .find(|path| path.is_file());
                    let length = path.map_or(0, |path| {
                        std::fs::metadata(path).map_or(0, |file| file.len() as usize)
                    });
                    let there = length.saturating_sub(part.offset);
                    let whole = rows.saturating_mul(row).saturating_sub(at);
                    let size = if part.size == 0 { whole } else { part.size }.min(whole);
                    if there < size {
                        let lost = (at + there) / row..(at + size).div_ceil(row).min(rows);
                        absent.add(lost, &format!("{} is missing or too short", part.name));
                    }
                    at += size;
                }
            }
            Layout::Virtual => {
                never = absent.add_virtual(dataset, &virtuals::parts(dataset)?, met);
            }
        }
        // A fill value that was never written to the chunks is none.
        if list.fill_value_defined() == FillValue::UserDefined
            && list.fill_time() != FillTime::Never
        {
            for run in never.runs() {
                absent.filled.insert(run);
            }
            return Ok(absent);
        }
        for run in never.runs() {
            absent.add(run, "nothing was ever stored for them");
        }
        Ok(absent)
    }

    fn add(&mut self, rows: Range<usize>, why: &str) {
        if self.rows.is_empty() {
            why.clone_into(&mut self.why);
        }
        self.rows.insert(rows);
    }

    /// Refuses rows that are not there.
    ///
    /// # Errors
    /// Some of `rows` are not there: how many of the whole dataset, and why.
    pub(crate) fn refuse(&self, dataset: &Dataset, rows: Range<usize>) -> Result<()> {
        if self.rows.within(rows).is_empty() {
            return Ok(());
        }
        let first = self.rows.runs().next().map_or(0, |run| run.start);
        Err(Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!(
                "{} of its {} rows are not in the file (the first is {first}): {}",
                self.rows.len(),
                dataset.shape()[0],
                self.why
            ),
        })
    }

    /// The runs of so many rows that are there.
    pub(crate) fn there(&self, rows: usize) -> Vec<Range<usize>> {
        self.rows.missing(0..rows)
    }

    /// Refuses a dataset of which any row is not there.
    ///
    /// # Errors
    /// As [`refuse`](Self::refuse).
    pub(crate) fn refuse_any(dataset: &Dataset) -> Result<()> {
        Absent::of(dataset)?.refuse(dataset, 0..usize::MAX)
    }

    /// How many rows hold a fill value that may be data, in words; `None` of none.
    pub(crate) fn filled(&self) -> Option<String> {
        let first = self.filled.runs().next()?.start;
        Some(format!(
            "{} rows were never stored (the first is {first}): they are taken to be the fill value \
             that the file defines",
            self.filled.len()
        ))
    }
}

/// Bytes of a row as it is stored.
fn row_bytes(dataset: &Dataset) -> Result<usize> {
    let cell = dataset.dtype().map_err(failed::member(dataset, ""))?.size();
    let row = dataset.shape()[1..]
        .iter()
        .try_fold(cell, |bytes, &length| bytes.checked_mul(length));
    Ok(row.unwrap_or(usize::MAX).max(1))
}

/// Where a file that a dataset names may lie.
fn elsewhere(dataset: &Dataset, name: &str, prefix: &str, beside: bool) -> Vec<PathBuf> {
    let own = PathBuf::from(dataset.filename());
    let directory = own.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut found = Vec::new();
    if let Ok(prefix) = std::env::var(prefix) {
        let origin = directory.to_string_lossy();
        found.push(Path::new(&prefix.replace("${ORIGIN}", &origin)).join(name));
    }
    if beside {
        found.push(directory.join(name));
        found.push(directory.join(Path::new(name).file_name().unwrap_or_default()));
    }
    found.push(PathBuf::from(name));
    found
}

#[cfg(test)]
mod tests {
    use jobwise_hdf5::file_access;

    use super::*;

    /// Rows that are not there, and rows that hold a fill value.
    fn found(dataset: &Dataset) -> [Vec<Range<usize>>; 2] {
        let absent = Absent::of(dataset).unwrap();
        [absent.rows, absent.filled].map(|set| set.runs().collect())
    }

    #[test]
    fn datasets_that_are_made_of_themselves_hold_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_access::create(directory.path().join("a.h5")).unwrap();
        let new = |name: &str, parts: &[(String, Range<usize>)]| {
            let mut builder = file.new_dataset::<f32>();
            for (source, rows) in parts {
                let rows = rows.clone();
                let same = (rows.clone(), ..);
                builder =
                    builder.virtual_map(".", source.as_str(), (8, 6), same, (8, 6), (rows, ..));
            }
            builder.shape((8, 6)).create(name).unwrap()
        };
        // Each row of one comes from the other.
        let rows: Vec<_> = (0..8).map(|row| row..row + 1).collect();
        let all = |of: &str| -> Vec<(String, Range<usize>)> {
            let parts = rows.iter().map(|rows| (of.to_owned(), rows.clone()));
            parts.collect()
        };
        let own = new("own", &all("own"));
        let one = new("one", &all("two"));
        let two = new("two", &all("one"));
        // A tower, each floor of which is made of the one below eight times.
        let ones = ndarray::Array2::<f32>::ones((8, 6));
        let builder = file.new_dataset_builder().with_data(&ones);
        builder.create("floor0").unwrap();
        let floors: Vec<_> = (1..12)
            .map(|floor| {
                new(
                    &format!("floor{floor}"),
                    &all(&format!("floor{}", floor - 1)),
                )
            })
            .collect();
        let some: Vec<_> = std::iter::once(0..8).collect();
        for dataset in [own, one, two, floors[10].clone()] {
            assert_eq!(
                found(&dataset),
                [some.clone(), vec![]],
                "{}",
                dataset.name()
            );
        }
        assert_eq!(found(&floors[6]), [vec![], vec![]]);
    }

    #[test]
    fn rows_without_storage_are_known_in_every_layout() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let file = file_access::create(path("a.h5")).unwrap();
        let new = || file.new_dataset::<f32>().shape((8, 6));
        let none = Vec::<Range<usize>>::new();
        let some = |run: Range<usize>| vec![run];
        let row = ndarray::Array2::<f32>::ones((3, 6));

        let chunked = new().chunk((2, 4)).create("chunked").unwrap();
        assert_eq!(found(&chunked), [some(0..8), none.clone()]);
        chunked.write_slice(&row, (2..5, ..)).unwrap();
        file.flush().unwrap();
        assert_eq!(found(&chunked), [vec![0..2, 6..8], none.clone()]);
        let corner = ndarray::Array2::<f32>::ones((2, 4));
        chunked.write_slice(&corner, (6..8, ..4)).unwrap();
        file.flush().unwrap();
        assert_eq!(found(&chunked), [vec![0..2, 6..8], none.clone()]);
        let defined = new().chunk((2, 6)).fill_value(7f32).create("defined");
        assert_eq!(found(&defined.unwrap()), [none.clone(), some(0..8)]);

        let late = new().create("late").unwrap();
        assert_eq!(found(&late), [some(0..8), none.clone()]);
        late.write_slice(&row, (0..3, ..)).unwrap();
        assert_eq!(found(&late), [none.clone(), none.clone()]);

        let raw = path("rows.raw");
        let external = new().external(raw.to_str().unwrap(), 0, 8 * 24);
        let external = external.create("external").unwrap();
        assert_eq!(found(&external), [some(0..8), none.clone()]);
        std::fs::write(&raw, vec![0; 5 * 24 + 1]).unwrap();
        assert_eq!(found(&external), [some(5..8), none.clone()]);

        let source = file_access::create(path("b.h5")).unwrap();
        let part = ndarray::Array2::<f32>::ones((4, 6));
        let builder = source.new_dataset_builder().with_data(&part);
        builder.create("x").unwrap();
        // The builder keeps the file open, too.
        drop((builder, source));
        for (index, (parts, expected)) in [
            (vec![("b.h5", 0), ("gone.h5", 4)], some(4..8)),
            (vec![("b.h5", 0)], some(4..8)),
            (vec![("b.h5", 0), ("b.h5", 4)], none.clone()),
        ]
        .into_iter()
        .enumerate()
        {
            let mut builder = file.new_dataset::<f32>();
            for (from, first) in parts {
                let rows = first..first + 4;
                builder = builder.virtual_map(from, "x", (4, 6), .., (8, 6), (rows, ..));
            }
            let name = format!("virtual{index}");
            let dataset = builder.shape((8, 6)).create(name.as_str()).unwrap();
            assert_eq!(found(&dataset), [expected, none.clone()], "{name}");
        }
    }
}
