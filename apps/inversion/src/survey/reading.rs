use super::role::Role;
use crate::{Error, Result};

/// How a file of data is to be read, where its names of columns do not say it.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub(super) map: Vec<(Role, Source)>,
    pub(super) scales: Vec<(Role, f64)>,
    pub(super) nulls: Vec<f64>,
    pub(super) pair: f64,
}

/// What a name is mapped to.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Minus where the sign is to be changed.
    pub(super) factor: f64,
    /// A column, an array, or a number.
    pub(super) first: String,
    /// The last one of several columns.
    pub(super) last: Option<String>,
}

impl Reading {
    /// `map` holds `NAME=COLUMN`, several with commas between them: a column, `-COLUMN` for the
    /// other sign, `COLUMN1:COLUMN9` or an array of a .dfn for windows, or a number that holds for
    /// all soundings. `scales` holds `NAME=FACTOR` likewise. What is one of `nulls` is no value.
    ///
    /// # Errors
    /// A name is unknown or given twice, or something is no number.
    pub fn new(map: &[String], scales: &[String], nulls: &[f64]) -> Result<Reading> {
        let mut reading = Reading {
            nulls: nulls.to_vec(),
            ..Reading::default()
        };
        for (name, source) in parts("--map", map)? {
            let role = Role::named(name).map_err(|problem| wrong("--map", &problem))?;
            if reading.map.iter().any(|(known, _)| *known == role) {
                return Err(wrong("--map", &format!("{name} is given twice")));
            }
            reading.map.push((role, Source::parse(source)));
        }
        for (name, factor) in parts("--scale", scales)? {
            let role = Role::named(name).map_err(|problem| wrong("--scale", &problem))?;
            let number = factor.parse::<f64>().ok();
            let number = number.filter(|number| number.is_finite() && *number != 0.0);
            let number =
                number.ok_or_else(|| wrong("--scale", &format!("{name}={factor} is no factor")))?;
            reading.scales.push((role, number));
        }
        Ok(reading)
    }

    /// Rows of different channels of Workbench at most `metres` apart become one sounding, at their
    /// mean place. Without, they do where they are at one place.
    #[must_use]
    pub fn with_pairs_within(mut self, metres: f64) -> Reading {
        self.pair = metres;
        self
    }

    /// What values of a role are multiplied with.
    pub(super) fn scale(&self, role: Role) -> f64 {
        let of_role = self.scales.iter().filter(|(known, _)| *known == role);
        of_role.map(|(_, factor)| factor).product()
    }
}

impl Source {
    fn parse(text: &str) -> Source {
        let is_number = text.parse::<f64>().is_ok();
        let (factor, rest) = match text.strip_prefix('-') {
            Some(rest) if !is_number => (-1.0, rest),
            _ => (1.0, text),
        };
        let (first, last) = match rest.split_once(':') {
            Some((first, last)) => (first, Some(last.trim().to_owned())),
            None => (rest, None),
        };
        Source {
            factor,
            first: first.trim().to_owned(),
            last,
        }
    }
}

/// `NAME=VALUE,NAME=VALUE` of a flag.
fn parts<'t>(flag: &str, given: &'t [String]) -> Result<Vec<(&'t str, &'t str)>> {
    let parts = given.iter().flat_map(|text| text.split(','));
    parts
        .map(|part| {
            let both = part.split_once('=');
            let both = both.map(|(name, value)| (name.trim(), value.trim()));
            both.ok_or_else(|| wrong(flag, &format!("{part}: name=COLUMN is expected")))
        })
        .collect()
}

fn wrong(flag: &str, problem: &str) -> Error {
    Error::Request(format!("{flag}: {problem}"))
}
