//! Options as the peer's files hold them: lines `key = value` of Python, read and never executed.

use std::path::Path;

use super::expression;
use super::value::{Entry, Value};
use crate::{Error, Result};

/// Understands lines `key = value`; a value that opens brackets may go on over lines. Imports of
/// the names of data types are skipped, as the peer's examples have them.
///
/// # Errors
/// A line is anything else; `path` and the line are named.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let wrong = |problem: String| Error::Line {
            path: path.to_path_buf(),
            line: index + 1,
            problem,
        };
        let statement = without_remark(line);
        if statement.trim().is_empty() || is_import(statement) {
            continue;
        }
        if statement.starts_with([' ', '\t']) {
            return Err(wrong("a line of options does not begin with blanks".into()));
        }
        let (key, value) = statement.split_once('=').ok_or_else(|| {
            wrong("this is no option: key = value is expected, and nothing is executed".into())
        })?;
        let key = key.trim();
        if !is_name(key) {
            return Err(wrong(format!(
                "{key:?} is no name of an option: key = value is expected, and nothing is executed"
            )));
        }
        let mut value = value.to_owned();
        let mut open = open_brackets(&value);
        while open > 0 {
            let Some((_, line)) = lines.next() else {
                return Err(wrong(format!("{key}: a bracket does not close")));
            };
            let more = without_remark(line);
            open += open_brackets(more);
            value.push(' ');
            value.push_str(more);
        }
        let value =
            expression::value(&value).map_err(|problem| wrong(format!("{key}: {problem}")))?;
        entries.push(Entry {
            key: key.to_owned(),
            value,
            line: index + 1,
        });
    }
    Ok(entries)
}

/// Understands `KEY=VALUE` of the command line. What is no value of Python is a text: names of
/// files need no quotes.
///
/// # Errors
/// A sentence: there is no `=`, or no name before it.
pub(super) fn setting(text: &str) -> Result<Entry, String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("--set {text}: KEY=VALUE is expected"))?;
    let key = key.trim();
    if !is_name(key) {
        return Err(format!("--set {text}: {key:?} is no name of an option"));
    }
    let value = match value.trim() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        value => expression::value(value).unwrap_or_else(|_| Value::Text(value.to_owned())),
    };
    Ok(Entry {
        key: key.to_owned(),
        value,
        line: 0,
    })
}

fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(is_letter) && text.starts_with(|c: char| !c.is_ascii_digit())
}

/// `from geobipy import ..`: it brings the names that are known here.
fn is_import(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_from = words.by_ref().take(3).eq(["from", "geobipy", "import"]);
    let names: Vec<&str> = words.flat_map(|word| word.split(',')).collect();
    is_from
        && !names.is_empty()
        && names
            .iter()
            .all(|name| *name == "*" || is_name_or_empty(name))
}

/// A name, or what stands between two commas without one.
fn is_name_or_empty(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

/// A line up to a `#` outside of strings.
fn without_remark(line: &str) -> &str {
    let outside = outside_of_strings(line);
    let remark = outside.into_iter().find(|(_, character)| *character == '#');
    remark.map_or(line, |(at, _)| &line[..at])
}

/// How many brackets are open at the end.
fn open_brackets(text: &str) -> i64 {
    let outside = outside_of_strings(text).into_iter();
    let counted = outside.map(|(_, character)| match character {
        '[' | '(' => 1,
        ']' | ')' => -1,
        _ => 0,
    });
    counted.sum()
}

fn outside_of_strings(text: &str) -> Vec<(usize, char)> {
    let mut quote = None;
    let mut is_escaped = false;
    let mut outside = Vec::new();
    for (at, character) in text.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if character == '\\' => is_escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None => outside.push((at, character)),
        }
    }
    outside
}
