use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jobwise_inversion::products::{LineFile, Status};
use jobwise_inversion::survey::{Overview, Reading, Survey};
use jobwise_inversion::system::{FrequencySystem, Output, System, TimeSystem, Waveform};
use jobwise_kit::Failure;

use super::failed;
use super::reading::{ReadingFlags, tell};

/// Say what a file of data or a system file holds, as it is understood
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Columns, soundings, channels, units, nulls and ranges of data
    Data {
        /// CSV, ASEG-GDF2 (.dat, with a .dfn beside it) or Aarhus Workbench (.xyz)
        file: PathBuf,
        #[command(flatten)]
        reading: ReadingFlags,
    },
    /// Frequencies and coils, or waveform, windows and filters
    System {
        /// .stm or .gex
        file: PathBuf,
    },
    /// Soundings and what became of them, bins, chains, options
    Result {
        /// <line>.h5, of this program or of geobipy 2.3.2
        file: PathBuf,
    },
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    match &flags.what {
        What::Data { file, reading } => data(file, &reading.reading()?),
        What::System { file } => {
            let mut text = String::new();
            for system in System::read_all(file).map_err(failed)? {
                match system {
                    System::Frequency(system) => frequencies(&mut text, &system),
                    System::Time(system) => windows(&mut text, &system),
                }
            }
            jobwise_kit::print(&text)
        }
        What::Result { file } => result(file),
    }
}

/// Writing to a text in memory does not fail.
macro_rules! line {
    ($text:expr, $($words:tt)*) => {{ let _ = writeln!($text, $($words)*); }};
}

