//! INI files: sections of `key = value` lines.
//!
//! The dialect of the peer's files: keys in any case (kept in lower case), `=` or `:`, whole-line
//! comments with `#` or `;`, quotes around a value dropped, `%` and everything else taken
//! literally. A line indented deeper than its key continues that key's value; a section may be
//! indented as a whole.

use std::path::{Path, PathBuf};

use jobwise_kit::regular_file;

use crate::clock::Rate;
use crate::{Error, Result};

mod suggestion;

/// A parsed file.
#[derive(Clone, Debug)]
pub(crate) struct Ini {
    path: PathBuf,
    sections: Vec<Section>,
}

/// One section: its name as written and its entries in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    path: PathBuf,
    name: String,
    entries: Vec<(String, String)>,
}

/// The text of a file.
///
/// # Errors
/// When the file cannot be read or is not UTF-8.
pub(crate) fn text(path: &Path) -> Result<String> {
    let text = regular_file(path).and_then(|()| std::fs::read_to_string(path));
    text.map_err(|source| Error::Io {
        path: path.to_path_buf(),
        source,
    })
}

impl Ini {
    /// Reads and parses a file.
    ///
    /// # Errors
    /// When the file cannot be read, is not UTF-8 or breaks the dialect.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::parse(&text(path)?, path)
    }

    /// Parses text; `path` is only for messages.
    ///
    /// # Errors
    /// On a line that is no key, a key outside any section, and a section or key given twice.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let wrong = |number: usize, problem: &str| Error::Format {
            path: path.to_path_buf(),
            problem: format!("line {}: {problem}", number + 1),
        };
        let mut sections: Vec<Section> = Vec::new();
        // indentation of the key that may be continued
        let mut continues_below: Option<usize> = None;
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let content = line.trim();
            if content.contains('\0') {
                return Err(wrong(
                    number,
                    "holds NUL bytes, as after a crash; write the file anew",
                ));
            }
            let indent = line.len() - line.trim_start().len();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            if let (Some(key_indent), Some(section)) = (continues_below, sections.last_mut())
                && indent > key_indent
                && let Some((_, value)) = section.entries.last_mut()
            {
                value.push('\n');
                value.push_str(content);
                continue;
            }
            if let Some(name) = content.strip_prefix('[').and_then(|c| c.strip_suffix(']')) {
                let name = name.trim();
                if sections.iter().any(|s| s.name.eq_ignore_ascii_case(name)) {
                    return Err(wrong(number, &format!("section [{name}] is there twice")));
                }
                sections.push(Section {
                    path: path.to_path_buf(),
                    name: name.to_owned(),
                    entries: Vec::new(),
                });
                continues_below = None;
                continue;
            }
            let Some((key, value)) = content.split_once(['=', ':']) else {
                return Err(wrong(
                    number,
                    &format!("'{content}' is neither a [section] nor 'key = value'"),
                ));
            };
            let key = key.trim().to_lowercase();
            let Some(section) = sections.last_mut() else {
                return Err(wrong(
                    number,
                    &format!("key '{key}' stands before any [section]"),
                ));
            };
            if key.is_empty() {
                return Err(wrong(number, "a key is missing before the '=' or ':'"));
            }
            if section.value(&key).is_some() {
                return Err(wrong(number, &format!("key '{key}' is there twice")));
            }
            section.entries.push((key, value.trim().to_owned()));
            continues_below = Some(indent);
        }
        for (_, value) in sections.iter_mut().flat_map(|s| &mut s.entries) {
            *value = unquoted(value).to_owned();
        }
        Ok(Self {
            path: path.to_path_buf(),
            sections,
        })
    }

    /// The section of that name (any case), if present.
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections
            .iter()
            .find(|s| s.name.eq_ignore_ascii_case(name))
    }

    /// The section of that name (any case).
    ///
    /// # Errors
    /// When it is absent.
    pub(crate) fn required_section(&self, name: &str) -> Result<&Section> {
        self.section(name).ok_or_else(|| Error::Format {
            path: self.path.clone(),
            problem: format!("the section [{name}] is missing"),
        })
    }

    /// All sections in the order of the file.
    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }
}

impl Section {
    /// The name as written between the brackets.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// All entries, keys in lower case, in the order of the file.
    pub(crate) fn entries(&self) -> &[(String, String)] {
        &self.entries
    }

