//! Responses of models from a file, into a file.

mod answers;
mod wishes;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jobwise_core::Job;
use jobwise_inversion::evaluations::Evaluations;
use jobwise_inversion::forward::Formula;
use jobwise_inversion::model::Model;
use jobwise_kit::{Choice, Failure, RunFlags};
use serde_json::json;

use super::failed;
use wishes::Wishes;

/// Compute what a system measures over given earths, and how it changes with conductivities
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// JSON: {"models": [{"conductivity": [S/m..], "thickness": [m..], "altitude": m, or
    /// "geometry": {tx_height, tx_roll, tx_pitch, tx_yaw, txrx_dx, txrx_dy, txrx_dz, rx_roll,
    /// rx_pitch, rx_yaw}, "id": any, "system": FILE}]}
    models: PathBuf,
    /// A system file (.stm), of the frequency or the time domain; models with an altitude are
    /// computed for each. A model's own "system" (beside MODELS) comes first in the time domain
    #[arg(long, value_name = "FILE")]
    system: Vec<PathBuf>,
    /// Derivatives by the natural logarithms of the conductivities
    #[arg(long, value_enum, default_value = "none")]
    jacobian: Jacobian,
    /// Digitise the waveform of a time-domain system so many times finer
    #[arg(long, value_name = "N", default_value_t = 1)]
    digitise: u32,
    /// The JSON file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    run: RunFlags,
}

const EXAMPLES: &str = "Examples:
  inversion forward models.json --system resolve.stm --output responses.json
  inversion forward models.json --system skytem-lm.stm --jacobian correct --output responses.json
  inversion forward models.json --system resolve.stm --device cuda --output responses.json";

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Jacobian {
    /// None
    None,
    /// The derivatives
    Correct,
    /// What geobipy 2.3.2 takes for them in the frequency domain
    Peer,
    /// Both
    Both,
}

impl Jacobian {
    /// The formulas, each with its name in the output.
    fn formulas(self) -> &'static [(Formula, &'static str)] {
        let both = &[(Formula::Correct, "correct"), (Formula::Peer, "peer")];
        match self {
            Jacobian::None => &[],
            Jacobian::Correct => &both[..1],
            Jacobian::Peer => &both[1..],
            Jacobian::Both => both,
        }
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    if flags.run.job != Job::WHOLE || flags.run.dry_run {
        return Err(Failure::usage(
            "all answers are one file: --job and --dry-run are not for them",
        ));
    }
    let choice = Choice::new(&flags.run, "jobwise-inversion")?;
    let models = Model::read_all(&flags.models).map_err(failed)?;
    let wrong = |(model, problem): (usize, String)| {
        let path = flags.models.display();
        Failure::failed(format!("{path}: models[{model}]: {problem}"))
    };
    let wishes = Wishes::new(flags, &models).map_err(wrong)?;
    let evaluations = Evaluations::new(&wishes.systems, &models, &wishes.all);
    let evaluations =
        evaluations.map_err(|(place, problem)| wrong((wishes.all[place].model, problem)))?;
    let responses = choice.run(evaluations)?;
    if !jobwise_kit::is_first_rank() {
        return Ok(());
    }
    let answers = answers::answers(flags.jacobian, &models, &wishes, &responses);
    let text = json!({ "models": answers }).to_string();
    jobwise_kit::atomic::write(&flags.output, text).map_err(failed)
}
