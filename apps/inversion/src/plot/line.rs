use std::f64::consts::LOG10_E;

use jobwise_figures::{Axis, ColourMap, Figure, HeatMap, Mark, Panel, Series};
use ndarray::Array2;

use super::Kind;
use super::along::Along;
use super::section::{Column, Section};
use crate::Result;
use crate::products::{LineFile, Point, Profile, Results, Seen, Summary, Trace};

/// The least opacity of what is drawn, so that nothing disappears.
const FAINTEST: f64 = 0.15;

/// Draws a line, in so many pixels.
///
/// # Errors
/// A sounding cannot be read, and inputs must be whole.
pub fn line(results: &Results, file: &LineFile, kind: Kind, size: (u32, u32)) -> Result<Figure> {
    let along = Along::new(file);
    let of = Line {
        results,
        file,
        along,
    };
    let panels = match kind {
        Kind::Section => of.section()?,
        Kind::Layers => of.layers()?,
        Kind::Entropy => of.entropy()?,
        Kind::Interfaces => of.interfaces()?,
        Kind::Misfit => of.misfit()?,
        Kind::Errors => of.errors()?,
    };
    let what = match kind {
        Kind::Section => "conductivity",
        Kind::Layers => "number of layers",
        Kind::Entropy => "entropy of conductivities",
        Kind::Interfaces => "interfaces",
        Kind::Misfit => "misfit",
        Kind::Errors => "levels of errors",
    };
    let title = format!("Line {:?}: {what}", file.line());
    Ok(Figure::new(&title, size).panels(1, panels))
}

struct Line<'a> {
    results: &'a Results,
    file: &'a LineFile,
    along: Along,
}