    /// The value of a key (given in lower case).
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.entries
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }

    /// The error that names this file and a key.
    pub(crate) fn wrong(&self, key: &str, problem: impl Into<String>) -> Error {
        Error::Setting {
            path: self.path.clone(),
            key: key.to_owned(),
            problem: problem.into(),
        }
    }

    /// The error for an absent key.
    pub(crate) fn missing(&self, key: &str) -> Error {
        self.wrong(
            key,
            format!("this mandatory key of [{}] is missing", self.name),
        )
    }

    /// Refuses keys other than the given ones.
    ///
    /// # Errors
    /// On the first unknown key; the message suggests the one that may have been meant.
    pub(crate) fn only(&self, known: &[&str]) -> Result<()> {
        match self
            .entries
            .iter()
            .find(|(key, _)| !known.contains(&key.as_str()))
        {
            Some((key, _)) => Err(self.wrong(key, suggestion::unknown(key, known))),
            None => Ok(()),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// When the key is absent.
    pub(crate) fn text(&self, key: &str) -> Result<&str> {
        self.value(key).ok_or_else(|| self.missing(key))
    }

    /// A finite number, if the key is there.
    ///
    /// # Errors
    /// When the value is not a finite number.
    pub(crate) fn float(&self, key: &str) -> Result<Option<f64>> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.wrong(key, format!("'{value}' is not a finite number"))),
        }
    }

    /// A whole number, if the key is there; `1000000.0` and `1e6` count as whole.
    ///
    /// # Errors
    /// When the value is not a whole number that an `i64` holds exactly.
    pub(crate) fn integer(&self, key: &str) -> Result<Option<i64>> {
        /// Above this, neighbouring f64 are more than one apart.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        if let Ok(number) = value.parse::<i64>() {
            return Ok(Some(number));
        }
        match value.parse::<f64>() {
            Ok(number) if number.fract() == 0.0 && number.abs() <= EXACT => Ok(Some(number as i64)),
            _ => Err(self.wrong(key, format!("'{value}' is not a whole number"))),
        }
    }

    /// A rate in Hz, if the key is there: a whole number, a fraction such as `1000000/3`, or a
    /// decimal number, which stands for the simplest fraction that is written so.
    ///
    /// # Errors
    /// When the value is no rate above 0.
    pub(crate) fn rate(&self, key: &str) -> Result<Option<Rate>> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        if let Ok(Some(whole)) = self.integer(key) {
            let rate = u64::try_from(whole).ok().filter(|&hertz| hertz > 0);
            let rate = rate.ok_or_else(|| self.wrong(key, format!("{whole} must be positive")))?;
            return Rate::hertz(rate)
                .map(Some)
                .map_err(|error| self.wrong(key, error.to_string()));
        }
        let parts = value.split_once('/').and_then(|(numerator, denominator)| {
            Some((
                numerator.trim().parse().ok()?,
                denominator.trim().parse().ok()?,
            ))
        });
        let rate = match parts {
            Some((numerator, denominator)) => Rate::new(numerator, denominator).ok(),
            None => value.parse().ok().and_then(Rate::simplest),
        };
        rate.map(Some).ok_or_else(|| {
            let problem =
                "is no rate: give a number of Hz above 0, or a fraction such as 1000000/3";
            self.wrong(key, format!("'{value}' {problem}"))
        })
    }

    /// yes or no in the words of INI files, if the key is there.
    ///
    /// # Errors
    /// When the value is none of true/false, yes/no, on/off, 1/0.
    pub(crate) fn boolean(&self, key: &str) -> Result<Option<bool>> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        match value.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Some(true)),
            "false" | "no" | "off" | "0" => Ok(Some(false)),
            _ => Err(self.wrong(key, format!("'{value}' is neither true nor false"))),
        }
    }
}

/// The value without one pair of equal quotes around it.
fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|&q| value.strip_prefix(q)?.strip_suffix(q))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Ini> {
        Ini::parse(text, Path::new("some.ini"))
    }

    #[test]
    fn dialect() {
        let ini = parse(
            "\u{feff}# top\n[One]\r\n  Key = Value % (here)\r\n  ; no\n  other: 'a=b'\n\nempty \
             =\n[two]\nlist = 1\n   2\n\t3\nlast=\"\"\n",
        )
        .unwrap();
        let one = ini.section("ONE").unwrap();
        assert_eq!(one.value("key"), Some("Value % (here)"));
        assert_eq!(one.value("other"), Some("a=b"));
        assert_eq!(one.value("empty"), Some(""));
        let two = ini.section("two").unwrap();
        assert_eq!(two.value("list"), Some("1\n2\n3"));
        assert_eq!(two.value("last"), Some(""));
        assert!(ini.section("three").is_none());
    }

    #[test]
    fn numbers() {
        let ini = parse("[s]\na=1000000.0\nb=1e6\nc=1.5\nd=x\ne=inf\nf=-3\ng=1e300\n").unwrap();
        let s = ini.section("s").unwrap();
        assert_eq!(s.integer("a").unwrap(), Some(1_000_000));
        assert_eq!(s.integer("b").unwrap(), Some(1_000_000));
        assert_eq!(s.integer("f").unwrap(), Some(-3));
        assert_eq!(s.integer("absent").unwrap(), None);
        for bad in ["c", "d", "e", "g"] {
            let message = s.integer(bad).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("some.ini: {bad}: ")),
                "{message}"
            );
        }
        assert_eq!(s.float("c").unwrap(), Some(1.5));
        assert!(s.float("e").is_err() && s.float("d").is_err() && s.boolean("c").is_err());
    }

    #[test]
    fn refused() {
        for (text, told) in [
            ("a=1\n", "line 1: key 'a' stands before any [section]"),
            ("[s]\nwhat\n", "line 2: 'what' is neither"),
            ("[s]\na=1\nA=2\n", "line 3: key 'a' is there twice"),
            ("[s]\n[S]\n", "line 2: section [S] is there twice"),
            ("[s]\n=1\n", "line 2: a key is missing"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(told), "{message}");
        }
    }
}
