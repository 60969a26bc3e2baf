use std::fs;
use std::path::Path;

use jobwise_inversion::earth::Layers;
use jobwise_inversion::forward::{Formula, FrequencyDomain, Response, TimeDomain, Wanted};
use jobwise_inversion::model::{Model, Place};
use jobwise_inversion::system::{Coils, FrequencySystem, System};
use jobwise_testing::reference;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

fn rows(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().flat_map(numbers).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |largest, x| x.abs().max(largest))
}

/// The largest difference, against the largest number.
fn deviation(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let differences: Vec<f64> = found.iter().zip(expected).map(|(a, b)| a - b).collect();
    largest(&differences) / largest(expected)
}

#[test]
fn frequency_domain() {
    let Some(directory) = reference("em") else {
        return;
    };
    let expected = json(&directory.join("fd_forward.json"));
    let models = Model::read_all(&directory.join("fd_forward.json")).unwrap();
    let mut deviations = Vec::new();
    for (name, file) in expected["systems"].as_object().unwrap() {
        let path = directory.join(file["file"].as_str().unwrap());
        let System::Frequency(system) = System::read(&path).unwrap() else {
            panic!("{name} is of the frequency domain");
        };
        let forward = FrequencyDomain::new(&system);
        // Coils at right angles have no primary field: what geobipy divides by is what its filter
        // leaves of 0, and its own values are off by 2e-7 for that.
        let crossed = file["tensor_id"].as_array().unwrap();
        let crossed = crossed.iter().map(|id| matches!(id.as_u64(), Some(3 | 7)));
        let crossed: Vec<bool> = crossed.collect();
        for (model, expected) in models.iter().zip(expected["models"].as_array().unwrap()) {
            let expected = &expected["response"][name];
            let Place::Altitude(height) = model.place else {
                panic!("an altitude");
            };
            let layers = model.layers().unwrap();
            let of = |formula| frequency(&forward, layers, height, formula);
            let mut values = numbers(&expected["inphase_ppm"]);
            values.extend(numbers(&expected["quadrature_ppm"]));
            let correct = of(Formula::Correct);
            for (channel, (found, value)) in correct.predicted.iter().zip(&values).enumerate() {
                let tolerance = if crossed[channel % crossed.len()] {
                    2e-7
                } else {
                    1e-8
                };
                let error = (found - value).abs();
                assert!(
                    error <= tolerance * value.abs() + 1e-6,
                    "{name} {} channel {channel}: {found} and {value}",
                    model.id
                );
            }
            for (formula, key, tolerance) in [
                (Formula::Correct, "correct", 1e-7),
                (Formula::Peer, "peer", 1e-5),
            ] {
                let mut jacobian = rows(&expected[format!("{key}_sens_inphase")]);
                jacobian.extend(rows(&expected[format!("{key}_sens_quadrature")]));
                let error = deviation(&of(formula).jacobian, &jacobian);
                assert!(error < tolerance, "{name} {} {key}: {error}", model.id);
            }
            deviations.extend(from_empymod(&system, &correct.predicted, expected));
        }
    }
    // Another 1-D code. Where a resistive earth hardly responds it differs more.
    deviations.sort_by(f64::total_cmp);
    let median = deviations[deviations.len() / 2];
    assert!(deviations.len() > 40 && median < 2e-5, "{median}");
}

/// How far horizontal coplanar coils below 10 kHz are from what empymod 2.6.1 says, in parts of the
/// response.
fn from_empymod(system: &FrequencySystem, found: &[f64], expected: &Value) -> Vec<f64> {
    if !expected["empymod_inphase_ppm"].is_array() {
        return Vec::new();
    }
    let channels = numbers(&expected["empymod_channels"]);
    let inphase = numbers(&expected["empymod_inphase_ppm"]);
    let quadrature = numbers(&expected["empymod_quadrature_ppm"]);
    let pairs = system.pairs();
    let values = channels.iter().zip(inphase.iter().zip(&quadrature));
    values
        .map(|(channel, parts)| (*channel as usize, parts))
        .filter(|(channel, _)| {
            let pair = &pairs[*channel];
            pair.coils == Coils::HorizontalCoplanar && pair.frequency < 1e4
        })
        .map(|(channel, (re, im))| {
            let (a, b) = (found[channel] - re, found[pairs.len() + channel] - im);
            a.hypot(b) / re.hypot(*im)
        })
        .collect()
}

fn frequency(
    system: &FrequencyDomain,
    layers: Layers<'_>,
    height: f64,
    formula: Formula,
) -> Response {
    let mut response = Response::default();
    let wanted = Wanted {
        jacobian: Some(formula),
        height: false,
    };
    let mut workspace = system.workspace(layers.count());
    system.evaluate(layers, height, wanted, &mut workspace, &mut response);
    response
}

#[test]
fn time_domain() {
    let Some(directory) = reference("em") else {
        return;
    };
    let expected = json(&directory.join("td_forward.json"));
    // The list as models.
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("models.json");
    fs::write(&path, format!("{{\"models\": {expected}}}")).unwrap();
    let models = Model::read_all(&path).unwrap();
    for (index, (model, expected)) in models.iter().zip(expected.as_array().unwrap()).enumerate() {
        let System::Time(system) =
            System::read(&directory.join(model.system.as_ref().unwrap())).unwrap()
        else {
            panic!("a time-domain system");
        };
        let forward = TimeDomain::new(&system);
        let Place::Geometry(geometry) = model.place else {
            panic!("a geometry");
        };
        let layers = model.layers().unwrap();
        let mut response = Response::default();
        let wanted = Wanted {
            jacobian: Some(Formula::Correct),
            height: false,
        };
        let mut workspace = forward.workspace(layers.count());
        forward.evaluate(layers, &geometry, wanted, &mut workspace, &mut response);
        let primary = forward.primary(&geometry);
        let windows = forward.windows();
        for (place, axis) in forward.axes().enumerate() {
            let letter = ["X", "Y", "Z"][axis];
            let channels = place * windows..(place + 1) * windows;
            let secondary = numbers(&expected[format!("S{letter}")]);
            let error = deviation(&response.predicted[channels.clone()], &secondary);
            assert!(error < 1e-10, "model {index} S{letter}: {error}");
            let field = expected[format!("P{letter}")].as_f64().unwrap();
            let error = (primary[place] - field).abs();
            assert!(
                error <= 1e-12 * field.abs(),
                "model {index} P{letter}: {} and {field}",
                primary[place]
            );
            let by_layer = rows(&expected[format!("dS{letter}_dlnsigma")]);
            let at =
                |layer: usize, channel: usize| response.jacobian[channel * layers.count() + layer];
            let found: Vec<f64> = (0..layers.count())
                .flat_map(|layer| channels.clone().map(move |channel| at(layer, channel)))
                .collect();
            let error = deviation(&found, &by_layer);
            assert!(error < 1e-9, "model {index} dS{letter}: {error}");
        }
    }
}
