//! The [signal-processing] section of a configuration.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::ini::{Ini, Section};
use crate::{Error, Result};

mod method;
mod reduce;

pub use method::Method;
pub use reduce::Reduce;

/// What happens to an integration with missing samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is reported as not analysed.
    Skip,
    /// The missing samples count as zero.
    Zero,
    /// The run ends with an error.
    Error,
}

/// What `gmf_zero_frequency` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZeroFrequency {
    /// Zero Doppler, zero acceleration.
    Plain,
    /// Zero Doppler at the first selected acceleration, as the peer's C and CUDA code has it (`fgmf` only).
    FirstAcceleration,
}

/// The configuration of an analysis: every key of `[signal-processing]`, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The file this was read from, for messages.
    pub path: PathBuf,
    /// Where the search runs unless a flag says otherwise: `serial`, `threads`, `mpi` or `cuda`; `auto` (the default) and
    /// the peer's `numpy` and `c` leave it to how the program is started.
    pub gmf_implementation: String,
    /// The search method.
    pub gmf_method: Method,
    /// Pulses per coherent integration.
    pub n_ipp: i64,
    /// Range alias: whole IPPs between a pulse and its echo.
    pub ipp_offset: i64,
    /// Lag of the discrete polynomial transform in IPPs.
    pub dpt_ipp_delay_parameter: i64,
    /// First range gate; negative counts from the last possible gate.
    pub min_range_gate: i64,
    /// End of the range gates (exclusive); negative counts from the last possible gate.
    pub max_range_gate: i64,
    /// Step between range gates in samples.
    pub range_gate_step: i64,
    /// Samples summed into one before the Doppler search.
    pub frequency_decimation: i64,
    /// Unused; kept because the peer's files carry it.
    pub clutter_length: i64,
    /// Lowest acceleration searched, m/s², inclusive.
    pub min_acceleration: f64,
    /// Highest acceleration searched, m/s², inclusive.
    pub max_acceleration: f64,
    /// Coherent integrations per output file.
    pub num_cohints_per_file: i64,
    /// GPUs per node.
    pub node_gpus: i64,
    /// Policy for missing samples.
    pub missing: Missing,
    /// An integration is analysed when the square root of its transmitted power exceeds this.
    pub min_tx_amplitude: f64,
    /// `fdpt` looks only at accelerations from `min_acceleration` to `max_acceleration`.
    pub dpt_restrict: bool,
    /// What `gmf_zero_frequency` holds.
    pub dc: ZeroFrequency,
    /// `grid-fast-no-reduce`: the axes of which only the maximum is kept, a list of `range`, `range_rate` and
    /// `acceleration`.
    pub reduce: Reduce,
    /// The most targets that are told apart in one integration. More than one adds the datasets `target_*`.
    pub targets: i64,
    /// Two targets are one when they are closer than this many range gates (of one sample), and closer than the
    /// next two; by default the length of the pulse.
    pub target_separation_gates: Option<i64>,
    /// Range rates closer than this may be of one target, m/s; by default what two steps of acceleration shift a
    /// range rate by, and one bin.
    pub target_separation_range_rate: Option<f64>,
    /// Accelerations closer than this may be of one target, m/s²; by default 2.5 steps of the grid.
    pub target_separation_acceleration: Option<f64>,
    /// `optimize-grid` on the grid of hardtarget, which may miss its own start.
    pub compat: bool,
}

/// Every key of the section, in the order of the documentation.
const KEYS: [&str; 24] = [
    "gmf_implementation",
    "gmf_method",
    "n_ipp",
    "ipp_offset",
    "dpt_ipp_delay_parameter",
    "min_range_gate",
    "max_range_gate",
    "range_gate_step",
    "frequency_decimation",
    "clutter_length",
    "min_acceleration",
    "max_acceleration",
    "num_cohints_per_file",
    "node_gpus",
    "missing",
    "min_tx_amplitude",
    "dpt_restrict",
    "dc",
    "reduce",
    "targets",
    "target_separation_gates",
    "target_separation_range_rate",
    "target_separation_acceleration",
    "compat",
];

/// More targets than this in one integration are noise.
const MAX_TARGETS: i64 = 1000;

const IMPLEMENTATIONS: [&str; 7] = ["auto", "serial", "threads", "mpi", "cuda", "numpy", "c"];

impl Default for Settings {
    fn default() -> Self {
        Self {
            path: PathBuf::from("(default settings)"),
            gmf_implementation: "auto".to_owned(),
            gmf_method: Method::Fgmf,
            n_ipp: 10,
            ipp_offset: 0,
            dpt_ipp_delay_parameter: 5,
            min_range_gate: 0,
            max_range_gate: -1,
            range_gate_step: 1,
            frequency_decimation: 1,
            clutter_length: 0,
            min_acceleration: -200.0,
            max_acceleration: 200.0,
            num_cohints_per_file: 100,
            node_gpus: 1,
            missing: Missing::Skip,
            min_tx_amplitude: 1.0,
            dpt_restrict: false,
            dc: ZeroFrequency::Plain,
            reduce: Reduce::default(),
            targets: 1,
            target_separation_gates: None,
            target_separation_range_rate: None,
            target_separation_acceleration: None,
            compat: false,
        }
    }
}

impl Settings {
    /// Reads a configuration file. Sections other than `[signal-processing]` are not looked at.
    ///
    /// # Errors
    /// When the file or the section is absent, a key is unknown, or a value has the wrong type or lies
    /// outside its range; the message names file and key.
    pub fn read(path: &Path) -> Result<Self> {
        let ini = Ini::read(path)?;
        Self::from_section(ini.required_section("signal-processing")?, path)
    }

