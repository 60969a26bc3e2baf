//! A table of numbers in a file of its own, for programs whose results are no more than that: a
//! dataset of f64 with a row for each item, and a mark for each row that is done.
//!
//! ```
//! # fn main() -> Result<(), jobwise_core::Cause> {
//! use jobwise_core::Sink;
//! use jobwise_hdf5::table::Table;
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("periods.h5");
//!
//! let mut table = Table::open(&path, &["period", "power"], 100, "survey 7")?;
//! let mut rows = table.rows()?;
//! rows.write(3, vec![27.3, 0.5])?;
//! rows.commit(&[3])?;
//! drop(rows);
//! drop(table);
//!
//! // Another run, later, need not do row 3 again.
//! let mut table = Table::open(&path, &["period", "power"], 100, "survey 7")?;
//! assert!(table.rows()?.done(0..100)?.contains(3));
//! # Ok(())
//! # }
//! ```

use std::ops::Range;
use std::path::Path;

use jobwise_core::{Cause, IndexSet, Sink};

use crate::amendment::Writable;
use crate::atomic::AtomicFile;
use crate::row_store::{DONE, Partition, Plan, RowDataset, RowStore, Rows, create_marks};
use crate::{Error, Result, attributes};

/// The dataset `table` of shape `(rows, columns)`, with the attributes `columns` (names, separated
/// by spaces) and `parameters`; and the dataset `done`, u8 of shape `(rows)`.
#[derive(Debug)]
pub struct Table {
    file: Writable,
    plan: Plan,
}

/// Where the engine brings the rows of a [`Table`], each as its numbers.
#[derive(Debug)]
pub struct TableRows<'t> {
    store: RowStore<'t>,
    columns: usize,
}

impl Table {
    /// Opens the file to go on with it. Makes it, with zeros, if there is none.
    ///
    /// `parameters` is what the rows depend on, in words or as a digest.
    ///
    /// # Errors
    /// The file is of other parameters, columns or rows, or is open elsewhere; or it cannot be
    /// made, read or written.
    pub fn open(path: &Path, columns: &[&str], rows: usize, parameters: &str) -> Result<Table> {
        let plan = Plan {
            group: "/".into(),
            datasets: vec![RowDataset::of::<f64>("table", columns.len())],
            marks: "done".into(),
            partition: Partition::single(rows),
        };
        let texts = [
            ("columns", columns.join(" ")),
            ("parameters", parameters.to_owned()),
        ];
        if path.symlink_metadata().is_err() {
            create(path, (rows, columns.len()), &texts)?;
        }
        let file = Writable::claim(path)?;
        let table = file
            .open()?
            .dataset("table")
            .map_err(Error::hdf5(path, "table"))?;
        for (name, expected) in texts {
            let found = attributes::read_text(&table, name)?;
            if found != expected {
                return Err(Error::Format {
                    path: path.to_path_buf(),
                    object: name.to_owned(),
                    problem: format!(
                        "is \"{found}\" and not \"{expected}\": it is of another run; give this \
                         run \
                         another file"
                    ),
                });
            }
        }
        Ok(Table { file, plan })
    }

    /// The rows, to be written.
    ///
    /// # Errors
    /// The file has another number of rows, or cannot be read or written.
    pub fn rows(&mut self) -> Result<TableRows<'_>> {
        let done = self.plan.read_marks(&self.file.open()?)?.of(DONE);
        Ok(TableRows {
            columns: self.plan.datasets[0].row_bytes() / size_of::<f64>(),
            store: RowStore::open(&mut self.file, self.plan.clone(), done)?,
        })
    }
}

fn create(path: &Path, shape: (usize, usize), texts: &[(&str, String)]) -> Result<()> {
    let new = AtomicFile::new(path)?;
    let file = new.create_h5()?;
    let table = file
        .new_dataset::<f64>()
        .shape(shape)
        .create("table")
        .map_err(Error::hdf5(path, "table"))?;
    for (name, text) in texts {
        attributes::write_text(&table, name, text)?;
    }
    drop(table);
    create_marks(&file, "done", shape.0)?;
    new.commit_h5(file)
}

impl Sink<Vec<f64>> for TableRows<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        self.store.done(within)
    }

    fn write(&mut self, index: usize, row: Vec<f64>) -> Result<(), Cause> {
        if row.len() != self.columns {
            let (numbers, columns) = (row.len(), self.columns);
            return Err(format!(
                "row {index} has {numbers} numbers, and the table {columns} columns"
            )
            .into());
        }
        let bytes = row.iter().flat_map(|number| number.to_ne_bytes()).collect();
        self.store
            .write(index, Rows::done(index..index + 1, vec![bytes]))
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.store.commit(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_number_for_each_column() {
        let directory = tempfile::tempdir().unwrap();
        let mut table = Table::open(&directory.path().join("a.h5"), &["a", "b"], 3, "").unwrap();
        let mut rows = table.rows().unwrap();
        let told = rows.write(1, vec![0.5; 3]).unwrap_err().to_string();
        assert_eq!(told, "row 1 has 3 numbers, and the table 2 columns");
        rows.write(1, vec![0.5; 2]).unwrap();
    }

    #[test]
    fn a_table_of_another_run_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.h5");
        drop(Table::open(&path, &["a", "b"], 5, "first").unwrap());
        for (columns, rows, parameters, says) in [
            (
                &["a", "b"],
                5,
                "second",
                "parameters: is \"first\" and not \"second\"",
            ),
            (
                &["a", "c"],
                5,
                "first",
                "columns: is \"a b\" and not \"a c\"",
            ),
            (&["a", "b"], 6, "first", "done"),
        ] {
            let opened = Table::open(&path, columns, rows, parameters);
            let refused = opened
                .and_then(|mut table| table.rows().map(drop))
                .unwrap_err();
            assert!(refused.to_string().contains(says), "{refused}");
        }
    }

    #[test]
    fn rows_are_done_when_they_are_committed_and_have_all_columns() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.h5");
        let mut table = Table::open(&path, &["a", "b"], 5, "").unwrap();
        let mut rows = table.rows().unwrap();
        rows.write(1, vec![1.5, -2.0]).unwrap();
        rows.commit(&[1]).unwrap();
        assert!(rows.write(2, vec![1.5]).is_err());
        drop(rows);
        let done = table.rows().unwrap().done(0..5).unwrap();
        assert_eq!(done, [1].into_iter().collect());
        drop(table);
        let file = hdf5::File::open(&path).unwrap();
        let all = file.dataset("table").unwrap().read_raw::<f64>().unwrap();
        assert_eq!(all[..4], [0.0, 0.0, 1.5, -2.0]);
    }
}
