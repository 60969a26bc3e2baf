use jobwise_inversion::earth::Layers;
use jobwise_inversion::forward::{Formula, Geometry, Response, TimeDomain, Wanted};
use jobwise_inversion::system::TimeSystem;
use serde_json::Value;

use crate::frequency::{numbers, table};

fn geometry(value: &Value) -> Geometry {
    let number = |key: &str| value[key].as_f64().unwrap();
    Geometry {
        tx_height: number("tx_height"),
        tx_roll: number("tx_roll"),
        tx_pitch: number("tx_pitch"),
        tx_yaw: number("tx_yaw"),
        txrx_dx: number("txrx_dx"),
        txrx_dy: number("txrx_dy"),
        txrx_dz: number("txrx_dz"),
        rx_roll: number("rx_roll"),
        rx_pitch: number("rx_pitch"),
        rx_yaw: number("rx_yaw"),
    }
}

#[test]
fn windows_and_jacobians() {
    let dir = std::path::Path::new("/work/shared/reference/em");
    let text = std::fs::read_to_string(dir.join("td_forward.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let mut response = Response::default();
    for (n, model) in reference.as_array().unwrap().iter().enumerate() {
        let name = model["system"].as_str().unwrap();
        let system = TimeSystem::read(&dir.join(name)).unwrap();
        let forward = TimeDomain::new(&system);
        let mut workspace = forward.workspace(30);
        let (sigma, thickness) = (numbers(&model["conductivity"]), numbers(&model["thickness"]));
        let layers = Layers::new(&sigma, &thickness).unwrap();
        let place = geometry(&model["geometry"]);
        let wanted = Wanted { jacobian: Some(Formula::Correct), height: true };
        forward.evaluate(layers, &place, wanted, &mut workspace, &mut response);
        let primary = forward.primary(&place);
        let windows = system.windows.len();
        for (i, axis) in forward.axes().enumerate() {
            let letter = ["X", "Y", "Z"][axis];
            let expected = numbers(&model[format!("S{letter}")]);
            let largest = expected.iter().fold(0f64, |a, b| a.max(b.abs()));
            let found = &response.predicted[i * windows..][..windows];
            let error = expected.iter().zip(found).map(|(a, b)| (a - b).abs()).fold(0f64, f64::max) / largest;
            let p = model[format!("P{letter}")].as_f64().unwrap();
            let sens = table(&model[format!("dS{letter}_dlnsigma")]);
            let mut worst = 0f64; let mut most = 0f64;
            for (layer, row) in sens.iter().enumerate() {
                for (w, value) in row.iter().enumerate() {
                    most = most.max(value.abs());
                    worst = worst.max((value - response.jacobian[(i * windows + w) * sigma.len() + layer]).abs());
                }
            }
            println!("{n} {name} k {} {letter}: {error:e} primary {:e} jacobian {:e}", sigma.len(), (primary[i] - p) / p, worst / most);
        }
    }
    for name in ["demo_lm_dipole", "demo_lm_loop", "demo_square_b"] {
        let system = TimeSystem::read(&dir.join(format!("{name}.stm"))).unwrap();
        let forward = TimeDomain::new(&system);
        let mut workspace = forward.workspace(30);
        for jacobian in [None, Some(Formula::Correct)] {
            for k in [1, 3, 10] {
                let sigma: Vec<f64> = (0..k).map(|i| 0.01 + 0.01 * i as f64).collect();
                let thickness = vec![10.0; k - 1];
                let layers = Layers::new(&sigma, &thickness).unwrap();
                let start = std::time::Instant::now();
                let n = 1000;
                for i in 0..n {
                    let place = Geometry { tx_height: 30.0 + 1e-3 * i as f64, txrx_dx: -13.0, txrx_dz: 2.0, ..Geometry::default() };
                    forward.evaluate(layers, &place, Wanted { jacobian, height: false }, &mut workspace, &mut response);
                }
                println!("{name} k {k} jacobian {jacobian:?}: {:.2} us", start.elapsed().as_secs_f64() / n as f64 * 1e6);
            }
        }
    }
}
