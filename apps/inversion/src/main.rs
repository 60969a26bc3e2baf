//! The `inversion` command.

mod command;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
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
  inversion run options.toml results --progress
  inversion forward models.json --system resolve.stm --output responses.json
  inversion inspect data survey.dat
  inversion convert survey.dat survey.csv --system tempest.stm --map S0X=EMX_HPRG,S0Z=EMZ_HPRG
  inversion simulate line line.csv --system resolve.stm --models truth.json --noise 0.05,5
  inversion summary results/ --json summary.json
  inversion plot results/ --line 100 --kind section --output section.png
  inversion export results/ --format nc --epsg 28355 --output results.nc
  inversion inspect result results/100.0.h5
  inversion check steps sampler_steps.json --system resolve.stm";

fn main() -> ExitCode {
    jobwise_kit::main("inversion", || {
        let cli = jobwise_kit::parse_from::<Cli>(arguments())?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}

/// The command line. That of geobipy, `OPTIONS OUTPUT_DIR ..`, is the command `run`.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments
        .get(1)
        .is_some_and(|first| is_file_of_options(first))
    {
        arguments.insert(1, "run".into());
    }
    arguments
}

/// Whether it is a file, and no command.
fn is_file_of_options(argument: &OsStr) -> bool {
    let command = Cli::command();
    let is_command = command
        .get_subcommands()
        .any(|known| known.get_name() == argument);
    !is_command && argument != "help" && Path::new(argument).is_file()
}
