use std::ops::Range;

/// A column of a table, or an array of them under one name.
#[derive(Clone, Debug)]
pub struct Field {
    /// As the file calls it.
    pub name: String,
    /// Its first column, from 0.
    pub first: usize,
    /// Its columns.
    pub count: usize,
    /// The number that stands where there is no value.
    pub null: Option<f64>,
    /// As the file says it; empty where it does not.
    pub unit: String,
}

impl Field {
    /// A field of one column.
    pub(super) fn single(name: &str, column: usize) -> Field {
        Field {
            name: name.to_owned(),
            first: column,
            count: 1,
            null: None,
            unit: String::new(),
        }
    }

    /// Its columns.
    pub(super) fn columns(&self) -> Range<usize> {
        self.first..self.first + self.count
    }
}

/// How a line is cut into cells.
#[derive(Clone, Debug)]
pub(super) enum Split {
    Commas,
    Blanks,
    /// Columns with these widths in bytes, blanks between them or not.
    Fixed(Vec<usize>),
}

/// Where the cells of a line are, or what is wrong with it.
///
/// # Errors
/// A sentence: the number of cells is not that of the columns.
pub(super) fn cut(
    line: &str,
    split: &Split,
    columns: usize,
    cells: &mut Vec<Range<usize>>,
) -> Result<(), String> {
    cells.clear();
    match split {
        Split::Commas => by_commas(line, columns, cells),
        Split::Blanks => by_blanks(line, cells),
        Split::Fixed(widths) => {
            if by_widths(line, widths, cells) {
                return Ok(());
            }
            by_blanks(line, cells);
        }
    }
    if cells.len() == columns {
        Ok(())
    } else {
        Err(format!(
            "{} values where {columns} are expected",
            cells.len()
        ))
    }
}

fn by_commas(line: &str, columns: usize, cells: &mut Vec<Range<usize>>) {
    let mut begin = 0;
    for (at, _) in line.match_indices(',').chain([(line.len(), "")]) {
        cells.push(trimmed(line, begin..at));
        begin = at + 1;
    }
    // A comma may end a line.
    if cells.len() == columns + 1 && cells.last().is_some_and(Range::is_empty) {
        cells.pop();
    }
}

fn by_blanks(line: &str, cells: &mut Vec<Range<usize>>) {
    let mut begin = None;
    for (at, byte) in line.bytes().chain([b' ']).enumerate() {
        match (begin, byte.is_ascii_whitespace()) {
            (None, false) => begin = Some(at),
            (Some(from), true) => {
                cells.push(from..at);
                begin = None;
            }
            _ => {}
        }
    }
}

/// Whether the line has the columns' widths: it ends in the last column, and no cell has blanks
/// between two words.
fn by_widths(line: &str, widths: &[usize], cells: &mut Vec<Range<usize>>) -> bool {
    let length = line.trim_end().len();
    let whole: usize = widths.iter().sum();
    let last = widths.last().copied().unwrap_or(0);
    if !line.is_ascii() || length > whole || length + last <= whole {
        return false;
    }
    let mut begin = 0;
    for width in widths {
        let cell = trimmed(line, begin.min(length)..(begin + width).min(length));
        if line[cell.clone()].contains([' ', '\t', ',']) {
            cells.clear();
            return false;
        }
        cells.push(cell);
        begin += width;
    }
    true
}

/// Without blanks and quotes at both ends.
fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let is_around = |c: char| c.is_whitespace() || c == '"';
    let cell = &line[range.clone()];
    let begin = range.end - cell.trim_start_matches(is_around).len();
    let end = range.start + cell.trim_end_matches(is_around).len();
    begin..end.max(begin)
}
