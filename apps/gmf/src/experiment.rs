//! The radar experiment: metadata.ini.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::clock::Rate;
use crate::ini::{Ini, Section, text};
use crate::{Error, Result};

/// What the `[Experiment]` section of a metadata.ini says. Times are microseconds from the start of
/// an inter-pulse period (IPP).
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The file this was read from, for messages.
    pub path: PathBuf,
    /// Name of the experiment.
    pub name: String,
    /// Version of the experiment.
    pub version: String,
    /// Channel that holds the received signal.
    pub rx_channel: String,
    /// Channel that holds the transmitted signal.
    pub tx_channel: String,
    /// Sample rate.
    pub sample_rate: Rate,
    /// Inter-pulse period in microseconds.
    pub ipp: i64,
    /// Length of the transmitted pulse in microseconds; derived from the tx window where absent.
    pub tx_pulse_length: Option<f64>,
    /// Start of transmission.
    pub tx_start: f64,
    /// End of transmission.
    pub tx_end: f64,
    /// Start of reception.
    pub rx_start: f64,
    /// End of reception.
    pub rx_end: f64,
    /// Start of noise injection.
    pub cal_on: Option<f64>,
    /// End of noise injection.
    pub cal_off: Option<f64>,
    /// Radar frequency in MHz.
    pub radar_frequency: f64,
    /// Seconds of data per raw input file.
    pub file_secs: Option<f64>,
    /// Keys that mean nothing here, in the order of the file.
    pub extra: Vec<(String, String)>,
    /// The optional section `[Bounds]`.
    pub bounds: Option<Bounds>,
}

/// When the recording was made. Every key is optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// First instant, seconds since 1970.
    pub ts_start: Option<f64>,
    /// Last instant, seconds since 1970.
    pub ts_end: Option<f64>,
    /// First instant, ISO 8601.
    pub start: Option<String>,
    /// Last instant, ISO 8601.
    pub end: Option<String>,
}

/// A directory without a metadata.ini is most often no recording, or a channel of one.
fn without_metadata(path: &Path, error: Error) -> Error {
    let is_absent =
        matches!(&error, Error::Io { source, .. } if source.kind() == ErrorKind::NotFound);
    match path.parent() {
        Some(directory) if is_absent && directory.is_dir() && path.ends_with("metadata.ini") => {
            Error::Format {
                path: directory.to_path_buf(),
                problem: "holds no metadata.ini, which describes the experiment; give the \
                          directory of a recording"
                    .to_owned(),
            }
        }
        _ => error,
    }
}

/// The keys with a meaning; all others are kept as [`Experiment::extra`].
const KEYS: [&str; 15] = [
    "name",
    "version",
    "rx_channel",
    "tx_channel",
    "sample_rate",
    "ipp",
    "tx_pulse_length",
    "tx_start",
    "tx_end",
    "rx_start",
    "rx_end",
    "cal_on",
    "cal_off",
    "radar_frequency",
    "file_secs",
];

impl Experiment {
    /// An experiment on one channel, sampled at 1 MHz, that receives during the whole IPP (`ipp`
    /// microseconds), transmits during `tx` (microseconds), and has a frequency in MHz: a shape to
    /// measure and to test with.
    pub fn of_shape(ipp: i64, tx: Range<f64>, radar_frequency: f64) -> Self {
        Self {
            path: PathBuf::from("metadata.ini"),
            name: "shape".into(),
            version: "1".into(),
            rx_channel: "uhf".into(),
            tx_channel: "uhf".into(),
            sample_rate: Rate::whole(1_000_000),
            ipp,
            tx_pulse_length: None,
            tx_start: tx.start,
            tx_end: tx.end,
            rx_start: 0.0,
            rx_end: ipp as f64,
            cal_on: None,
            cal_off: None,
            radar_frequency,
            file_secs: None,
            extra: Vec::new(),
            bounds: None,
        }
    }

