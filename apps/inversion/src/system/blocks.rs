//! Text in nested blocks, `Name Begin` to `Name End`, of entries `key = value` and rows of numbers.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A block and what is in it. Names are compared without regard to case.
#[derive(Clone, Debug)]
pub(super) struct Block {
    path: PathBuf,
    name: String,
    line: usize,
    entries: Vec<Entry>,
    rows: Vec<(usize, Vec<f64>)>,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: String,
    value: String,
    line: usize,
}

/// Blocks in blocks, at most: no system file comes near it.
const DEEPEST: usize = 16;

impl Block {
    /// Understands a text; what stands outside of all blocks is in the block that is returned.
    ///
    /// # Errors
    /// A line is none of the four kinds, or a block does not end.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Block> {
        let new = |name: &str, line| Block {
            path: path.to_path_buf(),
            name: name.to_owned(),
            line,
            entries: Vec::new(),
            rows: Vec::new(),
            blocks: Vec::new(),
        };
        let mut open = vec![new("file", 1)];
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let line = line.split("//").next().unwrap_or("").trim();
            let depth = open.len();
            let block = &mut open[depth - 1];
            if line.is_empty() {
            } else if let Some((key, value)) = line.split_once('=') {
                block.entries.push(Entry {
                    key: key.trim().to_owned(),
                    value: value.trim().to_owned(),
                    line: number,
                });
            } else if let Some(name) = before(line, "begin") {
                if depth > DEEPEST {
                    return Err(block.wrong(number, "blocks are nested too deeply"));
                }
                open.push(new(name, number));
            } else if let Some(name) = before(line, "end") {
                if depth == 1 || !block.name.eq_ignore_ascii_case(name) {
                    return Err(block.wrong(number, &format!("{name} ends and did not begin")));
                }
                let block = open.remove(depth - 1);
                open[depth - 2].blocks.push(block);
            } else {
                let numbers: Result<Vec<f64>, _> =
                    line.split_whitespace().map(str::parse).collect();
                let numbers = numbers.map_err(|_| {
                    block.wrong(
                        number,
                        "this is no entry (key = value), no block and no row of numbers",
                    )
                })?;
                block.rows.push((number, numbers));
            }
        }
        if let [_, .., last] = &open[..] {
            return Err(last.wrong(last.line, &format!("{} does not end", last.name)));
        }
        Ok(open.remove(0))
    }

    /// The block of this name.
    pub(super) fn block(&self, name: &str) -> Result<&Block> {
        self.optional_block(name).ok_or_else(|| {
            self.wrong(
                self.line,
                &format!("{} has no block {name} Begin ... {name} End", self.name),
            )
        })
    }

    /// The block of this name, where there is one.
    pub(super) fn optional_block(&self, name: &str) -> Option<&Block> {
        self.blocks
            .iter()
            .find(|block| block.name.eq_ignore_ascii_case(name))
    }

    /// The text of an entry, where there is one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.entry(key).map(|entry| &*entry.value)
    }

    /// The number of an entry.
    pub(super) fn number(&self, key: &str) -> Result<f64> {
        match self.entry(key) {
            Some(entry) => self.parsed(entry, &entry.value),
            None => Err(self.wrong(self.line, &format!("{} has no {key} = ...", self.name))),
        }
    }

    /// The number of an entry, or else `default`.
    pub(super) fn number_or(&self, key: &str, default: f64) -> Result<f64> {
        match self.entry(key) {
            Some(entry) => self.parsed(entry, &entry.value),
            None => Ok(default),
        }
    }

    /// The numbers of an entry; none where it is absent.
    pub(super) fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        let Some(entry) = self.entry(key) else {
            return Ok(Vec::new());
        };
        let words = entry
            .value
            .split([' ', '\t', ','])
            .filter(|word| !word.is_empty());
        words.map(|word| self.parsed(entry, word)).collect()
    }

    /// The rows, which must have two numbers each.
    pub(super) fn pairs(&self) -> Result<Vec<[f64; 2]>> {
        let rows = self.rows.iter().map(|(line, row)| match row[..] {
            [a, b] if a.is_finite() && b.is_finite() => Ok([a, b]),
            _ => Err(self.wrong(*line, "two numbers are expected")),
        });
        rows.collect()
    }

    /// An error about this block, or about an entry of it.
    pub(super) fn error(&self, key: Option<&str>, problem: &str) -> Error {
        let entry = key.and_then(|key| self.entry(key));
        self.wrong(entry.map_or(self.line, |entry| entry.line), problem)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(key))
    }

    fn parsed(&self, entry: &Entry, word: &str) -> Result<f64> {
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.wrong(entry.line, &format!("{}: {word} is no number", entry.key))),
        }
    }

    fn wrong(&self, line: usize, problem: &str) -> Error {
        Error::Line {
            path: self.path.clone(),
            line,
            problem: problem.to_owned(),
        }
    }
}

/// What stands before the last word of a line, if that is `word`.
fn before<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let (name, last) = line.rsplit_once(char::is_whitespace)?;
    last.eq_ignore_ascii_case(word).then(|| name.trim())
}
