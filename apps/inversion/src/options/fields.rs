use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::value::{Entry, Value};
use crate::{Error, Result};

/// The keys and values of a file, from which options are taken one by one.
pub(super) struct Fields {
    path: PathBuf,
    entries: BTreeMap<String, Entry>,
    asked: Vec<String>,
    missing: Vec<String>,
    warnings: Vec<String>,
}

/// Names in older files, and what they are now.
const OLD: [(&str, &str); 3] = [
    ("solve_height", "solve_z"),
    ("maximum_height_change", "maximum_z_change"),
    ("height_proposal_variance", "z_proposal_variance"),
];

/// Keys of geobipy that say nothing to anyone.
const UNUSED: [&str; 1] = ["solve_calibration"];

impl Fields {
    /// Later entries come before earlier ones of the same key.
    pub(super) fn new(path: &Path, entries: Vec<Entry>) -> Fields {
        let mut fields = Fields {
            path: path.to_path_buf(),
            entries: BTreeMap::new(),
            asked: Vec::new(),
            missing: Vec::new(),
            warnings: Vec::new(),
        };
        for mut entry in entries {
            let old = OLD.iter().find(|(old, _)| *old == entry.key);
            if let Some((old, new)) = old {
                let warning = fields.at(entry.line, &format!("{old} is an old name of {new}"));
                fields.warnings.push(warning);
                (*new).clone_into(&mut entry.key);
            }
            if entry.line > 0
                && let Some(before) = fields.entries.get(&entry.key)
            {
                let problem = format!(
                    "{} is also in line {}: the later one counts",
                    entry.key, before.line
                );
                let warning = fields.at(entry.line, &problem);
                fields.warnings.push(warning);
            }
            fields.entries.insert(entry.key.clone(), entry);
        }
        fields
    }

    /// What is left unknown, as warnings.
    ///
    /// # Errors
    /// Keys are missing; the message lists all of them.
    pub(super) fn finish(mut self) -> Result<Vec<String>> {
        for (key, entry) in &self.entries {
            if self.asked.contains(key) || UNUSED.contains(&key.as_str()) {
                continue;
            }
            let nearest = self.asked.iter().min_by_key(|known| distance(key, known));
            let nearest = nearest.map_or("", String::as_str);
            let problem = format!("{key} is no option and is ignored: is {nearest} meant?");
            self.warnings.push(self.at(entry.line, &problem));
        }
        if self.missing.is_empty() {
            return Ok(self.warnings);
        }
        // A misspelt key is missing under its right name.
        let told = match &self.warnings[..] {
            [] => String::new(),
            warnings => format!(" ({})", warnings.join("; ")),
        };
        Err(Error::File {
            path: self.path,
            problem: format!("options are missing: {}{told}", self.missing.join(", ")),
        })
    }

    /// A value of the kind that `T` is, where there is one.
    pub(super) fn optional<T: Kind>(&mut self, key: &str) -> Result<Option<T>> {
        self.asked.push(key.to_owned());
        let Some(entry) = self.entries.get(key) else {
            return Ok(None);
        };
        if is_none(&entry.value) {
            return Ok(None);
        }
        match T::of(&entry.value) {
            Ok(value) => Ok(Some(value)),
            Err(problem) => Err(self.wrong(entry.line, format!("{key}: {problem}"))),
        }
    }

    /// A value, or else `default`.
    pub(super) fn or<T: Kind>(&mut self, key: &str, default: T) -> Result<T> {
        Ok(self.optional(key)?.unwrap_or(default))
    }

    /// A value; where there is none, the key is noted as missing and something is returned that no
    /// one will see.
    pub(super) fn required<T: Kind>(&mut self, key: &str, unseen: T) -> Result<T> {
        let value = self.optional(key)?;
        if value.is_none() {
            self.missing.push(key.to_owned());
        }
        Ok(value.unwrap_or(unseen))
    }

    /// A word, or else `default`.
    pub(super) fn word_or<T: FromStr<Err = String>>(&mut self, key: &str, default: T) -> Result<T> {
        let given = self.optional::<String>(key)?;
        // "none" may be a word, too.
        let Some(text) = given.or_else(|| self.text(key)) else {
            return Ok(default);
        };
        text.parse().map_err(|problem| {
            let line = self.entries.get(key).map_or(0, |entry| entry.line);
            self.wrong(line, format!("{key}: {problem}"))
        })
    }

    /// The text of an option, whatever it says.
    fn text(&self, key: &str) -> Option<String> {
        match &self.entries.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn wrong(&self, line: usize, problem: String) -> Error {
        if line == 0 {
            return Error::Request(format!("--set {problem}"));
        }
        Error::Line {
            path: self.path.clone(),
            line,
            problem,
        }
    }

    fn at(&self, line: usize, problem: &str) -> String {
        match line {
            0 => format!("--set {problem}"),
            line => format!("{}: line {line}: {problem}", self.path.display()),
        }
    }
}

fn is_none(value: &Value) -> bool {
    matches!(value, Value::None) || *value == Value::Text("none".into())
}

/// Changes of a letter from one word to another, at least.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(100).enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row[to.len()]
}

/// What a value can be taken as.
pub(super) trait Kind: Sized {
    fn of(value: &Value) -> Result<Self, String>;
}

impl Kind for bool {
    fn of(value: &Value) -> Result<bool, String> {
        match value {
            Value::Bool(value) => Ok(*value),
            other => Err(expected("True or False", other)),
        }
    }
}

impl Kind for f64 {
    fn of(value: &Value) -> Result<f64, String> {
        value.number().ok_or_else(|| expected("a number", value))
    }
}

impl Kind for u64 {
    fn of(value: &Value) -> Result<u64, String> {
        match value {
            Value::Integer(number) => {
                u64::try_from(*number).map_err(|_| format!("{number} is negative"))
            }
            // 1e5 is a whole number to those who write it.
            Value::Float(number) if number.fract() == 0.0 && (0.0..=9e15).contains(number) => {
                Ok(*number as u64)
            }
            other => Err(expected("a whole number", other)),
        }
    }
}

impl Kind for usize {
    fn of(value: &Value) -> Result<usize, String> {
        let number = u64::of(value)?;
        usize::try_from(number).map_err(|_| format!("{number} is too large"))
    }
}

impl Kind for String {
    fn of(value: &Value) -> Result<String, String> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            other => Err(expected("a text", other)),
        }
    }
}

/// One value or several.
impl<T: Kind> Kind for Vec<T> {
    fn of(value: &Value) -> Result<Vec<T>, String> {
        match value {
            Value::List(values) if values.is_empty() => Err("the list is empty".into()),
            Value::List(values) => values.iter().map(T::of).collect(),
            one => Ok(vec![T::of(one)?]),
        }
    }
}

fn expected(what: &str, found: &Value) -> String {
    format!("{what} is expected, not {}", found.kind())
}
