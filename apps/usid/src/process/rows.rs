use jobwise_core::{IndexSet, Result as WireResult, Wire};

use super::Output;
use crate::format::{Element, Losses};

/// The rows that a batch of units adds to each output, in the bytes of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    outputs: Vec<Vec<u8>>,
    losses: Vec<Losses>,
    lost: IndexSet,
}

impl Rows {
    /// No rows yet, of `count` outputs.
    pub fn new(count: usize) -> Rows {
        Rows {
            outputs: vec![Vec::new(); count],
            losses: vec![Losses::default(); count],
            lost: IndexSet::new(),
        }
    }

    /// Appends numbers to the rows of an output: whole rows, flattened to real numbers as
    /// [`Element`] says. What they lose is counted.
    ///
    /// # Panics
    /// There is no such output, or `values` is not a whole number of its rows.
    pub fn push(&mut self, outputs: &[Output], index: usize, values: &[f64]) {
        let output = &outputs[index];
        let width = output.reals();
        assert_eq!(values.len() % width, 0, "{}: not whole rows", output.name);
        // Rows of real numbers are flat already.
        let at_once = match output.element {
            Element::Real(_) => values.len().max(width),
            _ => width,
        };
        for row in values.chunks_exact(at_once) {
            self.losses[index] += output.element.encode(row, &mut self.outputs[index]);
        }
    }

    /// Appends rows of an output as they lie in the file.
    ///
    /// # Panics
    /// There is no such output.
    pub fn push_bytes(&mut self, index: usize, bytes: &[u8]) {
        self.outputs[index].extend_from_slice(bytes);
    }

    /// Leaves out units, which bring no rows.
    pub(super) fn leave_out(&mut self, units: IndexSet) {
        self.lost = units;
    }

    /// The units that bring no rows.
    pub(super) fn lost(&self) -> &IndexSet {
        &self.lost
    }

    /// What the numbers of each output lost on their way into its type; not told to other ranks.
    pub fn losses(&self) -> &[Losses] {
        &self.losses
    }

    /// The bytes of each output.
    pub fn outputs(&self) -> &[Vec<u8>] {
        &self.outputs
    }

    /// The bytes of each output, taken.
    pub(super) fn into_outputs(self) -> Vec<Vec<u8>> {
        self.outputs
    }

    /// Bytes in all.
    pub fn bytes(&self) -> usize {
        self.outputs.iter().map(Vec::len).sum()
    }
}

impl Wire for Rows {
    fn put(&self, out: &mut Vec<u8>) {
        self.lost.put(out);
        self.outputs.len().put(out);
        for rows in &self.outputs {
            rows.len().put(out);
            out.extend_from_slice(rows);
        }
    }

    fn take(input: &mut &[u8]) -> WireResult<Self> {
        let lost = IndexSet::take(input)?;
        let count = usize::take(input)?;
        let mut outputs = Vec::new();
        for _ in 0..count {
            let len = usize::take(input)?;
            let short = || jobwise_core::Error::Malformed(format!("rows of {len} bytes"));
            let (head, tail) = input.split_at_checked(len).ok_or_else(short)?;
            outputs.push(head.to_vec());
            *input = tail;
        }
        Ok(Rows {
            losses: vec![Losses::default(); outputs.len()],
            outputs,
            lost,
        })
    }
}
