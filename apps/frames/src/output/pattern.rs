use std::path::{Path, PathBuf};

use super::error::Error;
use crate::input::Form;

/// Names that differ by a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    before: String,
    after: String,
    width: usize,
    has_zeros: bool,
}

impl Pattern {
    /// From a name with one `%d`, `%3d`, `%03d`, `%u` or `%i`, and `%%` for a `%`.
    pub(super) fn new(path: &Path) -> Result<Pattern, Error> {
        let refused = || Error::Pattern(path.to_path_buf());
        let text = path.to_str().ok_or_else(refused)?;
        let mut pattern = None;
        let mut literal = String::new();
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            if next != '%' {
                literal.push(next);
                continue;
            }
            let tail = rest.as_str();
            if let Some(tail) = tail.strip_prefix('%') {
                literal.push('%');
                rest = tail.chars();
                continue;
            }
            let end = tail
                .find(|c: char| !c.is_ascii_digit())
                .ok_or_else(refused)?;
            let (digits, tail) = tail.split_at(end);
            let tail = tail.strip_prefix(['d', 'u', 'i']).ok_or_else(refused)?;
            let width: usize = if digits.is_empty() {
                0
            } else {
                digits.parse().map_err(|_| refused())?
            };
            if pattern.is_some() || width > 20 {
                return Err(refused());
            }
            pattern = Some((std::mem::take(&mut literal), width, digits.starts_with('0')));
            rest = tail.chars();
        }
        let (before, width, has_zeros) = pattern.ok_or_else(refused)?;
        let pattern = Pattern {
            before,
            after: literal,
            width,
            has_zeros,
        };
        if Form::of(&pattern.name(0)).is_none() {
            return Err(Error::Name(path.to_path_buf()));
        }
        Ok(pattern)
    }

    /// The name with this number.
    pub(super) fn name(&self, number: usize) -> PathBuf {
        let (width, before, after) = (self.width, &self.before, &self.after);
        let name = if self.has_zeros {
            format!("{before}{number:0width$}{after}")
        } else {
            format!("{before}{number:width$}{after}")
        };
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_where_the_pattern_says() {
        let name = |pattern: &str| Pattern::new(Path::new(pattern)).map(|p| p.name(7)).ok();
        assert_eq!(name("a-%03u.g3"), Some("a-007.g3".into()));
        assert_eq!(name("d/%d.g3.gz"), Some("d/7.g3.gz".into()));
        assert_eq!(name("%%%3i.g3"), Some("%  7.g3".into()));
        for pattern in [
            "a.g3",
            "%d-%d.g3",
            "%s.g3",
            "%d.txt",
            "%",
            "%99d.g3",
            "%99999999999999999999999d.g3",
        ] {
            assert_eq!(name(pattern), None, "{pattern}");
        }
    }
}
