use std::path::PathBuf;

use clap::Args;
use jobwise_frames::object::{BolometerProperties, Map, Quat};
use jobwise_frames::pointing::{Boresight, Directions};
use jobwise_frames::sky::Geometry;
use jobwise_kit::{Failure, atomic};
use serde_json::{Map as Entries, Value, json};

use super::failed;
use super::frames::scan;

/// Say where each detector looks in a scan, and into which pixels of a map
///
/// The answer is {detector: {alpha, delta, pixel}} with a number per sample: angles in radians, and
/// -1 for what is outside of the map. Numbers that are not finite are null.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The file with the Calibration frame and the scan
    file: PathBuf,
    /// The rotation of the boresight in the scan
    #[arg(long, value_name = "KEY")]
    pointing: String,
    /// The pixels: PROJECTION:WIDTHxHEIGHT@SIZE,ALPHA,DELTA or healpix:NSIDE
    #[arg(long)]
    map: Geometry,
    /// Which of the scans of the file, from 0
    #[arg(long, value_name = "INDEX")]
    scan: usize,
    /// Offsets of detectors in the Calibration frame
    #[arg(long, value_name = "KEY", default_value = "BolometerProperties")]
    properties: String,
    /// The file to write; - for standard output
    #[arg(long, value_name = "OUT")]
    json: PathBuf,
}

const EXAMPLES: &str = "Example:
  frames pointing obs.g3 --pointing OnlineRaDecRotation --map zea:24x16@0.25deg,30,-49.3 \\
    --scan 0 --json pointing.json";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let (scan, calibration) = scan(&flags.file, flags.scan)?;
    let file = flags.file.display();
    let nothing = || failed(format!("{file}: no Calibration frame before the scan"));
    let calibration = calibration.ok_or_else(nothing)?;
    let boresight = Boresight::of(&scan, &flags.pointing.as_str().into()).map_err(failed)?;
    let properties: &Map<BolometerProperties> =
        calibration.get_as(&flags.properties).map_err(failed)?;
    let (mut directions, mut pixels) = (Directions::default(), Vec::new());
    let mut detectors = Entries::new();
    for (name, detector) in properties.iter() {
        let offset = Quat::offset(detector.x_offset, detector.y_offset);
        let coordinates = flags.map.coordinates;
        boresight.look(0..boresight.len(), offset, coordinates, &mut directions);
        flags.map.pixels_of(&directions, &mut pixels);
        let angles = (0..directions.len()).map(|i| directions.get(i).angles());
        let (alpha, delta): (Vec<f64>, Vec<f64>) = angles.unzip();
        let looks = json!({"alpha": alpha, "delta": delta, "pixel": pixels});
        detectors.insert(name.to_string(), looks);
    }
    let text = format!("{}\n", Value::Object(detectors));
    if flags.json.as_os_str() == "-" {
        return jobwise_kit::print(&text);
    }
    atomic::write(&flags.json, text).map_err(failed)
}
