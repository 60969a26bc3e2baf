//! Rows cut into pieces of equal length: lines into pixels.

use std::ops::Range;

use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cause, Cluster, Cpu};

use crate::format::{Ancillary, Dimension, Main, SourceRows};
use crate::process::{Columns, Output, Parameters, Per, Process, Recipe, Rows, Tally};
use crate::{Error, Result};

/// Every row becomes several, in order: the positions get one more dimension, which varies fastest.
/// The spectroscopic values are the first of the source's.
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
    type Common<'c> = ();
    type Process<'s> = Pieces;

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

    fn common(&self, _: &Main, _: &dyn Cluster) -> jobwise_core::Result<()> {
        Ok(())
    }

    fn prepare<B: Backend<Device = Cpu>>(
        &self,
        (source, ()): (&Main, &()),
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
            source: SourceRows::of(source)?,
            outputs: [output],
        })
    }
}

/// The cutting of a source. The bytes of its cells pass as they are: nothing is computed.
#[derive(Debug)]
pub struct Pieces {
    source: SourceRows,
    outputs: [Output; 1],
}

impl Process for Pieces {
    type Scratch = ();

    fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    fn unit_bytes(&self) -> usize {
        self.source.row_bytes()
    }

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn source(&self) -> &SourceRows {
        &self.source
    }

    /// A row is as many bytes as its pieces, in the same order.
    fn compute(
        &self,
        _: Range<usize>,
        input: &[u8],
        (): &mut (),
        rows: &mut Rows,
        _: &mut Tally,
    ) -> Result<(), Cause> {
        rows.push_bytes(0, input);
        Ok(())
    }
}
