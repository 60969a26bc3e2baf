//! The `gmf` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;

/// Matched-filter analysis of radar recordings.
#[derive(Parser, Debug)]
#[command(name = "gmf", version, about, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  gmf simulate drf pass.ini recording       make a recording with known targets
  gmf inspect drf recording                 what a recording holds
  gmf analyze recording uhf --config c.ini -o found
  mpirun -n 8 gmf analyze recording uhf --config c.ini -o found
  gmf inspect gmf found --peaks             what was found
  gmf plot gmf found                        figures of it
  gmf detect found --events                 the targets

Exit status: 0 done; 1 failed, also for a wrong configuration; 2 the command line cannot be met;
3 done, but for inputs that could not be used, each named; 128 + n ended by signal n, finished work
is kept";

fn main() -> ExitCode {
    jobwise_kit::main("gmf", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
