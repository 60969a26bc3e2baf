use std::path::PathBuf;

use clap::Args;
use jobwise_gmf::detection::{
    Joining, NoiseFloor, detections_csv, events_csv, join, survey, write_h5,
};
use jobwise_gmf::units::metres_per_sample;
use jobwise_kit::atomic;
use jobwise_kit::{Failure, Inputs};

use super::strict::Strict;
use super::times::{Times, finite, products};
use super::{failed, finish};

/// List the detections of an analysis, joined to events
///
/// A detection is an integration whose strongest range gate has a signal-to-noise ratio of at least
/// the limit. It continues an event when the event's latest detection is at most --gap integrations
/// earlier and its range, moved with the mean of both range rates for the time between, is within
/// --gates range gates of the range found. Ranges, rates and accelerations are those of the total
/// path.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The output directory of gmf analyze
    path: PathBuf,
    /// FILE.csv, and the events beside it in FILE.events.csv; or FILE.h5, with both as groups
    /// [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the events instead of the detections
    #[arg(long, conflicts_with = "output")]
    events: bool,
    /// Least signal-to-noise ratio in dB
    #[arg(
        long,
        visible_aliases = ["snr_dB_limit", "snr-db-limit"],
        value_name = "DB",
        default_value_t = 15.0,
        value_parser = finite,
        allow_hyphen_values = true
    )]
    snr: f64,
    /// Most integrations between detections of an event; 1 joins neighbours only
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        value_parser = clap::value_parser!(i64).range(1..)
    )]
    gap: i64,
    /// Largest difference from the range predicted, in range gates
    #[arg(long, value_name = "GATES", default_value_t = 2.0, value_parser = finite)]
    gates: f64,
    #[command(flatten)]
    times: Times,
    #[command(flatten)]
    strict: Strict,
    /// Print what would be read and written, and do nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "Examples:
  gmf detect found                                 a line per detection
  gmf detect found --events                        a line per event
  gmf detect found --snr 20 --gap 5 -o pass.csv    pass.csv and pass.events.csv
  gmf detect found -s 2021-04-12T12:00 -o pass.h5";

/// Where the tables go.
enum Place {
    Screen,
    Csv {
        detections: PathBuf,
        events: PathBuf,
    },
    H5(PathBuf),
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let inputs = flags.strict.inputs();
    detect(flags, &inputs)?;
    finish(&inputs)
}

fn detect(flags: &Flags, inputs: &Inputs) -> Result<(), Failure> {
    let place = place(flags.output.as_ref())?;
    let products = products(&flags.path, &flags.times, inputs)?;
    if flags.dry_run {
        let told = match &place {
            Place::Screen => "standard output".to_owned(),
            Place::H5(path) => path.display().to_string(),
            Place::Csv { detections, events } => {
                format!("{} and {}", detections.display(), events.display())
            }
        };
        let (integrations, files) = (products.count().map_err(failed)?, products.files());
        return jobwise_kit::print(&format!(
            "integrations  {integrations} in {files} files\nwould write {told}\n"
        ));
    }
    let noise = NoiseFloor::read(&products).map_err(failed)?;
    let detections = survey(&products, &flags.path, &noise, flags.snr).map_err(failed)?;
    let joining = Joining {
        gap: flags.gap,
        gates: flags.gates,
        gate: metres_per_sample(products.layout().sample_rate),
    };
    let (numbers, events) = join(&detections, &joining);
    let found = || detections_csv(&detections, &numbers).map_err(failed);
    let joined = || events_csv(&events).map_err(failed);
    let written = match place {
        Place::Screen if flags.events => return jobwise_kit::print(&joined()?),
        Place::Screen => return jobwise_kit::print(&found()?),
        Place::Csv { detections, events } => {
            atomic::write(&detections, found()?).map_err(failed)?;
            atomic::write(&events, joined()?).map_err(failed)?;
            format!("{} and {}", detections.display(), events.display())
        }
        Place::H5(path) => {
            write_h5(&path, &detections, &numbers, &events).map_err(failed)?;
            path.display().to_string()
        }
    };
    let (count, events) = (detections.len(), events.len());
    jobwise_kit::print(&format!(
        "detections: {count}, events: {events}, written to {written}\n"
    ))
}

fn place(output: Option<&PathBuf>) -> Result<Place, Failure> {
    let Some(path) = output else {
        return Ok(Place::Screen);
    };
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(Place::Csv {
            detections: path.clone(),
            events: path.with_extension("events.csv"),
        }),
        Some("h5" | "hdf5") => Ok(Place::H5(path.clone())),
        _ => Err(Failure::usage(format!(
            "{}: the name must end in .csv or .h5, which decides the format",
            path.display()
        ))),
    }
}
