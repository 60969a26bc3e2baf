use std::path::PathBuf;

use clap::{Args, Subcommand};
use jobwise_gmf::range_gates::{Ranges, disagreement, range_gates};
use jobwise_gmf::units::LengthUnit;
use jobwise_kit::Failure;

use super::strict::Strict;
use super::{failed, finish};

/// Check experiments and machines
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    RangeGates(RangeGates),
    /// List the CUDA devices of this machine and let each add 16 numbers
    ///
    /// Succeeds when there is a device and every one adds correctly; otherwise one line says what
    /// is missing, and the exit status is 1, so that scripts can ask.
    Cuda,
}

/// Tell which range gates an experiment has
///
/// Ranges are those of the total path: transmitter, target, receiver.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RangeGates {
    /// The recording, or its metadata.ini
    path: PathBuf,
    /// Also tell the gate at this range
    #[arg(short, long, value_name = "RANGE")]
    start: Option<f64>,
    /// Also tell the gate at this range, not before START
    #[arg(short, long, value_name = "RANGE")]
    end: Option<f64>,
    /// Also tell the first gate without clutter that reaches to this range
    #[arg(short, long, value_name = "RANGE", conflicts_with_all = ["start", "end"])]
    clutter: Option<f64>,
    /// Unit of the ranges: m, km, R_E (Earth radii), LD (lunar distances) or AU
    #[arg(short, long, value_name = "UNIT", default_value = "km")]
    unit: LengthUnit,
    #[command(flatten)]
    strict: Strict,
}

const EXAMPLES: &str = "Examples:
  gmf check range-gates recording
  gmf check range-gates recording --clutter 300         where to begin behind clutter up to 300 km
  gmf check range-gates recording -s 1 -e 2 -u LD       min_range_gate and max_range_gate for the \
      Moon's distance";

pub(crate) fn run(what: &What) -> Result<(), Failure> {
    match what {
        What::RangeGates(flags) => {
            let ranges = Ranges {
                start: flags.start,
                end: flags.end,
                clutter: flags.clutter,
            };
            let text = range_gates(&flags.path, flags.unit, ranges).map_err(failed)?;
            jobwise_kit::print(&text)?;
            let inputs = flags.strict.inputs();
            // The gates are told whatever becomes of the recording.
            match disagreement(&flags.path, &inputs) {
                Ok(None) => {}
                Ok(Some(told)) => log::warn!("{told}"),
                Err(error) => inputs.pass_over(&flags.path, error).map_err(failed)?,
            }
            finish(&inputs)
        }
        What::Cuda => cuda(),
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<(), Failure> {
    Err(failed(
        "this gmf was built without CUDA; build it with: cargo build --release -p jobwise-gmf \
         --features cuda",
    ))
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<(), Failure> {
    use std::fmt::Write as _;

    use jobwise_kit::cuda::Cuda;

    let count = Cuda::count().map_err(failed)?;
    if count == 0 {
        return Err(failed("no CUDA device on this machine"));
    }
    let (mut text, mut wrong) = (String::new(), Vec::new());
    for index in 0..count {
        let device = Cuda::open(index).map_err(failed)?;
        let known = device.characteristics().map_err(failed)?;
        let adds = device.adds().map_err(failed)?;
        if !adds {
            wrong.push(index.to_string());
        }
        let (major, minor) = known.capability;
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "device {index}  {}\n  memory clock        {} kHz\n  memory bus          {} bit\n  \
             peak bandwidth      {:.1} GB/s\n  compute capability  {major}.{minor}\n  16 \
             additions        {}",
            device.name(),
            known.memory_clock,
            known.bus_width,
            known.bandwidth(),
            if adds { "right" } else { "WRONG" }
        );
    }
    jobwise_kit::print(&text)?;
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(failed(format!(
            "devices that add wrongly: {}",
            wrong.join(", ")
        )))
    }
}
