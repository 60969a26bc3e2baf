use super::Output;
use crate::format::{Element, Losses};

/// The rows that neighbouring units add to each output, in the bytes of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    outputs: Vec<Vec<u8>>,
    losses: Vec<Losses>,
}

impl Rows {
    /// No rows yet, of `count` outputs.
    pub fn new(count: usize) -> Rows {
        Rows {
            outputs: vec![Vec::new(); count],
            losses: vec![Losses::default(); count],
        }
    }

    /// The same with room for the rows of so many positions.
    pub(super) fn with_room(outputs: &[Output], positions: usize) -> Rows {
        let bytes = |output: &Output| output.row_bytes() * output.rows.of(positions);
        Rows {
            outputs: outputs
                .iter()
                .map(|output| Vec::with_capacity(bytes(output)))
                .collect(),
            losses: vec![Losses::default(); outputs.len()],
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

    /// What the numbers of each output lost on their way into its type.
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
}
