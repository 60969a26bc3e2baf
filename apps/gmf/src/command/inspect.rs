use std::path::PathBuf;

use clap::Subcommand;
use jobwise_gmf::inspect;
use jobwise_kit::Failure;

use super::strict::Strict;
use super::{failed, finish};

/// Look into recordings and results
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// The channels, blocks and experiment of a recording
    #[command(after_help = DRF_EXAMPLES)]
    Drf {
        /// The recording's directory
        path: PathBuf,
        #[command(flatten)]
        strict: Strict,
    },
    /// The datasets and attributes of an analysis
    #[command(after_help = GMF_EXAMPLES)]
    Gmf {
        /// The output directory of gmf analyze, or one HDF5 file
        path: PathBuf,
        #[command(flatten)]
        strict: Strict,
        /// Print the strongest range gate of each integration instead
        #[arg(long)]
        peaks: bool,
        /// Print them beside the truth of the simulated recording in DIR
        #[arg(long, value_name = "DIR", requires = "peaks")]
        truth: Option<PathBuf>,
    },
}

const DRF_EXAMPLES: &str = "Examples:
  gmf inspect drf recording";

const GMF_EXAMPLES: &str = "Examples:
  gmf inspect gmf found                                what the first file holds
  gmf inspect gmf found --peaks
  gmf inspect gmf found --peaks --truth recording      beside the truth of gmf simulate";

pub(crate) fn run(what: &What) -> Result<(), Failure> {
    let (text, inputs) = match what {
        What::Drf { path, strict } => {
            let inputs = strict.inputs();
            (inspect::recording(path, &inputs), inputs)
        }
        What::Gmf {
            path,
            strict,
            peaks,
            truth,
        } => {
            let inputs = strict.inputs();
            let text = if *peaks {
                inspect::peak_table(path, truth.as_deref(), &inputs)
            } else {
                inspect::product(path, &inputs)
            };
            (text, inputs)
        }
    };
    jobwise_kit::print(&text.map_err(failed)?)?;
    finish(&inputs)
}
