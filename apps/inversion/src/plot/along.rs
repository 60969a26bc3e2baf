use std::ops::Range;

use crate::products::LineFile;

/// How many usual distances a sounding stands for, at most.
const REACH: f64 = 1.5;

/// Where soundings are on the axis of a line: m from the first one or, where places are not known
/// or all the same, the fiducial.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Along {
    pub(super) label: &'static str,
    /// One per sounding, rising.
    pub(super) at: Vec<f64>,
    /// Half of the largest distance that a sounding stands for.
    reach: f64,
}

impl Along {
    pub(super) fn new(file: &LineFile) -> Along {
        let mut distance = vec![0.0];
        let places: Vec<[f64; 2]> = file.places().collect();
        for pair in places.windows(2) {
            let step = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
            distance.push(distance[distance.len() - 1] + step);
        }
        let rises = |values: &[f64]| values.windows(2).all(|pair| pair[0] < pair[1]);
        if distance.len() == places.len() && rises(&distance) {
            Along::at("distance along the line [m]", distance)
        } else {
            Along::at("fiducial", file.fiducials().to_vec())
        }
    }

    pub(super) fn at(label: &'static str, at: Vec<f64>) -> Along {
        let mut steps: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_by(f64::total_cmp);
        let usual = steps.get(steps.len() / 2).copied().unwrap_or(1.0);
        Along {
            label,
            at,
            reach: 0.5 * REACH * usual,
        }
    }

    /// What a sounding stands for: half of the way to each neighbour, not more than its reach.
    pub(super) fn span(&self, row: usize) -> Range<f64> {
        let here = self.at[row];
        let before = row.checked_sub(1).map(|before| here - self.at[before]);
        let after = self.at.get(row + 1).map(|after| after - here);
        let half = |step: Option<f64>, other: Option<f64>| {
            let step = step.or(other).unwrap_or(2.0 * self.reach / REACH);
            (0.5 * step).min(self.reach)
        };
        here - half(before, after)..here + half(after, before)
    }

    /// From the first to the last.
    pub(super) fn range(&self) -> Range<f64> {
        self.span(0).start..self.span(self.at.len() - 1).end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundings_reach_half_of_the_way() {
        let along = Along::at("", vec![0.0, 10.0, 20.0, 100.0]);
        assert_eq!(along.span(0), -5.0..5.0);
        assert_eq!(along.span(1), 5.0..15.0);
        assert_eq!(along.span(2), 15.0..27.5);
        assert_eq!(along.span(3), 92.5..107.5);
        assert_eq!(along.range(), -5.0..107.5);
        assert_eq!(Along::at("", vec![3.0]).range(), 2.5..3.5);
    }
}
