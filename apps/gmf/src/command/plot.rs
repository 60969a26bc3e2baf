use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jobwise_core::{Observer, Progress, Solo};
use jobwise_gmf::PulseOrigin;
use jobwise_gmf::detection::NoiseFloor;
use jobwise_gmf::pictures::{Found, Maps, RangeOf, RangeUnit, Rti, RtiRequest};
use jobwise_kit::{Bar, Failure, Inputs};

use super::pages::Pages;
use super::strict::Strict;
use super::times::{Times, finite, products};
use super::{failed, finish};

/// Draw recordings and results
///
/// Every figure comes with its numbers as comma-separated values: a header line with names and
/// units, then a line per point; for maps a line per column of cells, with its time first and the
/// ranges of the cells in the header.
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    Drf(Drf),
    Gmf(Gmf),
}

/// The power of a recording over time and range
///
/// The mean power of the samples that share a pixel. Samples of the transmission, of noise
/// injection (cal_on to cal_off), and samples that were never recorded are grey.
#[derive(Args, Debug)]
#[command(after_help = DRF_EXAMPLES)]
#[allow(clippy::struct_excessive_bools)] // each is a flag
pub(crate) struct Drf {
    /// The recording (Digital RF channels and metadata.ini, which names the channel)
    path: PathBuf,
    #[command(flatten)]
    times: Times,
    /// Count pulses from here: ISO 8601 (UTC), or the number of a sample since 1970 [default: the
    /// key pulse_origin of metadata.ini; else the start, if the transmission begins there or shows
    /// no pulse; else the first sample, if it has a pulse in the window; else where the pulse lies]
    #[arg(long, visible_alias = "pulse_origin", value_name = "TIME|SAMPLE")]
    pulse_origin: Option<String>,
    /// The sub-channel that is shown [default: 0, and that is said where there are several]
    #[arg(long, value_name = "N")]
    subchannel: Option<usize>,
    #[command(flatten)]
    strict: Strict,
    /// Time and range on the axes, instead of numbers of pulses and samples
    #[arg(long = "axis_units", visible_alias = "axis-units")]
    axis_units: bool,
    /// Logarithms of the power
    #[arg(long)]
    log: bool,
    /// Show transmission and noise injection too
    #[arg(long = "keep-tx", visible_alias = "keep_tx")]
    keep_tx: bool,
    /// One antenna transmits and receives: ranges are half the total path
    #[arg(long)]
    monostatic: bool,
    /// Least range shown, in the unit of -u
    #[arg(
        long = "start-range",
        visible_alias = "start_range",
        value_name = "RANGE",
        value_parser = finite,
        allow_hyphen_values = true
    )]
    start_range: Option<f64>,
    /// Largest range shown
    #[arg(
        long = "end-range",
        visible_alias = "end_range",
        value_name = "RANGE",
        value_parser = finite,
        allow_hyphen_values = true
    )]
    end_range: Option<f64>,
    /// Unit of ranges: sample, m, km, R_E (Earth radii), LD (lunar distances), AU
    #[arg(short, long, default_value = "km")]
    unit: RangeUnit,
    /// Report progress also when the output is not a terminal
    #[arg(short, long)]
    progress: bool,
    #[command(flatten)]
    pages: Pages,
}

const DRF_EXAMPLES: &str = "Examples:
  gmf plot drf recording                                 rti.png and rti.csv in the current \
      directory
  gmf plot drf recording --log --axis_units --monostatic --start-range 900 --end-range 1200 -o \
      pass.svg
  gmf plot drf recording --relative_time -s 1 -e 3 -u sample --start-range 7000 --end-range 7200";

/// What an analysis found
///
/// Three figures: the strongest gate of every integration against time (peaks), those above the
/// limit alone (detections), and power over time and range with the noise floor (maps).
#[derive(Args, Debug)]
#[command(after_help = GMF_EXAMPLES)]
pub(crate) struct Gmf {
    /// The output directory of gmf analyze
    path: PathBuf,
    #[command(flatten)]
    times: Times,
    /// Integrations with this signal-to-noise ratio or more are detections
    #[arg(
        long = "snr_dB_limit",
        visible_aliases = ["snr", "snr-db-limit"],
        value_name = "DB",
        default_value_t = 15.0,
        value_parser = finite,
        allow_hyphen_values = true
    )]
    snr_limit: f64,
    /// One antenna transmits and receives: ranges, range rates and accelerations are half of those
    /// of the total path
    #[arg(long, conflicts_with = "_not_monostatic")]
    monostatic: bool,
    /// Without effect, as the total path is the default; accepted for the sake of scripts
    #[arg(long = "not_monostatic", alias = "not-monostatic", hide = true)]
    _not_monostatic: bool,
    /// Without effect: files are read one by one; accepted for the sake of scripts
    #[arg(long = "chunk_size", value_name = "N", hide = true)]
    _chunk_size: Option<usize>,
    #[command(flatten)]
    strict: Strict,
    #[command(flatten)]
    pages: Pages,
}

