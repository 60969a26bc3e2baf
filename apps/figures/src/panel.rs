use std::ops::Range;

use super::axis::{Axis, CHARACTER, finite_range};
use super::heat::HeatMap;
use super::raster::{coloured, indexed};
use super::series::{Mark, Series, distinct, pieces};
use super::svg::{Anchor, Area, Svg};
use super::{Result, colour, ticks};

/// Sizes of text, in pixels.
const TITLE: u32 = 13;
const LABEL: u32 = 12;
const TICK: u32 = 11;

/// Length of a mark on an axis.
const MARK: f64 = 4.0;

/// Room for the title above a frame, and for labels below.
const ABOVE: f64 = 24.0;
const BELOW: f64 = 42.0;

const GRID: &str = "#e4e4e4";

/// A pair of axes and what they show.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    title: String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
    heat: Option<HeatMap>,
}

impl Panel {
    /// Axes without content.
    pub fn new(title: &str, x: Axis, y: Axis) -> Panel {
        Panel {
            title: title.to_owned(),
            x,
            y,
            series: Vec::new(),
            heat: None,
        }
    }

    /// Adds a series, drawn over those before it.
    #[must_use]
    pub fn series(mut self, series: Series) -> Panel {
        self.series.push(series);
        self
    }

    /// Puts a heat map behind the series.
    #[must_use]
    pub fn heat(mut self, heat: HeatMap) -> Panel {
        self.heat = Some(heat);
        self
    }

    /// Room for labels left and right of the frame in a panel of this height. Panels above each
    /// other share the widest.
    pub(super) fn sides(&self, height: f64) -> (f64, f64) {
        let (y_ticks, _) = self.y.ticks(self.shown().1.as_ref(), inside(height), true);
        let bar = if self.heat.is_some() { 84.0 } else { 14.0 };
        (34.0 + widest(&y_ticks), bar)
    }

    /// Draws everything into an area, labels included, with so much room at the sides.
    pub(super) fn draw(&self, svg: &mut Svg, area: Area, sides: (f64, f64)) -> Result<()> {
        let (x_shown, y_shown) = self.shown();
        let (left, top, height) = (area.left + sides.0, area.top + ABOVE, inside(area.height));
        let bottom = top + height;
        let (y_ticks, y_label) = self.y.ticks(y_shown.as_ref(), height, true);
        let width = (area.right() - sides.1 - left).max(10.0);
        let (x_ticks, x_label) = self.x.ticks(x_shown.as_ref(), width, false);
        let frame = Area {
            left,
            top,
            width,
            height,
        };
        // Without data there is nothing to place.
        let (x, y) = (x_shown.unwrap_or(0.0..1.0), y_shown.unwrap_or(0.0..1.0));
        let is_down = self.y.is_down();
        let place = |point: (f64, f64)| {
            let up = (point.1 - y.start) / (y.end - y.start);
            let up = if is_down { 1.0 - up } else { up };
            let along = (point.0 - x.start) / (x.end - x.start);
            (left + width * along, bottom - height * up)
        };
        svg.clip(frame);
        if let Some(heat) = &self.heat {
            let (above, below) = if is_down {
                (heat.y.start, heat.y.end)
            } else {
                (heat.y.end, heat.y.start)
            };
            let (corner, end) = (place((heat.x.start, above)), place((heat.x.end, below)));
            let covered = Area {
                left: corner.0,
                top: corner.1,
                width: end.0 - corner.0,
                height: end.1 - corner.1,
            };
            picture(svg, covered, heat, is_down)?;
        } else {
            for tick in &x_ticks {
                let at = place((tick.at, y.start)).0;
                svg.line((at, top), (at, bottom), GRID);
            }
            for tick in &y_ticks {
                let at = place((x.start, tick.at)).1;
                svg.line((left, at), (left + width, at), GRID);
            }
        }
        for series in &self.series {
            draw_series(svg, series, &place);
        }
        svg.unclip();
        svg.frame(frame);
        for tick in &x_ticks {
            let at = place((tick.at, y.start)).0;
            svg.line((at, bottom), (at, bottom + MARK), "black");
            svg.label(
                (at, bottom + MARK + 12.0),
                TICK,
                Anchor::Middle,
                &tick.label,
            );
        }
        for tick in &y_ticks {
            let at = place((x.start, tick.at)).1;
            svg.line((left - MARK, at), (left, at), "black");
            svg.label(
                (left - MARK - 3.0, at + 4.0),
                TICK,
                Anchor::End,
                &tick.label,
            );
        }
        svg.label(
            (left + width / 2.0, bottom + 33.0),
            LABEL,
            Anchor::Middle,
            &x_label,
        );
        svg.upright((area.left + 16.0, top + height / 2.0), LABEL, &y_label);
        svg.label((left, top - 8.0), TITLE, Anchor::Start, &self.title);
        if let Some(heat) = &self.heat {
            colour_bar(svg, frame, heat)?;
        }
        self.legend(svg, frame);
        if self.series.iter().all(|series| series.points.is_empty()) && self.heat.is_none() {
            let middle = (left + width / 2.0, top + height / 2.0);
            svg.label(middle, LABEL, Anchor::Middle, "nothing to show");
        }
        Ok(())
    }

