use crate::Result;
use crate::earth::Earth;
use crate::forward::{Responder, Wanted};
use crate::options::ErrorModel;
use crate::settings::Settings;
use crate::state::{Sounding, State};

/// How many conductivities are tried.
const TRIED: usize = 1000;
/// log10(S/m) of the first and the last of them.
const RANGE: [f64; 2] = [-10.0, 2.0];

/// The conductivity in S/m of the half-space that fits best with the initial errors, of 1000 from
/// 1e-10 to 100 S/m at equal ratios; the first one of several that fit as well. What fits best has
/// the least misfit; where errors depend on what is predicted, and grow with it, the greatest
/// likelihood.
///
/// # Errors
/// As [`State::new`].
pub async fn best_half_space(
    settings: &Settings,
    sounding: &Sounding<'_>,
    responder: &mut impl Responder,
) -> Result<f64> {
    let step = (RANGE[1] - RANGE[0]) / (TRIED - 1) as f64;
    let mut best = (f64::INFINITY, 10f64.powf(RANGE[0]));
    let mut state = State::new(settings, sounding, Earth::half_space(1.0, 1))?;
    for place in 0..TRIED {
        let conductivity = 10f64.powf(RANGE[0] + step * place as f64);
        state.earth = Earth::half_space(conductivity, 1);
        let wanted = Wanted::default();
        state.predict_by(sounding, wanted, responder).await;
        let unlikely = match sounding.observation.error_model() {
            ErrorModel::Observed => state.misfit,
            ErrorModel::Predicted => -state.log_likelihood,
        };
        if unlikely < best.0 {
            best = (unlikely, conductivity);
        }
    }
    Ok(best.1)
}
