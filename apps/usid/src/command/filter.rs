use std::marker::PhantomData;

use clap::Args;
use jobwise_kit::Failure;
use jobwise_usid::filter::{Filter, FrequencyFilter, Request, Residual, parse};
use jobwise_usid::format::Scalar;

use super::hertz;
use super::process::ProcessFlags;

/// Filter signals by frequency
///
/// Every row of the main dataset is a signal: its spectrum is multiplied with the filters, bins
/// below the noise floor are dropped, and what is left is transformed back. Results: Filtered_Data,
/// Noise_Floors, Condensed_Data in a group DATASET-FFT_Filtering_NNN.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools)] // each is a flag
pub(crate) struct Flags {
    /// A filter; several apply one after the other. Frequencies in Hz, or with units (10kHz):
    /// low:CUTOFF[,ROLL_OFF], high:CUTOFF[,ROLL_OFF], band:CENTRE,WIDTH[,TAPS],
    /// stop:CENTRE,WIDTH[,TAPS], harmonic:FIRST,WIDTH,COUNT, noise:CENTRE,WIDTH[,CENTRE,WIDTH...]
    /// (all but these)
    #[arg(short, long = "filter", value_name = "FILTER", value_parser = parse)]
    filters: Vec<FrequencyFilter>,
    /// Drop what lies below the noise floor; noise exceeds it with this probability, 0 to 1
    #[arg(short = 't', long, value_name = "P")]
    noise_threshold: Option<f64>,
    /// End the search for the noise floor at a change of 1 % instead of 0.01 in the signal's units
    #[arg(long)]
    relative_residual: bool,
    /// Do not store the filtered signal
    #[arg(long)]
    no_filtered: bool,
    /// Store the spectrum where the filters pass (Condensed_Data)
    #[arg(long)]
    condensed: bool,
    /// Filter so many consecutive positions as one signal
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    num_pix: u32,
    /// Move the signal earlier by this phase of the excitation, in rad
    #[arg(
        long,
        value_name = "RAD",
        default_value_t = 0.0,
        allow_hyphen_values = true
    )]
    phase: f64,
    /// The excitation's frequency in Hz, or with units, for --phase [default:
    /// excitation_frequency_[Hz] of the file]
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    excitation: Option<f64>,
    /// The sampling rate in Hz, or with units [default: IO_samp_rate_[Hz] of the file]
    #[arg(long, value_name = "HZ", value_parser = hertz)]
    sampling_rate: Option<f64>,
    /// The type of Filtered_Data: f16, f32, f64, i8 to i64, u8 to u64. Integers round and end at
    /// their limits, which is counted [default: f32 for sources of up to 16 bits and f32, or else
    /// f64]
    #[arg(long, value_name = "TYPE", value_parser = scalar)]
    result_type: Option<Scalar>,
    /// Transform in single precision: faster, results differ by some 1e-6 of the largest
    #[arg(long)]
    single: bool,
    #[command(flatten)]
    process: ProcessFlags,
}

const EXAMPLES: &str = "Examples:
  usid filter lines.h5 -f low:100kHz -t 1e-6
  usid filter lines.h5 -f harmonic:2000,300,5 -f noise:50000,4000 --condensed
  usid filter lines.h5 -f band:60e3,9e3,1999 --test-pixel 3     one signal, nothing written
  mpirun -n 4 usid filter lines.h5 -f low:100kHz";

/// A type of numbers.
fn scalar(text: &str) -> Result<Scalar, String> {
    Scalar::parse(text).ok_or_else(|| {
        let all = Scalar::ALL.map(|scalar| scalar.to_string());
        format!("is none of {}", all.join(", "))
    })
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let request = Request {
        filters: flags.filters,
        noise_threshold: flags.noise_threshold,
        residual: if flags.relative_residual {
            Residual::Relative
        } else {
            Residual::Absolute
        },
        write_filtered: !flags.no_filtered,
        write_condensed: flags.condensed,
        num_pix: flags.num_pix as usize,
        phase: flags.phase,
        rate: flags.sampling_rate,
        excitation: flags.excitation,
        result_type: flags.result_type,
    };
    if flags.single {
        flags.process.run(Filter::<f32> {
            request,
            precision: PhantomData,
        })
    } else {
        flags.process.run(Filter::<f64> {
            request,
            precision: PhantomData,
        })
    }
}