    /// Reads a metadata.ini.
    ///
    /// # Errors
    /// When the file cannot be read or parsed, when a mandatory key is missing, and when a value
    /// has the wrong type or is impossible; the message names file and key.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&Self::text(path)?, path)
    }

    /// The text of a metadata.ini.
    pub(crate) fn text(path: &Path) -> Result<String> {
        text(path).map_err(|error| without_metadata(path, error))
    }

    /// Takes the experiment out of the text of the metadata.ini at `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let ini = Ini::parse(text, path)?;
        let mut experiment = Self::from_section(ini.required_section("Experiment")?, path)?;
        if let Some(bounds) = ini.section("Bounds") {
            experiment.bounds = Some(Bounds {
                ts_start: bounds.float("ts_start")?,
                ts_end: bounds.float("ts_end")?,
                start: bounds.value("start").map(str::to_owned),
                end: bounds.value("end").map(str::to_owned),
            });
        }
        Ok(experiment)
    }

    /// Takes the experiment out of a parsed section.
    pub(crate) fn from_section(section: &Section, path: &Path) -> Result<Self> {
        let text = |key| section.text(key).map(str::to_owned);
        let float = |key| section.float(key)?.ok_or_else(|| section.missing(key));
        let positive = |key| match section.integer(key)? {
            None => Err(section.missing(key)),
            Some(number) if number > 0 => Ok(number),
            Some(number) => Err(section.wrong(key, format!("{number} must be positive"))),
        };
        let radar_frequency = float("radar_frequency")?;
        if radar_frequency <= 0.0 {
            return Err(section.wrong(
                "radar_frequency",
                format!("{radar_frequency} MHz must be positive"),
            ));
        }
        Ok(Self {
            path: path.to_path_buf(),
            name: text("name")?,
            version: text("version")?,
            rx_channel: text("rx_channel")?,
            tx_channel: text("tx_channel")?,
            sample_rate: section
                .rate("sample_rate")?
                .ok_or_else(|| section.missing("sample_rate"))?,
            ipp: positive("ipp")?,
            tx_pulse_length: section.float("tx_pulse_length")?,
            tx_start: float("tx_start")?,
            tx_end: float("tx_end")?,
            rx_start: float("rx_start")?,
            rx_end: float("rx_end")?,
            cal_on: section.float("cal_on")?,
            cal_off: section.float("cal_off")?,
            radar_frequency,
            file_secs: section.float("file_secs")?,
            extra: section
                .entries()
                .iter()
                .filter(|(key, _)| !KEYS.contains(&key.as_str()))
                .cloned()
                .collect(),
            bounds: None,
        })
    }

    /// The text of a metadata.ini that [`Experiment::read`] reads back to an equal value.
    pub fn to_ini(&self) -> String {
        let mut text = String::from("[Experiment]\n");
        // Writing to a String cannot fail, so the results below carry nothing.
        let mut put = |key: &str, value: String| _ = writeln!(text, "{key} = {value}");
        put("name", quoted(&self.name));
        put("version", quoted(&self.version));
        put("rx_channel", quoted(&self.rx_channel));
        put("tx_channel", quoted(&self.tx_channel));
        let (numerator, denominator) =
            (self.sample_rate.numerator(), self.sample_rate.denominator());
        put(
            "sample_rate",
            match denominator {
                1 => numerator.to_string(),
                _ => format!("{numerator}/{denominator}"),
            },
        );
        put("ipp", self.ipp.to_string());
        for (key, value) in [
            ("tx_pulse_length", self.tx_pulse_length),
            ("tx_start", Some(self.tx_start)),
            ("tx_end", Some(self.tx_end)),
            ("rx_start", Some(self.rx_start)),
            ("rx_end", Some(self.rx_end)),
            ("cal_on", self.cal_on),
            ("cal_off", self.cal_off),
            ("radar_frequency", Some(self.radar_frequency)),
            ("file_secs", self.file_secs),
        ] {
            if let Some(value) = value {
                put(key, format!("{value:?}"));
            }
        }
        for (key, value) in &self.extra {
            put(key, quoted(value));
        }
        if let Some(bounds) = &self.bounds {
            text.push_str("\n[Bounds]\n");
            let mut put = |key: &str, value: Option<String>| {
                if let Some(value) = value {
                    _ = writeln!(text, "{key} = {value}");
                }
            };
            put("ts_start", bounds.ts_start.map(|t| format!("{t:?}")));
            put("ts_end", bounds.ts_end.map(|t| format!("{t:?}")));
            put("start", bounds.start.clone());
            put("end", bounds.end.clone());
        }
        text
    }

    /// Writes a metadata.ini: the file appears complete or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(jobwise_kit::atomic::write(path, self.to_ini())?)
    }

    /// The same with the exact rate of the channel that is sampled so.
    ///
    /// # Errors
    /// When the channel is sampled at another rate.
    pub(crate) fn sampled_at(mut self, rate: Rate, channel: &str) -> Result<Self> {
        if !self.sample_rate.is_near(rate) {
            return Err(self.wrong(
                "sample_rate",
                format!(
                    "is {}, but channel {channel} is sampled at {rate}",
                    self.sample_rate
                ),
            ));
        }
        self.sample_rate = rate;
        Ok(self)
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

/// The value as it must be written to be read back: continuation lines indented, quotes kept.
fn quoted(value: &str) -> String {
    let value = value.replace('\n', "\n    ");
    if value.starts_with(['"', '\'']) {
        format!("\"{value}\"")
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[Experiment]\nName = 'leo'\nversion: 2.1u\nsample_rate = 1000000.0\nIPP = \
                        20000\n\
        rx_channel = 32m\ntx_channel = uhf\ntx_start = 82\ntx_end = 2002\nrx_start = 0\nrx_end = \
        20000\n\
        radar_frequency = 929.6\ndoppler_sign = -1 %d\n[Bounds]\nts_start = 1.5\nend = \
        2021-04-12T12:00:37.800000\n";

    fn read(text: &str) -> Result<Experiment> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metadata.ini");
        std::fs::write(&path, text).unwrap();
        Experiment::read(&path)
    }

    #[test]
    fn reads_every_kind_of_key() {
        let experiment = read(TEXT).unwrap();
        assert_eq!(experiment.name, "leo");
        assert_eq!(experiment.version, "2.1u");
        assert_eq!(experiment.sample_rate, Rate::whole(1_000_000));
        assert_eq!(experiment.tx_pulse_length, None);
        assert_eq!(
            experiment.extra,
            [("doppler_sign".to_owned(), "-1 %d".to_owned())]
        );
        let bounds = experiment.bounds.unwrap();
        assert_eq!(bounds.ts_start, Some(1.5));
        assert_eq!(bounds.start, None);
        assert_eq!(bounds.end.as_deref(), Some("2021-04-12T12:00:37.800000"));
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let mut experiment = read(TEXT).unwrap();
        experiment.extra.push(("quote".into(), "'odd' one".into()));
        experiment.extra.push(("lines".into(), "a\nb".into()));
        experiment.file_secs = Some(12.8);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metadata.ini");
        experiment.write(&path).unwrap();
        let again = Experiment::read(&path).unwrap();
        experiment.path = path;
        assert_eq!(again, experiment);
    }

    #[test]
    fn every_mandatory_key_is_missed_by_name() {
        for key in [
            "name",
            "version",
            "rx_channel",
            "tx_channel",
            "sample_rate",
            "ipp",
            "tx_start",
            "tx_end",
            "rx_start",
            "rx_end",
            "radar_frequency",
        ] {
            let less: String = TEXT
                .lines()
                .filter(|line| {
                    !line
                        .split(['=', ':'])
                        .next()
                        .unwrap()
                        .trim()
                        .eq_ignore_ascii_case(key)
                })
                .fold(String::new(), |text, line| text + line + "\n");
            let message = read(&less).unwrap_err().to_string();
            assert!(message.contains("metadata.ini"), "{message}");
            assert!(message.contains(&format!(": {key}: ")), "{message}");
        }
        assert!(
            read("[Other]\n")
                .unwrap_err()
                .to_string()
                .contains("[Experiment] is missing")
        );
    }

    #[test]
    fn impossible_values_are_refused() {
        for (from, to) in [
            ("1000000.0", "1000000/0"),
            ("1000000.0", "-1000000.5"),
            ("1000000.0", "a lot"),
            ("1000000.0", "0"),
            ("IPP = 20000", "IPP = -1"),
            ("929.6", "0"),
            ("929.6", "nan"),
        ] {
            assert!(read(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }
}
