use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::Path;

use super::field::{self, Field, Split};
use super::text::Lines;
use super::{definition, workbench};
use crate::{Error, Result};

/// What a file of data is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Names of columns in the first line; commas or blanks between values.
    Csv,
    /// ASEG-GDF2: a file of data (.dat) with a definition (.dfn) beside it.
    Gdf2,
    /// Aarhus Workbench: a header of lines that begin with `/`.
    Workbench,
}

/// Lines of a header, at most.
const MOST_LINES: usize = 10_000;

/// A file of data, row by row.
pub(super) struct Table {
    lines: Lines,
    pub(super) format: Format,
    pub(super) fields: Vec<Field>,
    pub(super) columns: usize,
    /// s, of each channel of Workbench: centres of gates.
    pub(super) gates: Vec<Vec<f64>>,
    split: Split,
    record_type: usize,
    /// Bytes of a line of fixed width; 0 where they may differ.
    width: usize,
    /// Whether a row has been read.
    has_row: bool,
    /// Numbers that stand where there is no value, in any column.
    pub(super) nulls: Vec<f64>,
    /// The line after a header that has been read to find its end.
    ahead: Option<String>,
}

/// A line of a table.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) line: usize,
    text: String,
    cells: Vec<Range<usize>>,
}

impl Row {
    /// The text of a cell.
    pub(super) fn cell(&self, column: usize) -> &str {
        &self.text[self.cells[column].clone()]
    }
}

impl Table {
    /// Opens a file of data: one with a definition of the same name beside it is ASEG-GDF2, one
    /// that begins with `/` comes from Workbench, any other one is CSV.
    ///
    /// # Errors
    /// A file cannot be read, or a header is not understood.
    pub(super) fn open(path: &Path) -> Result<Table> {
        let file = File::open(path).map_err(Error::io(path))?;
        let reader = Box::new(BufReader::with_capacity(1 << 16, file));
        let beside = ["dfn", "DFN"].map(|extension| path.with_extension(extension));
        let Some(beside) = beside.into_iter().find(|beside| beside.is_file()) else {
            return Table::of(path, reader, None);
        };
        let mut text = Vec::new();
        let definition = File::open(&beside).map_err(Error::io(&beside))?;
        definition
            .take(1 << 21)
            .read_to_end(&mut text)
            .map_err(Error::io(&beside))?;
        let text = String::from_utf8_lossy(&text);
        Table::of(path, reader, Some((&beside, &text)))
    }

    /// A table from what is read, with the path and the text of a definition.
    pub(super) fn of(
        path: &Path,
        reader: Box<dyn BufRead + Send>,
        definition: Option<(&Path, &str)>,
    ) -> Result<Table> {
        let mut table = Table {
            lines: Lines::new(path, reader),
            format: Format::Gdf2,
            fields: Vec::new(),
            columns: 0,
            gates: Vec::new(),
            split: Split::Blanks,
            record_type: 0,
            width: 0,
            has_row: false,
            nulls: Vec::new(),
            ahead: None,
        };
        if let Some((beside, text)) = definition {
            let definition = definition::parse(beside, text)?;
            table.fields = definition.fields;
            table.split = definition.split;
            table.record_type = definition.record_type;
            table.width = definition.width;
        } else {
            table.header()?;
        }
        table.columns = table.fields.iter().map(|field| field.count).sum();
        Ok(table)
    }

    /// Reads the next row. `Ok(None)` after the last one; a row that is none is a sentence.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<Option<Result<(), String>>> {
        loop {
            match self.ahead.take() {
                Some(line) => row.text = line,
                None if self.lines.next(&mut row.text)? => {}
                None => return Ok(None),
            }
            row.line = self.lines.line();
            if self.format == Format::Gdf2 && !self.is_data(&mut row.text) {
                continue;
            }
            if !row.text.trim().is_empty() && !row.text.starts_with('/') {
                break;
            }
        }
        let length = row.text.trim_end().len();
        if !std::mem::replace(&mut self.has_row, true) && length != self.width {
            // Numbers with blanks between them, whatever the definition says.
            self.width = 0;
        }
        if length < self.width {
            let width = self.width;
            return Ok(Some(Err(format!(
                "the line is cut: {length} bytes where {width} are expected"
            ))));
        }
        Ok(Some(field::cut(
            &row.text,
            &self.split,
            self.columns,
            &mut row.cells,
        )))
    }

    /// Whether the last line ends; one that does not may have been cut.
    pub(super) fn is_ended(&self) -> bool {
        self.lines.is_ended()
    }

    /// Whether a line of ASEG-GDF2 holds data; the type of the record is taken from it.
    fn is_data(&self, line: &mut String) -> bool {
        let starts = |with: &str| {
            line.get(..with.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        if self.record_type == 0 {
            return !starts("COMM");
        }
        let is_data = starts("DATA");
        if is_data && line.is_char_boundary(self.record_type) {
            line.drain(..self.record_type.min(line.len()));
        }
        is_data
    }

    /// The header of a file without a definition.
    fn header(&mut self) -> Result<()> {
        let mut line = String::new();
        loop {
            if !self.lines.next(&mut line)? {
                return Err(self
                    .lines
                    .wrong("the file is empty: names of columns are expected"));
            }
            if !line.trim().is_empty() && !line.starts_with('#') {
                break;
            }
        }
        if line.starts_with('/') {
            return self.workbench(line);
        }
        self.format = Format::Csv;
        let line = line.trim_start_matches('\u{feff}');
        let mut cells = Vec::new();
        self.split = if line.contains(',') {
            Split::Commas
        } else {
            Split::Blanks
        };
        // As many as there are: names that are missing at the end of a line are none.
        let names = line.trim_end().trim_end_matches(',');
        let count = names.matches(',').count() + 1;
        let _ = field::cut(names, &self.split, count, &mut cells);
        let named = cells.into_iter().enumerate();
        self.fields = named
            .map(|(column, cell)| Field::single(&names[cell], column))
            .collect();
        if self
            .fields
            .iter()
            .all(|field| field.name.parse::<f64>().is_ok())
        {
            return Err(self
                .lines
                .wrong("names of columns are expected, not numbers"));
        }
        Ok(())
    }

    fn workbench(&mut self, first: String) -> Result<()> {
        self.format = Format::Workbench;
        let mut lines = vec![first[1..].to_owned()];
        let mut bytes = first.len();
        let mut line = first;
        loop {
            if !self.lines.next(&mut line)? {
                break;
            }
            let Some(rest) = line.strip_prefix('/') else {
                self.ahead = Some(line);
                break;
            };
            bytes += rest.len();
            if lines.len() >= MOST_LINES || bytes as u64 > 4 * super::text::LONGEST {
                return Err(self
                    .lines
                    .wrong("this is no table: its header does not end"));
            }
            lines.push(rest.to_owned());
        }
        let header = workbench::parse(&lines).map_err(|problem| self.lines.wrong(problem))?;
        self.split = header.split();
        self.nulls.extend(header.dummy);
        self.fields = header.fields;
        self.gates = header.gates;
        if self.fields.is_empty() {
            return Err(self
                .lines
                .wrong("the last line of the header names no columns"));
        }
        Ok(())
    }
}
