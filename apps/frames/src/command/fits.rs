use std::path::{Path, PathBuf};

use clap::Args;
use jobwise_frames::fits::{self, Exported};
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::input::{self, Options};
use jobwise_frames::map::StoredMap;
use jobwise_kit::Failure;

use super::failed;

/// Write a map as a FITS file
///
/// A flat map becomes an image for each of T, Q, U, the weights and the hits, with its coordinates.
/// A HEALPix map becomes tables of T, Q and U, of the weights, and of the hits.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// The file with the Map frame
    #[arg(value_name = "IN")]
    file: PathBuf,
    /// The name of the map, where there are several
    #[arg(long)]
    id: Option<String>,
    /// Take the weights out of T, Q and U
    #[arg(long)]
    unweight: bool,
    /// The file to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let mut map = only_map(&flags.file, flags.id.as_deref())?;
    if flags.unweight {
        map = StoredMap::read(&map.to_unweighted_frame()).map_err(failed)?;
    }
    let units = map.sum.units().unwrap_or_default().to_string();
    let exported = Exported {
        id: &map.id.to_str(),
        sum: &map.sum,
        is_weighted: map.is_weighted,
        units: &units,
    };
    fits::write(&flags.output, &exported).map_err(failed)
}

/// The only map of the file with that name.
fn only_map(file: &Path, id: Option<&str>) -> Result<StoredMap, Failure> {
    let mut found: Option<Frame> = None;
    for frame in input::open(file, &Options::default()).map_err(failed)? {
        let frame = frame.map_err(failed)?;
        let is_map = frame.kind() == FrameType::MAP;
        let name = |frame: &Frame| -> Result<String, Failure> {
            let id: &jobwise_frames::archive::Text = frame.get_as("Id").map_err(failed)?;
            Ok(id.to_string())
        };
        if !is_map || id.is_some_and(|id| name(&frame).is_ok_and(|own| own != id)) {
            continue;
        }
        if let Some(first) = &found {
            let (first, second, file) = (name(first)?, name(&frame)?, file.display());
            return Err(failed(format!(
                "{file}: there are several maps, {first} and {second}: --id chooses by name, and \
                 frames coadd adds those of one name"
            )));
        }
        found = Some(frame);
    }
    let file = file.display();
    let nothing = || match id {
        Some(id) => failed(format!("{file}: there is no map {id}")),
        None => failed(format!("{file}: there is no map")),
    };
    StoredMap::read(&found.ok_or_else(nothing)?).map_err(failed)
}