    /// The ranges of both axes. A heat map fills its panel unless an axis has limits.
    fn shown(&self) -> (Option<Range<f64>>, Option<Range<f64>>) {
        if let Some(heat) = &self.heat {
            let filled = |axis: &Axis, range: &Range<f64>| {
                let chosen = axis.has_limits().then(|| axis.shown(None));
                chosen.unwrap_or_else(|| axis.clone().limits(range.clone()).shown(None))
            };
            return (filled(&self.x, &heat.x), filled(&self.y, &heat.y));
        }
        let points = || {
            let all = self.series.iter().flat_map(|series| &series.points);
            all.filter(|point| point.0.is_finite() && point.1.is_finite())
        };
        (
            self.x.shown(finite_range(points().map(|p| p.0))),
            self.y.shown(finite_range(points().map(|p| p.1))),
        )
    }

    /// Names and colours, right of the title, where there are several; over a heat map also of one.
    fn legend(&self, svg: &mut Svg, frame: Area) {
        if self.series.len() < 2 && self.heat.is_none() {
            return;
        }
        let mut right = frame.right();
        for series in self
            .series
            .iter()
            .rev()
            .filter(|series| !series.name.is_empty())
        {
            let y = frame.top - 8.0;
            svg.label((right, y), TICK, Anchor::End, &series.name);
            right -= series.name.chars().count() as f64 * 6.3 + 9.0;
            let mark = [(right, y - 4.0)];
            match series.mark {
                Mark::Dot => svg.dots(&mark, series.colour),
                Mark::Cross => svg.crosses(&mark, series.colour),
                Mark::Line => svg.line(
                    (right - 6.0, y - 4.0),
                    (right + 6.0, y - 4.0),
                    series.colour,
                ),
            }
            right -= 16.0;
        }
    }
}

fn draw_series(svg: &mut Svg, series: &Series, place: &impl Fn((f64, f64)) -> (f64, f64)) {
    let pixels = series.points.iter().map(|&point| place(point));
    match series.mark {
        Mark::Dot => svg.dots(&distinct(pixels), series.colour),
        Mark::Cross => svg.crosses(&distinct(pixels), series.colour),
        Mark::Line => {
            for piece in pieces(pixels) {
                match piece[..] {
                    // A single point is no line.
                    [point] => svg.dots(&[point], series.colour),
                    _ => svg.polyline(&piece, series.colour),
                }
            }
        }
    }
}

fn picture(svg: &mut Svg, area: Area, heat: &HeatMap, is_down: bool) -> Result<()> {
    let (columns, rows) = heat.cells.dim();
    if columns > 0 && rows > 0 {
        let size = (columns as u32, rows as u32);
        let picture = match heat.faded_colours(is_down) {
            Some(colours) => coloured(size, &colours)?,
            None => indexed(size, &heat.steps(is_down), &heat.colours.palette())?,
        };
        svg.picture(area, &picture);
    }
    Ok(())
}

/// The colours beside the frame, with what they mean.
fn colour_bar(svg: &mut Svg, frame: Area, heat: &HeatMap) -> Result<()> {
    let bar = Area {
        left: frame.right() + 10.0,
        width: 12.0,
        ..frame
    };
    let steps: Vec<u8> = (0..colour::STEPS as u8).rev().collect();
    let palette = heat.colours.palette();
    svg.picture(bar, &indexed((1, colour::STEPS as u32), &steps, &palette)?);
    svg.frame(bar);
    let limits = &heat.limits;
    let most = (bar.height / 28.0).floor().max(3.0) as usize;
    let marks = ticks::linear(limits.start, limits.end, most, 0.0);
    for tick in &marks {
        let y = bar.bottom() - bar.height * (tick.at - limits.start) / (limits.end - limits.start);
        svg.line((bar.right(), y), (bar.right() + MARK, y), "black");
        svg.label(
            (bar.right() + MARK + 3.0, y + 4.0),
            TICK,
            Anchor::Start,
            &tick.label,
        );
    }
    let beside = bar.right() + MARK + 3.0 + widest(&marks) + 13.0;
    svg.upright((beside, bar.top + bar.height / 2.0), LABEL, &heat.label);
    Ok(())
}

/// Height of the frame in a panel.
fn inside(height: f64) -> f64 {
    (height - ABOVE - BELOW).max(10.0)
}

/// Width of the widest label, in pixels.
fn widest(ticks: &[ticks::Tick]) -> f64 {
    let longest = ticks.iter().map(|tick| tick.label.chars().count()).max();
    longest.unwrap_or(0) as f64 * CHARACTER
}
