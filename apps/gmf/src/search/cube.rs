//! The powers of all cells of an integration, or their maxima over some axes.

use crate::Result;
use crate::parameters::Parameters;
use crate::settings::{Reduce, Settings};

/// Most bytes that the cubes of one output file may have, indices included.
pub const MAX_CUBE_BYTES: usize = 1 << 31;

/// The axes of a cube: range gates, selected accelerations, range rates, each whole or reduced to
/// one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CubeShape {
    /// The axes that are reduced.
    pub reduce: Reduce,
    /// Range gates.
    pub gates: usize,
    /// Selected accelerations.
    pub accelerations: usize,
    /// Range rates.
    pub range_rates: usize,
    /// The first selected acceleration: an index into the full vector.
    first_acceleration: usize,
}

/// The powers of one integration.
///
/// Elements are in the order of range gate, acceleration, range rate, the last fastest. Of equal
/// powers the lowest gate wins, then the lowest acceleration, then the first range rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    /// The axes.
    pub shape: CubeShape,
    /// Power of each element; where an axis is reduced, the largest over it, 0 where no power is
    /// above zero.
    pub power: Vec<f32>,
    /// Gate of each largest power, -1 for none; empty unless the axis is reduced, as the next two.
    pub range_index: Vec<i32>,
    /// Index into the range rates.
    pub range_rate_index: Vec<i32>,
    /// Index into all accelerations of the grid.
    pub acceleration_index: Vec<i32>,
}

impl CubeShape {
    /// The shape that these settings ask for.
    ///
    /// # Errors
    /// When the cubes of one file would exceed [`MAX_CUBE_BYTES`].
    pub fn new(parameters: &Parameters, settings: &Settings) -> Result<Self> {
        let shape = Self {
            reduce: settings.reduce,
            gates: parameters.ranges.len(),
            accelerations: parameters.selected.len(),
            range_rates: parameters.range_rates.len(),
            first_acceleration: parameters.selected.start,
        };
        let bytes = shape.bytes(parameters.num_cohints_per_file);
        match bytes {
            Some(bytes) if bytes <= MAX_CUBE_BYTES => Ok(shape),
            _ => Err(settings.wrong(
                "gmf_method",
                format!(
                    "grid-fast-no-reduce would keep {}{} x {} range gates x {} accelerations x {} \
                     range rates per file{}, \
                     more than {} MiB; narrow the range gates or accelerations, lower \
                     num_cohints_per_file, or reduce an axis",
                    bytes.map_or(String::new(), |bytes| format!("{} MiB: ", bytes >> 20)),
                    parameters.num_cohints_per_file,
                    shape.gates,
                    shape.accelerations,
                    shape.range_rates,
                    match settings.reduce.list().as_str() {
                        "" => String::new(),
                        list => format!(" (reduced over {list})"),
                    },
                    MAX_CUBE_BYTES >> 20
                ),
            )),
        }
    }

    /// Bytes of the cubes of so many integrations, indices included; `None` where the number is not
    /// representable.
    pub fn bytes(self, integrations: usize) -> Option<usize> {
        let Reduce {
            range,
            acceleration,
            range_rate,
        } = self.reduce;
        let reduced = [range, acceleration, range_rate];
        let datasets = 1 + reduced.iter().filter(|&&reduced| reduced).count();
        self.kept()
            .iter()
            .map(|&(_, length)| length)
            .chain([integrations, datasets, size_of::<f32>()])
            .try_fold(1_usize, usize::checked_mul)
    }

    /// The axes left with their lengths, in order.
    pub fn kept(self) -> Vec<(Axis, usize)> {
        [
            (Axis::Range, self.reduce.range, self.gates),
            (
                Axis::Acceleration,
                self.reduce.acceleration,
                self.accelerations,
            ),
            (Axis::RangeRate, self.reduce.range_rate, self.range_rates),
        ]
        .into_iter()
        .filter(|(_, reduced, _)| !reduced)
        .map(|(axis, _, length)| (axis, length))
        .collect()
    }

    /// Elements of one integration's cube.
    pub fn elements(self) -> usize {
        self.kept().iter().map(|&(_, length)| length).product()
    }
}

/// An axis of a cube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Range gates.
    Range,
    /// Selected accelerations.
    Acceleration,
    /// Range rates, in the order of the Fourier transform.
    RangeRate,
}

impl Cube {
    /// A cube without any power.
    pub fn empty(shape: CubeShape) -> Self {
        let indices = |reduced| vec![-1; if reduced { shape.elements() } else { 0 }];
        Self {
            power: vec![0.0; shape.elements()],
            range_index: indices(shape.reduce.range),
            range_rate_index: indices(shape.reduce.range_rate),
            acceleration_index: indices(shape.reduce.acceleration),
            shape,
        }
    }

    /// Takes in the spectrum of a gate at the acceleration of index `acceleration` in the full
    /// vector: its powers by range rate.
    ///
    /// Gates must come in ascending order, and for each the accelerations.
    pub(super) fn take(
        &mut self,
        gate: usize,
        acceleration: usize,
        powers: impl Iterator<Item = f32>,
    ) {
        let CubeShape {
            reduce,
            accelerations,
            range_rates,
            ..
        } = self.shape;
        let kept = |reduced: bool, index: usize, length: usize| {
            if reduced { (0, 1) } else { (index, length) }
        };
        let (g, _) = kept(reduce.range, gate, 0);
        let selected = acceleration - self.shape.first_acceleration;
        let (a, rows) = kept(reduce.acceleration, selected, accelerations);
        let columns = if reduce.range_rate { 1 } else { range_rates };
        let row = (g * rows + a) * columns;
        for (range_rate, power) in powers.enumerate() {
            let element = row + if reduce.range_rate { 0 } else { range_rate };
            if reduce == Reduce::default() {
                self.power[element] = power;
            } else if power > self.power[element] {
                self.power[element] = power;
                for (indices, index) in [
                    (&mut self.range_index, gate),
                    (&mut self.range_rate_index, range_rate),
                    (&mut self.acceleration_index, acceleration),
                ] {
                    if let Some(place) = indices.get_mut(element) {
                        *place = index as i32;
                    }
                }
            }
        }
    }
}
