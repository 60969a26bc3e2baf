use std::path::PathBuf;

use clap::Args;
use jobwise_inversion::survey::Survey;
use jobwise_kit::Failure;

use super::failed;
use super::reading::{ReadingFlags, systems, tell};

/// Write data of another format as the CSV that this program and geobipy read
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The data: CSV, ASEG-GDF2 (.dat, with a .dfn beside it) or Aarhus Workbench (.xyz)
    input: PathBuf,
    /// The CSV file to write
    output: PathBuf,
    /// A system file (.stm, .gex), for each system of the data in their order
    #[arg(long, value_name = "FILE", required = true)]
    system: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadingFlags,
}

const EXAMPLES: &str = "Examples:
  inversion convert tempest.dat tempest.csv --system tempest.stm \\
    --map S0X=EMX_HPRG,S0Z=EMZ_HPRG,txrx_dx=HSep_Std,txrx_dz=VSep_Std
  inversion convert skytem.csv line.csv --system lm.stm --system hm.stm --null -9999.99 \\
    --map S0Z=LM_Data_0:LM_Data_26,S0Z_err=LM_DataSTD_0:LM_DataSTD_26 \\
    --map S1Z=HM_Data_0:HM_Data_21,S1Z_err=HM_DataSTD_0:HM_DataSTD_21";

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let reading = flags.reading.reading()?;
    let systems = systems(&flags.system)?;
    let survey = Survey::read(&flags.input, &reading).map_err(failed)?;
    let text = survey.to_csv(&systems).map_err(failed)?;
    jobwise_kit::atomic::write(&flags.output, text).map_err(failed)?;
    tell(&flags.input, &survey)
}
