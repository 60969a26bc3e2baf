//! The definition of an ASEG-GDF2 table (.dfn): records of fields of fixed width.

use std::path::Path;

use super::field::{Field, Split};
use crate::{Error, Result};

/// Bytes of a definition, columns, and bytes of a line of data, at most.
const LARGEST: usize = 1 << 20;
const MOST_COLUMNS: usize = 100_000;
const WIDEST: usize = super::text::LONGEST as usize;

/// What a definition says about lines of data.
pub(super) struct Definition {
    pub(super) fields: Vec<Field>,
    pub(super) split: Split,
    /// Bytes of a line without the type of the record; 0 where a text ends it, which may be
    /// shorter.
    pub(super) width: usize,
    /// Bytes of the type of the record before the first field, where lines have one.
    pub(super) record_type: usize,
}

/// Understands a definition in both dialects: `Name:F10.1:NULL=-999` with or without blanks,
/// with the line `END DEFN` or `;END DEFN` after the last field.
///
/// # Errors
/// A line is not understood, or promises more than a line of data can hold; `path` is named.
pub(super) fn parse(path: &Path, text: &str) -> Result<Definition> {
    if text.len() > LARGEST {
        return Err(Error::File {
            path: path.to_path_buf(),
            problem: format!("this is no definition: it has more than {LARGEST} bytes"),
        });
    }
    let mut read = Reader::default();
    for (index, line) in text.lines().enumerate() {
        read.line(line).map_err(|problem| Error::Line {
            path: path.to_path_buf(),
            line: index + 1,
            problem,
        })?;
    }
    if read.fields.is_empty() {
        return Err(Error::File {
            path: path.to_path_buf(),
            problem: "no field is defined: lines DEFN 1 ST=RECD,RT=;NAME:F10.2 are expected".into(),
        });
    }
    Ok(Definition {
        fields: read.fields,
        split: Split::Fixed(read.widths),
        width: if read.is_text_last { 0 } else { read.bytes },
        record_type: if read.has_record_type {
            read.record_type
        } else {
            0
        },
    })
}

#[derive(Default)]
struct Reader {
    fields: Vec<Field>,
    widths: Vec<usize>,
    bytes: usize,
    record_type: usize,
    has_record_type: bool,
    is_text_last: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if !line.to_ascii_uppercase().starts_with("DEFN") {
            // Remarks, `END DEFN`.
            return Ok(());
        }
        let (head, definitions) = line
            .split_once(';')
            .ok_or("DEFN without a field: ; is expected")?;
        let record = head
            .rsplit_once("RT=")
            .map_or("", |(_, record)| record.trim());
        for definition in definitions.split(';') {
            let definition = definition.trim();
            if definition.is_empty() || definition.eq_ignore_ascii_case("END DEFN") {
                continue;
            }
            let parts: Vec<&str> = definition.split(':').map(str::trim).collect();
            let (Some(name), Some(format)) = (parts.first(), parts.get(1)) else {
                return Err(format!("{definition}: NAME:FORMAT is expected"));
            };
            if name.eq_ignore_ascii_case("RT") {
                // The width of the type of records, wherever it is defined.
                let (_, width) = shape(format)?;
                self.record_type = self.record_type.max(width);
                continue;
            }
            match record.to_ascii_uppercase().as_str() {
                "" => self.field(name, format, &parts[2..])?,
                "DATA" => {
                    self.has_record_type = true;
                    self.field(name, format, &parts[2..])?;
                }
                // Remarks, projections.
                _ => {}
            }
        }
        Ok(())
    }

    fn field(&mut self, name: &str, format: &str, rest: &[&str]) -> Result<(), String> {
        let (count, width) = shape(format)?;
        if width == 0 {
            return Err(format!("{name}:{format}: the width is 0"));
        }
        let bytes = count
            .checked_mul(width)
            .and_then(|b| b.checked_add(self.bytes));
        let columns = self.widths.len() + count.min(MOST_COLUMNS + 1);
        match bytes {
            Some(bytes) if bytes <= WIDEST && columns <= MOST_COLUMNS => self.bytes = bytes,
            _ => {
                return Err(format!(
                    "{name}:{format}: more than {WIDEST} bytes or {MOST_COLUMNS} columns in a line"
                ));
            }
        }
        let attributes = rest.iter().flat_map(|part| part.split(',')).map(str::trim);
        let value = |wanted: &str| {
            let mut named = attributes.clone().filter_map(|part| part.split_once('='));
            named.find(|(key, _)| key.trim().eq_ignore_ascii_case(wanted))
        };
        let null = value("NULL").map(|(_, null)| null.trim());
        let unit = value("UNIT").or_else(|| value("UNITS"));
        let unit = unit.map_or("", |(_, unit)| unit.trim()).to_owned();
        let null = match null {
            None | Some("") => None,
            Some(null) => Some(
                null.parse()
                    .map_err(|_| format!("{name}: NULL={null} is no number"))?,
            ),
        };
        let letters = format.trim_start_matches(|c: char| c.is_ascii_digit());
        self.is_text_last = letters.starts_with(['A', 'a']);
        self.fields.push(Field {
            name: name.to_owned(),
            first: self.widths.len(),
            count,
            null,
            unit,
        });
        self.widths.extend(std::iter::repeat_n(width, count));
        Ok(())
    }
}

/// Count and width of a format: `15F12.6` has 15 columns of 12 bytes.
fn shape(format: &str) -> Result<(usize, usize), String> {
    let wrong = || format!("{format} is no format: A, I, F, E, D or G with a width is expected");
    let letter = format
        .find(|c: char| !c.is_ascii_digit())
        .ok_or_else(wrong)?;
    let (count, rest) = format.split_at(letter);
    let kind = rest.chars().next().map(|c| c.to_ascii_uppercase());
    if !matches!(kind, Some('A' | 'I' | 'F' | 'E' | 'D' | 'G')) {
        return Err(wrong());
    }
    let width = rest[1..].split('.').next().unwrap_or("");
    let count = if count.is_empty() {
        Ok(1)
    } else {
        count.parse()
    };
    match (count, width.parse()) {
        // A width of 0 is a type of records that lines do not have.
        (Ok(count), Ok(width)) if count > 0 => Ok((count, width)),
        _ => Err(wrong()),
    }
}
