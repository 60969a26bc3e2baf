use std::ops::Range;

use super::ticks::{Tick, linear};
use super::utc::utc;

/// Width of a character of tick labels, in pixels. Digits of the font have 0.64 of its size.
pub(super) const CHARACTER: f64 = 7.0;

/// One side of a panel: what it shows, in which unit, from where to where.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    label: String,
    is_utc: bool,
    is_down: bool,
    is_whole: bool,
    limits: Option<Range<f64>>,
}

impl Axis {
    /// An axis of numbers; the label says the unit: `range [km]`.
    pub fn linear(label: &str) -> Axis {
        Axis {
            label: label.to_owned(),
            is_utc: false,
            is_down: false,
            is_whole: false,
            limits: None,
        }
    }

    /// An axis of instants: its numbers are seconds since 1970-01-01T00:00:00 UTC. The date is
    /// added to the label.
    pub fn utc(label: &str) -> Axis {
        Axis {
            is_utc: true,
            ..Axis::linear(label)
        }
    }

    /// An axis of things that are counted or numbered: only whole numbers are marked.
    pub fn whole(label: &str) -> Axis {
        Axis {
            is_whole: true,
            ..Axis::linear(label)
        }
    }

    /// Shows this range. Without limits an axis shows all its data, with a little room around.
    #[must_use]
    pub fn limits(mut self, limits: Range<f64>) -> Axis {
        self.limits = Some(limits);
        self
    }

    /// Counts downwards, as depths do; for the vertical axis.
    #[must_use]
    pub fn downwards(mut self) -> Axis {
        self.is_down = true;
        self
    }

    /// Whether it counts downwards.
    pub(super) fn is_down(&self) -> bool {
        self.is_down
    }

    /// Whether the range shown was chosen.
    pub(super) fn has_limits(&self) -> bool {
        self.limits.is_some()
    }

    /// The range shown when the data have this range; `None` when nothing has a place.
    pub(super) fn shown(&self, data: Option<Range<f64>>) -> Option<Range<f64>> {
        let room = |range: Range<f64>| {
            let span = range.end - range.start;
            let extra = match span {
                // One value: a range around it that floating point resolves.
                0.0 if self.is_utc => 0.5,
                0.0 => (0.05 * range.start.abs()).max(0.5),
                span => 0.04 * span,
            };
            range.start - extra..range.end + extra
        };
        let chosen = self.limits.clone().or(data.map(room));
        chosen.filter(|range| range.end > range.start && (range.end - range.start).is_finite())
    }

    /// Marks along `pixels`, and the label to write beside.
    pub(super) fn ticks(
        &self,
        shown: Option<&Range<f64>>,
        pixels: f64,
        vertical: bool,
    ) -> (Vec<Tick>, String) {
        let Some(shown) = shown else {
            return (Vec::new(), self.label.clone());
        };
        if self.is_utc
            && let Some((ticks, date)) = utc(shown.start, shown.end, pixels, CHARACTER)
        {
            return (ticks, format!("{}, {date}", self.label));
        }
        // As many as have room: lines of text upwards, labels of up to nine characters sideways.
        let each = if vertical { 28.0 } else { 9.0 * CHARACTER };
        let most = (pixels / each).floor().max(3.0) as usize;
        let least = if self.is_whole { 1.0 } else { 0.0 };
        let ticks = linear(shown.start, shown.end, most, least);
        (ticks, self.label.clone())
    }
}

/// The range of the finite ones of some values.
pub(super) fn finite_range(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    values.filter(|v| v.is_finite()).fold(None, |range, value| {
        let Range { start, end } = range.unwrap_or(value..value);
        Some(start.min(value)..end.max(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_axis_shows_a_range_of_positive_width() {
        let axis = Axis::linear("x");
        for data in [3.0..3.0, 0.0..0.0, -1e300..1e300] {
            let shown = axis.shown(Some(data.clone())).unwrap();
            assert!(shown.end > shown.start && (shown.end - shown.start).is_finite());
            assert!(shown.start <= data.start && shown.end >= data.end);
        }
        assert_eq!(axis.shown(Some(f64::MIN..f64::MAX)), None);
        assert_eq!(axis.shown(None), None);
        let chosen = axis.limits(1.0..2.0);
        assert_eq!(chosen.shown(Some(0.0..9.0)), Some(1.0..2.0));
        assert_eq!(chosen.limits(2.0..2.0).shown(None), None);
    }

    #[test]
    fn whole_numbers_alone_are_marked() {
        let labels = |limits: Range<f64>| {
            let (ticks, _) = Axis::whole("rank").ticks(Some(&limits), 400.0, true);
            ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>()
        };
        assert_eq!(labels(-0.5..0.5), ["0"]);
        assert_eq!(labels(-0.5..2.5), ["0", "1", "2"]);
        assert_eq!(labels(0.0..40.0).len(), 9);
        assert!(labels(0.2..0.8).is_empty());
    }

    #[test]
    fn only_finite_values_count() {
        let values = [f64::NAN, 2.0, f64::INFINITY, -1.0];
        assert_eq!(finite_range(values.into_iter()), Some(-1.0..2.0));
        assert_eq!(finite_range([f64::NAN].into_iter()), None);
    }
}
