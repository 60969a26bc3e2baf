use super::field::Field;
use super::layout::{self, Cell, Deviation, Layout};
use super::role::{FIDUCIAL, HEIGHT, LINE, SCALARS};
use super::table::{Row, Table};
use crate::forward::Geometry;
use crate::model::Place;

/// What was measured at a place.
#[derive(Clone, Debug)]
pub struct Sounding {
    /// The number of the flight line.
    pub line: f64,
    /// The number on the line.
    pub fiducial: f64,
    /// m to the east; NaN where it is not known.
    pub x: f64,
    /// m to the north; NaN where it is not known.
    pub y: f64,
    /// m, of the ground; NaN where it is not known.
    pub elevation: f64,
    /// An altitude in the frequency domain, a geometry in the time domain.
    pub place: Place,
    /// One per channel; NaN where there is none.
    pub data: Vec<f64>,
    /// Standard deviations in the unit of the data, one per channel, where the file gives them; NaN
    /// where there is no datum.
    pub deviations: Option<Vec<f64>>,
    /// The primary field in x, y, z; NaN where the file does not give it.
    pub primary: [f64; 3],
    /// The line of the file, from 1.
    pub row: usize,
}

impl Sounding {
    /// The number of data.
    pub fn count(&self) -> usize {
        self.data.iter().filter(|datum| datum.is_finite()).count()
    }
}

/// Makes soundings of rows.
pub(super) struct Maker {
    pub(super) layout: Layout,
    fields: Vec<Field>,
    /// One per column.
    nulls: Vec<Option<f64>>,
    everywhere: Vec<f64>,
    /// Data without a standard deviation, which are left out.
    pub(super) without_deviation: usize,
}

impl Maker {
    pub(super) fn new(table: &Table, layout: Layout, nulls: &[f64]) -> Maker {
        let own = table
            .fields
            .iter()
            .flat_map(|field| std::iter::repeat_n(field.null, field.count));
        Maker {
            layout,
            fields: table.fields.clone(),
            nulls: own.collect(),
            everywhere: table.nulls.iter().chain(nulls).copied().collect(),
            without_deviation: 0,
        }
    }

    /// A sounding, or a sentence: why there is none.
    pub(super) fn sounding(&mut self, row: &Row) -> Result<Sounding, String> {
        let mut scalars = [f64::NAN; SCALARS.len()];
        for (place, scalar) in scalars.iter_mut().enumerate() {
            *scalar = match &self.layout.scalars[place] {
                Some(cell) => self.number(row, cell)?,
                None if place == FIDUCIAL => row.line as f64,
                None => f64::NAN,
            };
        }
        for place in [LINE, FIDUCIAL, HEIGHT] {
            if !scalars[place].is_finite() {
                return Err(format!("{} is missing", SCALARS[place]));
            }
        }
        let place = self.place(&scalars)?;
        let channel = match self.layout.channel_number {
            Some(column) => self.column(row, column)? as usize,
            None => 0,
        };
        let count = self.layout.slots.len();
        let is_given = self
            .layout
            .slots
            .iter()
            .any(|slot| slot.deviation.is_some());
        let mut data = Vec::with_capacity(count);
        let mut deviations = Vec::with_capacity(if is_given { count } else { 0 });
        for slot in &self.layout.slots {
            let is_here = slot.only.is_none_or(|only| only == channel);
            let mut datum = if is_here {
                self.number(row, &slot.value)?
            } else {
                f64::NAN
            };
            if is_given {
                let mut deviation = match &slot.deviation {
                    _ if datum.is_nan() => f64::NAN,
                    Some(Deviation::Absolute(cell)) => self.number(row, cell)?.abs(),
                    Some(Deviation::Relative(cell)) => (self.number(row, cell)? * datum).abs(),
                    None => f64::NAN,
                };
                if !datum.is_nan() && (deviation.is_nan() || deviation <= 0.0) {
                    self.without_deviation += 1;
                    (datum, deviation) = (f64::NAN, f64::NAN);
                }
                deviations.push(deviation);
            }
            data.push(datum);
        }
        let mut primary = [f64::NAN; 3];
        for (axis, cell) in self.layout.primary.iter().enumerate() {
            if let Some(cell) = cell {
                primary[axis] = self.number(row, cell)?;
            }
        }
        Ok(Sounding {
            line: scalars[LINE],
            fiducial: scalars[FIDUCIAL],
            x: scalars[2],
            y: scalars[3],
            elevation: scalars[4],
            place,
            data,
            deviations: is_given.then_some(deviations),
            primary,
            row: row.line,
        })
    }

    /// The channel of Workbench that a row is of.
    pub(super) fn channel(&self, row: &Row) -> Option<usize> {
        let column = self.layout.channel_number?;
        self.column(row, column).ok().map(|number| number as usize)
    }

    fn place(&self, scalars: &[f64; SCALARS.len()]) -> Result<Place, String> {
        let height = scalars[HEIGHT];
        if !self.layout.is_of_time() {
            return if height >= 0.0 {
                Ok(Place::Altitude(height))
            } else {
                Err(format!("height: {height} m is below the ground"))
            };
        }
        let geometry = &scalars[super::role::GEOMETRY..];
        if let Some(place) = geometry.iter().position(|number| !number.is_finite()) {
            return Err(format!(
                "{} is missing",
                SCALARS[super::role::GEOMETRY + place]
            ));
        }
        let [
            tx_roll,
            tx_pitch,
            tx_yaw,
            txrx_dx,
            txrx_dy,
            txrx_dz,
            rx_roll,
            rx_pitch,
            rx_yaw,
        ] = std::array::from_fn(|index| geometry[index]);
        if height <= 0.0 || height + txrx_dz <= 0.0 {
            return Err(format!(
                "transmitter at {height} m, receiver at {} m: both must be above the ground",
                height + txrx_dz
            ));
        }
        Ok(Place::Geometry(Geometry {
            tx_height: height,
            tx_roll,
            tx_pitch,
            tx_yaw,
            txrx_dx,
            txrx_dy,
            txrx_dz,
            rx_roll,
            rx_pitch,
            rx_yaw,
        }))
    }

    /// The number in a cell; NaN where there is no value.
    fn number(&self, row: &Row, cell: &Cell) -> Result<f64, String> {
        match cell {
            Cell::Constant(number) => Ok(*number),
            Cell::Column { column, factor } => Ok(self.column(row, *column)? * factor),
        }
    }

    /// The number in a column as it is written; NaN where there is no value.
    pub(super) fn column(&self, row: &Row, column: usize) -> Result<f64, String> {
        let text = row.cell(column);
        let number = match text {
            "" | "*" => f64::NAN,
            text => number(text).ok_or_else(|| {
                let shown: String = text.chars().take(20).collect();
                let name = layout::column_name(&self.fields, column);
                format!("{name}: {shown} is no number")
            })?,
        };
        let is = |null: f64| number.to_bits() == null.to_bits();
        if self.nulls[column].is_some_and(is) || self.everywhere.iter().any(|null| is(*null)) {
            return Ok(f64::NAN);
        }
        if number.is_infinite() {
            let name = layout::column_name(&self.fields, column);
            return Err(format!("{name}: {number} is no measurement"));
        }
        Ok(number)
    }
}

/// A number as Rust, Python or Fortran writes it.
fn number(text: &str) -> Option<f64> {
    text.parse()
        .or_else(|_| text.replace(['d', 'D'], "e").parse())
        .ok()
}
