//! Systems of Aarhus Workbench (.gex): sections of `key=value`, one section per channel.

use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use super::time::{Output, TimeSystem, Waveform, Weighting};
use crate::{Error, Result};

/// Points of a waveform and gates, at most.
const MOST: usize = 10_000;
/// Samples of a period, at most.
const MOST_SAMPLES: f64 = 262_144.0;
/// What filters may let through at half the digitising frequency.
const PASSED: f64 = 0.1;

/// Whether a text begins as a .gex does.
pub(super) fn is_of_workbench(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(['/', ';', '#']));
    first.is_some_and(|line| line.eq_ignore_ascii_case("[General]"))
}

/// A system per channel, for data per unit moment (V/Am4): of one turn, 1 A, 1 m2. Gates that the
/// channel removes at its beginning are no windows; the others are shifted as the channel says. A
/// filter of the coil of second order with damping d and frequency f is taken as two of first order
/// at f / d.
///
/// # Errors
/// Something is absent or no number; `path` and, where there is one, the line are named.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<TimeSystem>> {
    let file = Sections::parse(path, text);
    let channels: Vec<&Section> = file
        .sections
        .iter()
        .filter(|section| section.name.to_ascii_lowercase().starts_with("channel"))
        .collect();
    if channels.is_empty() {
        return Err(file.wrong(1, "no channel: a section [Channel1] is expected"));
    }
    channels
        .into_iter()
        .map(|channel| system(&file, channel))
        .collect()
}

fn system(file: &Sections, channel: &Section) -> Result<TimeSystem> {
    let general = &file.sections[0];
    let moment = channel.text("TransmitterMoment").unwrap_or_default();
    let base_frequency = file.number(channel, "RepFreq", None)?;
    let area = file.number(general, "TxLoopArea", None)?;
    if base_frequency <= 0.0 || area <= 0.0 {
        return Err(file.wrong(channel.line, "RepFreq and TxLoopArea must be positive"));
    }
    let points = waveform(file, general, moment, 0.5 / base_frequency)?;
    let windows = windows(file, general, channel, moment)?;
    let coil = file.number(channel, "RxCoilNumber", Some(1.0))?;
    let mut low_pass = Vec::new();
    if let Some(entry) = general.entry(&format!("RxCoilLPFilter{coil}")) {
        low_pass.push(match file.numbers(entry)?[..] {
            [frequency] if frequency > 0.0 => (frequency, 1),
            [damping, frequency] if damping > 0.0 && frequency > 0.0 => (frequency / damping, 2),
            _ => return Err(file.wrong(entry.line, "damping and frequency in Hz are expected")),
        });
    }
    if let Some(entry) = channel.entry("TiBLowPassFilter") {
        low_pass.push(match file.numbers(entry)?[..] {
            [order, frequency] if (1.0..=10.0).contains(&order) && frequency > 0.0 => {
                (frequency, order.round() as i32)
            }
            _ => return Err(file.wrong(entry.line, "order and frequency in Hz are expected")),
        });
    }
    let mut scaling = [0.0; 3];
    let polarisation = channel.text("ReceiverPolarizationXYZ").unwrap_or("Z");
    match polarisation.trim().to_ascii_uppercase().as_str() {
        "X" => scaling[0] = 1.0,
        "Y" => scaling[1] = 1.0,
        "Z" => scaling[2] = 1.0,
        _ => {
            let problem = format!("ReceiverPolarizationXYZ={polarisation}: X, Y or Z is expected");
            return Err(file.wrong(channel.line, &problem));
        }
    }
    let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
    let mut system = TimeSystem {
        name: format!("{stem} {} {moment}", channel.name)
            .trim_end()
            .to_owned(),
        turns: 1.0,
        peak_current: 1.0,
        loop_area: 1.0,
        base_frequency,
        digitising_frequency: 0.0,
        waveform: Waveform::Current,
        points,
        windows,
        weighting: Weighting::AreaUnderCurve,
        low_pass,
        loop_radius: (area / PI).sqrt(),
        output: Output::DbDt,
        scaling,
        frequencies_per_decade: 6,
        abscissae: 21,
    };
    let mut samples = 4096.0;
    loop {
        system.digitising_frequency = samples * base_frequency;
        let step = 1.0 / system.digitising_frequency;
        let is_fine = system
            .windows
            .iter()
            .all(|[begin, end]| end - begin >= step);
        let is_filtered = system.low_pass.is_empty() || system.passed_at_nyquist() <= PASSED;
        if samples >= MOST_SAMPLES || (is_fine && is_filtered) {
            break;
        }
        samples *= 2.0;
    }
    match system.problem_of_windows() {
        Some(problem) => Err(file.wrong(channel.line, &problem)),
        None => Ok(system),
    }
}

