//! Recorded iterations, derived again: every number of them that is not random.
//!
//! Derivatives, the response and the prior are computed; what follows from derivatives and the
//! response follows from the recorded ones. The derivatives at the candidate, which the density of
//! the way back needs, are not recorded: a difference of that density does not count as far as the
//! rounding of geobipy's derivatives explains it, 1e-11 of the largest.

mod deviations;
mod record;
mod steps;

use std::fs;
use std::path::Path;

use serde_json::Value;

pub use deviations::Deviations;
use record::Node;
use steps::Replay;

use super::{Newton, best_half_space};
use crate::earth::Earth;
use crate::forward::{FrequencyDomain, at_once};
use crate::instrument::Instrument;
use crate::likelihood::Observation;
use crate::prior::Prior;
use crate::state::{Sounding, State};
use crate::system::FrequencySystem;
use crate::{Error, Result};

/// Derives all iterations of a recording again that a chain of geobipy's kind over
/// frequency-domain data made.
///
/// # Errors
/// The file cannot be read, or is not such a recording; the message says where.
pub fn replay(path: &Path, system: &FrequencySystem) -> Result<Deviations> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let wrong = |problem: String| Error::File {
        path: path.to_path_buf(),
        problem,
    };
    let root: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    derive(&Node::new(&root), &FrequencyDomain::new(system)).map_err(wrong)
}

fn derive(root: &Node<'_>, system: &FrequencyDomain) -> Result<Deviations, String> {
    let text = |error: Error| error.to_string();
    let settings = root.get("options")?.settings()?;
    let initial = root.get("initial")?;
    let first = root.get("steps")?.list()?.next();
    let first = first.ok_or("steps: no iteration is there")?;
    let height = first.get("current")?.get("height")?.number()?;
    let instrument = Instrument::frequency(system, height).map_err(text)?;
    let data = initial.get("data")?.numbers()?;
    let ones = vec![1.0; instrument.channels()];
    let observation = Observation::positive(&data, instrument.components(), &ones);
    let observation = observation.map_err(text)?;
    let sounding = Sounding {
        line: 0.0,
        fiducial: 0.0,
        instrument,
        observation,
    };
    let mut deviations = Deviations::default();
    let mut evaluator = sounding
        .instrument
        .evaluator(settings.maximum_number_of_layers);
    let half_space = at_once(best_half_space(&settings, &sounding, &mut evaluator));
    let half_space = half_space.map_err(text)?;
    deviations.note(
        "half-space",
        &[half_space],
        &initial.get("halfspace")?.numbers()?,
    );
    let mean = initial.get("value_prior_log_mean")?.number()?;
    deviations.note_log("prior mean", half_space.ln(), mean);
    let depths = settings.depths();
    let [shallow, deep] = depths.range();
    for (quantity, found, key) in [
        ("least thickness", depths.least_thickness(), "min_width"),
        ("depths", shallow, "min_edge"),
        ("depths", deep, "max_edge"),
    ] {
        deviations.note(quantity, &[found], &[initial.get(key)?.number()?]);
    }
    let earth = || Earth::half_space(half_space, settings.maximum_number_of_layers);
    let state = || State::new(&settings, &sounding, earth()).map_err(text);
    let mut replay = Replay {
        evaluator,
        newton: Newton::new(settings.maximum_number_of_layers),
        prior: Prior::new(&settings, half_space),
        current: state()?,
        candidate: state()?,
        remapped: earth(),
        carried: None,
        next: 0,
        settings: &settings,
        sounding: &sounding,
        deviations,
    };
    let deviation = initial.get("std")?.numbers()?;
    replay.deviations.note(
        "standard deviations",
        &replay.current.deviations,
        &deviation,
    );
    for step in root.get("steps")?.list()? {
        replay.step(&step)?;
    }
    Ok(replay.deviations)
}
