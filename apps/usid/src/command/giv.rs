use clap::{Args, ValueEnum};
use jobwise_kit::Failure;
use jobwise_usid::giv::{Giv, Model, MomentsFrom, balanced_steps};

use super::hertz;
use super::process::ProcessFlags;

/// Resistance and capacitance from current under a sinusoidal bias, by Bayesian inference
///
/// Every row of the main dataset is the current of one period of a sine that starts at zero; the
/// spectroscopic values are the bias. Both are converted from their units to nA and V. Results:
/// Resistance, R_variance, Capacitance (twice the physical one, as customary), Physical_Capacitance
/// and Corrected_Current in a group DATASET-Bayesian_Inference_NNN.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The frequency of the bias in Hz, or with units [default: excitation_frequency_[Hz] of the
    /// file]
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    frequency: Option<f64>,
    /// Biases at which the resistance is found, of both directions together: taken as the nearest
    /// number that is twice an odd one
    #[arg(long, value_name = "N", default_value_t = 250)]
    num_x_steps: usize,
    /// Current through the bridge per volt and nanofarad, 1/s
    #[arg(
        long,
        value_name = "R",
        default_value_t = 110.0,
        allow_hyphen_values = true
    )]
    r_extra: f64,
    /// Standard deviation of the current's noise in nA
    #[arg(long, value_name = "NA", default_value_t = 0.03)]
    gam: f64,
    /// Prior standard deviation of the conductance in 1/GOhm
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    sigma: f64,
    /// Prior standard deviation of the capacitance in nF
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    sigma_c: f64,
    /// What mean and variance of the resistance are found from
    #[arg(long, value_enum, default_value = "quadrature")]
    moments: MomentsName,
    /// Random samples at each bias where they are drawn, an even number
    #[arg(long, value_name = "N", default_value_t = 2000)]
    num_samples: usize,
    /// The seed of the random numbers: the same one gives the same results, to the bit
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    process: ProcessFlags,
}

/// The ways by the names users know.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MomentsName {
    /// Sums where the conductance is known to an eighth, right to 1e-8; samples elsewhere
    Quadrature,
    /// Random samples everywhere, as older results have them
    Sampled,
}

const EXAMPLES: &str = "Examples:
  usid giv currents.h5
  usid giv currents.h5 --frequency 200 --num-x-steps 62
  usid giv currents.h5 --test-pixel 3     one position, nothing written
  mpirun -n 4 usid giv currents.h5";

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let num_x_steps = balanced_steps(flags.num_x_steps);
    if num_x_steps != flags.num_x_steps {
        log::warn!(
            "num_x_steps is {num_x_steps} instead of {}: each direction needs an odd number of \
             biases",
            flags.num_x_steps
        );
    }
    flags.process.run(Giv {
        frequency: flags.frequency,
        model: Model {
            num_x_steps,
            r_extra: flags.r_extra,
            gam: flags.gam,
            sigma: flags.sigma,
            sigma_c: flags.sigma_c,
            num_samples: flags.num_samples,
            moments: match flags.moments {
                MomentsName::Quadrature => MomentsFrom::Quadrature,
                MomentsName::Sampled => MomentsFrom::Samples,
            },
        },
        seed: flags.seed,
    })
}
