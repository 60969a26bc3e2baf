//! The configuration of a simulation.

use std::path::{Path, PathBuf};

use super::Code;
use crate::Result;
use crate::clock::{Rate, parse_utc};
use crate::drf::Cadence;
use crate::experiment::Experiment;
use crate::ini::{Ini, Section};
use crate::parameters::{MAX_READ_LENGTH, Timing};

/// The type of the stored samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleType {
    /// Two f32.
    Complex64,
    /// Two f64.
    Complex128,
    /// Two i16: rounded, saturated.
    Int16,
}

/// How the recording is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Storage {
    /// Type of the samples.
    pub sample_type: SampleType,
    /// Deflate level, 0 to 9.
    pub compression: u8,
    /// Whether chunks carry a checksum.
    pub checksum: bool,
    /// How the recording is cut into files.
    pub cadence: Cadence,
    /// Whether the channel promises no gaps.
    pub continuous: bool,
}

/// A point target. Times are seconds from the epoch, lengths those of the total path.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What follows `Target` in the section's name.
    pub name: String,
    /// Range in m at the epoch.
    pub range: f64,
    /// Range rate in m/s at the epoch.
    pub range_rate: f64,
    /// Acceleration in m/s².
    pub acceleration: f64,
    /// Power over noise power.
    pub snr: f64,
    /// From when on it answers.
    pub start_time: Option<f64>,
    /// Until when it answers (exclusive).
    pub end_time: Option<f64>,
}

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file this was read from, for messages.
    pub path: PathBuf,
    /// The radar.
    pub experiment: Experiment,
    /// The instant all times count from, microseconds since 1970.
    pub epoch: i64,
    /// Start in seconds from the epoch.
    pub start_time: f64,
    /// End in seconds from the epoch.
    pub end_time: f64,
    /// Length of a chip in microseconds.
    pub baud_length: f64,
    /// The phase code.
    pub code: Code,
    /// Standard deviation of each component of the noise.
    pub noise_sigma: f64,
    /// Amplitude of the transmission.
    pub tx_amp: f64,
    /// Seed of the noise.
    pub seed: u64,
    /// The targets.
    pub targets: Vec<Target>,
    /// How the recording is stored.
    pub storage: Storage,
}

const SIMULATION: [&str; 15] = [
    "epoch",
    "start_time",
    "end_time",
    "baud_length",
    "code",
    "code_rows",
    "noise_sigma",
    "tx_amp",
    "seed",
    "sample_type",
    "compression",
    "checksum",
    "file_cadence_millisecs",
    "subdir_cadence_secs",
    "continuous",
];

const TARGET: [&str; 6] = [
    "range",
    "range_rate",
    "acceleration",
    "snr",
    "start_time",
    "end_time",
];

/// Most chips of a random code, all rows together.
const MAX_CHIPS: i64 = 1 << 24;

/// Times beyond this many seconds from the epoch (a century) are mistakes, and inside it
/// microseconds fit.
const LATEST: f64 = 3.2e9;

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// When the file cannot be read, a mandatory key is missing, a key or section is unknown, or a
    /// value is impossible; the message names file and key.
    pub fn read(path: &Path) -> Result<Self> {
        let ini = Ini::read(path)?;
        let experiment = Experiment::from_section(ini.required_section("Experiment")?, path)?;
        if experiment.rx_channel != experiment.tx_channel {
            let problem = "a simulation has one channel: make it equal to rx_channel";
            return Err(experiment.wrong("tx_channel", problem));
        }
        let section = ini.required_section("Simulation")?;
        section.only(&SIMULATION)?;
        let scenario = Self {
            path: path.to_path_buf(),
            epoch: parse_utc(section.text("epoch")?)
                .map_err(|source| section.wrong("epoch", source.to_string()))?,
            start_time: time(section, "start_time")?.unwrap_or(0.0),
            end_time: time(section, "end_time")?.ok_or_else(|| section.missing("end_time"))?,
            baud_length: mandatory(section, "baud_length")?,
            code: code(section, &experiment)?,
            noise_sigma: at_least_zero(section, "noise_sigma")?.unwrap_or(0.0),
            tx_amp: at_least_zero(section, "tx_amp")?.unwrap_or(1.0),
            seed: whole(section, "seed", 0, i64::MAX)?.unwrap_or(0) as u64,
            targets: targets(&ini)?,
            storage: storage(section, &experiment)?,
            experiment,
        };
        if scenario.end_time <= scenario.start_time {
            return Err(section.wrong("end_time", "must lie after start_time"));
        }
        Ok(scenario)
    }

    /// The sample rate, exactly.
    pub fn rate(&self) -> Rate {
        self.experiment.sample_rate
    }
}

fn mandatory(section: &Section, key: &str) -> Result<f64> {
    section.float(key)?.ok_or_else(|| section.missing(key))
}

