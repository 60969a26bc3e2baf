use std::collections::HashSet;

use super::colour::{FAINT, OKABE_ITO};

/// How the points of a series are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A dot at each point.
    Dot,
    /// A cross at each point.
    Cross,
    /// A line through the points, broken where a coordinate is not finite.
    Line,
}

/// Points of one meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub(super) name: String,
    pub(super) mark: Mark,
    pub(super) colour: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

impl Series {
    /// Points (x, y) in the units of the axes; those with a coordinate that is not finite are not
    /// drawn. The name is shown in a legend when a panel has several series.
    pub fn new(name: &str, mark: Mark, points: impl IntoIterator<Item = (f64, f64)>) -> Series {
        Series {
            name: name.to_owned(),
            mark,
            colour: OKABE_ITO[0],
            points: points.into_iter().collect(),
        }
    }

    /// Draws it in a colour of the palette; numbers beyond its end start again.
    #[must_use]
    pub fn colour(mut self, number: usize) -> Series {
        self.colour = OKABE_ITO[number % OKABE_ITO.len()];
        self
    }

    /// Draws it in grey, behind what matters.
    #[must_use]
    pub fn faint(mut self) -> Series {
        self.colour = FAINT;
        self
    }
}

/// The points of `pixels` (x, y) that can be told apart: the first on every half pixel.
pub(super) fn distinct(pixels: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut taken = HashSet::new();
    pixels
        .filter(|&(x, y)| x.is_finite() && y.is_finite())
        .filter(|&(x, y)| taken.insert(((2.0 * x).round() as i64, (2.0 * y).round() as i64)))
        .collect()
}

/// The pieces of a line of `pixels` in order of x, with at most four points (first, lowest,
/// highest, last) per column of pixels: what a drawing of all its points would show.
pub(super) fn pieces(pixels: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = vec![Vec::new()];
    let mut column: Vec<(f64, f64)> = Vec::new();
    for (x, y) in pixels {
        let finite = x.is_finite() && y.is_finite();
        if !finite
            || column
                .first()
                .is_some_and(|first| first.0.floor() as i64 != x.floor() as i64)
        {
            flush(&mut column, pieces.last_mut());
        }
        if finite {
            column.push((x, y));
            // A column of a steep or dense line never grows long.
            if column.len() == 64 {
                column = outline(&column);
            }
        } else if pieces.last().is_some_and(|piece| !piece.is_empty()) {
            pieces.push(Vec::new());
        }
    }
    flush(&mut column, pieces.last_mut());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn flush(column: &mut Vec<(f64, f64)>, piece: Option<&mut Vec<(f64, f64)>>) {
    if let Some(piece) = piece {
        piece.extend(outline(column));
    }
    column.clear();
}

/// First, lowest, highest and last point, in their order.
fn outline(column: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let last = column.len().saturating_sub(1);
    let extreme = |best: fn(f64, f64) -> bool| {
        (0..column.len()).reduce(|a, b| if best(column[b].1, column[a].1) { b } else { a })
    };
    let lowest = extreme(|candidate, found| candidate < found).unwrap_or(0);
    let highest = extreme(|candidate, found| candidate > found).unwrap_or(0);
    let mut kept = vec![0, lowest, highest, last];
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter()
        .filter_map(|i| column.get(i).copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_the_same_half_pixel_are_drawn_once() {
        let all = (0..100_000).map(|i| (f64::from(i % 50) / 100.0, 1.0));
        assert_eq!(distinct(all), [(0.0, 1.0), (0.25, 1.0)]);
        assert!(distinct([(f64::NAN, 1.0), (1.0, f64::INFINITY)].into_iter()).is_empty());
    }

    #[test]
    fn a_line_keeps_its_extremes_and_its_breaks() {
        let y = |i: u32| if i == 5_000 { 90.0 } else { f64::from(i % 7) };
        let dense = (0..10_000).map(|i| (f64::from(i) / 1000.0, y(i)));
        let drawn = pieces(dense);
        assert_eq!(drawn.len(), 1);
        assert!(drawn[0].len() <= 40, "{}", drawn[0].len());
        assert!(drawn[0].contains(&(5.0, 90.0)));
        assert_eq!(drawn[0].last(), Some(&(9.999, f64::from(9_999 % 7))));
        let broken = [(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 4.0)];
        let drawn = pieces(broken.into_iter());
        assert_eq!(drawn, [vec![(0.0, 1.0), (1.0, 2.0)], vec![(3.0, 4.0)]]);
        assert!(pieces(std::iter::empty()).is_empty());
    }
}
