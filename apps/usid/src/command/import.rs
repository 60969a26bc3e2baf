use std::path::PathBuf;

use clap::Args;
use jobwise_kit::Failure;
use jobwise_usid::import::{Plan, Which, Wishes, read};

use super::failed;

/// Make a USID file from a picture: TIFF, PNG, NPY, or a dataset of an HDF5 file
///
/// The columns of the picture become X, the slow dimension, its rows Y. Sizes and units that files
/// of HyperSpy, EMD files of Velox and NCEM, and TIFF files of ImageJ say are taken over. Colour
/// pictures become grey.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The picture
    image: PathBuf,
    /// The USID file to make
    output: PathBuf,
    /// The dataset of an HDF5 file that holds several, or a group that holds one
    #[arg(long, value_name = "PATH")]
    dataset: Option<String>,
    /// The page of a TIFF file or the picture of a stack, from 0
    #[arg(long, value_name = "N")]
    page: Option<usize>,
    /// The axis of a stack that counts pictures, from 0 [default: as the file says, or the first]
    #[arg(long, value_name = "N")]
    axis: Option<usize>,
    /// Width and height of the whole picture, in --units [default: counted in pixels]
    #[arg(long, num_args = 2, value_names = ["W", "H"], value_parser = length)]
    size: Option<Vec<f64>>,
    /// The units of width and height [default: nm]
    #[arg(long)]
    units: Option<String>,
    /// What the pixels are [default: Intensity]
    #[arg(long, value_name = "NAME")]
    quantity: Option<String>,
    /// The units of the pixels [default: a.u.]
    #[arg(long, value_name = "UNITS")]
    quantity_units: Option<String>,
    /// Scale the pixels to 0 .. 1
    #[arg(long)]
    normalize: bool,
    /// Replace an output that exists
    #[arg(long)]
    clobber: bool,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "Examples:
  usid import lattice.tif lattice.h5 --size 25 25 --units nm
  usid import stack.h5 frame.h5 --dataset /scan/data --page 3
  usid import map.npy map.h5 --quantity Height --quantity-units nm --dry-run";

fn length(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(length) if length.is_finite() && length > 0.0 => Ok(length),
        _ => Err("it must be a number above 0".to_owned()),
    }
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let (image, output) = (&flags.image, &flags.output);
    let same = |a: &PathBuf, b: &PathBuf| {
        a.canonicalize()
            .ok()
            .is_some_and(|a| b.canonicalize().ok() == Some(a))
    };
    if same(image, output) {
        return Err(Failure::usage(format!(
            "{}: the output is the picture itself: choose another name",
            output.display()
        )));
    }
    if output.is_dir() {
        return Err(Failure::usage(format!(
            "{}: is a directory: name a file in it",
            output.display()
        )));
    }
    if output.exists() && !flags.clobber && !flags.dry_run {
        return Err(Failure::usage(format!(
            "{}: exists: choose another name, or replace it with --clobber",
            output.display()
        )));
    }
    let which = Which {
        dataset: flags.dataset,
        page: flags.page,
        axis: flags.axis,
    };
    let picture = read(image, &which).map_err(failed)?;
    let wishes = Wishes {
        size: flags.size.as_deref().and_then(|size| size.try_into().ok()),
        units: flags.units,
        quantity: flags.quantity,
        quantity_units: flags.quantity_units,
        normalize: flags.normalize,
    };
    let plan = Plan::new(picture, &wishes)
        .map_err(|error| Failure::failed(format!("{}: {error}", image.display())))?;
    for warning in plan.warnings() {
        log::warn!("{}: {warning}", image.display());
    }
    if !flags.dry_run {
        plan.write(output).map_err(failed)?;
    }
    let done = if flags.dry_run {
        "would be written"
    } else {
        "written"
    };
    jobwise_kit::print(&format!("{}{} {done}\n", plan.describe(), output.display()))
}
