use super::draw::draw;
use super::simulation::{LINE, Simulation};
use crate::Result;
use crate::forward::Geometry;
use crate::model::Place;
use crate::options::LayersPrior;
use crate::settings::Settings;
use crate::survey::Survey;
use crate::truth::Truth;

/// Soundings at one place from the priors of exact chains: an earth, errors and the height are
/// drawn for each, and data have noise of these errors. Data say that the system was at `place`.
///
/// # Errors
/// As [`draw`] and [`Simulation::survey`].
pub fn prior(
    simulation: &Simulation<'_>,
    settings: &Settings,
    layers_prior: LayersPrior,
    place: Place,
    count: usize,
) -> Result<(Survey, Vec<Truth>)> {
    let mut truths = Vec::with_capacity(count);
    for index in 0..count {
        let fiducial = index as f64;
        let mut draws = simulation.draws(LINE, fiducial, 0);
        let drawn = draw(settings, layers_prior, &mut draws)?;
        truths.push(Truth {
            line: Some(LINE),
            fiducial,
            place: moved(place, drawn.height_change),
            conductivity: drawn.earth.conductivity().to_vec(),
            thickness: drawn.earth.thickness().to_vec(),
            relative_error: drawn.errors.relative,
            additive_error: drawn.errors.additive,
        });
    }
    let survey = simulation.survey_at(&truths, &vec![place; count], None)?;
    Ok((survey, truths))
}

/// So many m higher.
fn moved(place: Place, by: f64) -> Place {
    match place {
        Place::Altitude(height) => Place::Altitude(height + by),
        Place::Geometry(geometry) => Place::Geometry(Geometry {
            tx_height: geometry.tx_height + by,
            ..geometry
        }),
    }
}
