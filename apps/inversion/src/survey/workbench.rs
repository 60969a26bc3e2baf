//! The header of an Aarhus Workbench export: lines that begin with `/`, of which the last one names
//! the columns.

use super::field::{Field, Split};

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) fields: Vec<Field>,
    /// The number that stands where there is no value.
    pub(super) dummy: Option<f64>,
    /// s, of each channel: centres of gates.
    pub(super) gates: Vec<Vec<f64>>,
    pub(super) has_commas: bool,
}

impl Header {
    /// How lines are cut.
    pub(super) fn split(&self) -> Split {
        if self.has_commas {
            Split::Commas
        } else {
            Split::Blanks
        }
    }
}

/// Channels, at most.
const MOST_CHANNELS: usize = 100;

/// Understands the lines of a header, without their first `/`.
///
/// # Errors
/// A sentence: a number is none, or a promise is not kept.
pub(super) fn parse(lines: &[String]) -> Result<Header, String> {
    let mut header = Header::default();
    let mut promised: Vec<(usize, usize)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let before = index
            .checked_sub(1)
            .map_or("", |before| lines[before].trim());
        let line = line.trim();
        if before.eq_ignore_ascii_case("DUMMY") {
            let dummy = line
                .parse()
                .map_err(|_| format!("DUMMY {line} is no number"))?;
            header.dummy = Some(dummy);
        } else if let Some(rest) = after(line, "gates for channel ") {
            let (channel, times) = rest
                .split_once(':')
                .ok_or_else(|| format!("{line}: a colon and times in s are expected"))?;
            let channel = number_of(channel)?;
            let times: Result<Vec<f64>, _> = times.split_whitespace().map(str::parse).collect();
            if header.gates.len() < channel {
                header.gates.resize(channel, Vec::new());
            }
            header.gates[channel - 1] =
                times.map_err(|_| format!("channel {channel}: a time of a gate is no number"))?;
        } else if let Some(rest) = after(line, "number of gates for channel ") {
            let (channel, count) = rest
                .split_once(" is ")
                .ok_or_else(|| format!("{line}: \"is\" and a number are expected"))?;
            let count = count.trim().parse();
            promised.push((
                number_of(channel)?,
                count.map_err(|_| format!("{line}: a number of gates is expected"))?,
            ));
        }
    }
    for (channel, count) in promised {
        let given = header.gates.get(channel - 1).map_or(0, Vec::len);
        if given > 0 && given != count {
            return Err(format!(
                "channel {channel} has {count} gates, but times of {given}"
            ));
        }
    }
    let names = lines.last().map_or("", |line| line.trim());
    header.has_commas = names.contains(',');
    let separators: &[char] = if header.has_commas {
        &[',']
    } else {
        &[' ', '\t']
    };
    let names = names
        .split(separators)
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let fields = names
        .enumerate()
        .map(|(column, name)| Field::single(name, column));
    header.fields = fields.collect();
    Ok(header)
}

fn number_of(channel: &str) -> Result<usize, String> {
    match channel.trim().parse() {
        Ok(number) if (1..=MOST_CHANNELS).contains(&number) => Ok(number),
        _ => Err(format!(
            "channel {channel} is not from 1 to {MOST_CHANNELS}"
        )),
    }
}

/// What stands after `start`, without regard to case.
fn after<'l>(line: &'l str, start: &str) -> Option<&'l str> {
    let head = line.get(..start.len())?;
    head.eq_ignore_ascii_case(start)
        .then(|| &line[start.len()..])
}
