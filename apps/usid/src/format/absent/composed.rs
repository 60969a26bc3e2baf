//! Virtual datasets, whose rows are those of other datasets.

use std::collections::BTreeMap;
use std::ops::Range;

use hdf5::Dataset;
use jobwise_core::IndexSet;
use jobwise_hdf5::coverage::{self, Cells};
use jobwise_hdf5::file_access;
use jobwise_hdf5::virtuals::Part;

use super::{Absent, elsewhere};
use crate::warning::warn;
use crate::{Error, Result};

impl Absent {
    /// Adds the rows of a virtual dataset whose sources are not there, part by part; those of which
    /// no source was ever named for some cell are returned.
    pub(super) fn add_virtual(
        &mut self,
        dataset: &Dataset,
        parts: &[Part],
        met: &mut Met,
    ) -> IndexSet {
        let shape = dataset.shape();
        let mut boxes: Vec<Cells> = Vec::new();
        for part in parts {
            let rows = part.here.rows.clone().unwrap_or(0..shape[0]);
            let rows = rows.start.min(shape[0])..rows.end.min(shape[0]);
            if part.file.contains('%') || part.dataset.contains('%') {
                let what = format!(
                    "whether all sources named {} are there is not looked at",
                    part.file
                );
                warn(dataset.name(), &what);
            } else if let Err(problem) = self.add_part(dataset, part, rows.clone(), met) {
                self.add(rows, &problem);
            }
            boxes.extend(part.here.boxes.iter().cloned());
        }
        let mut never = IndexSet::new();
        for run in coverage::gaps(&shape, &boxes) {
            never.insert(run);
        }
        never
    }

    /// Adds the `rows` of one part that its source has not, or holds a fill value for.
    ///
    /// # Errors
    /// The source cannot be relied upon at all.
    fn add_part(
        &mut self,
        dataset: &Dataset,
        part: &Part,
        rows: Range<usize>,
        met: &mut Met,
    ) -> Result<(), String> {
        let source = source(dataset, part)?;
        let absent = met.look(&source).map_err(|error| error.to_string())?;
        let there = part.there.rows.clone().unwrap_or(0..usize::MAX);
        // Row by row where the rows are the same in both.
        let pair = part.there.even_rows().zip(part.here.even_rows());
        let pair = pair.filter(|(from, to)| from.len() == to.len());
        let follow = |lost: &IndexSet| match &pair {
            Some((from, to)) => moved(from, to, lost),
            None if lost.within(there.clone()).is_empty() => Vec::new(),
            None => std::iter::once(rows.clone()).collect(),
        };
        for run in follow(&absent.filled) {
            self.filled.insert(run);
        }
        if let Err(problem) = absent.refuse(&source, there.clone()) {
            for run in follow(&absent.rows) {
                self.add(run, &problem.to_string());
            }
        }
        Ok(())
    }
}

/// Where the `lost` ones of the indices `from` are, when each goes to the index of the same rank in
/// `to`.
fn moved(from: &IndexSet, to: &IndexSet, lost: &IndexSet) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut sources, mut targets) = (from.runs(), to.runs());
    let (mut source, mut target) = (0..0, 0..0);
    loop {
        if source.is_empty() {
            let Some(next) = sources.next() else { break };
            source = next;
        }
        if target.is_empty() {
            let Some(next) = targets.next() else { break };
            target = next;
        }
        let length = source.len().min(target.len());
        for run in lost.within(source.start..source.start + length).runs() {
            let first = target.start + (run.start - source.start);
            found.push(first..first + run.len());
        }
        source.start += length;
        target.start += length;
    }
    found
}

/// The source of a part of a virtual dataset; or why it cannot be relied upon.
fn source(dataset: &Dataset, part: &Part) -> Result<Dataset, String> {
    let name = &part.file;
    let own = || dataset.file().ok();
    let others = || {
        let paths = elsewhere(dataset, name, "HDF5_VDS_PREFIX", true);
        let path = paths.into_iter().find(|path| path.is_file())?;
        file_access::open(path).ok()
    };
    let file = if name == "." { own() } else { others() };
    let file =
        file.ok_or_else(|| format!("their source {name} is not there, or cannot be opened"))?;
    let source = file
        .dataset(&part.dataset)
        .map_err(|_| format!("their source {name} has no {}", part.dataset))?;
    let (shape, wanted) = (source.shape(), &part.there.shape);
    let fits = wanted.len() == shape.len() && shape.iter().zip(wanted).all(|(a, b)| a >= b);
    // A part without bounds takes what there is.
    if !fits && part.there.rows.is_some() {
        return Err(format!(
            "their source {name} has the shape {shape:?}, not {wanted:?}"
        ));
    }
    Ok(source)
}

/// The sources of virtual datasets that were met on the way to a dataset: one may be the source of
/// many parts, and damaged ones may name each other.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// By file and path; `None` while it is looked at.
    sources: BTreeMap<(String, String), Option<Absent>>,
    depth: usize,
}

