use jobwise_inversion::earth::Layers;
use jobwise_inversion::forward::{Formula, FrequencyDomain, Response, Wanted};
use jobwise_inversion::system::FrequencySystem;
use serde_json::Value;

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

pub(crate) fn table(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

#[test]
fn values_and_both_jacobians() {
    let dir = std::path::Path::new("/work/shared/reference/em");
    let text = std::fs::read_to_string(dir.join("fd_forward.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let mut response = Response::default();
    let (mut worst, mut worst_correct, mut worst_peer) = (0f64, 0f64, 0f64);
    for name in ["resolve6", "dighem5", "mixed8"] {
        let system = FrequencySystem::read(&dir.join(format!("{name}.stm"))).unwrap();
        let forward = FrequencyDomain::new(&system);
        let mut workspace = forward.workspace(30);
        for model in reference["models"].as_array().unwrap() {
            let (sigma, thickness) = (numbers(&model["conductivity"]), numbers(&model["thickness"]));
            let layers = Layers::new(&sigma, &thickness).unwrap();
            let height = model["altitude"].as_f64().unwrap();
            let expected = &model["response"][name];
            let mut values = numbers(&expected["inphase_ppm"]);
            values.extend(numbers(&expected["quadrature_ppm"]));
            for (formula, key) in [(Formula::Correct, "correct"), (Formula::Peer, "peer")] {
                let wanted = Wanted { jacobian: Some(formula), height: true };
                forward.evaluate(layers, height, wanted, &mut workspace, &mut response);
                for (found, value) in response.predicted.iter().zip(&values) {
                    let error = (found - value).abs() / (1e-8 * value.abs() + 1e-6);
                    if error > 1.0 { println!("{name} {} found {found:e} ref {value:e} rel {:e}", model["id"], (found-value)/value); }
                    worst = worst.max(error);
                }
                let mut rows = table(&expected[format!("{key}_sens_inphase")]);
                rows.extend(table(&expected[format!("{key}_sens_quadrature")]));
                let rows = rows.concat();
                let largest = rows.iter().fold(0f64, |a, b| a.max(b.abs()));
                let error = rows.iter().zip(&response.jacobian).map(|(a, b)| (a - b).abs());
                let error = error.fold(0f64, f64::max) / largest;
                if key == "correct" { worst_correct = worst_correct.max(error) } else { worst_peer = worst_peer.max(error) }
            }
        }
        println!("{name}: value {worst:e} correct {worst_correct:e} peer {worst_peer:e}");
    }
    let start = std::time::Instant::now();
    let system = FrequencySystem::read(&dir.join("resolve6.stm")).unwrap();
    let forward = FrequencyDomain::new(&system);
    let mut workspace = forward.workspace(30);
    for jacobian in [None, Some(Formula::Correct)] {
        for k in [1, 3, 10] {
            let sigma: Vec<f64> = (0..k).map(|i| 0.01 + 0.01 * i as f64).collect();
            let thickness = vec![10.0; k - 1];
            let layers = Layers::new(&sigma, &thickness).unwrap();
            let start = std::time::Instant::now();
            let n = 10000;
            for i in 0..n {
                let height = 30.0 + 1e-3 * i as f64;
                forward.evaluate(layers, height, Wanted { jacobian, height: false }, &mut workspace, &mut response);
            }
            println!("k {k} jacobian {jacobian:?}: {:.2} us", start.elapsed().as_secs_f64() / n as f64 * 1e6);
        }
    }
    drop(start);
    assert!(worst < 1.0 && worst_correct < 1e-7 && worst_peer < 1e-5);
}
