use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use jobwise_core::Solo;
use jobwise_gmf::download::{Request, fetch};
use jobwise_kit::{Bar, Failure, signals};

use super::failed;

/// Fetch raw data from archives
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    Eiscat(Eiscat),
}

/// Fetch raw data of the EISCAT radars as DST/MODE-DAY-INSTRUMENT.zip
///
/// A file that exists is left as it is. What has arrived of one that was interrupted lies in a file
/// .part; run the same command again to go on. The archive serves members' networks only. For other
/// programs, such as wget, --dry-run prints the address.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Eiscat {
    /// The day, YYYYMMDD
    day: String,
    /// The experiment with version and owner
    mode: String,
    /// The instrument: uhf, vhf, 32m, 42m
    instrument: String,
    /// The directory that the file goes into
    #[arg(value_name = "DST")]
    destination: PathBuf,
    /// Report progress also when the output is not a terminal
    #[arg(short, long)]
    progress: bool,
    /// Print address and size, and fetch nothing
    #[arg(long)]
    dry_run: bool,
    /// Address of the schedule
    #[arg(
        long,
        value_name = "URL",
        hide_short_help = true,
        default_value = "https://portal.eiscat.se/schedule/tape2.cgi"
    )]
    schedule_url: String,
    /// Address of the server of the data
    #[arg(
        long,
        value_name = "URL",
        hide_short_help = true,
        default_value = "https://rebus.eiscat.se:37009"
    )]
    data_url: String,
    /// Seconds that a server may say nothing
    #[arg(
        long,
        value_name = "SECONDS",
        hide_short_help = true,
        default_value_t = 60,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    timeout: u32,
    /// Milliseconds before the first retry; each further pause is twice as long
    #[arg(
        long,
        value_name = "MS",
        hide_short_help = true,
        default_value_t = 2000
    )]
    pause: u32,
}

const EXAMPLES: &str = "Examples:
  gmf download eiscat 20220408 leo_bpark_2.1u_NO uhf raw --progress
  gmf download eiscat 20220408 leo_bpark_2.1u_NO uhf raw --dry-run";

pub(crate) fn run(what: What) -> Result<(), Failure> {
    let What::Eiscat(flags) = what;
    let request = Request {
        day: flags.day,
        mode: flags.mode,
        instrument: flags.instrument,
        schedule_url: flags.schedule_url,
        data_url: flags.data_url,
        patience: Duration::from_secs(flags.timeout.into()),
        pause: Duration::from_millis(flags.pause.into()),
    };
    request.check().map_err(|e| Failure::usage(e.to_string()))?;
    let file = request.file(&flags.destination);
    if file.exists() {
        return jobwise_kit::print(&format!("{} exists\n", file.display()));
    }
    let cancelled =
        || Failure::cancelled("cancelled; what has arrived is kept, run again to continue");
    let cancel = signals::cancel_on_signals().map_err(failed)?;
    let product = request.product(&cancel).map_err(failed)?;
    let product = product.ok_or_else(cancelled)?;
    if flags.dry_run {
        return jobwise_kit::print(&format!(
            "address   {}\nsize      {:.1} MB before packing, as the schedule tells\nfile      \
             {}\n",
            request.address(&product),
            product.bytes as f64 / 1e6,
            file.display()
        ));
    }
    let bar = Bar::new("MB", flags.progress, &Solo);
    let complete = fetch(&request, &product, &file, &cancel, &bar).map_err(failed)?;
    bar.finish();
    if !complete {
        return Err(cancelled());
    }
    jobwise_kit::print(&format!("{}\n", file.display()))
}
