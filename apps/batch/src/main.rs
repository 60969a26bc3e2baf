//! The `batch` command.

mod command;

use std::process::ExitCode;

use clap::Parser;
use command::Command;
use jobwise_batch::guard::{self, GUARD};

/// Runs a command per task, over processors, machines and jobs; run again, it does what is left.
#[derive(Parser, Debug)]
#[command(name = "batch", version, about, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Say what is being done; twice for details
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  ls data/*.h5 > list
  batch run fits --tasks list -- python3 fit.py '{task}'    a command per line of the list
  batch run fits -- python3 fit.py '{task}'                 again, or at once elsewhere: what is \
      left
  batch status fits                                       how far, who is at work, what failed
  batch reset fits --failed                               what failed is open again
  mpirun -n 64 batch run fits --tasks list -- python3 fit.py '{task}'";

fn main() -> ExitCode {
    // For batch itself: not by way of the rest.
    if std::env::args_os().skip(1).eq(GUARD) {
        return guard::watch();
    }
    jobwise_kit::main("batch", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        jobwise_kit::show_messages(cli.verbose);
        cli.command.run()
    })
}
