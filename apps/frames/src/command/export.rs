use std::path::PathBuf;

use clap::Args;
use jobwise_frames::distributor::Block;
use jobwise_frames::input::{Options, Problem};
use jobwise_frames::map::Polarization;
use jobwise_frames::program::FileFlags;
use jobwise_frames::toast::{Error, Export, Files, Telescope};
use jobwise_kit::Failure;

use super::failed;
use super::reading::unread;
use super::writing::remove_stale;

/// Write each observation as a file of another program
///
/// For TOAST 3: <observation>.h5 with the samples of all scans, one behind the other in the order
/// of time, the boresight, the detectors, times and flags. Each scan is a sample set, and an
/// interval: scanning, or turnaround (Turnaround is true; its samples are flagged with 4). Samples
/// that are not finite, or of detectors that a scan does not have, are flagged with 1. Files are
/// read twice, so they cannot be pipes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(flatten)]
    files: FileFlags,
    /// The format: HDF5 of TOAST 3
    #[arg(long, required = true)]
    toast: bool,
    /// The timestreams in the scans
    #[arg(long, value_name = "KEY", default_value = "RawTimestreams_I")]
    timestreams: String,
    /// The rotation of the boresight in the scans, equatorial
    #[arg(long, value_name = "KEY", default_value = "OnlineRaDecRotation")]
    pointing: String,
    /// Offsets and polarization of detectors in the Calibration frame
    #[arg(long, value_name = "KEY", default_value = "BolometerProperties")]
    properties: String,
    /// Turn the quaternions of detectors by their angles of polarization, counted as iau or cosmo
    /// do: TOAST's weights of Q and U are of these quaternions
    #[arg(long, value_name = "iau|cosmo|none", default_value_t)]
    pol: Polarization,
    /// What the samples are measured in [default: the base units of spt3g; Tcmb is mK]
    #[arg(long, value_name = "UNIT")]
    units: Option<String>,
    /// The telescope
    #[arg(long, value_name = "NAME", default_value = "SPT")]
    telescope: String,
    /// Where it stands: degrees to the north and east, metres above the sea
    #[arg(
        long,
        value_name = "NAME,LAT,LON,ALT",
        default_value = "pole,-89.99,-44.65,2835",
        value_parser = site
    )]
    site: Site,
    /// Pass over frames whose checksum is wrong, with a warning
    #[arg(long)]
    skip_corrupt: bool,
    /// The directory to write into
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

const EXAMPLES: &str = "Example:
  frames export --toast obs.g3 --timestreams CalTimestreams -o toast";

#[derive(Clone, Debug)]
struct Site {
    name: String,
    place: [f64; 3],
}

fn site(text: &str) -> Result<Site, String> {
    let malformed = || "not a name, a latitude, a longitude and a height".to_owned();
    let parts: Vec<&str> = text.split(',').collect();
    let [name, place @ ..] = parts.as_slice() else {
        return Err(malformed());
    };
    let place: Vec<f64> = place
        .iter()
        .map(|part| part.trim().parse().ok().filter(|it: &f64| it.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(malformed)?;
    let place: [f64; 3] = place.try_into().map_err(|_| malformed())?;
    if place[0].abs() > 90.0 {
        return Err("a latitude is from -90 to 90 degrees".into());
    }
    Ok(Site {
        name: (*name).to_owned(),
        place,
    })
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let files = flags.files.files()?;
    let [latitude, longitude, altitude] = flags.site.place;
    let export = Export {
        timestreams: flags.timestreams.as_str().into(),
        pointing: flags.pointing.as_str().into(),
        properties: flags.properties.as_str().into(),
        polarization: flags.pol,
        units: flags.units.clone(),
        telescope: Telescope {
            name: flags.telescope.clone(),
            site: flags.site.name.clone(),
            latitude,
            longitude,
            altitude,
        },
    };
    remove_stale(&flags.output.join("any.h5"));
    let files = files.blocks().iter().flat_map(Block::files);
    let mut source = Files {
        files: files.cloned().collect(),
        input: Options {
            skips_damage: flags.skip_corrupt,
            ..Options::default()
        },
    };
    let written = export.write(&mut source, &flags.output);
    let written = written.map_err(|error| match error {
        Error::Input(error) if matches!(error.problem, Problem::Name) => unread(error),
        other => failed(other),
    })?;
    if written.is_empty() {
        return Err(failed("there is no scan in the files: nothing is written"));
    }
    for one in written {
        log::info!(
            "{}: {} detectors, {} scans, {} samples",
            one.path.display(),
            one.detectors,
            one.scans,
            one.samples
        );
    }
    Ok(())
}
