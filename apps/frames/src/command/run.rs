use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use jobwise_core::{Backend, Cancel, Cpu};
use jobwise_frames::archive::Text;
use jobwise_frames::distributor::{Assignment, Distribution, Watch};
use jobwise_frames::filter::{Polynomial, ScanFilter};
use jobwise_frames::map::{Binning, Polarization};
use jobwise_frames::program::{DistributingFlags, FileFlags, plan, refuse_jobs};
use jobwise_frames::run::{Filtering, Mapping, Summary, filter, map};
use jobwise_frames::sky::Geometry;
use jobwise_kit::{Bar, Choice, Failure, Program, RunFlags, is_first_rank, signals};

use super::failed;
use super::writing::remove_stale;

/// Filter scans, and make maps of them
///
/// Maps have the same bits for any number of threads, and for equal numbers of ranks. Without --map
/// the filtered frames are written
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(flatten)]
    files: FileFlags,
    #[command(flatten)]
    scans: ScanFlags,
    #[command(flatten)]
    map: MapFlags,
    /// The file that is written
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    distributing: DistributingFlags,
    #[command(flatten)]
    run: RunFlags,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Scans")]
struct ScanFlags {
    /// What is taken from each timestream: a polynomial of the order N
    #[arg(long, value_name = "poly:N")]
    filter: Option<Polynomial>,
    /// The timestreams
    #[arg(long, value_name = "NAME")]
    timestreams: String,
    /// What filtered timestreams are called in frames that are written [default: as the others]
    #[arg(long, value_name = "NAME", conflicts_with = "map")]
    filtered_key: Option<String>,
    /// The rotation of the boresight
    #[arg(long, value_name = "NAME")]
    pointing: Option<String>,
    /// The weights of detectors, in the scan or the Calibration frame in front of it [default: 1]
    #[arg(long, value_name = "NAME")]
    weights: Option<String>,
    /// Offsets and polarization of detectors, in the Calibration frame
    #[arg(long, value_name = "NAME", default_value = "BolometerProperties")]
    properties: String,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Map")]
struct MapFlags {
    /// The pixels: a projection with its size, resolution and center, or HEALPix with nside
    #[arg(long, value_name = "zea:24x16@0.25deg,30,-49.3|healpix:64")]
    map: Option<Geometry>,
    /// Q and U too, by this convention
    #[arg(long, value_name = "iau|cosmo", requires = "map")]
    pol: Option<Polarization>,
    /// The name of the map
    #[arg(long, default_value = "map")]
    id: String,
    /// A map of each scan
    #[arg(long, requires = "map")]
    map_per_scan: bool,
}

const EXAMPLES: &str = "Examples:
  frames run obs.g3 --filter poly:2 --timestreams CalTimestreams --pointing OnlineRaDecRotation \\
      --weights TodWeights --map healpix:64 --pol iau --id obs -o map.g3
  mpirun -n 8 frames run --files list.json --filter poly:2 --timestreams CalTimestreams \\
      --pointing OnlineRaDecRotation --map zea:24x16@0.25deg,30,-49.3 --n-io 2 -o map.g3
  frames run obs.g3 --filter poly:2 --timestreams CalTimestreams --filtered-key Filtered -o out.g3";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    refuse_jobs(&flags.run)?;
    let choice = Choice::new(&flags.run, "jobwise-frames")?;
    // Sums are to have the same bits in every run.
    let files = flags.files.files()?;
    let distribution = flags
        .distributing
        .distribution(files, Assignment::Deterministic);
    if flags.run.dry_run {
        return jobwise_kit::print(&plan(&distribution));
    }
    let what = match flags.map.map {
        Some(geometry) => mapping(flags, distribution, geometry)?,
        None => filtering(flags, distribution)?,
    };
    // What killed runs kept beside the file.
    remove_stale(&flags.output);
    let begun = Instant::now();
    let program = Run {
        what,
        progress: flags.run.progress,
        cancel: signals::cancel_on_signals().map_err(failed)?,
    };
    let Summary {
        read,
        used,
        written,
    } = choice.run(program)?;
    if is_first_rank() {
        let (seconds, output) = (begun.elapsed().as_secs_f64(), flags.output.display());
        jobwise_kit::print(&format!(
            "{output}: {written} frames; {used} of {read} data frames used, in {seconds:.2} s\n"
        ))?;
    }
    Ok(())
}

fn text(name: &str) -> Text {
    Text::from(name)
}

fn mapping(flags: &Flags, distribution: Distribution, geometry: Geometry) -> Result<What, Failure> {
    let scans = &flags.scans;
    let pointing = scans.pointing.as_ref();
    let pointing = pointing.ok_or_else(|| Failure::usage("--map needs --pointing NAME"))?;
    let binning = Binning {
        timestreams: text(&scans.timestreams),
        pointing: text(pointing),
        weights: scans.weights.as_deref().map(text),
        properties: text(&scans.properties),
        polynomial: scans.filter.clone(),
        geometry,
        polarization: flags.map.pol.unwrap_or(Polarization::None),
    };
    Ok(What::Map(Box::new(Mapping {
        distribution,
        binning,
        id: text(&flags.map.id),
        is_per_scan: flags.map.map_per_scan,
        output: flags.output.clone(),
    })))
}

fn filtering(flags: &Flags, distribution: Distribution) -> Result<What, Failure> {
    let scans = &flags.scans;
    let nothing = || Failure::usage("there is nothing to do without --filter and without --map");
    let polynomial = scans.filter.clone().ok_or_else(nothing)?;
    let filtered = scans.filtered_key.as_ref();
    let filter = ScanFilter {
        timestreams: text(&scans.timestreams),
        filtered: text(filtered.unwrap_or(&scans.timestreams)),
        polynomial,
    };
    Ok(What::Filter(Box::new(Filtering {
        distribution,
        filter,
        output: flags.output.clone(),
    })))
}

enum What {
    Map(Box<Mapping>),
    Filter(Box<Filtering>),
}

struct Run {
    what: What,
    progress: bool,
    cancel: Cancel,
}

impl Program for Run {
    type Output = Summary;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Summary> {
        let bar = Bar::new("frames", self.progress, backend.comm());
        let watch = Some(Watch {
            cancel: &self.cancel,
            observer: &bar,
        });
        let outcome = match &self.what {
            What::Map(mapping) => map(backend, mapping, watch),
            What::Filter(filtering) => filter(backend, filtering, watch),
        };
        bar.finish();
        outcome
    }
}
