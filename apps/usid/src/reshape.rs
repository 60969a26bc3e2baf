//! Rows cut into pieces of equal length: lines into pixels.

use std::ops::Range;

use hdf5::{Dataset, Group};
use jobwise_core::{Backend, Cancel, Cause, Cpu};
use jobwise_kit::h5::raw_rows;

use crate::format::{Ancillary, Dimension, Main};
use crate::process::{Columns, Output, Parameters, Per, Process, Recipe, Rows};
use crate::{Error, Result};

/// Every row becomes several, in order: the positions get one more dimension, which varies fastest. The spectroscopic values are the
/// first of the source's.
#[derive(Clone, Copy, Debug)]
pub struct Reshape {
    /// Points of a piece, for example those of one cycle of the excitation.
    pub points: usize,
}

impl Reshape {
    fn refused(self, source: &Main, problem: &str) -> Error {
        Error::Format {
            path: source.dataset().filename().into(),
            object: source.path(),
            problem: format!(
                "cannot be cut into rows of {} points: {problem}",
                self.points
            ),
        }
    }
}

impl Recipe for Reshape {
    type Process = Pieces;

    fn tool(&self) -> &'static str {
        "Reshape"
    }

    fn parameters(&self, source: &Main) -> Result<Parameters> {
        if self.points == 0 || !source.width().is_multiple_of(self.points) {
            let width = source.width();
            return Err(self.refused(
                source,
                &format!("its rows have {width}, which must be a multiple"),
            ));
        }
        if source.labels(Ancillary::SpectroscopicValues).count() != 1 {
            return Err(self.refused(source, "it has several spectroscopic dimensions"));
        }
        Ok(Parameters::new("Reshape 1").with("pts_per_cycle", self.points as i64))
    }

    fn prepare<B: Backend<Device = Cpu>>(
        &self,
        source: &Main,
        _: Option<&Group>,
        _: &B,
        _: &Cancel,
    ) -> jobwise_core::Result<Pieces> {
        self.pieces(source)
            .map_err(|error| jobwise_core::Error::Program(error.into()))
    }
}

impl Reshape {
    fn pieces(self, source: &Main) -> Result<Pieces> {
        let values = source.entries(Ancillary::SpectroscopicValues, 0..self.points)?;
        let (name, units) = source
            .labels(Ancillary::SpectroscopicValues)
            .next()
            .unwrap_or_default();
        let output = Output {
            name: "Reshaped_Data".into(),
            quantity: source.quantity().into(),
            units: source.units().into(),
            element: source.element().clone(),
            columns: Columns::Own {
                prefix: "Spectroscopic".into(),
                dimensions: vec![Dimension::new(
                    name,
                    units,
                    values.iter().copied().collect(),
                )],
            },
            rows: Per::Piece(source.width() / self.points),
        };
        Ok(Pieces {
            source: source.dataset().clone(),
            width: source.width(),
            points: self.points,
            outputs: [output],
        })
    }
}

/// The cutting of a source. Numbers pass as `f64`, also those that are not finite: only whole numbers beyond 2^53 are rounded.
#[derive(Debug)]
pub struct Pieces {
    source: Dataset,
    width: usize,
    points: usize,
    outputs: [Output; 1],
}

impl Process for Pieces {
    /// The rows as they are in the file.
    type Input<'p> = Vec<u8>;
    /// The numbers of a piece.
    type Scratch = Vec<f64>;

    fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    fn unit_bytes(&self) -> usize {
        self.width * self.outputs[0].element.size()
    }

    fn scratch(&self) -> Result<Vec<f64>, Cause> {
        Ok(Vec::new())
    }

    fn read(&self, _: Range<usize>, positions: Range<usize>) -> Result<Vec<u8>, Cause> {
        let mut bytes = Vec::new();
        raw_rows::read(&self.source, positions, &mut bytes)?;
        Ok(bytes)
    }

    fn compute(
        &self,
        _: Range<usize>,
        input: Vec<u8>,
        numbers: &mut Vec<f64>,
        rows: &mut Rows,
    ) -> Result<(), Cause> {
        let element = &self.outputs[0].element;
        for piece in input.chunks_exact(self.points * element.size()) {
            numbers.clear();
            element.decode(piece, numbers);
            rows.push(&self.outputs, 0, numbers);
        }
        Ok(())
    }
}