    fn from_section(section: &Section, path: &Path) -> Result<Self> {
        section.only(&KEYS)?;
        let default = Self::default();
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

    /// The error that names this file and a key.
    pub(crate) fn wrong(&self, key: &str, problem: impl Into<String>) -> Error {
        Error::Setting {
            path: self.path.clone(),
            key: key.to_owned(),
            problem: problem.into(),
        }
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

fn choices(word: &str, known: &[&str]) -> String {
    format!("'{word}' is not one of {}", known.join(", "))
}

impl Missing {
    /// The word of the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Zero => "zero",
            Self::Error => "error",
        }
    }
}

impl FromStr for Missing {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Skip, Self::Zero, Self::Error]
            .into_iter()
            .find(|policy| policy.name() == word)
            .ok_or_else(|| choices(word, &["skip", "zero", "error"]))
    }
}

impl ZeroFrequency {
    /// The word of the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::FirstAcceleration => "first-acceleration",
        }
    }
}

impl FromStr for ZeroFrequency {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Plain, Self::FirstAcceleration]
            .into_iter()
            .find(|choice| choice.name() == word)
            .ok_or_else(|| choices(word, &["plain", "first-acceleration"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(keys: &str) -> Result<Settings> {
        let path = Path::new("analysis.ini");
        let ini = Ini::parse(&format!("[signal-processing]\n{keys}"), path)?;
        Settings::from_section(ini.required_section("signal-processing")?, path)
    }

    #[test]
    fn an_empty_section_is_the_default() {
        let mut settings = parse("").unwrap();
        settings.path = Settings::default().path;
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn keys_reach_their_fields() {
        let settings = parse(
            "N_IPP = 7.0\ngmf_method = grid-fast-dpt\ngmf_implementation = c\nmin_acceleration: -1e3\nmax_range_gate=-5\n\
             missing = zero\ndpt_restrict = yes\ndc = first-acceleration\nmin_tx_amplitude = 0",
        )
        .unwrap();
        assert_eq!(settings.n_ipp, 7);
        assert_eq!(settings.gmf_method, Method::Fdpt);
        assert_eq!(settings.gmf_implementation, "c");
        assert_eq!(settings.max_range_gate, -5);
        assert_eq!(settings.missing, Missing::Zero);
        assert!(settings.dpt_restrict);
        assert_eq!(settings.dc, ZeroFrequency::FirstAcceleration);
        assert_eq!(settings.min_acceleration.to_bits(), (-1e3_f64).to_bits());
        assert_eq!(settings.min_tx_amplitude.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn every_method_has_its_names() {
        for (word, method) in [
            ("fgmf", Method::Fgmf),
            ("grid-fast-gmf", Method::Fgmf),
            ("fdpt", Method::Fdpt),
            ("grid-fast-dpt", Method::Fdpt),
            ("grid-fast-no-reduce", Method::NoReduce),
            ("optimize", Method::Optimize),
            ("optimize-scipy-gmf", Method::Optimize),
            ("optimize-grid", Method::OptimizeGrid),
            ("optimize-grid-gmf", Method::OptimizeGrid),
        ] {
            let settings = parse(&format!("gmf_method = {word}")).unwrap();
            assert_eq!(settings.gmf_method, method, "{word}");
            assert_eq!(method.name().parse(), Ok(method));
        }
    }

    #[test]
    fn reduced_axes_are_a_list() {
        for (list, canonical) in [
            ("", ""),
            ("none", ""),
            ("range", "range"),
            ("acceleration,range_rate", "range_rate, acceleration"),
            (
                "[range, range_rate, acceleration]",
                "range, range_rate, acceleration",
            ),
        ] {
            let settings = parse(&format!("reduce = {list}")).unwrap();
            assert_eq!(settings.reduce.list(), canonical, "{list}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (keys, told) in [
            (
                "n_ip = 7",
                "analysis.ini: n_ip: unknown key; did you mean n_ipp?",
            ),
            ("colour = red", "unknown key; known are"),
            ("n_ipp = 0", "analysis.ini: n_ipp: 0 is below 1"),
            ("n_ipp = 2.5", "not a whole number"),
            ("range_gate_step = -1", "range_gate_step: -1 is below 1"),
            ("ipp_offset = -1", "ipp_offset: -1 is below 0"),
            ("gmf_method = fgmg", "gmf_method: 'fgmg' is not one of"),
            ("reduce = range, doppler", "reduce: 'doppler' is not one of"),
            ("targets = 0", "targets: 0 is below 1"),
            ("targets = 1001", "targets: 1001 exceeds 1000"),
            (
                "target_separation_gates = -1",
                "target_separation_gates: must not be negative",
            ),
            ("compat = 2", "compat: "),
            ("gmf_implementation = fortran", "not one of auto"),
            ("missing = maybe", "not one of skip"),
            ("dc = both", "not one of plain"),
            ("dpt_restrict = perhaps", "neither true nor false"),
            (
                "min_acceleration = 300",
                "min_acceleration: lies above max_acceleration",
            ),
            ("min_tx_amplitude = -1", "must not be negative"),
            ("max_acceleration = inf", "not a finite number"),
        ] {
            let message = parse(keys).unwrap_err().to_string();
            assert!(message.contains(told), "{keys}: {message}");
            assert!(!message.contains('\n'));
        }
    }

    #[test]
    fn file_and_section_must_exist() {
        assert!(
            Settings::read(Path::new("absent.ini"))
                .unwrap_err()
                .to_string()
                .contains("absent.ini")
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.ini");
        std::fs::write(&path, "[other]\n").unwrap();
        assert!(
            Settings::read(&path)
                .unwrap_err()
                .to_string()
                .contains("[signal-processing] is missing")
        );
    }
}
