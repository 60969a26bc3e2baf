//! The datasets of several targets per integration.

use super::RunInfo;
use super::content::{Number, TIME, Values, Variable};
use super::stored::Stored;
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

/// The targets of all integrations: those that are there first, then gates -1, motions NaN and
/// powers 0.
pub(super) fn variables<'p>(integrations: &'p [Integration], run: &RunInfo) -> Vec<Variable<'p>> {
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
    let motions = |name, long_name, units, value: fn(&Target) -> f64| {
        of_targets(name, shape, motion(value), long_name).units(Some(units))
    };
    let [gate, range, range_rate, acceleration, gmf] = NAMES;
    vec![
        of_targets(
            gate,
            shape,
            gates,
            "Index of each target's range gate, -1 for none",
        ),
        motions(range, "Range of each target, strongest first", "m", |t| {
            t.range
        }),
        motions(range_rate, "Range rate of each target", "m/s", |t| {
            t.range_rate
        }),
        motions(acceleration, "Acceleration of each target", "m/s^2", |t| {
            t.acceleration
        }),
        of_targets(gmf, shape, powers, "Matched-filter power of each target"),
    ]
}

/// What each integration of a file has beside its strongest target, strongest first; nothing where
/// the file tells no targets apart.
pub(crate) fn further_targets(file: &Stored) -> Result<Vec<Vec<Target>>> {
    let [gates, ranges, rates, accelerations, powers] = NAMES;
    if !file.has(gates) {
        return Ok(Vec::new());
    }
    let most = file.shape(gates)?.get(1).copied().unwrap_or(0);
    let gates = file.matrix::<i32>(gates, most)?;
    let motion = |name| file.matrix::<f64>(name, most);
    let (ranges, rates) = (motion(ranges)?, motion(rates)?);
    let accelerations = motion(accelerations)?;
    let powers = file.matrix::<f32>(powers, most)?;
    let target = |at: [usize; 2]| {
        Some(Target {
            gate: usize::try_from(*gates.get(at)?).ok()?,
            range: *ranges.get(at)?,
            range_rate: *rates.get(at)?,
            acceleration: *accelerations.get(at)?,
            gmf: *powers.get(at)?,
        })
    };
    let rows = 0..gates.nrows();
    let of = |row| (1..most).filter_map(|place| target([row, place])).collect();
    Ok(rows.map(of).collect())
}

fn of_targets<'p, T: Number>(
    name: &'static str,
    shape: [usize; 2],
    values: Vec<T>,
    long_name: &'static str,
) -> Variable<'p> {
    let axes = vec![TIME, None];
    Variable::results(name, shape.to_vec(), axes, Values::Whole(values), long_name)
}
