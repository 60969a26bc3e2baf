//! A digest of everything that determines the numbers of a run.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::attributes;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::settings::Settings;

/// Counts changes of the numbers themselves: raise it when a release computes something else from equal
/// settings.
const DEFINITION: u32 = 1;

/// SHA-256 in hexadecimal over the definition's number and every attribute and setting that is not
/// incidental.
pub(super) fn digest(
    experiment: &Experiment,
    settings: &Settings,
    parameters: &Parameters,
) -> String {
    let mut text = format!(
        "definition {DEFINITION}\nmissing {}\nmin_tx_amplitude {:?}\ndpt_restrict {}\ndc {}\n",
        settings.missing.name(),
        settings.min_tx_amplitude,
        settings.dpt_restrict,
        settings.dc.name(),
    );
    let experiment = attributes::experiment(experiment, parameters);
    for (name, value) in experiment
        .iter()
        .chain(&attributes::processing(settings, parameters))
        .filter(|(name, _)| !attributes::is_incidental(name))
    {
        // Debug keeps every digit of a float and quotes texts. Writing to a String cannot fail.
        _ = writeln!(text, "{name} {value:?}");
    }
    Sha256::digest(text)
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
