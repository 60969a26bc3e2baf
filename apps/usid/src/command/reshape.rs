use clap::Args;
use jobwise_kit::Failure;
use jobwise_usid::reshape::Reshape;

use super::process::ProcessFlags;

/// Cut rows into pieces of equal length
///
/// Lines become pixels: every row of the main dataset becomes several, in order. Result:
/// Reshaped_Data in a group DATASET-Reshape_NNN, whose positions have the columns as one more
/// dimension.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// Points of a piece: one cycle of the excitation
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    points_per_cycle: u32,
    #[command(flatten)]
    process: ProcessFlags,
}

const EXAMPLES: &str = "Examples:
  usid reshape lines.h5 --points-per-cycle 500
  usid reshape lines.h5 --dataset \
      Measurement_000/Channel_000/Raw_Data-FFT_Filtering_000/Filtered_Data --points-per-cycle 500";

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    flags.process.run(Reshape {
        points: flags.points_per_cycle as usize,
    })
}
