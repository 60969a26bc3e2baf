//! The datasets of several targets per integration.

use hdf5::Group;
use jobwise_hdf5::attributes;

use super::Run;
use super::write::dataset;
use crate::Result;
use crate::search::{Integration, Target, Targets};

/// Names of the datasets, each of shape (integrations, targets).
pub(super) const NAMES: [&str; 5] = [
    "target_gate",
    "target_range",
    "target_range_rate",
    "target_acceleration",
    "target_gmf",
];

/// Writes the targets of all integrations: those that are there first, then gates -1, motions NaN and powers 0.
pub(super) fn write(file: &Group, integrations: &[Integration], run: &Run) -> Result<()> {
    let parameters = &run.parameters;
    let rule = Targets::new(parameters, &run.settings);
    let found: Vec<Option<Target>> = integrations
        .iter()
        .flat_map(|integration| {
            let found = rule.find(integration, parameters).into_iter().map(Some);
            found.chain(std::iter::repeat(None)).take(rule.count)
        })
        .collect();
    let shape = [integrations.len(), rule.count];
    let motion = |value: fn(&Target) -> f64| -> Vec<f64> {
        let values = found.iter().map(|one| one.as_ref().map_or(f64::NAN, value));
        values.collect()
    };
    let gates: Vec<i32> = found
        .iter()
        .map(|one| one.map_or(-1, |target| target.gate as i32))
        .collect();
    let powers: Vec<f32> = found
        .iter()
        .map(|one| one.map_or(0.0, |target| target.gmf))
        .collect();
    let [gate, range, range_rate, acceleration, gmf] = NAMES;
    let written = [
        (
            dataset(file, gate, &shape, &gates)?,
            "Index of each target's range gate, -1 for none",
            None,
        ),
        (
            dataset(file, range, &shape, &motion(|t| t.range))?,
            "Range of each target, strongest first",
            Some("m"),
        ),
        (
            dataset(file, range_rate, &shape, &motion(|t| t.range_rate))?,
            "Range rate of each target",
            Some("m/s"),
        ),
        (
            dataset(file, acceleration, &shape, &motion(|t| t.acceleration))?,
            "Acceleration of each target",
            Some("m/s^2"),
        ),
        (
            dataset(file, gmf, &shape, &powers)?,
            "Matched-filter power of each target",
            None,
        ),
    ];
    for (dataset, long_name, units) in written {
        attributes::write_text(&dataset, "long_name", long_name)?;
        if let Some(units) = units {
            attributes::write_text(&dataset, "units", units)?;
        }
    }
    Ok(())
}
