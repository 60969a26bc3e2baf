//! Several targets of one integration: what the rule promises, on random rows.

use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Integration, Target, Targets};
use jobwise_gmf::settings::Settings;
use proptest::prelude::*;

use crate::shapes;

const GATES: usize = 60;

fn settings(targets: i64) -> Settings {
    Settings {
        max_range_gate: GATES as i64,
        targets,
        ..shapes::settings(6, 1)
    }
}

fn parameters(settings: &Settings) -> Parameters {
    Parameters::new(&shapes::experiment(100, 8), settings).unwrap()
}

fn rows() -> impl Strategy<Value = Integration> {
    // Few different powers, so that there are plateaus and ties.
    let cell = (0_u8..9, 0_i32..600, 0_i32..300);
    prop::collection::vec(cell, GATES).prop_map(|cells| {
        let mut row = Integration::not_analysed(1.0, GATES);
        for (gate, (power, v, a)) in cells.into_iter().enumerate() {
            if power > 0 {
                row.gmf[gate] = f32::from(power);
                row.range_rate_index[gate] = v;
                row.acceleration_index[gate] = a;
            }
        }
        row
    })
}

fn overlap(rule: &Targets, one: &Target, other: &Target) -> bool {
    (one.gate.abs_diff(other.gate) as f64) < rule.gates
        && (one.range_rate - other.range_rate).abs() < rule.range_rate
        && (one.acceleration - other.acceleration).abs() < rule.acceleration
}

proptest! {
    #[test]
    fn targets_are_the_strongest_that_do_not_overlap(row in rows(), count in 1_i64..9, wide in any::<bool>()) {
        let mut settings = settings(count);
        if wide {
            settings.target_separation_range_rate = Some(1e9);
            settings.target_separation_acceleration = Some(1e9);
        }
        let parameters = parameters(&settings);
        let rule = Targets::new(&parameters, &settings);
        let found = rule.find(&row, &parameters);
        prop_assert!(found.len() <= count as usize);
        for (k, target) in found.iter().enumerate() {
            prop_assert!(found[..k].iter().all(|one| one.gmf >= target.gmf && !overlap(&rule, one, target)));
            prop_assert!(target.gmf.to_bits() == row.gmf[target.gate].to_bits());
        }
        // The first is the peak: the first of the largest.
        let peak = (0..GATES).filter(|&g| row.gmf[g] > 0.0).fold(None, |best: Option<usize>, g| match best {
            Some(b) if row.gmf[b] >= row.gmf[g] => Some(b),
            _ => Some(g),
        });
        prop_assert_eq!(found.first().map(|target| target.gate), peak);
        // No local maximum was left out without a reason.
        if found.len() < count as usize {
            for g in 0..GATES {
                let before = if g > 0 { row.gmf[g - 1] } else { 0.0 };
                let after = row.gmf.get(g + 1).copied().unwrap_or(0.0);
                if row.gmf[g] > before && row.gmf[g] >= after {
                    let candidate = Target {
                        gate: g,
                        range: parameters.ranges[g],
                        range_rate: parameters.range_rates[row.range_rate_index[g] as usize],
                        acceleration: parameters.accelerations[row.acceleration_index[g] as usize],
                        gmf: row.gmf[g],
                    };
                    prop_assert!(found.iter().any(|one| one.gmf >= candidate.gmf
                        && (one == &candidate || overlap(&rule, one, &candidate))));
                }
            }
        }
    }
}

#[test]
fn one_echo_and_its_sidelobes_are_one_target() {
    let settings = settings(5);
    let parameters = parameters(&settings);
    let rule = Targets::new(&parameters, &settings);
    let mut row = Integration::not_analysed(1.0, GATES);
    let mut echo = |gate: usize, power: f32, v: i32| {
        row.gmf[gate] = power;
        row.range_rate_index[gate] = v;
        row.acceleration_index[gate] = 150;
    };
    // The pulse has 8 samples: a sidelobe 7 gates off, another target 8 off, one of other motion
    // beside.
    echo(20, 100.0, 3);
    echo(13, 30.0, 4);
    echo(28, 20.0, 3);
    echo(22, 10.0, 300);
    let gates: Vec<usize> = rule
        .find(&row, &parameters)
        .iter()
        .map(|t| t.gate)
        .collect();
    assert_eq!(gates, [20, 28, 22]);
}

#[test]
fn the_separation_is_that_of_the_settings() {
    let settings = Settings {
        target_separation_gates: Some(3),
        target_separation_range_rate: Some(7.5),
        target_separation_acceleration: Some(2.5),
        ..settings(2)
    };
    let rule = Targets::new(&parameters(&settings), &settings);
    let want = Targets {
        count: 2,
        gates: 3.0,
        range_rate: 7.5,
        acceleration: 2.5,
    };
    assert_eq!(rule, want);
}
