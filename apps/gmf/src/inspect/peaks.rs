use std::path::Path;

use jobwise_kit::Inputs;

use crate::product::{Stored, files, further_targets, healthy, none_left, optimised_peaks};
use crate::search::Target;
use crate::{Error, Result};

/// The strongest range gate of one integration.
#[derive(Clone, Debug, PartialEq)]
pub struct Peak {
    /// Start of the integration, in s since 1970.
    pub time: f64,
    /// Range of the total path in m; NaN, as the next two, where the integration was not analysed.
    pub range: f64,
    /// Range rate at that instant in m/s.
    pub range_rate: f64,
    /// Acceleration in m/s^2.
    pub acceleration: f64,
    /// Matched-filter power.
    pub gmf: f32,
    /// Range, range rate and acceleration after an optimisation, where there was one.
    pub optimised: Option<[f64; 3]>,
    /// What the integration has beside its strongest target.
    pub further: Vec<Target>,
}

/// The peaks of all output files below a directory, in order of time. Damaged files are passed
/// over.
///
/// # Errors
/// When there is no output file, or none can be read; and for the first damaged file where `inputs`
/// are not passed over.
pub fn peaks(root: &Path, inputs: &Inputs) -> Result<Vec<Peak>> {
    let mut peaks = Vec::new();
    let healthy = healthy(files(root)?, inputs)?;
    if healthy.is_empty() {
        return Err(none_left(root));
    }
    for path in healthy {
        peaks.extend(peaks_of(&path)?);
    }
    Ok(peaks)
}

fn peaks_of(path: &Path) -> Result<Vec<Peak>> {
    let file = Stored::open(path)?;
    let column = |name: &str| file.column::<f64>(name);
    let start = *column("epoch_unix")?.first().ok_or_else(|| Error::Format {
        path: path.to_path_buf(),
        problem: "epoch_unix is empty".to_owned(),
    })?;
    let step = file.number("processing", "n_ipp")? * file.number("experiment", "ipp_samp")?
        / file.number("experiment", "sample_rate")?;
    let (range, range_rate) = (column("range_peak")?, column("range_rate_peak")?);
    let (acceleration, gmf) = (column("acceleration_peak")?, column("gmf_peak")?);
    let optimised = optimised_peaks(&file)?;
    let mut further = further_targets(&file)?;
    Ok(range
        .iter()
        .zip(&range_rate)
        .zip(&acceleration)
        .zip(&gmf)
        .enumerate()
        .map(|(j, (((&range, &range_rate), &acceleration), &gmf))| Peak {
            time: start + j as f64 * step,
            range,
            range_rate,
            acceleration,
            gmf: gmf as f32,
            optimised: optimised
                .as_ref()
                .and_then(|all| all.get(j).copied())
                .filter(|peak| peak[0].is_finite()),
            further: further.get_mut(j).map(std::mem::take).unwrap_or_default(),
        })
        .collect())
}
