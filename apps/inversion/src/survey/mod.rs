//! Surveys: soundings along flight lines, from files of several formats.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Survey`] | all soundings of a file, by line and fiducial |
//! | [`Overview`] | what a file holds, before one knows what it means |
//! | [`Reading`] | what the user says about columns |
//! | `text`, `field`, `table` | lines, cells, rows: one row at a time |
//! | `definition`, `workbench` | headers of ASEG-GDF2 and of Aarhus Workbench |
//! | `role`, `names`, `layout` | what columns mean |
//! | `sounding` | from a row to a sounding |
//! | `lines` | order, duplicates |
//! | `csv` | the peer's CSV, written |

mod csv;
mod definition;
mod field;
mod layout;
mod lines;
mod names;
mod overview;
mod reading;
mod role;
mod sounding;
mod table;
mod text;
mod workbench;

use std::io::BufRead;
use std::ops::Range;
use std::path::Path;

use crate::{Error, Result};
use layout::Layout;
use sounding::Maker;
use table::{Row, Table};

pub use field::Field;
pub use overview::{Column, Overview};
pub use reading::Reading;
pub use role::Part;
pub use sounding::Sounding;
pub use table::Format;

/// All soundings of a file.
#[derive(Clone, Debug)]
pub struct Survey {
    /// What the file is written in.
    pub format: Format,
    /// What each datum of a sounding is: in-phase, then quadrature by frequency; or windows by
    /// system and component.
    pub channels: Vec<Channel>,
    /// By line and fiducial, rising.
    pub soundings: Vec<Sounding>,
    /// The lines, by number, rising.
    pub lines: Vec<Line>,
    /// Rows that are no soundings.
    pub refused: Refused,
    /// A sentence each: what was guessed or left out.
    pub notes: Vec<String>,
}

/// A flight line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub number: f64,
    /// Its soundings, places in [`Survey::soundings`].
    pub soundings: Range<usize>,
}

/// What a datum is.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The column, as the file calls it.
    pub name: String,
    /// The system, from 0.
    pub system: usize,
    /// The part of what the system measures.
    pub part: Part,
    /// Hz in the frequency domain, s in the time domain, where the file says it.
    pub at: Option<f64>,
}

/// Rows that could not be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refused {
    /// How many there are.
    pub count: usize,
    /// The first of them: the line of the file, and what is wrong with it.
    pub first: Vec<(usize, String)>,
}

/// Rows that are told one by one.
const TOLD: usize = 20;

impl Survey {
    /// Reads a file of data: the peer's CSV or one with a gate per column, ASEG-GDF2 or Aarhus
    /// Workbench (see [`Format`]). A row that is not understood is refused by itself.
    ///
    /// # Errors
    /// The file cannot be read, its header is not understood, it lacks something that soundings
    /// need, no row is a sounding, or a fiducial is twice in a line.
    pub fn read(path: &Path, reading: &Reading) -> Result<Survey> {
        Survey::of(path, Table::open(path)?, reading)
    }

    /// Reads a survey from what `reader` gives, with the path and the text of the definition of an
    /// ASEG-GDF2 table. `path` is named in messages.
    ///
    /// # Errors
    /// As [`read`](Survey::read).
    pub fn from_reader(
        path: &Path,
        reader: Box<dyn BufRead + Send>,
        definition: Option<(&Path, &str)>,
        reading: &Reading,
    ) -> Result<Survey> {
        Survey::of(path, Table::of(path, reader, definition)?, reading)
    }

    fn of(path: &Path, mut table: Table, reading: &Reading) -> Result<Survey> {
        let wrong = |problem: String| Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let mut layout = Layout::new(&table, reading)?;
        if !layout.missing.is_empty() {
            return Err(wrong(format!(
                "this is missing: {}",
                layout.missing.join("; ")
            )));
        }
        let mut notes = std::mem::take(&mut layout.notes);
        let mut maker = Maker::new(&table, layout, &reading.nulls);
        let (mut soundings, mut refused) = (Vec::<Sounding>::new(), Refused::default());
        let mut row = Row::default();
        let mut channel_before = None;
        while let Some(understood) = table.next(&mut row)? {
            let sounding = match understood.and_then(|()| maker.sounding(&row)) {
                Ok(sounding) => sounding,
                Err(problem) => {
                    refused.add(row.line, problem);
                    continue;
                }
            };
            let channel = maker.channel(&row);
            let is_other = channel > channel_before && channel_before.is_some();
            channel_before = channel;
            let before = soundings.last_mut().filter(|_| is_other);
            if !before.is_some_and(|before| lines::merge(before, &sounding, reading.pair)) {
                soundings.push(sounding);
            }
        }
        if soundings.is_empty() {
            let problem = match refused.first.first() {
                Some((line, problem)) => format!("no row is a sounding: line {line}: {problem}"),
                None => "there is no row".into(),
            };
            return Err(wrong(problem));
        }
        if maker.without_deviation > 0 {
            notes.push(format!(
                "{} data without a standard deviation are left out",
                maker.without_deviation
            ));
        }
        if !table.is_ended() {
            notes.push("the last line does not end: it may be cut".into());
        }
        let lines = lines::sort(path, &mut soundings)?;
        Ok(Survey {
            format: table.format,
            channels: maker.layout.channels,
            soundings,
            lines,
            refused,
            notes,
        })
    }

    /// Whether the data are of the time domain.
    pub fn is_of_time(&self) -> bool {
        self.channels[0].part.is_of_time()
    }

    /// The number of systems whose data are here: one more than the greatest.
    pub fn systems(&self) -> usize {
        self.channels
            .iter()
            .map(|channel| channel.system + 1)
            .max()
            .unwrap_or(0)
    }
}

impl Refused {
    fn add(&mut self, line: usize, problem: String) {
        self.count += 1;
        if self.first.len() < TOLD {
            self.first.push((line, problem));
        }
    }
}
