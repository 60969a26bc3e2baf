//! Options as TOML.

use std::path::Path;

use ::toml::de::{DeTable, DeValue};

use super::value::{Entry, Value};
use crate::{Error, Result};

/// Understands a TOML document of keys and values. Tables only group: their keys are read as if
/// they stood at the top.
///
/// # Errors
/// The text is no TOML, or a value is of a kind that no option has; `path` and the line are named.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Entry>> {
    let root = DeTable::parse(text).map_err(|error| Error::Line {
        path: path.to_path_buf(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        problem: error.message().to_owned(),
    })?;
    let mut entries = Vec::new();
    flatten(path, text, root.get_ref(), &mut entries)?;
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn flatten(path: &Path, text: &str, table: &DeTable, entries: &mut Vec<Entry>) -> Result<()> {
    for (key, found) in table {
        let line = line_of(text, key.span().start);
        if let DeValue::Table(inner) = found.get_ref() {
            flatten(path, text, inner, entries)?;
            continue;
        }
        let value = value(found.get_ref()).map_err(|problem| Error::Line {
            path: path.to_path_buf(),
            line,
            problem: format!("{}: {problem}", key.get_ref()),
        })?;
        entries.push(Entry {
            key: key.get_ref().to_string(),
            value,
            line,
        });
    }
    Ok(())
}

fn value(found: &DeValue) -> Result<Value, String> {
    Ok(match found {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            let parsed = i64::from_str_radix(digits, number.radix());
            Value::Integer(parsed.map_err(|_| format!("{digits} is too large"))?)
        }
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => return Err(format!("{} is no finite number", number.as_str())),
        },
        DeValue::Array(values) => {
            let values = values.iter().map(|found| value(found.get_ref()));
            Value::List(values.collect::<Result<_, _>>()?)
        }
        DeValue::Datetime(_) => return Err("no option is a date".into()),
        DeValue::Table(_) => return Err("a list of tables is no option".into()),
    })
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}
