//! The experiments that are known. Their timing is not in the raw data.

use std::path::PathBuf;

use crate::clock::Rate;
use crate::experiment::Experiment;
use crate::{Error, Result};

/// Experiment, version, channel. Times and rates are those of all of them, in
/// [`Known::experiment`].
const KNOWN: [Known; 3] = [
    Known {
        name: "leo_bpark",
        version: "2.1u",
        channel: "uhf",
    },
    Known {
        name: "leo_bpark",
        version: "2.2",
        channel: "32m",
    },
    Known {
        name: "leo_mpark",
        version: "2.1u",
        channel: "uhf",
    },
];

/// Seconds of samples per raw file.
pub(super) const FILE_SECONDS: f64 = 12.8;

/// Samples per second.
pub(super) const SAMPLE_RATE: u64 = 1_000_000;

/// An experiment that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    name: &'static str,
    version: &'static str,
    pub(super) channel: &'static str,
}

impl Known {
    /// Finds the experiment that a `d_ExpInfo` names.
    ///
    /// # Errors
    /// The text names no experiment, or one that is not known.
    pub(super) fn find(info: &str) -> Result<Known> {
        let Some((name, version)) = parse(info) else {
            return Err(Error::Request(format!(
                "d_ExpInfo is {info:?}, not like \"kst0 leo_bpark_2.1u_NO\" (host, \
                 experiment_version_owner)"
            )));
        };
        let same = |known: &Known| known.name == name && known.version == version;
        KNOWN.into_iter().find(same).ok_or_else(|| {
            let all = KNOWN.map(|known| known.to_string()).join(", ");
            Error::Request(format!(
                "experiment {name} {version} is not known; known are {all}"
            ))
        })
    }

    /// The experiment as metadata.ini describes it.
    pub(super) fn experiment(self, radar_frequency: f64) -> Experiment {
        Experiment {
            path: PathBuf::from("metadata.ini"),
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            rx_channel: self.channel.to_owned(),
            tx_channel: self.channel.to_owned(),
            sample_rate: Rate::whole(SAMPLE_RATE as u32),
            ipp: 20_000,
            tx_pulse_length: Some(1920.0),
            tx_start: 82.0,
            tx_end: 2002.0,
            rx_start: 0.0,
            rx_end: 20_000.0,
            cal_on: Some(19_900.0),
            cal_off: Some(19_997.0),
            radar_frequency,
            file_secs: Some(FILE_SECONDS),
            extra: Vec::new(),
            bounds: None,
        }
    }
}

impl std::fmt::Display for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Experiment and version in `host experiment_version_owner`; the experiment's name may hold
/// underscores.
fn parse(info: &str) -> Option<(String, &str)> {
    let mut words = info.trim_matches('\0').split_whitespace();
    let (_host, rest) = (words.next()?, words.next()?);
    let parts: Vec<&str> = rest.split('_').collect();
    let at = (1..parts.len().checked_sub(1)?)
        .rev()
        .find(|&i| is_version(parts[i]))?;
    Some((parts[..at].join("_"), parts[at]))
}

/// Digits, perhaps a dot and digits, perhaps lower-case letters: `2`, `2.1u`.
fn is_version(text: &str) -> bool {
    let numbers = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match numbers.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(numbers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_versions_and_owners() {
        for (info, expected) in [
            ("kst0 leo_bpark_2.1u_NO", Some(("leo_bpark", "2.1u"))),
            ("kst0   leo_bpark_2.2_SW \0", Some(("leo_bpark", "2.2"))),
            ("h beata_2_x_y", Some(("beata", "2"))),
            ("h a_1_b_2.0l_EI", Some(("a_1_b", "2.0l"))),
            ("leo_bpark_2.1u_NO", None),
            ("kst0 leo_bpark_2.1u", None),
            ("kst0 leo_bpark_2.U_NO", None),
            ("kst0 2.1u_NO", None),
            ("", None),
        ] {
            let expected = expected.map(|(name, version)| (name.to_owned(), version));
            assert_eq!(parse(info), expected, "{info}");
        }
    }

    #[test]
    fn an_unknown_experiment_is_told_with_those_known() {
        let known = Known::find("kst0 leo_mpark_2.1u_NO").unwrap();
        assert_eq!(known.channel, "uhf");
        assert_eq!(Known::find("x leo_bpark_2.2_NO").unwrap().channel, "32m");
        let error = Known::find("kst0 beata_2.0_NO").unwrap_err().to_string();
        assert!(
            error.contains("beata 2.0") && error.contains("leo_bpark 2.1u"),
            "{error}"
        );
        let error = Known::find("nonsense").unwrap_err().to_string();
        assert!(error.contains("nonsense"), "{error}");
    }
}
