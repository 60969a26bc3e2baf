use std::fs;
use std::path::Path;
use std::time::Instant;

use jobwise_inversion::forward::FrequencyDomain;
use jobwise_inversion::inference::{Found, Quantity, Request, infer};
use jobwise_inversion::options::Traces;
use jobwise_inversion::state::Sounding;
use jobwise_testing::reference;
use serde_json::Value;

use crate::soundings::{request, settings, sounding, system};

const DEPTHS: [f64; 10] = [2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 120.0];

/// A row of the reference line.
fn row<'s>(directory: &Path, system: &'s FrequencyDomain, row: usize) -> Sounding<'s> {
    let text = fs::read_to_string(directory.join("line100.csv")).unwrap();
    let line = text.lines().nth(row + 1).unwrap();
    let fields: Vec<f64> = line
        .split(',')
        .map(|field| field.parse().unwrap())
        .collect();
    sounding(system, fields[4], &fields[6..18], fields[1])
}

/// The posteriors of chains of geobipy's own, to the tolerance of the reference data. By default
/// one row; with `JOBWISE_LONG` two. (Row 7 has several modes, between which chains of 20 000
/// iterations, and of 8000 of geobipy's, hardly move: nothing can be asserted of it.)
#[test]
fn posteriors_are_those_of_geobipy() {
    let Some(directory) = reference("em") else {
        return;
    };
    let text = fs::read_to_string(directory.join("line100_posteriors.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let system = system(&fs::read_to_string(directory.join("resolve6.stm")).unwrap());
    let is_long = std::env::var_os("JOBWISE_LONG").is_some();
    let rows: &[usize] = if is_long { &[0, 4] } else { &[4] };
    let settings = settings(if is_long { 20_000 } else { 10_000 });
    for place in rows {
        let sounding = row(&directory, &system, *place);
        let start = Instant::now();
        let request = Request {
            chains: 4,
            seed: 1,
            depths: &DEPTHS,
            traces: Traces::Full,
            ..request(&settings, &sounding)
        };
        let found = infer(&request, &|| false).unwrap().unwrap();
        let traces = found.traces.iter();
        let iterations: usize = traces.map(|trace| trace.misfit.len()).sum();
        println!(
            "row {place}: {iterations} iterations, {:.0} per second",
            iterations as f64 / start.elapsed().as_secs_f64()
        );
        compare(&found, &expected[place.to_string()], *place);
    }
}

fn compare(found: &Found, expected: &Value, row: usize) {
    assert!(found.failure.is_none());
    let pooled = &expected["pooled"];
    let chains = expected["chains"].as_array().unwrap();
    let of = |quantity: Quantity| {
        let mut all = found.statistics.iter();
        all.find(|statistic| statistic.quantity == quantity)
            .unwrap()
            .mean
    };
    let check = |name: &str, found: f64, pooled: &Value, floor: f64| {
        let mean = pooled["mean"].as_f64().unwrap();
        let between = pooled["between_chain_sd"].as_f64().unwrap();
        let tolerance = (3.0 * between * (1.0 + 1.0 / chains.len() as f64).sqrt()).max(floor);
        println!("row {row} {name}: {found:.4}, geobipy {mean:.4}, tolerance {tolerance:.4}");
        assert!(
            (found - mean).abs() <= tolerance,
            "row {row} {name}: {found} and {mean}"
        );
    };
    check("k", of(Quantity::Layers), &pooled["k"], 0.15);
    let misfit = &pooled["misfit"];
    let floor = 0.05 * misfit["mean"].as_f64().unwrap();
    check("misfit", of(Quantity::Misfit), misfit, floor);
    for (name, quantity) in [
        ("log_relative_error", Quantity::LogRelativeError(0)),
        ("log_additive_error", Quantity::LogAdditiveError(0)),
    ] {
        check(name, of(quantity), &pooled[name], 0.1);
    }
    let (mut accepted, mut kept) = (0, 0);
    for (chain, trace) in found.chains.iter().zip(&found.traces) {
        let burned_in = chain.burned_in.unwrap() as usize;
        let flags = &trace.accepted[burned_in - 1..];
        accepted += flags.iter().filter(|flag| **flag).count();
        kept += flags.len();
    }
    let acceptance = accepted as f64 / kept as f64;
    check("acceptance", acceptance, &pooled["acceptance"], 0.03);
    for depth in DEPTHS {
        let pooled = &pooled["log_conductivity_at_depth"][format!("{depth:.1}")];
        let floor = 0.15 * pooled["within_sd"].as_f64().unwrap();
        let found = of(Quantity::LogConductivity(depth));
        check(&format!("{depth} m"), found, pooled, floor);
    }
    let layers = found.posterior.layers.iter();
    let layers: Vec<f64> = layers.map(|count| *count as f64).collect();
    let counts = |value: &Value| -> Vec<f64> {
        let counts = value["k_histogram"].as_array().unwrap();
        counts.iter().map(|count| count.as_f64().unwrap()).collect()
    };
    let mut largest: f64 = 0.0;
    for a in chains {
        for b in chains {
            largest = largest.max(variation(&counts(a), &counts(b)));
        }
    }
    let variation_found = variation(&layers, &counts(pooled));
    println!(
        "row {row} total variation of k: {variation_found:.3}, between geobipy's {largest:.3}"
    );
    assert!(variation_found <= 0.15 + largest, "row {row}: {layers:?}");
}

/// The total variation between two histograms.
fn variation(a: &[f64], b: &[f64]) -> f64 {
    let sums: [f64; 2] = [a.iter().sum(), b.iter().sum()];
    let parts = a.iter().zip(b);
    0.5 * parts
        .map(|(a, b)| (a / sums[0] - b / sums[1]).abs())
        .sum::<f64>()
}
