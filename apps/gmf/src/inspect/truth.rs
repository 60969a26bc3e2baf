use std::ops::Range;
use std::path::Path;

use crate::Result;
use crate::ini::Ini;
use crate::parameters::SPEED_OF_LIGHT;
use crate::simulate::TRUTH_FILE;

/// The targets of a simulated recording.
#[derive(Debug)]
pub(super) struct Truth {
    /// The instant the motions count from, in s since 1970.
    epoch: f64,
    /// Range of one gate in m.
    gate: f64,
    targets: Vec<Target>,
}

/// A target and when it answers, in s after the epoch.
#[derive(Debug)]
struct Target {
    motion: Motion,
    active: Range<f64>,
}

/// Range of the total path in m, range rate in m/s and acceleration in m/s^2 of a target at one
/// instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    pub(super) range: f64,
    pub(super) range_rate: f64,
    pub(super) acceleration: f64,
}

impl Truth {
    /// Reads the truth file of a simulated recording.
    pub(super) fn read(recording: &Path) -> Result<Truth> {
        let ini = Ini::read(&recording.join(TRUTH_FILE))?;
        let header = ini.required_section("Truth")?;
        let number = |key: &str| header.float(key)?.ok_or_else(|| header.missing(key));
        let rate = number("sample_rate")?;
        let mut targets = Vec::new();
        for section in ini.sections() {
            if section.name().starts_with("Target") {
                let number = |key: &str| section.float(key)?.ok_or_else(|| section.missing(key));
                let motion = Motion {
                    range: number("range")?,
                    range_rate: number("range_rate")?,
                    acceleration: number("acceleration")?,
                };
                let start = section.float("start_time")?.unwrap_or(f64::NEG_INFINITY);
                let end = section.float("end_time")?.unwrap_or(f64::INFINITY);
                targets.push(Target {
                    motion,
                    active: start..end,
                });
            }
        }
        Ok(Truth {
            epoch: number("first_sample")? / rate,
            gate: SPEED_OF_LIGHT / rate,
            targets,
        })
    }

    /// Range of one gate in m.
    pub(super) fn gate(&self) -> f64 {
        self.gate
    }

    /// Of the targets that answer at an instant (s since 1970), the one nearest to `range`.
    pub(super) fn nearest(&self, time: f64, range: f64) -> Option<Motion> {
        // Seconds since 1970 are good to a microsecond.
        let t = time - self.epoch + 1e-6;
        let moved = |m: &Motion| Motion {
            range: m.range + t * (m.range_rate + t * m.acceleration / 2.0),
            range_rate: m.range_rate + t * m.acceleration,
            acceleration: m.acceleration,
        };
        let off = |m: &Motion| (m.range - range).abs();
        self.targets
            .iter()
            .filter(|target| target.active.contains(&t))
            .map(|target| moved(&target.motion))
            .min_by(|a, b| off(a).total_cmp(&off(b)))
    }
}
