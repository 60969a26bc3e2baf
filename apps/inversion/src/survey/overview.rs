use std::path::Path;

use super::layout::{Cell, Layout, column_name};
use super::role::SCALARS;
use super::sounding::Maker;
use super::table::{Format, Row, Table};
use super::{Channel, Field, Reading, Refused};
use crate::Result;

/// What a file of data holds, whether or not it says enough for soundings.
#[derive(Clone, Debug)]
pub struct Overview {
    /// What it is written in.
    pub format: Format,
    /// Its fields, in their order.
    pub columns: Vec<Column>,
    /// Rows with as many values as there are columns.
    pub rows: usize,
    /// Other rows.
    pub refused: Refused,
    /// Which column each quantity of a sounding is taken from, or the number.
    pub quantities: Vec<(&'static str, String)>,
    /// What the data are.
    pub channels: Vec<Channel>,
    /// Numbers that stand where there is no value, in any column.
    pub nulls: Vec<f64>,
    /// A sentence each: what was guessed.
    pub notes: Vec<String>,
    /// What soundings need and the file does not say.
    pub missing: Vec<String>,
}

/// A field and its values.
#[derive(Clone, Debug)]
pub struct Column {
    /// The field.
    pub field: Field,
    /// Values.
    pub count: usize,
    /// Cells without a value.
    pub nulls: usize,
    /// Cells that are no numbers.
    pub texts: usize,
    /// The least value; infinite where there is none.
    pub least: f64,
    /// The greatest value; infinite where there is none.
    pub greatest: f64,
}

impl Overview {
    /// Reads a whole file of data.
    ///
    /// # Errors
    /// The file cannot be read, its header is not understood, or `reading` names columns that are
    /// not there.
    pub fn read(path: &Path, reading: &Reading) -> Result<Overview> {
        let mut table = Table::open(path)?;
        let layout = Layout::new(&table, reading)?;
        let name = |cell: &Cell| match cell {
            Cell::Column { column, factor } => {
                let times = if (*factor - 1.0).abs() == 0.0 {
                    String::new()
                } else {
                    format!(" times {factor}")
                };
                format!("{}{times}", column_name(&table.fields, *column))
            }
            Cell::Constant(number) => number.to_string(),
        };
        let given = SCALARS.into_iter().zip(&layout.scalars);
        let quantities = given.filter_map(|(scalar, cell)| Some((scalar, name(cell.as_ref()?))));
        let quantities = quantities.collect();
        let columns = table.fields.iter().map(|field| Column {
            field: field.clone(),
            count: 0,
            nulls: 0,
            texts: 0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        });
        let mut columns: Vec<Column> = columns.collect();
        let maker = Maker::new(&table, layout, &reading.nulls);
        let (mut rows, mut refused) = (0, Refused::default());
        let mut row = Row::default();
        while let Some(understood) = table.next(&mut row)? {
            if let Err(problem) = understood {
                refused.add(row.line, problem);
                continue;
            }
            rows += 1;
            for column in &mut columns {
                for cell in column.field.columns() {
                    column.add(&maker.column(&row, cell));
                }
            }
        }
        let mut nulls = table.nulls.clone();
        nulls.extend(&reading.nulls);
        Ok(Overview {
            format: table.format,
            columns,
            rows,
            refused,
            quantities,
            channels: maker.layout.channels,
            nulls,
            notes: maker.layout.notes,
            missing: maker.layout.missing,
        })
    }
}

impl Column {
    fn add(&mut self, value: &Result<f64, String>) {
        match value {
            Ok(number) if number.is_nan() => self.nulls += 1,
            Ok(number) => {
                self.count += 1;
                self.least = self.least.min(*number);
                self.greatest = self.greatest.max(*number);
            }
            Err(_) => self.texts += 1,
        }
    }
}
