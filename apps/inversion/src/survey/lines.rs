//! Soundings in the order of lines and fiducials.

use std::path::Path;

use super::{Line, Sounding};
use crate::model::Place;
use crate::{Error, Result};

/// Sorts by line and fiducial.
///
/// # Errors
/// A fiducial is twice in a line; both lines of the file are named.
pub(super) fn sort(path: &Path, soundings: &mut [Sounding]) -> Result<Vec<Line>> {
    // -0 and 0 are one number.
    let key = |sounding: &Sounding| (sounding.line + 0.0, sounding.fiducial + 0.0, sounding.row);
    soundings.sort_unstable_by(|a, b| {
        let (a, b) = (key(a), key(b));
        let order = a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        order.then(a.2.cmp(&b.2))
    });
    let mut lines: Vec<Line> = Vec::new();
    for index in 0..soundings.len() {
        let (line, fiducial, row) = key(&soundings[index]);
        match lines.last_mut() {
            Some(last) if last.number.total_cmp(&line).is_eq() => {
                let before = key(&soundings[index - 1]);
                if before.1.total_cmp(&fiducial).is_eq() {
                    return Err(Error::Line {
                        path: path.to_path_buf(),
                        line: row,
                        problem: format!(
                            "fiducial {fiducial} of line {line} is also in line {} of the file: \
                             each must be there once",
                            before.2
                        ),
                    });
                }
                last.soundings.end = index + 1;
            }
            _ => lines.push(Line {
                number: line,
                soundings: index..index + 1,
            }),
        }
    }
    Ok(lines)
}

/// Adds to a sounding what another channel measured at most `metres` away, and takes the mean of
/// both places. False where they are further apart, of other lines, or hold the same channels.
pub(super) fn merge(into: &mut Sounding, other: &Sounding, metres: f64) -> bool {
    let is_near = (into.x - other.x).hypot(into.y - other.y) <= metres;
    let mut both = into.data.iter().zip(&other.data);
    let is_disjoint = both.all(|(a, b)| a.is_nan() || b.is_nan());
    if !is_near || !is_disjoint || into.line.total_cmp(&other.line).is_ne() {
        return false;
    }
    let fill = |into: &mut [f64], other: &[f64]| {
        for (to, from) in into.iter_mut().zip(other) {
            if to.is_nan() {
                *to = *from;
            }
        }
    };
    fill(&mut into.data, &other.data);
    fill(&mut into.primary, &other.primary);
    if let (Some(into), Some(other)) = (&mut into.deviations, &other.deviations) {
        fill(into, other);
    }
    into.x = into.x.midpoint(other.x);
    into.y = into.y.midpoint(other.y);
    into.elevation = into.elevation.midpoint(other.elevation);
    if let (Place::Geometry(a), Place::Geometry(b)) = (&mut into.place, &other.place) {
        a.tx_height = a.tx_height.midpoint(b.tx_height);
    }
    true
}
