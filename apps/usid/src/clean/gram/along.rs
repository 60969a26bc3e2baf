use std::ops::Range;

use super::sums::SHIFTS;
use crate::clean::axis::Axis;

/// Rows that are summed side by side: an addition takes as long as several can begin in.
const SIDE: usize = 8;

/// Sums along the rows: `entry[p_y] = sum_o sums[o + p_y]` over the origins of an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Along<'a> {
    pub(super) axis: &'a Axis,
    /// The first `p_y`.
    pub(super) start: usize,
    /// Columns a row of sums holds.
    pub(super) width: usize,
}

impl Along<'_> {
    /// Whether the columns count for each of `length` `p_y`, so that only their place within a step
    /// matters.
    pub(super) fn is_inner(self, slab: &Range<usize>, length: usize) -> bool {
        let last = self.start + (self.axis.regular - 1) * self.axis.step;
        self.start + length <= slab.start + 1 && slab.end <= last + 1
    }

    /// Adds the columns `slab` of `sums` (`[SHIFTS, window, width]`, for shifts from `dx`) to
    /// `entries` (rows of `length`).
    pub(super) fn add(
        self,
        slab: &Range<usize>,
        sums: &[f64],
        dx: usize,
        window: usize,
        length: usize,
        entries: &mut [f64],
    ) {
        let rows = (0..SHIFTS.min(window - dx))
            .flat_map(|k| (0..window - dx - k).map(move |row| k * window + row));
        let rows: Vec<usize> = rows.map(|row| row * self.width).collect();
        let mut sides = vec![[0.0; SIDE]; length];
        for (rows, entries) in rows.chunks(SIDE).zip(entries.chunks_mut(SIDE * length)) {
            // Missing sides repeat the first.
            let column = |at: usize| -> [f64; SIDE] {
                std::array::from_fn(|side| sums[rows.get(side).unwrap_or(&rows[0]) + at])
            };
            self.sum(slab, &column, &mut sides);
            for (side, entries) in entries
                .chunks_exact_mut(length)
                .take(rows.len())
                .enumerate()
            {
                for (entry, sides) in entries.iter_mut().zip(&sides) {
                    *entry += sides[side];
                }
            }
        }
    }

    fn sum(
        self,
        slab: &Range<usize>,
        column: &impl Fn(usize) -> [f64; SIDE],
        sides: &mut [[f64; SIDE]],
    ) {
        let Axis {
            step,
            regular,
            last,
            ..
        } = *self.axis;
        let within = |at: usize| slab.contains(&at).then(|| column(at - slab.start));
        for first in 0..step.min(sides.len()) {
            let mut sum = [0.0; SIDE];
            let start = self.start + first;
            // The first origin in the slab.
            let skip = slab.start.saturating_sub(start).div_ceil(step);
            let end = slab.end.min(start + (regular - 1) * step + 1);
            for at in (start + skip * step..end).step_by(step) {
                plus(&mut sum, within(at));
            }
            plus(&mut sum, last.and_then(|last| within(last + start)));
            sides[first] = sum;
        }
        for next in step..sides.len() {
            let before = self.start + next - step;
            let mut sum = sides[next - step];
            minus(&mut sum, within(before));
            plus(&mut sum, within(before + regular * step));
            if let Some(last) = last {
                minus(&mut sum, within(last + before));
                plus(&mut sum, within(last + before + step));
            }
            sides[next] = sum;
        }
    }
}

fn plus(sum: &mut [f64; SIDE], column: Option<[f64; SIDE]>) {
    for (sum, value) in sum.iter_mut().zip(column.unwrap_or_default()) {
        *sum += value;
    }
}

fn minus(sum: &mut [f64; SIDE], column: Option<[f64; SIDE]>) {
    for (sum, value) in sum.iter_mut().zip(column.unwrap_or_default()) {
        *sum -= value;
    }
}