impl Met {
    /// Virtual datasets within virtual datasets, at most.
    const DEPTH: usize = 8;

    /// What of a source is not there.
    fn look(&mut self, source: &Dataset) -> Result<&Absent> {
        let wrong = |problem: &str| Error::Format {
            path: source.filename().into(),
            object: source.name(),
            problem: problem.to_owned(),
        };
        let key = (source.filename(), source.name());
        match self.sources.get(&key) {
            Some(None) => return Err(wrong("is a source of itself")),
            Some(Some(_)) => {}
            None if self.depth == Met::DEPTH => {
                return Err(wrong("lies too deep in sources of sources"));
            }
            None => {
                self.sources.insert(key.clone(), None);
                self.depth += 1;
                let found = Absent::within(source, self);
                self.depth -= 1;
                let absent = found.unwrap_or_else(|error| {
                    let mut all = Absent::default();
                    all.add(0..usize::MAX, &error.to_string());
                    all
                });
                self.sources.insert(key.clone(), Some(absent));
            }
        }
        let found = self.sources.get(&key).and_then(Option::as_ref);
        found.ok_or_else(|| wrong("is a source of itself"))
    }
}

#[cfg(test)]
mod tests {
    use hdf5::Selection;
    use ndarray::{Array2, s};

    use super::*;

    #[test]
    fn each_part_costs_its_own_rows_and_cells_that_no_part_names_are_met() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_access::create(directory.path().join("a.h5")).unwrap();
        let ones = Array2::<f32>::ones((8, 6));
        let builder = file.new_dataset_builder().with_data(&ones);
        builder.create("whole").unwrap();
        // Rows 2 and 3 were never stored, in one of which the fill value is data.
        for (name, fill) in [("holes", None), ("filled", Some(7f32))] {
            let mut builder = file.new_dataset::<f32>().chunk((2, 6)).shape((8, 6));
            if let Some(fill) = fill {
                builder = builder.fill_value(fill);
            }
            let dataset = builder.create(name).unwrap();
            dataset
                .write_slice(&ones.slice(s![..2, ..]), (0..2, ..))
                .unwrap();
            dataset
                .write_slice(&ones.slice(s![..4, ..]), (4..8, ..))
                .unwrap();
        }
        file.flush().unwrap();
        let found = |name: &str, parts: &[(&str, Selection, Selection)]| {
            let mut builder = file.new_dataset::<f32>();
            for (source, from, to) in parts.iter().cloned() {
                builder = builder.virtual_map(".", source, (8, 6), from, (8, 6), to);
            }
            let dataset = builder.shape((8, 6)).create(name).unwrap();
            let absent = Absent::of(&dataset).unwrap();
            [absent.rows, absent.filled].map(|set| set.runs().flatten().collect::<Vec<_>>())
        };
        let all = || Selection::from((.., ..));
        let rows = |rows: Range<usize>| Selection::from((rows, ..));
        let block = |rows: Range<usize>, columns: Range<usize>| Selection::from((rows, columns));
        let even = || Selection::try_new(s![..;2, ..]).unwrap();
        let odd = || Selection::try_new(s![1..;2, ..]).unwrap();
        let (none, hole) = (Vec::<usize>::new(), || vec![2, 3]);

        assert_eq!(
            found("same", &[("holes", all(), all())]),
            [hole(), none.clone()]
        );
        assert_eq!(
            found("fill", &[("filled", all(), all())]),
            [none.clone(), hole()]
        );
        let turned = [
            ("holes", rows(0..4), rows(4..8)),
            ("whole", rows(0..4), rows(0..4)),
        ];
        assert_eq!(found("turned", &turned), [vec![6, 7], none.clone()]);
        // Of a source row that is not asked for, nothing is lost.
        let beside = [
            ("holes", rows(0..2), rows(0..2)),
            ("holes", rows(4..8), rows(4..8)),
            ("whole", rows(0..2), rows(2..4)),
        ];
        assert_eq!(found("beside", &beside), [none.clone(), none.clone()]);
        // Every second row: as many cells as a half that covers all rows.
        let odd_rows = || vec![1, 3, 5, 7];
        assert_eq!(
            found("even", &[("whole", even(), even())]),
            [odd_rows(), none.clone()]
        );
        let both = [("whole", even(), even()), ("holes", odd(), odd())];
        assert_eq!(found("both", &both), [vec![3], none.clone()]);
        // As many cells as all, some of them twice.
        let twice = [
            ("whole", block(0..8, 0..3), block(0..8, 0..3)),
            ("whole", block(0..8, 0..3), block(0..8, 0..3)),
        ];
        assert_eq!(found("twice", &twice), [(0..8).collect(), none.clone()]);
        let most = [
            ("whole", block(0..8, 0..3), block(0..8, 0..3)),
            ("whole", block(0..4, 3..6), block(0..4, 3..6)),
            ("whole", block(0..4, 3..6), block(0..4, 3..6)),
        ];
        assert_eq!(found("most", &most), [vec![4, 5, 6, 7], none]);
    }
}
