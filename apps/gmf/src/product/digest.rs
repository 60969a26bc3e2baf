//! A digest of everything that determines the numbers of a run.

use jobwise_kit::Digest;

use super::attributes;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::settings::Settings;

/// What the files mean. Changes when a release computes something else from equal settings.
const DEFINITION: &str = "gmf analysis 1";

/// A digest over the definition and every attribute and setting that is not incidental.
pub(super) fn digest(
    experiment: &Experiment,
    settings: &Settings,
    parameters: &Parameters,
) -> String {
    let ours = Digest::new(DEFINITION)
        .text("missing", settings.missing.name())
        .number("min_tx_amplitude", settings.min_tx_amplitude)
        .integer("dpt_restrict", settings.dpt_restrict)
        .text("dc", settings.dc.name());
    attributes::experiment(experiment, parameters)
        .iter()
        .chain(&attributes::processing(settings, parameters))
        .filter(|(name, _)| !attributes::is_incidental(name))
        // Debug keeps every digit of a float and tells an integer from a text.
        .fold(ours, |digest, (name, value)| {
            digest.text(name, &format!("{value:?}"))
        })
        .finish()
}
