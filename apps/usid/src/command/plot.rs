use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jobwise_figures::{Format, Target, parse_size};
use jobwise_kit::Failure;
use jobwise_usid::pictures;

use super::failed;

/// Draw results
///
/// Image cleaning: before, after, removed, a line profile, and the scree of singular values.
/// Filters: spectra with the mask and the noise floor, and signals before and after. G-IV: loops of
/// the current and resistance against bias.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The USID file
    file: PathBuf,
    /// The path of the results group [default: the newest]
    group: Option<String>,
    /// The positions to show, of results by position
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "0")]
    positions: Vec<usize>,
    /// The directory of the figures, or the name of the figure: NAME.png or NAME.svg; where there
    /// are several, NAME is the beginning of their names
    #[arg(short, long, value_name = "DIR|FILE", default_value = ".")]
    output: PathBuf,
    /// png, svg or both [default: that of the file's name, else png]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    format: Vec<Format>,
    /// Width and height in pixels [default: by the number of panels]
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = parse_size)]
    size: Option<(u32, u32)>,
}

const EXAMPLES: &str = "Examples:
  usid plot picture.h5                            clean.png and scree.png of the newest results
  usid plot lines.h5 --positions 0,17 -o figures --format png,svg
  usid plot lines.h5 /Measurement_000/Channel_000/Raw_Data-FFT_Filtering_000";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let target = Target::new(&flags.output, &flags.format).map_err(Failure::usage)?;
    let drawn = pictures::of(&flags.file, flags.group.as_deref(), &flags.positions);
    let drawn = drawn.map_err(failed)?;
    let stem = flags.file.file_stem().unwrap_or_default().to_string_lossy();
    let (prefix, several) = (format!("{stem}-"), drawn.len() > 1);
    let mut text = String::new();
    for picture in drawn {
        let (name, size) = (picture.name, flags.size.unwrap_or(picture.size));
        let figure = picture.figure(size);
        for format in target.formats() {
            let path = target.path(&prefix, name, several, format.extension());
            figure.write(&path, *format).map_err(failed)?;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", path.display());
        }
    }
    jobwise_kit::print(&text)
}
