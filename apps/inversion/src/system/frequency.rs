use std::path::Path;

use crate::{Error, Result};

/// A frequency-domain system: a pair of coils for each frequency.
#[derive(Clone, Debug)]
pub struct FrequencySystem {
    pairs: Vec<Pair>,
}

/// A transmitter and a receiver. Offsets are from the reference point of the system.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Hz.
    pub frequency: f64,
    /// How the coils stand.
    pub coils: Coils,
    /// The product of both moments.
    pub moments: f64,
    /// Horizontal distance of the coils in m.
    pub distance: f64,
    /// Its part in the direction of flight.
    pub along: f64,
    /// Vertical offset of the transmitter in m.
    pub transmitter_offset: f64,
    /// Vertical offset of the receiver in m.
    pub receiver_offset: f64,
    /// The transmitter as the file has it.
    pub transmitter: Coil,
    /// The receiver as the file has it.
    pub receiver: Coil,
}

/// A coil as a system file describes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coil {
    /// 0 for x, 2 for z.
    pub axis: usize,
    /// Of the field.
    pub moment: f64,
    /// From the reference point of the system, in m: x, y, z.
    pub offset: [f64; 3],
}

/// How a transmitter and a receiver stand: the axes of their moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coils {
    /// z to z.
    HorizontalCoplanar,
    /// x to x.
    VerticalCoaxial,
    /// z to x.
    VerticalToHorizontal,
    /// x to z.
    HorizontalToVertical,
}

/// The columns of a system file, in their order.
const COLUMNS: [&str; 11] = [
    "freq", "tor", "tmom", "tx", "ty", "tzoff", "ror", "rmom", "rx", "ry", "rzoff",
];

impl FrequencySystem {
    /// Understands a system file: a line of headings, then a line per frequency of eleven values
    /// separated by commas: frequency in Hz; orientation (x, y, z), moment and offsets in m (x, y,
    /// z) of the transmitter; the same of the receiver.
    ///
    /// # Errors
    /// A line is not understood or describes coils that are not supported; `path` is named in the
    /// message.
    pub fn parse(path: &Path, text: &str) -> Result<FrequencySystem> {
        let wrong = |line: usize, problem: String| Error::Line {
            path: path.to_path_buf(),
            line,
            problem,
        };
        let mut pairs = Vec::new();
        for (index, line) in text.lines().enumerate().skip(1) {
            if !line.trim().is_empty() {
                pairs.push(pair(line).map_err(|problem| wrong(index + 1, problem))?);
            }
        }
        if pairs.is_empty() {
            let problem = "no frequency: a line of headings and a line per frequency are expected";
            return Err(wrong(1, problem.into()));
        }
        Ok(FrequencySystem { pairs })
    }

    /// One per frequency, in the order of the file.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }
}

/// A line of a system file.
fn pair(line: &str) -> Result<Pair, String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    if fields.len() != COLUMNS.len() {
        return Err(format!(
            "{} values instead of {}: {}",
            fields.len(),
            COLUMNS.len(),
            COLUMNS.join(", ")
        ));
    }
    let number = |column: usize| -> Result<f64, String> {
        let value: Result<f64, _> = fields[column].parse();
        match value {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(format!(
                "{}: {} is no number",
                COLUMNS[column], fields[column]
            )),
        }
    };
    let frequency = number(0)?;
    if frequency <= 0.0 {
        return Err(format!("freq: {frequency} Hz is not positive"));
    }
    let coils = match (
        fields[1].to_ascii_lowercase().as_str(),
        fields[6].to_ascii_lowercase().as_str(),
    ) {
        ("z", "z") => Coils::HorizontalCoplanar,
        ("x", "x") => Coils::VerticalCoaxial,
        ("z", "x") => Coils::VerticalToHorizontal,
        ("x", "z") => Coils::HorizontalToVertical,
        (tor @ ("x" | "y" | "z"), ror @ ("x" | "y" | "z")) => {
            return Err(format!(
                "a transmitter along {tor} with a receiver along {ror} is not supported: only x \
                 and z are"
            ));
        }
        (tor, ror) => {
            return Err(format!(
                "orientations {tor} and {ror}: x, y or z are expected"
            ));
        }
    };
    let (along, across) = (number(8)? - number(3)?, number(9)? - number(4)?);
    let distance = along.hypot(across);
    if distance <= 0.0 {
        return Err("transmitter and receiver are at one place: give rx or ry in m".into());
    }
    let moments = number(2)? * number(7)?;
    if moments == 0.0 {
        return Err("a moment of 0 measures nothing".into());
    }
    let coil = |first: usize| -> Result<Coil, String> {
        Ok(Coil {
            axis: if fields[first].eq_ignore_ascii_case("z") {
                2
            } else {
                0
            },
            moment: number(first + 1)?,
            offset: [number(first + 2)?, number(first + 3)?, number(first + 4)?],
        })
    };
    Ok(Pair {
        frequency,
        coils,
        moments,
        distance,
        along,
        transmitter_offset: number(5)?,
        receiver_offset: number(10)?,
        transmitter: coil(1)?,
        receiver: coil(6)?,
    })
}
