use clap::{Args, ValueEnum};
use jobwise_kit::Failure;
use jobwise_usid::clean::{Fields, Kept, Request, Taper};
use jobwise_usid::format::Scalar;

use super::process::ProcessFlags;

/// Clean an image: keep the leading components of its windows
///
/// The image is cut in windows that overlap; of their principal components some are kept, and the
/// windows that those make up are averaged where they overlap. Results: Cleaned_Image and
/// Removed_Noise, with the components V and their singular values S, in a group
/// DATASET-Image_Cleaning_NNN.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools)] // each is a flag
pub(crate) struct Flags {
    /// Pixels of a window, along the slow axis and along the fast one [default: about two periods
    /// of the image's lattice]
    #[arg(short, long, value_name = "W[,H]", value_parser = both)]
    window: Option<[usize; 2]>,
    /// Pixels from one window to the next, along the slow axis and along the fast one
    #[arg(short, long, value_name = "S[,T]", default_value = "1", value_parser = both)]
    step: [usize; 2],
    /// Add windows at the edges that the others do not reach; pixels in no window become 0
    #[arg(long)]
    cover_edges: bool,
    /// Multiply every window with the square root of this function
    #[arg(long, value_enum, default_value_t = TaperName::None)]
    taper: TaperName,
    /// The components that are kept, counted from 0: all, N (the first N), A..B (A to B - 1), a
    /// list such as 2,5 or 0,1,3, variance:0.95 (as many as hold this fraction), or elbow (those
    /// before the bend of the singular values)
    #[arg(short, long, value_name = "CHOICE", default_value = "elbow", value_parser = kept)]
    components: Kept,
    /// Components to decompose into [default: all; of windows of more than 2048 pixels those that
    /// are needed]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    num_components: Option<u32>,
    /// Store also the image of every kept component (Cleaned_Components)
    #[arg(long)]
    separate: bool,
    /// The type of stored pixels [default: f64 if the image has 64 bits, else f32]
    #[arg(long, value_enum, value_name = "TYPE")]
    precision: Option<Precision>,
    /// Store also the spectra of the cleaned image and of the removed noise
    #[arg(long)]
    spectra: bool,
    /// Store also the cleaned image scaled to 0..1; done by itself where the file's attribute
    /// normalized is true
    #[arg(long)]
    normalize: bool,
    /// Store also the windows and U, S, V as pycroscopy does (DATASET-Windowing_NNN): many times
    /// the size of the image
    #[arg(long)]
    compat: bool,
    /// What --compat stores of windows: data, abs, data+abs or data+complex; U, S, V only with data
    #[arg(
        long,
        value_name = "MODE",
        default_value = "data",
        requires = "compat",
        value_parser = fields
    )]
    fft_mode: Fields,
    #[command(flatten)]
    process: ProcessFlags,
}

const EXAMPLES: &str = "Examples:
  usid clean-image atoms.h5                                      window and components by themselves
  usid clean-image atoms.h5 --window 32 --step 2 -c 24
  usid clean-image atoms.h5 -w 32,24 -s 4,3 --cover-edges -c variance:0.9
  usid clean-image atoms.h5 -w 32 -c 24 --dry-run                what would be done, and the \
      memory it takes
  mpirun -n 4 usid clean-image atoms.h5 -w 32 -c 0,1,2,5";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TaperName {
    None,
    Hann,
    Hamming,
    Blackman,
}

impl From<TaperName> for Taper {
    fn from(name: TaperName) -> Taper {
        match name {
            TaperName::None => Taper::None,
            TaperName::Hann => Taper::Hann,
            TaperName::Hamming => Taper::Hamming,
            TaperName::Blackman => Taper::Blackman,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Precision {
    F32,
    F64,
}

fn kept(text: &str) -> Result<Kept, String> {
    Kept::parse(text).map_err(|error| error.to_string())
}

fn fields(text: &str) -> Result<Fields, String> {
    Fields::parse(text).ok_or_else(|| "give data, abs, data+abs or data+complex".to_owned())
}

/// A number of pixels along both axes, or one for each.
fn both(text: &str) -> Result<[usize; 2], String> {
    let number = |text: &str| {
        let pixels = text.trim().parse::<u32>().ok().filter(|&pixels| pixels > 0);
        pixels
            .map(|pixels| pixels as usize)
            .ok_or_else(|| format!("{text:?} is no number of pixels"))
    };
    let (first, second) = text.split_once(',').unwrap_or((text, text));
    Ok([number(first)?, number(second)?])
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    if flags.compat && flags.fft_mode != Fields::Data {
        log::warn!(
            "with --fft-mode {} only windows are stored for other programs: components are those \
             of pixels",
            flags.fft_mode.mode()
        );
    }
    flags.process.run(Request {
        window: flags.window,
        step: flags.step,
        cover_edges: flags.cover_edges,
        taper: flags.taper.into(),
        num_components: flags.num_components.map(|number| number as usize),
        kept: flags.components,
        separate: flags.separate,
        precision: flags.precision.map(|precision| match precision {
            Precision::F32 => Scalar::F32,
            Precision::F64 => Scalar::F64,
        }),
        spectra: flags.spectra,
        normalize: flags.normalize,
        compatible: flags.compat.then_some(flags.fft_mode),
    })
}
