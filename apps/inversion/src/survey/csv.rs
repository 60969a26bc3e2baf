//! A survey as the peer's CSV.

use std::fmt::Write;

use super::{Part, Survey};
use crate::model::Place;
use crate::system::{System, TimeSystem};
use crate::{Error, Result};

/// Columns before the data.
const COMMON: &str = "Line_number,Fiducial,Easting,Northing,Height,Elevation";
const GEOMETRY: &str = ",tx_pitch,tx_roll,tx_yaw,txrx_dx,txrx_dy,txrx_dz,rx_pitch,rx_roll,rx_yaw";

impl Survey {
    /// The survey as geobipy reads it, and this program too: a line of names, then a sounding per
    /// line, all digits. Standard deviations are columns with `_err` in their names.
    ///
    /// # Errors
    /// The systems measure other channels than the survey has.
    pub fn to_csv(&self, systems: &[System]) -> Result<String> {
        let names = self.names(systems)?;
        let mut text = COMMON.to_owned();
        if self.is_of_time() {
            text.push_str(GEOMETRY);
        }
        let is_given = self
            .soundings
            .iter()
            .any(|sounding| sounding.deviations.is_some());
        let axes: Vec<usize> = (0..3)
            .filter(|axis| self.soundings.iter().any(|s| !s.primary[*axis].is_nan()))
            .collect();
        for axis in &axes {
            text.push_str([",PX", ",PY", ",PZ"][*axis]);
        }
        for name in &names {
            text.push(',');
            text.push_str(name);
        }
        if is_given {
            for name in &names {
                text.push(',');
                text.push_str(name);
                text.push_str("_err");
            }
        }
        text.push('\n');
        for s in &self.soundings {
            let mut numbers = vec![s.line, s.fiducial, s.x, s.y];
            match s.place {
                Place::Altitude(height) => numbers.extend([height, s.elevation]),
                Place::Geometry(g) => numbers.extend([
                    g.tx_height,
                    s.elevation,
                    g.tx_pitch,
                    g.tx_roll,
                    g.tx_yaw,
                    g.txrx_dx,
                    g.txrx_dy,
                    g.txrx_dz,
                    g.rx_pitch,
                    g.rx_roll,
                    g.rx_yaw,
                ]),
            }
            numbers.extend(axes.iter().map(|axis| s.primary[*axis]));
            numbers.extend(&s.data);
            numbers.extend(s.deviations.iter().flatten());
            for (index, number) in numbers.into_iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                // Writing to memory does not fail. Numbers get all their digits.
                let _ = write!(text, "{comma}{number:?}");
            }
            text.push('\n');
        }
        Ok(text)
    }

    /// Checks that the systems measure what the survey has: as many in-phase and quadrature values
    /// as the one system has frequencies, or in each component of a system as many windows as it
    /// has.
    ///
    /// # Errors
    /// They do not; the message says how many were found and expected.
    pub fn check(&self, systems: &[System]) -> Result<()> {
        self.names(systems).map(drop)
    }

    fn names(&self, systems: &[System]) -> Result<Vec<String>> {
        if systems.len() < self.systems() || systems.is_empty() {
            return Err(Error::Request(format!(
                "data of {} systems: give as many --system, in their order",
                self.systems()
            )));
        }
        let count = |system: usize, part: Part| {
            let here = |c: &&super::Channel| c.system == system && c.part == part;
            self.channels.iter().filter(here).count()
        };
        let mut names = Vec::new();
        let compare = |what: String, found: usize, expected: usize| {
            if found == expected {
                return Ok(());
            }
            Err(Error::Request(format!(
                "{what}: {found} columns of data where the system has {expected}"
            )))
        };
        for (index, system) in systems.iter().enumerate() {
            match (system, self.is_of_time()) {
                (System::Frequency(system), false) => {
                    for (part, word) in [
                        (Part::InPhase, "In_Phase"),
                        (Part::Quadrature, "Quadrature"),
                    ] {
                        let pairs = system.pairs();
                        compare(part.to_string(), count(index, part), pairs.len())?;
                        names.extend(
                            pairs
                                .iter()
                                .map(|pair| format!("{word}_{:?}", pair.frequency)),
                        );
                    }
                }
                (System::Time(system), true) => {
                    let mut measured = 0;
                    for part in [Part::X, Part::Y, Part::Z] {
                        let found = count(index, part);
                        if found > 0 {
                            compare(format!("S{index}{part}"), found, system.windows.len())?;
                            measured += 1;
                            names.extend(window_names(index, part, system));
                        }
                    }
                    if measured == 0 {
                        compare(format!("S{index}"), 0, system.windows.len())?;
                    }
                }
                _ => {
                    return Err(Error::Request(
                        "the data and the system are of different domains".into(),
                    ));
                }
            }
        }
        Ok(names)
    }
}

fn window_names(index: usize, part: Part, system: &TimeSystem) -> Vec<String> {
    let windows = system.windows.iter();
    let centres = windows.map(|[begin, end]| begin.midpoint(*end));
    centres
        .map(|centre| format!("S{index}{part}_time_{centre:.3e}"))
        .collect()
}
