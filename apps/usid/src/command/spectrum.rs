use clap::Args;
use jobwise_kit::Failure;
use jobwise_usid::spectrum::Spectrum;

use super::hertz;
use super::process::ProcessFlags;

/// Amplitude spectra of signals
///
/// The amplitude of the sine at each frequency, for every row of the main dataset: Amplitude in a
/// group DATASET-Spectrum_NNN.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The sampling rate in Hz, or with units [default: IO_samp_rate_[Hz] of the file]
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    sampling_rate: Option<f64>,
    #[command(flatten)]
    process: ProcessFlags,
}

const EXAMPLES: &str = "Examples:
  usid spectrum lines.h5 --sampling-rate 4e6
  usid spectrum lines.h5 --sampling-rate 4e6 --test-pixel 0";

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    flags.process.run(Spectrum {
        rate: flags.sampling_rate,
    })
}
