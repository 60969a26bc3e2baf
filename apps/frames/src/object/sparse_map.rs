use super::decoder::Decoder;
use super::encoder::Encoder;
use crate::archive::Result;

/// The values of a map by columns, of which those at both ends, and the ends of each, are left out
/// where they are 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseMap {
    x_len: u64,
    y_len: u64,
    offset: u64,
    columns: Vec<Column>,
}

/// The values of a column, from a row on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// The row of the first value.
    pub first: u32,
    /// The values.
    pub values: Vec<f64>,
}

impl SparseMap {
    /// What is not 0 of values by rows: `values[x + y * x_len]`.
    ///
    /// # Panics
    /// When there are not `x_len * y_len` values, or more than 2^31 rows.
    pub fn from_dense(x_len: usize, y_len: usize, values: &[f64]) -> SparseMap {
        assert_eq!(Some(values.len()), x_len.checked_mul(y_len));
        assert!(i32::try_from(y_len).is_ok(), "{y_len} rows");
        let value = |x: usize, y: usize| values[x + y * x_len];
        let mut columns: Vec<Column> = (0..x_len)
            .map(|x| {
                let mut rows = (0..y_len).filter(|y| value(x, *y) != 0.0);
                let Some(first) = rows.next() else {
                    return Column::default();
                };
                let last = rows.next_back().unwrap_or(first);
                Column {
                    first: first as u32,
                    values: (first..=last).map(|y| value(x, y)).collect(),
                }
            })
            .collect();
        let is_used = |column: &Column| !column.values.is_empty();
        let end = columns.iter().rposition(is_used).map_or(0, |last| last + 1);
        columns.truncate(end);
        let offset = columns.iter().position(is_used).unwrap_or(0);
        columns.drain(..offset);
        SparseMap {
            x_len: x_len as u64,
            y_len: y_len as u64,
            offset: offset as u64,
            columns,
        }
    }

    /// Columns, from column `offset` on.
    ///
    /// # Errors
    /// When a value lies outside of the map.
    pub fn new(
        x_len: u64,
        y_len: u64,
        offset: u64,
        columns: Vec<Column>,
    ) -> Result<SparseMap, String> {
        let own = SparseMap {
            x_len,
            y_len,
            offset,
            columns,
        };
        own.check().map(|()| own)
    }

    fn check(&self) -> Result<(), String> {
        let fits = |start: u64, length: usize, limit: u64| {
            length == 0
                || start
                    .checked_add(length as u64)
                    .is_some_and(|end| end <= limit)
        };
        let mut columns = self.columns.iter();
        let are_columns_in = fits(self.offset, self.columns.len(), self.x_len);
        let are_rows_in = columns.all(|column| {
            fits(column.first.into(), column.values.len(), self.y_len)
                && i32::try_from(column.first).is_ok()
        });
        if are_columns_in && are_rows_in {
            return Ok(());
        }
        let (x_len, y_len) = (self.x_len, self.y_len);
        Err(format!(
            "values outside of a map of {x_len} x {y_len} pixels"
        ))
    }

    /// How many columns the map has, with those that are left out.
    pub fn x_len(&self) -> u64 {
        self.x_len
    }

    /// How many rows the map has.
    pub fn y_len(&self) -> u64 {
        self.y_len
    }

    /// The first column of which there are values.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The columns from that one on.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The values that are there, by columns: column, row, value.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, f64)> {
        let columns = (self.offset..).zip(&self.columns);
        columns.flat_map(|(x, column)| {
            let rows = (u64::from(column.first)..).zip(&column.values);
            rows.map(move |(y, value)| (x, y, *value))
        })
    }

    /// The value of a pixel; 0 where it is left out, or outside.
    pub fn get(&self, x: u64, y: u64) -> f64 {
        let column = x.checked_sub(self.offset);
        let column = column.and_then(|index| self.columns.get(index as usize));
        let value = column.and_then(|column| {
            let row = y.checked_sub(column.first.into())?;
            column.values.get(row as usize)
        });
        value.copied().unwrap_or(0.0)
    }

    pub(super) fn read(from: &mut Decoder<'_>) -> Result<SparseMap> {
        from.version(CLASS, 1, 1)?;
        let (x_len, y_len) = (from.number()?, from.number()?);
        let offset = from.number()?;
        let count = from.count(4 + 8)?;
        let columns = (0..count).map(|_| {
            let first = from.number()?;
            let values = from.vector()?;
            Ok(Column { first, values })
        });
        let columns = columns.collect::<Result<_>>()?;
        let map = SparseMap::new(x_len, y_len, offset, columns);
        map.map_err(|problem| from.refuse(problem))
    }

    pub(super) fn write(&self, to: &mut Encoder) {
        to.version(CLASS, 1);
        to.number(self.x_len);
        to.number(self.y_len);
        to.number(self.offset);
        to.count(self.columns.len());
        for column in &self.columns {
            to.number(column.first);
            to.vector(&column.values);
        }
    }
}

const CLASS: &str = "SparseMapData";
