use std::path::PathBuf;

use clap::Args;
use jobwise_figures::{Figure, Format, parse_size};
use jobwise_inversion::plot::{Kind, SIZE, SIZE_OF_POINT, line, point};
use jobwise_inversion::products::{LineFile, Results, Seen};
use jobwise_kit::Failure;

use super::failed;
use super::results::{ResultsFlags, end};

/// Draw a line of results, or the posterior of a sounding
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(flatten)]
    results: ResultsFlags,
    /// The number of the line; not needed where there is one
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    line: Option<f64>,
    /// What to draw: section, k, entropy, interfaces, misfit, errors, or point
    #[arg(long, default_value = "section", value_parser = parse_kind)]
    kind: What,
    /// The sounding, for --kind point
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    fiducial: Option<f64>,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<(u32, u32)>,
    /// The picture to write: .png or .svg
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  inversion plot results/ --line 100 --kind section --output section.png
  inversion plot results/ --line 100 --kind point --fiducial 4 --output point.svg";

#[derive(Clone, Copy, Debug)]
enum What {
    Line(Kind),
    Point,
}

fn parse_kind(text: &str) -> Result<What, String> {
    match text {
        "point" => Ok(What::Point),
        text => text
            .parse()
            .map(What::Line)
            .map_err(|why: String| why + ", point"),
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let format = Format::of_file(&flags.output).map_err(Failure::usage)?;
    let results = flags.results.open()?;
    let file = match (flags.line, results.lines()) {
        (Some(number), _) => results.line(number).map_err(failed)?,
        (None, [only]) => only,
        (None, several) => {
            let lines = several.iter().map(|line| format!("{:?}", line.number));
            let lines: Vec<String> = lines.collect();
            let lines = lines.join(", ");
            return Err(Failure::usage(format!("which --line? There are {lines}")));
        }
    };
    let file = &file.open().map_err(failed)?;
    let figure = match flags.kind {
        What::Line(kind) => {
            line(&results, file, kind, flags.size.unwrap_or(SIZE)).map_err(failed)?
        }
        What::Point => of_point(flags, &results, file)?,
    };
    figure.write(&flags.output, format).map_err(failed)?;
    end(&results)
}

fn of_point(flags: &Flags, results: &Results, file: &LineFile) -> Result<Figure, Failure> {
    let Some(fiducial) = flags.fiducial else {
        return Err(Failure::usage("--kind point needs a --fiducial"));
    };
    let same = |found: &f64| found.total_cmp(&fiducial).is_eq();
    let fiducials = file.fiducials();
    let Some(row) = fiducials.iter().position(same) else {
        return Err(failed(format!(
            "{}: no fiducial {fiducial:?}: there are {} from {:?} to {:?}",
            file.path().display(),
            fiducials.len(),
            fiducials[0],
            fiducials[fiducials.len() - 1]
        )));
    };
    let nothing = || {
        let path = file.path().display();
        failed(format!(
            "{path}: fiducial {fiducial:?}: nothing is kept of this sounding"
        ))
    };
    let point_of_row = results.point(file, row).map_err(failed)?;
    let found = point_of_row
        .filter(|found| found.kept() > 0)
        .ok_or_else(nothing)?;
    let seen = Seen::new(found, file.widths());
    Ok(point(&seen, flags.size.unwrap_or(SIZE_OF_POINT)))
}