impl Line<'_> {
    /// Shows each sounding that something is kept of.
    fn each(&self, mut show: impl FnMut(usize, Point)) -> Result<()> {
        for row in 0..self.file.count() {
            if let Some(point) = self.results.point(self.file, row)?
                && point.kept() > 0
            {
                show(row, point);
            }
        }
        Ok(())
    }

    fn section(&self) -> Result<Vec<Panel>> {
        let opacity = |seen: &Seen| {
            let opacity = seen.opacity.iter();
            opacity.map(|part| part.max(FAINTEST)).collect()
        };
        let values = |profile: &Profile| profile.p50.clone();
        let title = "median, faded where P05 to P95 is wide";
        self.map(title, "log10 conductivity [S/m]", values, opacity)
    }

    fn entropy(&self) -> Result<Vec<Panel>> {
        let values = |profile: &Profile| profile.entropy.clone();
        let opaque = |seen: &Seen| vec![1.0; seen.opacity.len()];
        self.map("0 where it is certain", "entropy [bits]", values, opaque)
    }

    /// A map of distance and depth, with the depth of investigation and the surface.
    fn map(
        &self,
        title: &str,
        label: &str,
        values: impl Fn(&Profile) -> Vec<f64>,
        opacity: impl Fn(&Seen) -> Vec<f64>,
    ) -> Result<Vec<Panel>> {
        let depths = self.file.depths();
        let mut section = self.empty(depths);
        let mut doi = vec![f64::NAN; self.file.count()];
        let widths = self.file.widths();
        self.each(|row, point| {
            let seen = Seen::new(point, widths);
            doi[row] = section.y(seen.point.elevation, seen.doi);
            section.add(&Column {
                span: self.along.span(row),
                elevation: seen.point.elevation,
                depths,
                values: &values(&seen.profile),
                opacity: &opacity(&seen),
            });
        })?;
        let surface = self.surface(&section);
        let mut panel = section.panel(title, label, None);
        panel = panel.series(self.series("depth of investigation", doi).colour(1));
        if let Some(surface) = surface {
            panel = panel.series(surface);
        }
        Ok(vec![panel])
    }

    fn interfaces(&self) -> Result<Vec<Panel>> {
        let depths = self.file.interface_depths();
        let mut section = self.empty(depths);
        let opacity = vec![1.0; depths.len()];
        self.each(|row, point| {
            section.add(&Column {
                span: self.along.span(row),
                elevation: point.elevation,
                depths,
                values: &point.interface_probability(),
                opacity: &opacity,
            });
        })?;
        let surface = self.surface(&section);
        let step = depths[1] - depths[0];
        let title = format!("of a contrast of 2 or more, per {step:.2} m of depth");
        let mut panel = section.panel(&title, "probability", None);
        if let Some(surface) = surface {
            panel = panel.series(surface);
        }
        Ok(vec![panel])
    }

    fn empty(&self, depths: &[f64]) -> Section {
        let deepest = depths[depths.len() - 1];
        Section::new(&self.along, self.file.elevations(), deepest)
    }

    fn surface(&self, section: &Section) -> Option<Series> {
        let elevations = self.file.elevations().to_vec();
        (!section.is_depth()).then(|| self.series("surface", elevations).faint())
    }

    fn layers(&self) -> Result<Vec<Panel>> {
        let most = self.most_layers();
        let rows = self.file.count();
        let columns = 900.min(60 * rows);
        let range = self.along.range();
        let mut cells = Array2::from_elem((columns, most), f64::NAN);
        let mut mean = vec![f64::NAN; rows];
        let width = (range.end - range.start) / columns as f64;
        self.each(|row, point| {
            let kept = point.kept() as f64;
            mean[row] = point.layers().mean();
            let span = self.along.span(row);
            let place = |x: f64| ((x - range.start) / width).round() as usize;
            let first = place(span.start).min(columns - 1);
            for column in first..place(span.end).clamp(first + 1, columns) {
                for layers in 1..=most {
                    let count = point.layers.get(layers).copied().unwrap_or(0);
                    cells[[column, layers - 1]] = f64::from(count) / kept;
                }
            }
        })?;
        let largest = cells.iter().copied().fold(0.0, f64::max);
        let opacity = cells.mapv(|part| if part > 0.0 { 1.0 } else { 0.0 });
        let y = 0.5..most as f64 + 0.5;
        let heat = HeatMap::new("probability", cells, range.clone(), y)
            .faded(opacity)
            .limits(0.0..largest)
            .colours(ColourMap::Cividis);
        let x = Axis::linear(self.along.label).limits(range);
        let panel = Panel::new("white: never", x, Axis::linear("number of layers")).heat(heat);
        Ok(vec![panel.series(self.series("mean", mean).colour(1))])
    }

    /// The most layers that any sounding ever had, and one more.
    fn most_layers(&self) -> usize {
        let mut most = 1;
        for row in 0..self.file.count() {
            // A sounding that cannot be read is told when it is drawn.
            if let Ok(layers) = self.file.layers(row) {
                let last = layers.iter().rposition(|count| *count > 0);
                most = most.max(last.unwrap_or(1));
            }
        }
        most + 1
    }

    fn misfit(&self) -> Result<Vec<Panel>> {
        let rows = self.file.count();
        let [mut best, mut mean] = [(); 2].map(|()| vec![f64::NAN; rows]);
        self.each(|row, point| {
            let (misfit, data) = point.misfit();
            best[row] = misfit / data as f64;
            let trace = self.file.trace(row).unwrap_or_else(|_| Trace::default());
            mean[row] = Summary::of_misfit(&point, &trace).mean / data as f64;
        })?;
        let x = Axis::linear(self.along.label).limits(self.along.range());
        let y = Axis::linear("misfit per datum");
        let panel = Panel::new("sum of squared residuals in standard deviations", x, y)
            .series(self.one().faint())
            .series(self.series("mean of kept iterations", mean))
            .series(self.dots("best state", best).colour(1));
        Ok(vec![panel])
    }

    /// A line at 1.
    fn one(&self) -> Series {
        let range = self.along.range();
        Series::new("1", Mark::Line, [(range.start, 1.0), (range.end, 1.0)])
    }

    fn errors(&self) -> Result<Vec<Panel>> {
        let rows = self.file.count();
        // Mean, P05, P95 of each level, relative ones first.
        let mut relative: Vec<[Vec<f64>; 3]> = Vec::new();
        let mut additive: Vec<[Vec<f64>; 3]> = Vec::new();
        self.each(|row, point| {
            for (levels, found) in [
                (&mut relative, Summary::of_relative_errors(&point)),
                (&mut additive, Summary::of_additive_errors(&point)),
            ] {
                for (index, summary) in found.iter().enumerate() {
                    if levels.len() <= index {
                        levels.push([(); 3].map(|()| vec![f64::NAN; rows]));
                    }
                    let numbers = [summary.mean, summary.p05, summary.p95];
                    for (values, number) in levels[index].iter_mut().zip(numbers) {
                        values[row] = number * LOG10_E;
                    }
                }
            }
        })?;
        let panels = [
            (relative, "relative", "log10 of a part of the data"),
            (additive, "additive", "log10 in units of the data"),
        ];
        Ok(panels
            .into_iter()
            .map(|(levels, name, label)| {
                let x = Axis::linear(self.along.label).limits(self.along.range());
                let title = format!("{name} error: mean, P05 and P95");
                let mut panel = Panel::new(&title, x, Axis::linear(label));
                let several = levels.len() > 1;
                for (index, [mean, low, high]) in levels.into_iter().enumerate() {
                    let name = if several {
                        index.to_string()
                    } else {
                        String::new()
                    };
                    panel = panel
                        .series(self.series("", low).faint())
                        .series(self.series("", high).faint())
                        .series(self.series(&name, mean).colour(index));
                }
                panel
            })
            .collect())
    }

    /// A line through soundings, with a break where nothing is known.
    fn series(&self, name: &str, values: Vec<f64>) -> Series {
        let points = self.along.at.clone().into_iter().zip(values);
        Series::new(name, Mark::Line, points)
    }

    fn dots(&self, name: &str, values: Vec<f64>) -> Series {
        let points = self.along.at.clone().into_iter().zip(values);
        Series::new(name, Mark::Dot, points)
    }
}
