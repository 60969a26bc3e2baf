//! A configuration is read.

use std::path::Path;

use super::{Method, Settings, choices};
use crate::ini::{Ini, Section, text};
use crate::{Error, Result};

/// More targets than this in one integration are noise.
const MAX_TARGETS: i64 = 1000;

const IMPLEMENTATIONS: [&str; 7] = ["auto", "serial", "threads", "mpi", "cuda", "numpy", "c"];

impl Settings {
    /// Reads a configuration file. Sections other than `[signal-processing]` are not looked at.
    ///
    /// # Errors
    /// When the file or the section is absent, a key is unknown, or a value has the wrong type or
    /// lies outside its range; the message names file and key.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&text(path)?, path)
    }

    /// Takes the configuration out of the text of the file at `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let ini = Ini::parse(text, path)?;
        Self::from_section(ini.required_section("signal-processing")?, path)
    }

    /// Keys in the text of a configuration that a method does not use, beside those that files of
    /// hardtarget carry with their usual values.
    pub(crate) fn unused(text: &str, path: &Path, method: Method) -> Result<Vec<&'static str>> {
        let ini = Ini::parse(text, path)?;
        let section = ini.required_section("signal-processing")?;
        let is_given = |key: &str| section.value(key).is_some();
        let searches_all = method == Method::NoReduce;
        let unused = [
            (
                "clutter_length",
                section.integer("clutter_length")?.is_some_and(|n| n != 0),
            ),
            (
                "node_gpus",
                section.integer("node_gpus")?.is_some_and(|n| n > 1),
            ),
            ("dpt_restrict", method != Method::Fdpt && !method.refines()),
            ("reduce", !searches_all && !method.refines()),
            ("compat", method != Method::OptimizeGrid),
            ("targets", method.refines()),
            ("target_separation_gates", method.refines()),
            ("target_separation_range_rate", method.refines()),
            ("target_separation_acceleration", method.refines()),
        ];
        let unused = unused.into_iter().filter(|(key, is)| *is && is_given(key));
        Ok(unused.map(|(key, _)| key).collect())
    }

    pub(super) fn from_section(section: &Section, path: &Path) -> Result<Self> {
        let default = Self::default();
        section.only(&default.keys().map(|key| key.name))?;
        let count = |key, lowest: i64, otherwise| match section.integer(key)? {
            None => Ok(otherwise),
            Some(number) if number >= lowest => Ok(number),
            Some(number) => Err(section.wrong(key, format!("{number} is below {lowest}"))),
        };
        let float = |key, otherwise| Ok::<_, Error>(section.float(key)?.unwrap_or(otherwise));
        let settings = Self {
            path: path.to_path_buf(),
            gmf_implementation: word(
                section,
                "gmf_implementation",
                default.gmf_implementation,
                |word| {
                    IMPLEMENTATIONS
                        .contains(&word)
                        .then(|| word.to_owned())
                        .ok_or_else(|| choices(word, &IMPLEMENTATIONS))
                },
            )?,
            gmf_method: word(section, "gmf_method", default.gmf_method, str::parse)?,
            n_ipp: count("n_ipp", 1, default.n_ipp)?,
            ipp_offset: count("ipp_offset", 0, default.ipp_offset)?,
            dpt_ipp_delay_parameter: count(
                "dpt_ipp_delay_parameter",
                1,
                default.dpt_ipp_delay_parameter,
            )?,
            min_range_gate: count("min_range_gate", i64::MIN, default.min_range_gate)?,
            max_range_gate: count("max_range_gate", i64::MIN, default.max_range_gate)?,
            range_gate_step: count("range_gate_step", 1, default.range_gate_step)?,
            frequency_decimation: count("frequency_decimation", 1, default.frequency_decimation)?,
            clutter_length: count("clutter_length", 0, default.clutter_length)?,
            min_acceleration: float("min_acceleration", default.min_acceleration)?,
            max_acceleration: float("max_acceleration", default.max_acceleration)?,
            num_cohints_per_file: count("num_cohints_per_file", 1, default.num_cohints_per_file)?,
            node_gpus: count("node_gpus", 0, default.node_gpus)?,
            missing: word(section, "missing", default.missing, str::parse)?,
            min_tx_amplitude: float("min_tx_amplitude", default.min_tx_amplitude)?,
            dpt_restrict: section
                .boolean("dpt_restrict")?
                .unwrap_or(default.dpt_restrict),
            dc: word(section, "dc", default.dc, str::parse)?,
            reduce: word(section, "reduce", default.reduce, str::parse)?,
            targets: count("targets", 1, default.targets)?,
            target_separation_gates: section.integer("target_separation_gates")?,
            target_separation_range_rate: section.float("target_separation_range_rate")?,
            target_separation_acceleration: section.float("target_separation_acceleration")?,
            compat: section.boolean("compat")?.unwrap_or(default.compat),
        };
        if settings.targets > MAX_TARGETS {
            let problem = format!("{} exceeds {MAX_TARGETS}", settings.targets);
            return Err(section.wrong("targets", problem));
        }
        for (key, separation) in [
            (
                "target_separation_gates",
                settings.target_separation_gates.map(|gates| gates as f64),
            ),
            (
                "target_separation_range_rate",
                settings.target_separation_range_rate,
            ),
            (
                "target_separation_acceleration",
                settings.target_separation_acceleration,
            ),
        ] {
            if separation.is_some_and(|separation| separation < 0.0) {
                return Err(section.wrong(key, "must not be negative"));
            }
        }
        if settings.min_acceleration > settings.max_acceleration {
            return Err(section.wrong("min_acceleration", "lies above max_acceleration"));
        }
        if settings.min_tx_amplitude < 0.0 {
            return Err(section.wrong("min_tx_amplitude", "must not be negative"));
        }
        Ok(settings)
    }
}

/// Parses the word of a key, if the key is there.
fn word<T>(
    section: &Section,
    key: &str,
    otherwise: T,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T> {
    section.value(key).map_or(Ok(otherwise), |word| {
        parse(word).map_err(|problem| section.wrong(key, problem))
    })
}
