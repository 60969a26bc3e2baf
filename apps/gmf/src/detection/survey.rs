use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{NoiseFloor, decibel, snr};
use crate::Result;
use crate::product::Products;
use crate::search::Target;

/// An optimised peak that is not there.
const UNKNOWN: [f64; 3] = [f64::NAN; 3];

/// An integration whose strongest range gate is above the limit.
///
/// Range, range rate and acceleration are those of the total path, as in the files, without the
/// range alias.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Start of the integration in s since 1970; the range rate is that of this instant.
    pub time: f64,
    /// The integration counted in steps from the first one looked at: gaps between files count too.
    pub step: i64,
    /// The file, below the directory of the analysis.
    pub file: Arc<PathBuf>,
    /// Number of the integration in its file.
    pub integration: usize,
    /// Range gate; 0 is one sample after the start of transmission.
    pub gate: i64,
    /// Range in m.
    pub range: f64,
    /// Range rate in m/s.
    pub range_rate: f64,
    /// Acceleration in m/s^2.
    pub acceleration: f64,
    /// Matched-filter power.
    pub gmf: f32,
    /// Signal-to-noise ratio in dB.
    pub snr_db: f64,
    /// Transmitted power.
    pub tx_power: f32,
    /// Azimuth in degrees; NaN where unknown.
    pub azimuth: f64,
    /// Elevation in degrees; NaN where unknown.
    pub elevation: f64,
    /// Which target of its integration it is, by strength, from 1.
    pub target: usize,
    /// Range in m, range rate in m/s and acceleration in m/s^2 after an optimisation; NaN without.
    pub optimised: [f64; 3],
}

/// The detections below a directory: the strongest gate of each integration, and further targets
/// where the files tell them apart, when the signal-to-noise ratio is at least `limit` dB and the
/// power above the noise floor.
///
/// # Errors
/// When a file cannot be read.
pub fn survey(
    products: &Products,
    root: &Path,
    noise: &NoiseFloor,
    limit: f64,
) -> Result<Vec<Detection>> {
    let layout = products.layout();
    let mut detections = Vec::new();
    let mut first = None;
    for rows in products.rows() {
        let rows = rows?;
        let first = *first.get_or_insert(rows.time(0));
        let (tx_power, pointing) = (rows.tx_power()?, rows.pointing()?);
        let path = rows.path().strip_prefix(root).unwrap_or(rows.path());
        let file = Arc::new(path.to_path_buf());
        let (optimised, mut further) = (rows.optimized()?, rows.further_targets()?);
        for (row, peak) in rows.peaks(&rows.gmf()?)?.into_iter().enumerate() {
            let Some(peak) = peak else { continue };
            let strongest = Target {
                gate: peak.gate,
                range: layout.ranges[peak.gate],
                range_rate: peak.range_rate,
                acceleration: peak.acceleration,
                gmf: peak.gmf,
            };
            let optimised = optimised.as_ref().map_or(UNKNOWN, |all| all[row]);
            let targets = std::iter::once(strongest).chain(std::mem::take(&mut further[row]));
            for (place, peak) in targets.enumerate() {
                let snr_db = decibel(snr(peak.gmf, noise.per_gate[peak.gate]));
                if snr_db < limit || snr_db == f64::NEG_INFINITY || snr_db.is_nan() {
                    continue;
                }
                let time = rows.time(row);
                detections.push(Detection {
                    target: place + 1,
                    optimised: if place == 0 { optimised } else { UNKNOWN },
                    time,
                    step: ((time - first) / layout.step).round() as i64,
                    file: file.clone(),
                    integration: rows.number(row),
                    gate: layout.gate(peak.gate),
                    range: peak.range,
                    range_rate: peak.range_rate,
                    acceleration: peak.acceleration,
                    gmf: peak.gmf,
                    snr_db,
                    tx_power: tx_power[row],
                    azimuth: pointing[row][0],
                    elevation: pointing[row][1],
                });
            }
        }
    }
    Ok(detections)
}
