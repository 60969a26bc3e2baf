use std::fmt::Write as _;
use std::ops::Range;

use jobwise_figures::{Axis, Figure, Grid, HeatMap, Mark, Panel, Reduction, Series};
use ndarray::{Array2, ArrayView2};

use super::{Picture, RangeOf, Table, most_cells};
use crate::Result;
use crate::detection::{NoiseFloor, decibel};
use crate::product::Products;

/// Power over time and range, and the noise floor.
#[derive(Clone, Debug)]
pub struct Maps {
    gmf: HeatMap,
    zero_frequency: HeatMap,
    times: Range<f64>,
    /// Which ranges they are.
    path: RangeOf,
    /// Ranges of the gates in km.
    ranges: Vec<f64>,
    /// Noise floor of each gate in dB.
    floor: Vec<f64>,
    /// Size of the figure in pixels.
    size: (u32, u32),
}

impl Maps {
    /// Reads them, reduced to the pixels that a figure of `size` has for them: to the largest
    /// matched-filter power and the mean power without Doppler of the integrations and gates that
    /// share a cell. Memory does not depend on the number of files. Integrations that were not
    /// analysed, and times between files, are missing.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(
        products: &Products,
        noise: &NoiseFloor,
        path: RangeOf,
        size: (u32, u32),
    ) -> Result<Maps> {
        let layout = products.layout();
        let mut span: Option<Range<f64>> = None;
        for rows in products.rows() {
            let rows = rows?;
            let start = span.map_or(rows.time(0), |span| span.start);
            span = Some(start..rows.time(rows.count()));
        }
        // Products hold at least one integration.
        let times = span.unwrap_or(0.0..layout.step);
        let steps = ((times.end - times.start) / layout.step).round() as usize;
        let plane = (steps, layout.ranges.len());
        let most = most_cells(size, 3);
        let mut gmf = Grid::new(plane, most, Reduction::Max);
        let mut zero_frequency = Grid::new(plane, most, Reduction::Mean);
        for rows in products.rows() {
            let rows = rows?;
            let analysed = rows.analysed()?;
            let column =
                |row: usize| ((rows.time(row) - times.start) / layout.step).round() as usize;
            let fill = |grid: &mut Grid, power: ArrayView2<'_, f32>| {
                for ((row, gate), &power) in power.indexed_iter() {
                    // Files that overlap by a rounding error do not leave the map.
                    let column = column(row).min(steps - 1);
                    if analysed[row] {
                        grid.add(column, gate, f64::from(power));
                    }
                }
            };
            fill(&mut gmf, rows.gmf()?.view());
            fill(&mut zero_frequency, rows.gmf_zero_frequency()?.view());
        }
        let ranges: Vec<f64> = layout
            .ranges
            .iter()
            .map(|range| range / path.ways() / 1e3)
            .collect();
        let each = if ranges.len() > 1 {
            ranges[1] - ranges[0]
        } else {
            1.0
        };
        let up = ranges[0] - each / 2.0..ranges[ranges.len() - 1] + each / 2.0;
        let heat = |label: &str, grid: &Grid| {
            let cells = in_decibel(&grid.cells());
            let (x, y) = (grid.span_columns(times.clone()), grid.span_rows(up.clone()));
            HeatMap::new(label, cells, x, y).between_quantiles(0.01, 1.0)
        };
        Ok(Maps {
            gmf: heat("GMF [dB]", &gmf),
            zero_frequency: heat("power [dB]", &zero_frequency),
            floor: noise
                .per_gate
                .iter()
                .map(|&floor| decibel(f64::from(floor)))
                .collect(),
            times: times.clone(),
            path,
            ranges,
            size,
        })
    }

    /// The maps above each other, and the noise floor over range.
    pub fn picture(&self, title: &str) -> Picture {
        let range = format!("{} [km]", self.path.titled("Range"));
        let map = |title: &str, heat: &HeatMap| {
            let time = Axis::utc("Start of integration (UTC)").limits(self.times.clone());
            Panel::new(title, time, Axis::linear(&range)).heat(heat.clone())
        };
        let floor = self.ranges.iter().copied().zip(self.floor.iter().copied());
        let noise = Panel::new(
            "Noise floor",
            Axis::linear(&range),
            Axis::linear("power [dB]"),
        )
        .series(Series::new("", Mark::Line, floor));
        let panels = [
            map("Largest matched-filter power", &self.gmf),
            map("Power without Doppler", &self.zero_frequency),
            noise,
        ];
        Picture {
            name: "maps",
            figure: Figure::new(title, self.size).panels(1, panels),
        }
    }

    /// The numbers of the three panels.
    pub fn tables(&self) -> [Table; 3] {
        let range = self.path.named("range");
        let corner = format!("time [s since 1970] \\ {range} [km]");
        let mut csv = format!("{range} [km],noise floor [dB]\n");
        for (range, floor) in self.ranges.iter().zip(&self.floor) {
            // Writing to a String cannot fail.
            let _ = writeln!(csv, "{range},{floor}");
        }
        [
            Table {
                name: "gmf",
                csv: self.gmf.to_csv(&corner),
            },
            Table {
                name: "zero-frequency",
                csv: self.zero_frequency.to_csv(&corner),
            },
            Table { name: "noise", csv },
        ]
    }
}

fn in_decibel(power: &Array2<f64>) -> Array2<f64> {
    power.mapv(|power| {
        if power > 0.0 {
            decibel(power)
        } else {
            f64::NAN
        }
    })
}
