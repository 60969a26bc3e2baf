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
    /// The scenario is an INI file with the sections [Experiment], [Simulation] and [Target NAME]; see the README.
    Drf {
        /// The scenario
        scenario: PathBuf,
        /// The recording to make
        output: PathBuf,
    },
}

pub(crate) fn run(what: &What) -> Result<(), Failure> {
    let What::Drf { scenario, output } = what;
    let scenario = Scenario::read(scenario).map_err(failed)?;
    let simulation = Simulation::new(&scenario).map_err(failed)?;
    record(&simulation, output, |_| ()).map_err(failed)?;
    jobwise_kit::print(&format!("recorded into {}\n", output.display()))
}
