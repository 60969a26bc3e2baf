use std::path::PathBuf;

use clap::Args;
use jobwise_figures::{Figure, Format, parse_size};
use jobwise_frames::filter::Polynomial;
use jobwise_frames::plot::{Selection, ladder, map, timestreams};
use jobwise_kit::Failure;

use super::failed;
use super::frames::{only_map, scan};

/// Draw a map with its hits, timestreams before and after a filter, or which ranks frames went to
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The file with the Map frame or the scan; with --ladder what frames accumulate wrote
    file: PathBuf,
    /// The name of the map, where there are several
    #[arg(long, conflicts_with = "timestreams")]
    id: Option<String>,
    /// Draw which ranks read and computed each data frame, and what each rank saw
    #[arg(long, conflicts_with_all = ["id", "timestreams"])]
    ladder: bool,
    /// Draw these timestreams of a scan, and their spectra
    #[arg(long, value_name = "KEY")]
    timestreams: Option<String>,
    /// What is taken from them: a polynomial of this order
    #[arg(
        long,
        value_name = "poly:N",
        default_value = "poly:2",
        requires = "timestreams"
    )]
    filter: Polynomial,
    /// Which of the scans of the file, from 0
    #[arg(
        long,
        value_name = "INDEX",
        default_value_t = 0,
        requires = "timestreams"
    )]
    scan: usize,
    /// Which detectors, separated by commas; the first three
    #[arg(
        long,
        value_name = "NAME,..",
        value_delimiter = ',',
        requires = "timestreams"
    )]
    detectors: Vec<String>,
    /// Width and height in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = parse_size)]
    size: Option<(u32, u32)>,
    /// The picture to write: .png or .svg
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  frames plot map.g3 -o map.png
  frames plot obs.g3 --timestreams CalTimestreams --filter poly:2 --scan 3 -o scan.svg
  frames plot accumulated.json --ladder -o ladder.png";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let format = Format::of_file(&flags.output).map_err(Failure::usage)?;
    figure(flags)?.write(&flags.output, format).map_err(failed)
}

fn figure(flags: &Flags) -> Result<Figure, Failure> {
    if flags.ladder {
        let at = |problem: &dyn std::fmt::Display| {
            failed(format!("{}: {problem}", flags.file.display()))
        };
        let text = std::fs::read(&flags.file).map_err(|error| at(&error))?;
        let document = serde_json::from_slice(&text).map_err(|error| at(&error))?;
        return ladder(&document, flags.size).map_err(|error| at(&error));
    }
    let Some(name) = &flags.timestreams else {
        let found = only_map(&flags.file, flags.id.as_deref())?;
        return Ok(map(&found, flags.size));
    };
    let (scan, _) = scan(&flags.file, flags.scan)?;
    let mut selection = Selection {
        timestreams: name.clone(),
        detectors: flags.detectors.clone(),
        polynomial: flags.filter.clone(),
    };
    timestreams(&scan, &mut selection, flags.size).map_err(failed)
}
