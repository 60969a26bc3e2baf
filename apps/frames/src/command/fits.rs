use std::path::PathBuf;

use clap::Args;
use jobwise_frames::fits::{self, Exported};
use jobwise_frames::map::StoredMap;
use jobwise_kit::Failure;

use super::failed;
use super::frames::only_map;

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
        map = StoredMap::read(&map.to_unweighted_frame().map_err(failed)?).map_err(failed)?;
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
