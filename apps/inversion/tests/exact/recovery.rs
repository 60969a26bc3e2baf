//! Earths that are known, from data with noise.

use std::fs;

use jobwise_inversion::earth::Earth;
use jobwise_inversion::inference::{Quantity, infer};
use jobwise_inversion::settings::{HeightWalk, Settings};
use jobwise_testing::reference;
use serde_json::Value;

use crate::soundings::{request, settings, sounding, system, walked};

const DEPTHS: [f64; 8] = [2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 59.0];

/// The truth lies between the 5th and the 95th percentile at 80 % of all depths above 60 m. With
/// `JOBWISE_LONG` four chains of 50 000 iterations, which must agree.
#[test]
fn known_earths_lie_in_their_posteriors() {
    let Some(directory) = reference("em") else {
        return;
    };
    let read = |name: &str| fs::read_to_string(directory.join(name)).unwrap();
    let system = system(&read("resolve6.stm"));
    let truth: Value = serde_json::from_str(&read("line100_truth.json")).unwrap();
    let is_long = std::env::var_os("JOBWISE_LONG").is_some();
    let (iterations, chains) = if is_long { (50_000, 4) } else { (3000, 1) };
    let settings = Settings {
        minimum_depth: 1.0,
        maximum_depth: 150.0,
        minimum_thickness: None,
        probability_of_birth: 1.0 / 6.0,
        probability_of_death: 1.0 / 6.0,
        probability_of_perturb: 1.0 / 6.0,
        probability_of_no_change: 0.5,
        parameter_standard_deviation: 2.39,
        value_mean: None,
        relative_error: vec![walked(0.001, 0.5)],
        additive_error: vec![walked(3.0, 20.0)],
        height: Some(HeightWalk {
            maximum_change: 1.0,
            proposal_variance: 0.01,
        }),
        n_markov_chains: iterations,
        minimum_burn_in: 1000,
        ..settings(8)
    };
    let (mut inside, mut all) = (0, 0);
    for (row, line) in read("line100.csv").lines().skip(1).enumerate() {
        let fields: Vec<f64> = line
            .split(',')
            .map(|field| field.parse().unwrap())
            .collect();
        let sounding = sounding(&system, fields[4], &fields[6..18], fields[1]);
        let mut request = request(&settings, &sounding, &DEPTHS);
        request.chains = chains;
        let found = infer(&request, &|| false).unwrap().unwrap();
        assert!(found.failure.is_none(), "row {row}: {:?}", found.failure);
        let earth = known(&truth[row]);
        let (before, mut largest) = (inside, 0.0);
        for statistic in &found.statistics {
            if let Quantity::LogConductivity(depth) = statistic.quantity {
                let value = earth.log_conductivity()[earth.layer_at(depth)];
                let range = statistic.quantile(0.05)..=statistic.quantile(0.95);
                inside += usize::from(range.contains(&value));
                all += 1;
            }
        }
        largest = f64::max(largest, found.r_hat_max(&settings));
        println!(
            "row {row}: {} of {} depths, R-hat {largest:.3}",
            inside - before,
            DEPTHS.len()
        );
        assert!(!is_long || largest < 1.05, "row {row}: {largest}");
    }
    assert!(inside * 10 >= all * 8, "{inside} of {all}");
}

fn known(truth: &Value) -> Earth {
    let numbers = |key: &str| -> Vec<f64> {
        let values = truth[key].as_array().unwrap().iter();
        values.map(|value| value.as_f64().unwrap()).collect()
    };
    let mut depth = numbers("thickness");
    for place in 1..depth.len() {
        depth[place] += depth[place - 1];
    }
    Earth::new(&depth, &numbers("conductivity")).unwrap()
}
