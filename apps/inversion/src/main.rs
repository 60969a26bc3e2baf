//! The `inversion` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;

/// Trans-dimensional Bayesian inversion of airborne electromagnetic soundings.
#[derive(Parser, Debug)]
#[command(name = "inversion", version, about, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  inversion forward models.json --system resolve.stm --output responses.json
  inversion inspect data survey.dat
  inversion convert survey.dat survey.csv --system tempest.stm --map S0X=EMX_HPRG,S0Z=EMZ_HPRG
  inversion check steps sampler_steps.json --system resolve.stm";

fn main() -> ExitCode {
    jobwise_kit::main("inversion", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
