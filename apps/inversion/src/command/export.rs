use std::path::PathBuf;

use clap::Args;
use jobwise_inversion::export::{Format, export};
use jobwise_kit::Failure;

use super::failed;
use super::results::{ResultsFlags, end};

/// Write results for other programs
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(flatten)]
    results: ResultsFlags,
    /// csv (a line per sounding and depth), vtk (a curtain of cells), nc (netCDF, CF-1.8), geojson
    /// (points), xyz (Aarhus Workbench), gdf2 (ASEG-GDF2: .dat, and .dfn beside it)
    #[arg(long)]
    format: Format,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The EPSG code of the coordinates, as 32633
    #[arg(long, value_name = "CODE")]
    epsg: Option<u32>,
}

const EXAMPLES: &str = "Examples:
  inversion export results/ --format csv --output results.csv
  inversion export results/ --format nc --epsg 28355 --output results.nc";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let results = flags.results.open()?;
    let notes = export(&results, flags.format, &flags.output, flags.epsg).map_err(failed)?;
    for note in notes {
        log::warn!("{}: {note}", flags.output.display());
    }
    end(&results)
}
