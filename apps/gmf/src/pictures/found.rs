use std::fmt::Write as _;

use super::{RangeOf, Table};
use crate::Result;
use crate::clock::format_utc;
use crate::detection::{NoiseFloor, decibel, snr};
use crate::product::Products;

/// The strongest gate of an integration. Everything is NaN where it was not analysed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Start of the integration in s since 1970.
    pub time: f64,
    /// Range in km.
    pub range: f64,
    /// Range rate in km/s.
    pub range_rate: f64,
    /// Acceleration in km/s^2.
    pub acceleration: f64,
    /// Matched-filter power.
    pub gmf: f32,
    /// Signal-to-noise ratio, not in dB.
    pub snr: f64,
    /// Range, range rate and acceleration after an optimisation, in the same units.
    pub optimised: [f64; 3],
}

/// The strongest gate of every integration of an analysis. Memory: 72 bytes per integration.
#[derive(Clone, Debug)]
pub struct Found {
    pub(super) points: Vec<Point>,
    pub(super) limit: f64,
    pub(super) path: RangeOf,
}

impl Found {
    /// Reads them. Points whose ratio is at least `limit` dB count as detections.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(
        products: &Products,
        noise: &NoiseFloor,
        path: RangeOf,
        limit: f64,
    ) -> Result<Found> {
        let scale = 1e-3 / path.ways();
        let ranges = &products.layout().ranges;
        let mut points = Vec::new();
        for rows in products.rows() {
            let rows = rows?;
            let optimised = rows.optimized()?;
            for (row, peak) in rows.peaks(&rows.gmf()?)?.into_iter().enumerate() {
                let nothing = Point {
                    time: rows.time(row),
                    range: f64::NAN,
                    range_rate: f64::NAN,
                    acceleration: f64::NAN,
                    gmf: f32::NAN,
                    snr: f64::NAN,
                    optimised: [f64::NAN; 3],
                };
                points.push(peak.map_or(nothing, |peak| {
                    Point {
                        range: scale * ranges[peak.gate],
                        range_rate: scale * peak.range_rate,
                        acceleration: scale * peak.acceleration,
                        gmf: peak.gmf,
                        snr: snr(peak.gmf, noise.per_gate[peak.gate]),
                        optimised: optimised
                            .as_ref()
                            .map_or([f64::NAN; 3], |o| o[row].map(|v| scale * v)),
                        ..nothing
                    }
                }));
            }
        }
        Ok(Found {
            points,
            limit,
            path,
        })
    }

    /// The points in order of time.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether a point is above the limit.
    pub fn is_detection(&self, point: &Point) -> bool {
        decibel(point.snr) >= self.limit
    }

    /// All points as a table.
    ///
    /// # Errors
    /// When a time lies beyond the calendar.
    pub fn table(&self) -> Result<Table> {
        let [range, rate, acceleration] =
            ["range", "range_rate", "acceleration"].map(|quantity| self.path.named(quantity));
        let mut csv = format!(
            "time [UTC],time [s since 1970],{range} [km],{rate} [km/s],{acceleration} \
             [km/s^2],gmf,sqrt_snr,snr [dB],detection,\
             optimised {range} [km],optimised {rate} [km/s],optimised {acceleration} [km/s^2]\n",
        );
        for p in &self.points {
            let time = format_utc((p.time * 1e6).round() as i64)?;
            let detection = u8::from(self.is_detection(p));
            let [range, range_rate, acceleration] = p.optimised;
            // Writing to a String cannot fail.
            let _ = writeln!(
                csv,
                "{time},{:.6},{},{},{},{},{},{},{detection},{range},{range_rate},{acceleration}",
                p.time,
                p.range,
                p.range_rate,
                p.acceleration,
                p.gmf,
                p.snr.sqrt(),
                decibel(p.snr),
            );
        }
        Ok(Table { name: "peaks", csv })
    }
}
