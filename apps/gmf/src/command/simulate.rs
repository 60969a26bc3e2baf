use std::path::PathBuf;

use clap::Subcommand;
use jobwise_gmf::simulate::{Scenario, Simulation, record};
use jobwise_kit::Failure;

use super::failed;

/// Make recordings with known targets
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    /// Make a Digital RF recording as a scenario describes it
    ///
    /// The scenario is an INI file with the sections [Experiment], [Simulation] and [Target NAME];
    /// an example is docs/example/pass.ini of the source code.
    #[command(after_help = EXAMPLES)]
    Drf {
        /// The scenario
        scenario: PathBuf,
        /// The recording to make, a directory that does not exist or is empty
        output: PathBuf,
    },
}

const EXAMPLES: &str = "Examples:
  gmf simulate drf docs/example/pass.ini recording";

pub(crate) fn run(what: &What) -> Result<(), Failure> {
    let What::Drf { scenario, output } = what;
    let scenario = Scenario::read(scenario).map_err(failed)?;
    let simulation = Simulation::new(&scenario).map_err(failed)?;
    let clipped = record(&simulation, output, |_| ()).map_err(failed)?;
    if clipped > 0 {
        log::warn!(
            "{clipped} real and imaginary parts do not fit the sample type and were clipped; lower \
             tx_amp, noise_sigma or snr, or \
             choose sample_type = complex64"
        );
    }
    jobwise_kit::print(&format!("recorded into {}\n", output.display()))
}