fn time(section: &Section, key: &str) -> Result<Option<f64>> {
    match section.float(key)? {
        Some(seconds) if seconds.abs() > LATEST => {
            Err(section.wrong(key, format!("{seconds} s is more than a century away")))
        }
        other => Ok(other),
    }
}

fn at_least_zero(section: &Section, key: &str) -> Result<Option<f64>> {
    match section.float(key)? {
        Some(value) if value < 0.0 => Err(section.wrong(key, "must not be negative")),
        other => Ok(other),
    }
}

fn whole(section: &Section, key: &str, lowest: i64, highest: i64) -> Result<Option<i64>> {
    match section.integer(key)? {
        Some(value) if !(lowest..=highest).contains(&value) => Err(section.wrong(
            key,
            format!("{value} must lie between {lowest} and {highest}"),
        )),
        other => Ok(other),
    }
}

/// The code, random or given, checked against the transmitting window.
fn code(section: &Section, experiment: &Experiment) -> Result<Code> {
    let baud = mandatory(section, "baud_length")?;
    let window = experiment.tx_end - experiment.tx_start;
    if baud <= 0.0 || baud > window {
        return Err(section.wrong(
            "baud_length",
            format!("{baud} us must lie between 0 and the {window} us of the transmission"),
        ));
    }
    let chips = (window / baud).round();
    let code = match section.text("code")? {
        "random" => {
            let rows = whole(section, "code_rows", 1, MAX_CHIPS)?.unwrap_or(64);
            if chips * rows as f64 > MAX_CHIPS as f64 {
                return Err(section.wrong(
                    "code_rows",
                    format!("{rows} rows of {chips} chips exceed {MAX_CHIPS} chips"),
                ));
            }
            let seed = whole(section, "seed", 0, i64::MAX)?.unwrap_or(0);
            Code::random(seed as u64, rows as usize, chips as usize)
        }
        rows => Code::parse(rows).map_err(|problem| section.wrong("code", problem))?,
    };
    if code.longest() as f64 > chips {
        return Err(section.wrong(
            "code",
            format!(
                "a row of {} chips is longer than the {chips} that fit the transmission",
                code.longest()
            ),
        ));
    }
    Ok(code)
}

fn storage(section: &Section, experiment: &Experiment) -> Result<Storage> {
    // Also checks the windows, so that every scenario that was read can be simulated.
    Timing::new(experiment)?;
    let sample_type = match section.value("sample_type").unwrap_or("complex64") {
        "complex64" => SampleType::Complex64,
        "complex128" => SampleType::Complex128,
        "int16" => SampleType::Int16,
        other => {
            let problem = format!("'{other}' is not one of complex64, complex128, int16");
            return Err(section.wrong("sample_type", problem));
        }
    };
    let file = whole(section, "file_cadence_millisecs", 1, MAX_READ_LENGTH)?.unwrap_or(1000);
    let directory = whole(section, "subdir_cadence_secs", 1, MAX_READ_LENGTH)?.unwrap_or(3600);
    Ok(Storage {
        sample_type,
        compression: whole(section, "compression", 0, 9)?.unwrap_or(0) as u8,
        checksum: section.boolean("checksum")?.unwrap_or(false),
        cadence: Cadence::new(directory as u64, file as u64)
            .map_err(|source| section.wrong("file_cadence_millisecs", source.to_string()))?,
        continuous: section.boolean("continuous")?.unwrap_or(true),
    })
}

fn targets(ini: &Ini) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for section in ini.sections() {
        let (kind, name) = section
            .name()
            .split_once(' ')
            .unwrap_or((section.name(), ""));
        match kind.to_lowercase().as_str() {
            "experiment" | "simulation" | "bounds" => continue,
            "target" => section.only(&TARGET)?,
            _ => {
                return Err(section.wrong(
                    section.name(),
                    "unknown section; known are [Experiment], [Simulation] and [Target NAME]",
                ));
            }
        }
        let range = mandatory(section, "range")?;
        if range <= 0.0 {
            return Err(section.wrong("range", "must be positive"));
        }
        targets.push(Target {
            name: name.trim().to_owned(),
            range,
            range_rate: section.float("range_rate")?.unwrap_or(0.0),
            acceleration: section.float("acceleration")?.unwrap_or(0.0),
            snr: at_least_zero(section, "snr")?.unwrap_or(1.0),
            start_time: time(section, "start_time")?,
            end_time: time(section, "end_time")?,
        });
    }
    Ok(targets)
}

impl Target {
    /// Range in m at a time in seconds from the epoch.
    pub fn range_at(&self, t: f64) -> f64 {
        self.range + self.range_rate * t + 0.5 * self.acceleration * t * t
    }

    /// Range rate in m/s at a time in seconds from the epoch.
    pub fn range_rate_at(&self, t: f64) -> f64 {
        self.range_rate + self.acceleration * t
    }
}