/// The points of a moment's waveform; where they are shorter than half a period and end in 0, 0
/// follows.
fn waveform(
    file: &Sections,
    general: &Section,
    moment: &str,
    half_period: f64,
) -> Result<Vec<[f64; 2]>> {
    let named = format!("Waveform{moment}Point");
    let mut points = Vec::new();
    for entry in general.numbered(&named) {
        match file.numbers(entry)?[..] {
            [time, current] => points.push([time, current]),
            _ => return Err(file.wrong(entry.line, "a time in s and a current are expected")),
        }
    }
    let [first, .., last] = &points[..] else {
        return Err(file.wrong(
            general.line,
            &format!("no waveform: {named}01=time current"),
        ));
    };
    if points.windows(2).any(|pair| pair[1][0] <= pair[0][0]) {
        return Err(file.wrong(general.line, &format!("{named}: times must rise")));
    }
    let end = first[0] + half_period;
    if last[0] < end {
        if last[1] != 0.0 {
            let problem = format!("{named}: the last current is not 0, half a period is not over");
            return Err(file.wrong(general.line, &problem));
        }
        // A little more: what is compared with half a period is a difference.
        points.push([end + 1e-9 * half_period, 0.0]);
    }
    Ok(points)
}

/// Begin and end of the gates that a channel has.
fn windows(
    file: &Sections,
    general: &Section,
    channel: &Section,
    moment: &str,
) -> Result<Vec<[f64; 2]>> {
    let of_moment: Vec<&Entry> = general.numbered(&format!("GateTime{moment}")).collect();
    let gates = if of_moment.is_empty() {
        general.numbered("GateTime").collect()
    } else {
        of_moment
    };
    let shift = file.number(channel, "GateTimeShift", Some(0.0))?
        + file.number(channel, "MeaTimeDelay", Some(0.0))?;
    let count = file.number(channel, "NoGates", Some(gates.len() as f64))?;
    let removed = file.number(channel, "RemoveInitialGates", Some(0.0))?;
    if count > gates.len() as f64 || removed < 0.0 || removed >= count {
        let problem = format!(
            "NoGates={count} and RemoveInitialGates={removed}, but GateTime of {} gates",
            gates.len()
        );
        return Err(file.wrong(channel.line, &problem));
    }
    let mut windows = Vec::new();
    for entry in &gates[removed as usize..count as usize] {
        match file.numbers(entry)?[..] {
            [_, begin, end] if end > begin && begin + shift > 0.0 => {
                windows.push([begin + shift, end + shift]);
            }
            _ => {
                let problem = "centre, begin and end in s are expected, after the turn-off: \
                               RemoveInitialGates leaves others out";
                return Err(file.wrong(entry.line, problem));
            }
        }
    }
    Ok(windows)
}

struct Sections {
    path: PathBuf,
    sections: Vec<Section>,
}

struct Section {
    name: String,
    line: usize,
    entries: Vec<Entry>,
}

struct Entry {
    key: String,
    value: String,
    line: usize,
}

impl Sections {
    fn parse(path: &Path, text: &str) -> Sections {
        let mut file = Sections {
            path: path.to_path_buf(),
            sections: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let name = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(name) = name {
                file.sections.push(Section {
                    name: name.trim().to_owned(),
                    line: index + 1,
                    entries: Vec::new(),
                });
            } else if let (Some((key, value)), Some(section)) =
                (line.split_once('='), file.sections.last_mut())
            {
                section.entries.push(Entry {
                    key: key.trim().to_owned(),
                    value: value.trim().to_owned(),
                    line: index + 1,
                });
            }
        }
        file
    }

    /// The number of a key, or else `default`.
    fn number(&self, section: &Section, key: &str, default: Option<f64>) -> Result<f64> {
        match (section.entry(key), default) {
            (Some(entry), _) => match self.numbers(entry)?[..] {
                [number] => Ok(number),
                _ => Err(self.wrong(entry.line, &format!("{key}: one number is expected"))),
            },
            (None, Some(default)) => Ok(default),
            (None, None) => {
                Err(self.wrong(section.line, &format!("[{}] has no {key}=..", section.name)))
            }
        }
    }

    fn numbers(&self, entry: &Entry) -> Result<Vec<f64>> {
        let words = entry
            .value
            .split([' ', '\t', ','])
            .filter(|word| !word.is_empty());
        words
            .map(|word| match word.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(self.wrong(entry.line, &format!("{}: {word} is no number", entry.key))),
            })
            .collect()
    }

    fn wrong(&self, line: usize, problem: &str) -> Error {
        Error::Line {
            path: self.path.clone(),
            line,
            problem: problem.to_owned(),
        }
    }
}

impl Section {
    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(key))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.entry(key).map(|entry| &*entry.value)
    }

    /// Entries whose keys are `name` and a number, in the order of the file.
    fn numbered(&self, name: &str) -> impl Iterator<Item = &Entry> {
        let is_numbered = move |entry: &&Entry| {
            let head = entry.key.get(..name.len());
            let digits = entry.key.get(name.len()..).unwrap_or("");
            head.is_some_and(|head| head.eq_ignore_ascii_case(name))
                && digits.parse::<u32>().is_ok()
        };
        self.entries.iter().filter(is_numbered).take(MOST)
    }
}
