use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jobwise_inversion::forward::Geometry;
use jobwise_inversion::model::Place;
use jobwise_inversion::options::{DataType, Options};
use jobwise_inversion::settings::{Level, Settings};
use jobwise_inversion::simulate::{Simulation, prior, systems};
use jobwise_inversion::survey::Survey;
use jobwise_inversion::system::System;
use jobwise_inversion::task::{self, Systems};
use jobwise_inversion::truth::Truth;
use jobwise_kit::{Failure, atomic};

use super::failed;

/// Make data of given earths, or of earths drawn from the priors
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
}

const EXAMPLES: &str = "Examples:
  inversion simulate line line.csv --system resolve.stm --models truth.json --noise 0.05,5
  inversion simulate prior data.csv --options options.py --system resolve.stm --points 256 \\
    --truth truth.json --seed 1";

#[derive(Subcommand, Debug)]
enum What {
    /// Data of given earths
    Line {
        /// The CSV file to write, as geobipy reads it
        output: PathBuf,
        /// JSON: [{"fiducial": f, "height": m or "geometry": {..}, "conductivity": [S/m..],
        /// "thickness": [m..], "line": l?, "relative_error": r?, "additive_error": a?}]
        #[arg(long, value_name = "FILE")]
        models: PathBuf,
        /// Data include the field of the transmitter itself, as those of Tempest do
        #[arg(long)]
        primary: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Data of earths drawn from the priors of exact chains, to calibrate them
    Prior {
        /// The CSV file to write, as geobipy reads it
        output: PathBuf,
        /// The options of an inversion, with value_mean: they say the priors
        #[arg(long, value_name = "FILE")]
        options: PathBuf,
        /// Any option, before what the file says
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// How many soundings to draw
        #[arg(long, value_name = "N")]
        points: usize,
        /// The JSON file of the earths to write
        #[arg(long, value_name = "FILE")]
        truth: PathBuf,
        /// m above the ground: where data say that the system, or its transmitter, was
        #[arg(long, value_name = "METRES", default_value_t = 30.0)]
        height: f64,
        /// m: the receiver from the transmitter, in the time domain: forward, left, up
        #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true, default_value = "-13,0,2",
              value_parser = numbers::<3>)]
        receiver: [f64; 3],
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Args, Debug)]
struct Common {
    /// A system file (.stm, .gex), for each system in their order
    #[arg(long, value_name = "FILE")]
    system: Vec<PathBuf>,
    /// Relative and additive error; in place of what earths or options say
    #[arg(long, value_name = "REL,ADD", value_parser = numbers::<2>)]
    noise: Option<[f64; 2]>,
    /// Of the random numbers
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// The most soundings that are drawn: they are in memory together.
const MOST: usize = 1_000_000;

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    match &flags.what {
        What::Line {
            output,
            models,
            primary,
            common,
        } => {
            let read = common.read(&[])?;
            let systems = systems(read.clone()).map_err(failed)?;
            let mut truths = Truth::read_all(models).map_err(failed)?;
            let noise = common.noise()?;
            if noise.is_some() {
                for truth in &mut truths {
                    truth.relative_error.clear();
                    truth.additive_error.clear();
                }
            }
            let simulation = Simulation {
                systems: &systems,
                with_primary: *primary,
                seed: common.seed,
            };
            let survey = simulation
                .survey(&truths, noise)
                .map_err(|error| failed(format!("{}: {error}", models.display())))?;
            write(output, &survey, &read)
        }
        What::Prior { points, .. } if !(1..=MOST).contains(points) => Err(Failure::usage(format!(
            "--points: from 1 to {MOST} are expected"
        ))),
        What::Prior {
            output,
            options: path,
            set,
            points,
            truth,
            height,
            receiver,
            common,
        } => {
            let found = Options::read(path, set).map_err(failed)?;
            for warning in &found.warnings {
                log::warn!("{warning}");
            }
            let options = found.options;
            let read = common.read(&options.system_paths())?.into_iter();
            let read = read.map(|system| digitised(system, options.digitise));
            let read = read.collect::<Result<Vec<System>, Failure>>()?;
            let systems = systems(read.clone()).map_err(failed)?;
            let mut settings = task::settings(&options, &systems).map_err(failed)?;
            if let Some(noise) = common.noise()? {
                fix(&mut settings, noise);
            }
            let simulation = Simulation {
                systems: &systems,
                with_primary: options.data_type == DataType::Tempest,
                seed: common.seed,
            };
            let place = place(&systems, *height, receiver);
            let drawn = prior(&simulation, &settings, options.layers_prior, place, *points);
            let (survey, truths) =
                drawn.map_err(|error| failed(format!("{}: {error}", path.display())))?;
            write(output, &survey, &read)?;
            atomic::write(truth, Truth::to_json(&truths)).map_err(failed)
        }
    }
}

impl Common {
    /// Those of the flags, or else those of the options.
    fn read(&self, named: &[PathBuf]) -> Result<Vec<System>, Failure> {
        let paths = if self.system.is_empty() {
            named
        } else {
            &self.system
        };
        super::reading::systems(paths)
    }

    /// Errors that are not those of the earths or the options.
    fn noise(&self) -> Result<Option<[f64; 2]>, Failure> {
        match self.noise {
            Some(levels) if levels.iter().any(|level| *level < 0.0) => {
                Err(Failure::usage("--noise: an error is negative"))
            }
            noise => Ok(noise),
        }
    }
}

/// Numbers between commas.
fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let found = numbers.filter(|all| all.iter().all(|number| number.is_finite()));
    let found = found.and_then(|all| <[f64; N]>::try_from(all).ok());
    found.ok_or_else(|| format!("{N} numbers with commas between them are expected"))
}

/// The system that an inversion with this option has.
fn digitised(system: System, times: u32) -> Result<System, Failure> {
    match system {
        System::Frequency(system) => Ok(System::Frequency(system)),
        System::Time(system) => {
            let finer = system.digitised(times);
            Ok(System::Time(finer.map_err(failed)?))
        }
    }
}

/// Errors that are not drawn.
fn fix(settings: &mut Settings, noise: [f64; 2]) {
    let levels = [&mut settings.relative_error, &mut settings.additive_error];
    for (levels, initial) in levels.into_iter().zip(noise) {
        levels.fill(Level {
            initial,
            walk: None,
        });
    }
}

fn place(systems: &Systems, height: f64, receiver: &[f64; 3]) -> Place {
    match systems {
        Systems::Frequency(..) => Place::Altitude(height),
        Systems::Time(_) => Place::Geometry(Geometry {
            tx_height: height,
            tx_roll: 0.0,
            tx_pitch: 0.0,
            tx_yaw: 0.0,
            txrx_dx: receiver[0],
            txrx_dy: receiver[1],
            txrx_dz: receiver[2],
            rx_roll: 0.0,
            rx_pitch: 0.0,
            rx_yaw: 0.0,
        }),
    }
}

fn write(output: &Path, survey: &Survey, systems: &[System]) -> Result<(), Failure> {
    let text = survey.to_csv(systems).map_err(failed)?;
    atomic::write(output, text).map_err(failed)
}
