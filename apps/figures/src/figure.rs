use std::path::Path;
use std::str::FromStr;

use super::panel::Panel;
use super::raster::render;
use super::svg::{Anchor, Area, Svg};
use super::{Error, Result};
use jobwise_kit::atomic;

/// How a figure is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Pixels.
    Png,
    /// Lines and text that scale.
    Svg,
}

impl Format {
    /// The ending of file names.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Svg => "svg",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Format, String> {
        [Format::Png, Format::Svg]
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("{text:?} is no format of pictures: choose of png, svg"))
    }
}

/// Panels on a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    title: String,
    size: (u32, u32),
    columns: usize,
    panels: Vec<Panel>,
}

impl Figure {
    /// An empty figure of (width, height) pixels.
    pub fn new(title: &str, size: (u32, u32)) -> Figure {
        Figure {
            title: title.to_owned(),
            size,
            columns: 1,
            panels: Vec::new(),
        }
    }

    /// Fills a grid of so many columns with panels, row by row; all have the same size.
    #[must_use]
    pub fn panels(mut self, columns: usize, panels: impl IntoIterator<Item = Panel>) -> Figure {
        self.columns = columns.max(1);
        self.panels = panels.into_iter().collect();
        self
    }

    /// The drawing.
    ///
    /// # Errors
    /// A heat map has more cells than a picture can have.
    pub fn svg(&self) -> Result<String> {
        let mut svg = Svg::new(self.size);
        let (width, height) = (f64::from(self.size.0), f64::from(self.size.1));
        svg.label((width / 2.0, 22.0), 15, Anchor::Middle, &self.title);
        let top = 32.0;
        let rows = self.panels.len().div_ceil(self.columns).max(1);
        let each = (
            (width - 8.0) / self.columns as f64,
            (height - top - 6.0) / rows as f64,
        );
        let widest = |column: usize| {
            let panels = self.panels.iter().skip(column).step_by(self.columns);
            panels.fold((0.0, 0.0), |widest: (f64, f64), panel| {
                let sides = panel.sides(each.1);
                (widest.0.max(sides.0), widest.1.max(sides.1))
            })
        };
        let sides: Vec<(f64, f64)> = (0..self.columns).map(widest).collect();
        for (index, panel) in self.panels.iter().enumerate() {
            let (column, row) = (index % self.columns, index / self.columns);
            let area = Area {
                left: column as f64 * each.0,
                top: top + row as f64 * each.1,
                width: each.0,
                height: each.1,
            };
            panel.draw(&mut svg, area, sides[column])?;
        }
        Ok(svg.finish())
    }

    /// The drawing rendered, one pixel per unit.
    ///
    /// # Errors
    /// The size is 0 or more than memory holds.
    pub fn png(&self) -> Result<Vec<u8>> {
        render(&self.svg()?)
    }

    /// Writes the figure atomically; missing directories are created.
    ///
    /// # Errors
    /// As [`png`](Self::png), or the file cannot be written.
    pub fn write(&self, path: &Path, format: Format) -> Result<()> {
        let content = match format {
            Format::Png => self.png()?,
            Format::Svg => self.svg()?.into_bytes(),
        };
        atomic::write(path, content).map_err(Error::from)
    }
}

/// Reads the width and height of a figure, as in `1100x700`: neither too small for its labels nor
/// too large for memory.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once('x').and_then(|(width, height)| {
        let side = |text: &str| {
            text.parse()
                .ok()
                .filter(|side| (200..=10_000).contains(side))
        };
        Some((side(width)?, side(height)?))
    });
    sides.ok_or_else(|| format!("{text:?} is no size: write 1100x700; each side from 200 to 10000"))
}

#[cfg(test)]
mod tests;