const GMF_EXAMPLES: &str = "Examples:
  gmf plot gmf found                         gmf-peaks.png, gmf-detections.png, gmf-maps.png and \
      their tables
  gmf plot gmf found --snr_dB_limit 20 -o figures --format png,svg
  gmf plot gmf found -s 2021-04-12T12:00 -e 2021-04-12T12:10 -o pass.svg";

pub(crate) fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Drf(flags) => drf(flags),
        What::Gmf(flags) => {
            let inputs = flags.strict.inputs();
            gmf(&flags, &inputs)?;
            finish(&inputs)
        }
    }
}

fn drf(flags: Drf) -> Result<(), Failure> {
    let inputs = flags.strict.inputs();
    let pulse_origin = flags.pulse_origin.as_deref().map(PulseOrigin::parse);
    let rti = Rti::new(RtiRequest {
        recording: flags.path,
        limits: flags.times.limits()?,
        axis_units: flags.axis_units,
        log: flags.log,
        keep_tx: flags.keep_tx,
        path: path_of(flags.monostatic),
        subchannel: flags.subchannel,
        ranges: (flags.start_range, flags.end_range),
        unit: flags.unit,
        pulse_origin: pulse_origin
            .transpose()
            .map_err(|e| Failure::usage(e.to_string()))?,
        inputs: Arc::clone(&inputs),
    })
    .map_err(failed)?;
    let pages = flags.pages.places("", &["rti"], &["rti"])?;
    if pages.dry_run() {
        let plan = rti.plan().map_err(failed)?;
        return jobwise_kit::print(&(plan + &pages.describe("would write")));
    }
    let bar = Bar::new("pulses", flags.progress, &Solo);
    let total = rti.pulses();
    let drawn = rti.draw(pages.size((1100, 700)), |done| {
        bar.progress(Progress {
            total,
            done,
            skipped: 0,
            failed: 0,
        });
    });
    bar.finish();
    let (picture, table) = drawn.map_err(failed)?;
    pages.write(&[picture], &[table])?;
    jobwise_kit::print(&pages.describe("wrote"))?;
    finish(&inputs)
}

/// Which range is shown.
fn path_of(is_monostatic: bool) -> RangeOf {
    if is_monostatic {
        RangeOf::OneWay
    } else {
        RangeOf::TotalPath
    }
}

fn gmf(flags: &Gmf, inputs: &Inputs) -> Result<(), Failure> {
    let products = products(&flags.path, &flags.times, inputs)?;
    let figures = ["peaks", "detections", "maps"];
    let tables = ["peaks", "gmf", "zero-frequency", "noise"];
    let pages = flags.pages.places("gmf-", &figures, &tables)?;
    if pages.dry_run() {
        let (integrations, files) = (products.count().map_err(failed)?, products.files());
        let plan = format!("integrations  {integrations} in {files} files\n");
        return jobwise_kit::print(&(plan + &pages.describe("would write")));
    }
    let path = path_of(flags.monostatic);
    let noise = NoiseFloor::read(&products).map_err(failed)?;
    let found = Found::read(&products, &noise, path, flags.snr_limit).map_err(failed)?;
    let maps = Maps::read(&products, &noise, path, pages.size((1000, 1100))).map_err(failed)?;
    // Where it lies is nobody's business in a figure that is passed on.
    let name = flags.path.file_name().unwrap_or(flags.path.as_os_str());
    let title = name.to_string_lossy();
    let pictures = [
        found.all_picture(&title, pages.size((1100, 800))),
        found.detections_picture(&title, pages.size((1400, 800))),
        maps.picture(&title),
    ];
    let mut tables = vec![found.table().map_err(failed)?];
    tables.extend(maps.tables());
    pages.write(&pictures, &tables)?;
    jobwise_kit::print(&pages.describe("wrote"))
}
