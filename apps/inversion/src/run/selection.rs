use std::ops::Range;

use super::request::Selection;
use crate::survey::{Line, Survey};
use crate::{Error, Result};

/// Soundings of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Selected {
    /// Which of the survey's lines.
    pub(super) line: usize,
    /// Rows of the line.
    pub(super) rows: Range<usize>,
}

/// The soundings that are asked for.
///
/// # Errors
/// There is no such line, fiducial or place, or a fiducial is on several lines.
pub(super) fn select(survey: &Survey, selection: Selection) -> Result<Vec<Selected>> {
    let lines: Vec<(usize, &Line)> = survey.lines.iter().enumerate().collect();
    let lines = match selection.line {
        None => lines,
        Some(number) => {
            let found = lines
                .into_iter()
                .filter(|(_, line)| is_same(line.number, number));
            let found: Vec<(usize, &Line)> = found.collect();
            if found.is_empty() {
                let first = survey.lines[0].number;
                return Err(Error::Request(format!(
                    "there is no line {number}; the first is {first}"
                )));
            }
            found
        }
    };
    let mut selected = Vec::new();
    let mut before = 0;
    for (place, line) in lines {
        let length = line.soundings.len();
        let rows = match (selection.index, selection.fiducial) {
            (None, None) => 0..length,
            (Some(index), _) => match index.checked_sub(before) {
                Some(row) if row < length => row..row + 1,
                _ => 0..0,
            },
            (None, Some(fiducial)) => {
                let mut soundings = survey.soundings[line.soundings.clone()].iter();
                match soundings.position(|sounding| is_same(sounding.fiducial, fiducial)) {
                    Some(row) => row..row + 1,
                    None => 0..0,
                }
            }
        };
        before += length;
        if !rows.is_empty() {
            selected.push(Selected { line: place, rows });
        }
    }
    let is_single = selection.index.is_some() || selection.fiducial.is_some();
    match (selected.len(), selection.fiducial, selection.index) {
        (0, Some(fiducial), _) => Err(Error::Request(format!("there is no fiducial {fiducial}"))),
        (0, None, Some(index)) => Err(Error::Request(format!(
            "there is no sounding {index}: there are {before}, counted from 0"
        ))),
        (2.., Some(fiducial), _) if is_single => Err(Error::Request(format!(
            "fiducial {fiducial} is on {} lines: say which with --line",
            selected.len()
        ))),
        _ => Ok(selected),
    }
}

/// -0 and 0 are one number.
fn is_same(a: f64, b: f64) -> bool {
    (a + 0.0).total_cmp(&(b + 0.0)).is_eq()
}
