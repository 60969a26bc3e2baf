use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use jobwise_core::{Cause, IndexSet, Sink};

use crate::distributor::{Files, Key};

/// A sink that gives what comes of the data frames of each reader to `take`, in the order in which
/// that reader brought them. On a rank that reads and computes alone this is the order of keys.
pub(super) struct ReaderOrder<'d, O, T> {
    files: &'d Files,
    readers: Vec<Reader<O>>,
    take: T,
}

/// What is still to come of a reader, and what came too early.
struct Reader<O> {
    pending: VecDeque<usize>,
    early: HashMap<usize, O>,
}

impl<'d, O, T: FnMut(usize, usize, O) -> Result<(), Cause>> ReaderOrder<'d, O, T> {
    /// `take` is given the reader, the index and the output.
    pub(super) fn new(files: &'d Files, readers: usize, take: T) -> Self {
        let reader = |_| Reader {
            pending: VecDeque::new(),
            early: HashMap::new(),
        };
        ReaderOrder {
            files,
            readers: (0..readers).map(reader).collect(),
            take,
        }
    }

    fn reader(&self, index: usize) -> usize {
        self.files
            .reader(Key::from_index(index), self.readers.len())
    }
}

impl<O, T: FnMut(usize, usize, O) -> Result<(), Cause>> Sink<O> for ReaderOrder<'_, O, T> {
    /// Asked when items are handed out, in their order.
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        for index in within {
            let reader = self.reader(index);
            self.readers[reader].pending.push_back(index);
        }
        Ok(IndexSet::new())
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        let at = self.reader(index);
        let reader = &mut self.readers[at];
        reader.early.insert(index, output);
        while let Some(&index) = reader.pending.front()
            && let Some(output) = reader.early.remove(&index)
        {
            reader.pending.pop_front();
            (self.take)(at, index, output)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_come_in_the_order_of_each_reader() {
        let files = Files::parallel(vec!["a".into(), "b".into(), "c".into()]);
        let index = |file, frame| {
            Key {
                block: 0,
                file,
                frame,
            }
            .index()
            .unwrap()
        };
        let mut taken = Vec::new();
        let mut order = ReaderOrder::new(&files, 2, |reader, _, output: u32| {
            taken.push((reader, output));
            Ok(())
        });
        let handed = [(0, 5), (1, 0), (1, 1), (0, 6), (2, 0)];
        for (file, frame) in handed {
            let index = index(file, frame);
            order.done(index..index + 1).unwrap();
        }
        for (at, output) in [(4, 4), (2, 2), (0, 0), (3, 3), (1, 1)] {
            let (file, frame) = handed[at];
            order.write(index(file, frame), output).unwrap();
        }
        drop(order);
        assert_eq!(taken, [(0, 0), (0, 3), (0, 4), (1, 1), (1, 2)]);
    }
}
