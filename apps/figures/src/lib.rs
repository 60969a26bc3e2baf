//! Figures of panels on a grid, drawn to PNG and SVG.
//!
//! A figure is drawn once, as SVG, and the PNG is that SVG rendered: both show the same. The font
//! is part of the program, so nothing has to be installed, and equal figures give equal bytes. In
//! the SVG text stays text.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Figure`] | panels on a grid, a title, a size in pixels; SVG, PNG, files |
//! | [`Panel`] | a pair of axes with series or a heat map |
//! | [`Axis`] | label with units, limits, numbers or UTC |
//! | [`Series`] | points or a line, in colours that colour-blind people tell apart (Okabe and Ito) |
//! | [`HeatMap`] | cells with a colour bar, viridis or cividis; missing cells are grey |
//! | [`Grid`] | reduces any number of values to the cells of a heat map while they stream by |
//!
//! The size of a figure is bounded by its pixels: points that fall on the same half pixel are drawn
//! once, and a heat map is one embedded image of the cells of a [`Grid`], never drawn cell by cell.
//!
//! ```
//! use jobwise_figures::{Axis, Figure, Mark, Panel, Series};
//!
//! let points = (0..100).map(|i| (f64::from(i), f64::from(i * i)));
//! let panel = Panel::new("Fall", Axis::linear("time [s]"), Axis::linear("way [m]"))
//!     .series(Series::new("measured", Mark::Dot, points));
//! let figure = Figure::new("Example", (600, 400)).panels(1, [panel]);
//! assert!(figure.svg()?.contains("way [m]"));
//! # Ok::<(), jobwise_figures::Error>(())
//! ```

mod axis;
mod colour;
mod error;
mod figure;
mod grid;
mod heat;
mod panel;
mod raster;
mod series;
mod svg;
mod target;
mod ticks;
mod utc;

pub use axis::Axis;
pub use colour::{ColourMap, OKABE_ITO};
pub use error::{Error, Result};
pub use figure::{Figure, Format, parse_size};
pub use grid::{Grid, Reduction};
pub use heat::HeatMap;
pub use panel::Panel;
pub use series::{Mark, Series};
pub use target::Target;