fn data(path: &Path, reading: &Reading) -> Result<(), Failure> {
    let overview = Overview::read(path, reading).map_err(failed)?;
    let mut text = String::new();
    let (format, rows) = (overview.format, overview.rows);
    line!(
        text,
        "format: {format:?}, {rows} rows, {} refused",
        overview.refused.count
    );
    for (line, problem) in &overview.refused.first {
        line!(text, "line {line}: {problem}");
    }
    for null in &overview.nulls {
        line!(text, "null: {null}");
    }
    for column in &overview.columns {
        let field = &column.field;
        let _ = write!(text, "column {}", field.name);
        if field.count > 1 {
            let _ = write!(text, " [{}]", field.count);
        }
        if !field.unit.is_empty() {
            let _ = write!(text, " in {}", field.unit);
        }
        if column.count > 0 {
            let _ = write!(text, ": {:?} to {:?}", column.least, column.greatest);
        } else {
            let _ = write!(text, ": no number");
        }
        if let Some(null) = field.null {
            let _ = write!(text, ", null is {null}");
        }
        for (count, what) in [
            (column.nulls, "without a value"),
            (column.texts, "no numbers"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        text.push('\n');
    }
    for (quantity, column) in &overview.quantities {
        line!(text, "{quantity}: {column}");
    }
    for note in &overview.notes {
        line!(text, "note: {note}");
    }
    for missing in &overview.missing {
        line!(text, "missing: {missing}");
    }
    if !overview.missing.is_empty() {
        return jobwise_kit::print(&text);
    }
    drop(overview);
    let survey = Survey::read(path, reading).map_err(failed)?;
    soundings(&mut text, &survey);
    jobwise_kit::print(&text)?;
    tell(path, &survey)
}

/// Failed soundings that are told one by one.
const TOLD: usize = 20;

fn result(path: &Path) -> Result<(), Failure> {
    let file = LineFile::open(path).map_err(failed)?;
    let about = file.about().map_err(failed)?;
    let mut text = String::new();
    let program = if about.version.is_empty() {
        "geobipy".to_owned()
    } else {
        format!("jobwise inversion {}, seed {}", about.version, about.seed)
    };
    line!(text, "results of {program}: {}", about.kind);
    let fiducials = file.fiducials();
    line!(
        text,
        "line {:?}: {} soundings, fiducials {:?} to {:?}",
        file.line(),
        file.count(),
        fiducials[0],
        fiducials[fiducials.len() - 1]
    );
    let count = |status: Status| file.statuses().iter().filter(|one| **one == status).count();
    let [done, failed_count, open] = [Status::Done, Status::Failed, Status::Open].map(count);
    line!(text, "{done} done, {failed_count} failed, {open} open");
    let is_failed = |row: &usize| file.statuses()[*row] == Status::Failed;
    for row in (0..file.count()).filter(is_failed).take(TOLD) {
        let point = file.point(row).map_err(failed)?;
        line!(
            text,
            "fiducial {:?} failed: {}",
            point.fiducial,
            point.reason
        );
    }
    line!(
        text,
        "{} data, up to {} layers, {} chains of {} kept iterations",
        about.channels,
        about.layers,
        about.chains,
        about.iterations
    );
    let depths = file.depths();
    line!(
        text,
        "{} bins of conductivity, {} of depth to {:?} m",
        about.bins[0],
        about.bins[1],
        depths[depths.len() - 1]
    );
    if about.options.is_empty() {
        line!(text, "options: not in the file");
    } else {
        line!(text, "options:");
        for option in about.options.lines() {
            line!(text, "  {option}");
        }
    }
    jobwise_kit::print(&text)
}

fn soundings(text: &mut String, survey: &Survey) {
    let domain = if survey.is_of_time() {
        "time"
    } else {
        "frequency"
    };
    line!(
        text,
        "{} soundings of {} channels ({domain} domain) on {} lines",
        survey.soundings.len(),
        survey.channels.len(),
        survey.lines.len()
    );
    for line in &survey.lines {
        let soundings = &survey.soundings[line.soundings.clone()];
        let data: usize = soundings
            .iter()
            .map(jobwise_inversion::survey::Sounding::count)
            .sum();
        let empty = soundings
            .iter()
            .filter(|sounding| sounding.count() == 0)
            .count();
        line!(
            text,
            "line {:?}: {} soundings, fiducials {:?} to {:?}, {data} data, {empty} without any",
            line.number,
            soundings.len(),
            soundings[0].fiducial,
            soundings[soundings.len() - 1].fiducial
        );
    }
    let is_given = survey.soundings[0].deviations.is_some();
    let unit = if survey.is_of_time() { "s" } else { "Hz" };
    for (index, channel) in survey.channels.iter().enumerate() {
        let values = || {
            survey
                .soundings
                .iter()
                .map(move |sounding| sounding.data[index])
        };
        let least = values().fold(f64::NAN, f64::min);
        let greatest = values().fold(f64::NAN, f64::max);
        let count = values().filter(|value| value.is_finite()).count();
        let negative = values().filter(|value| *value < 0.0).count();
        let at = channel
            .at
            .map_or(String::new(), |at| format!(" at {at} {unit}"));
        line!(
            text,
            "channel {}: system {}, {}{at}: {count} data, {negative} negative, \
             {least:?} to {greatest:?}",
            channel.name,
            channel.system,
            channel.part
        );
    }
    let given = if is_given { "given" } else { "not given" };
    line!(text, "standard deviations: {given}");
}

fn frequencies(text: &mut String, system: &FrequencySystem) {
    line!(
        text,
        "frequency domain, {} frequencies",
        system.pairs().len()
    );
    for pair in system.pairs() {
        line!(
            text,
            "{} Hz: {:?}, {} m apart, moments {}",
            pair.frequency,
            pair.coils,
            pair.distance,
            pair.moments
        );
    }
}

fn windows(text: &mut String, system: &TimeSystem) {
    line!(text, "time domain: {}", system.name);
    let waveform = match system.waveform {
        Waveform::Current => "current",
        Waveform::Received => "received",
    };
    line!(
        text,
        "waveform ({waveform}): {} points, {} s to {} s, {} Hz, {} samples of a period",
        system.points.len(),
        system.points[0][0],
        system.points[system.points.len() - 1][0],
        system.base_frequency,
        system.samples()
    );
    let output = match system.output {
        Output::B => "B",
        Output::DbDt => "dB/dt",
    };
    line!(
        text,
        "transmitter: {} turns, {} A, {} m2, radius {} m (0 is a dipole); \
         output {output}, x y z times {:?}",
        system.turns,
        system.peak_current,
        system.loop_area,
        system.loop_radius,
        system.scaling
    );
    for (frequency, order) in &system.low_pass {
        line!(text, "low-pass filter: {frequency} Hz, order {order}");
    }
    line!(
        text,
        "{} windows, weighted as {:?}",
        system.windows.len(),
        system.weighting
    );
    for [begin, end] in &system.windows {
        line!(text, "window: {begin:e} s to {end:e} s");
    }
}
