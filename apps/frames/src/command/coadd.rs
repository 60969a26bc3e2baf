use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;
use jobwise_frames::archive::Text;
use jobwise_frames::input::{Files, Options};
use jobwise_frames::map::Coadd;
use jobwise_kit::Failure;

use super::failed;
use super::reading::unread;
use super::writing::Output;

/// Add the maps of Map frames
///
/// Their values are added in the order of the files and frames. Maps that are not multiplied by
/// their weights are multiplied first.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// Files with Map frames
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Add only maps with these names, separated by commas
    #[arg(long, value_name = "ID,..", value_delimiter = ',')]
    ids: Option<Vec<String>>,
    /// The name of the sum; with --collate what is put before the names of maps
    #[arg(long, default_value = "Coadd")]
    id: String,
    /// Make a sum for each name
    #[arg(long)]
    collate: bool,
    /// Take the weights out of T, Q and U
    #[arg(long)]
    unweight: bool,
    /// The file to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  frames coadd scan0.g3 scan1.g3 -o coadd.g3
  frames coadd maps.g3 --ids 90GHz,150GHz --collate --id sum- --unweight -o sums.g3";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let text = |id: &String| Text::from(id.as_str());
    let wanted: Option<HashSet<Text>> =
        flags.ids.as_ref().map(|ids| ids.iter().map(text).collect());
    let mut coadd = Coadd::new(wanted, flags.id.as_str(), flags.collate);
    for frame in Files::new(&flags.files, &Options::default()).map_err(unread)? {
        coadd.add(&frame.map_err(unread)?).map_err(failed)?;
    }
    let frames = coadd.frames(flags.unweight).map_err(failed)?;
    if frames.is_empty() {
        let which = if flags.ids.is_some() {
            " of these names"
        } else {
            ""
        };
        return Err(failed(format!("there is no map{which} in the files")));
    }
    let mut output = Output::open(&flags.output, false)?;
    for frame in &frames {
        if output.write(frame)?.is_break() {
            break;
        }
    }
    output.finish()
}
