//! Amendments of a file, for datasets whose chunks move: rows and their marks, or neither.

use super::rows::Run;
use super::{Marks, Plan};
use crate::amendment::Writable;
use crate::raw_rows::{self, Transfer};
use crate::{Error, Result};

/// Writes rows and their marks; what was marked.
pub(super) fn amend(file: &mut Writable, plan: &Plan, runs: &[Run]) -> Result<Marks> {
    if runs.is_empty() {
        return Ok(Marks::default());
    }
    let path = file.path().to_path_buf();
    file.amend(|open| {
        // A dataset is closed after each write: its chunks lie in the file in the order of the
        // runs.
        let write = |name: &str, rows, bytes: &[u8]| {
            let name = plan.path_of(name);
            let dataset = open.dataset(&name).map_err(Error::hdf5(&path, &name))?;
            raw_rows::write(&dataset, rows, bytes, Transfer::Independent)
        };
        let mut marks = Marks::default();
        for run in runs {
            for (index, dataset) in plan.datasets.iter().enumerate() {
                let bytes = &run.datasets[index];
                if !bytes.is_empty() {
                    write(&dataset.name, plan.rows_of(index, &run.units), bytes)?;
                }
            }
            let positions = plan.partition.positions_of(&run.units);
            let bytes = vec![run.mark; positions.len()];
            write(&plan.marks, positions.clone(), &bytes)?;
            marks.insert(positions, run.mark);
        }
        Ok(marks)
    })
}
