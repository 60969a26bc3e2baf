use clap::Args;
use jobwise_inversion::survey::{Reading, Survey};
use jobwise_kit::Failure;

use super::failed;

/// How columns are to be read, for every command that reads data.
#[derive(Args, Debug)]
pub(crate) struct ReadingFlags {
    /// Which column a name stands for: line, fiducial, x, y, elevation, height, tx_roll, tx_pitch,
    /// tx_yaw, txrx_dx, txrx_dy, txrx_dz, rx_roll, rx_pitch, rx_yaw; data in_phase, quadrature, S0X
    /// to S9Z (system, component), these also with _err (standard deviations) or _rel (as parts of
    /// the data); PX, PY, PZ. -COLUMN changes the sign, COLUMN1:COLUMN9 or an array of a .dfn are
    /// windows, a number holds for all soundings
    #[arg(long, value_name = "NAME=COLUMN,..", allow_hyphen_values = true)]
    map: Vec<String>,
    /// A number that stands where there is no value
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    null: Vec<f64>,
    /// Multiply what a name of --map stands for
    #[arg(long, value_name = "NAME=FACTOR,..")]
    scale: Vec<String>,
    /// Make one sounding of rows of different channels of Workbench that are at most so far apart,
    /// at their mean place
    #[arg(long, value_name = "METRES", default_value_t = 0.0)]
    pair: f64,
}

impl ReadingFlags {
    pub(crate) fn reading(&self) -> Result<Reading, Failure> {
        let reading = Reading::new(&self.map, &self.scale, &self.null);
        let reading = reading.map_err(|error| Failure::usage(error.to_string()))?;
        Ok(reading.with_pairs_within(self.pair))
    }
}

/// Warns of what was guessed and refused; fails in part where rows were refused.
pub(crate) fn tell(path: &std::path::Path, survey: &Survey) -> Result<(), Failure> {
    let path = path.display();
    for note in &survey.notes {
        log::warn!("{path}: {note}");
    }
    for (line, problem) in &survey.refused.first {
        log::warn!("{path}: line {line}: {problem}");
    }
    match survey.refused.count {
        0 => Ok(()),
        count => Err(Failure::partial(format!(
            "{path}: {count} rows could not be used"
        ))),
    }
}

/// Reads systems in the order of their files.
pub(crate) fn systems(
    paths: &[std::path::PathBuf],
) -> Result<Vec<jobwise_inversion::system::System>, Failure> {
    let mut systems = Vec::new();
    for path in paths {
        let read = jobwise_inversion::system::System::read_all(path).map_err(failed)?;
        systems.extend(read);
    }
    Ok(systems)
}
