use std::path::PathBuf;

use clap::{Args, Subcommand};
use jobwise_inversion::sampler::replay::replay;
use jobwise_inversion::system::System;
use jobwise_kit::Failure;

use super::failed;

/// Derive again what was recorded
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Steps(Steps),
}

/// Derive every number of recorded iterations again that is not random
///
/// Prints the largest relative deviation of each quantity, and ends with status 1 where one is
/// above 1e-9. Derivatives at candidates are not recorded: what the rounding of geobipy's explains
/// in the density of the way back, 1e-11 of the largest, does not count.
#[derive(Args, Debug)]
struct Steps {
    /// JSON: {"options": {..}, "initial": {..}, "steps": [..]}, of geobipy 2.3.2 or of a chain
    /// of its kind
    steps: PathBuf,
    /// The system file (.stm), of the frequency domain
    #[arg(long, value_name = "FILE")]
    system: PathBuf,
}

/// The largest deviation of what agrees.
const TOLERANCE: f64 = 1e-9;

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let What::Steps(flags) = &flags.what;
    let system = match System::read(&flags.system).map_err(failed)? {
        System::Frequency(system) => system,
        System::Time(_) => {
            let path = flags.system.display();
            return Err(failed(format!(
                "{path}: recordings are of the frequency domain: give such a system"
            )));
        }
    };
    let found = replay(&flags.steps, &system).map_err(failed)?;
    let row = |[a, b, c]: [&str; 3]| format!("{a:<24} {b:>9} {c:>10}\n");
    let heading = row(["quantity", "compared", "deviation"]);
    let rows = found.all().iter().map(|(quantity, deviation, count)| {
        row([quantity, &count.to_string(), &format!("{deviation:.1e}")])
    });
    let table: String = std::iter::once(heading).chain(rows).collect();
    jobwise_kit::print(&table)?;
    let above = found
        .all()
        .iter()
        .filter(|(_, deviation, _)| *deviation > TOLERANCE);
    let above: Vec<&str> = above.map(|(quantity, ..)| *quantity).collect();
    if above.is_empty() {
        return Ok(());
    }
    let path = flags.steps.display();
    Err(failed(format!(
        "{path}: above {TOLERANCE:e}: {}",
        above.join(", ")
    )))
}
