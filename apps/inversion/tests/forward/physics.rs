use jobwise_inversion::earth::Layers;
use jobwise_inversion::forward::{
    Formula, FrequencyDomain, Geometry, Response, TimeDomain, Wanted,
};

use crate::systems::{coils, ramp};

const SIGMA: [f64; 4] = [0.02, 0.3, 0.005, 0.1];
const THICKNESS: [f64; 3] = [4.0, 11.0, 30.0];
const EVERYTHING: Wanted = Wanted {
    jacobian: Some(Formula::Correct),
    height: true,
};

/// What is computed at a height, over layers.
type Evaluate<'a> = &'a mut dyn FnMut(&[f64], &[f64], f64, Wanted) -> Response;

/// Tries a law on a system of each domain, the latter tilted.
fn on_both(law: impl Fn(Evaluate<'_>, &str)) {
    let system = FrequencyDomain::new(&coils());
    let mut workspace = system.workspace(8);
    law(
        &mut |sigma, thickness, height, wanted| {
            let mut response = Response::default();
            let layers = Layers::new(sigma, thickness).unwrap();
            system.evaluate(layers, height, wanted, &mut workspace, &mut response);
            response
        },
        "frequency",
    );
    let system = TimeDomain::new(&ramp());
    let mut workspace = system.workspace(8);
    law(
        &mut |sigma, thickness, height, wanted| {
            let place = Geometry {
                tx_height: height,
                tx_roll: 3.0,
                tx_pitch: -5.0,
                tx_yaw: 0.0,
                txrx_dx: -12.0,
                txrx_dy: 1.5,
                txrx_dz: 2.0,
                rx_roll: 1.0,
                rx_pitch: 4.0,
                rx_yaw: -2.0,
            };
            let mut response = Response::default();
            let layers = Layers::new(sigma, thickness).unwrap();
            system.evaluate(layers, &place, wanted, &mut workspace, &mut response);
            response
        },
        "time",
    );
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |largest, x| x.abs().max(largest))
}

#[test]
fn a_layer_that_is_cut_in_two_measures_the_same() {
    on_both(|evaluate, domain| {
        let whole = evaluate(&SIGMA, &THICKNESS, 35.0, EVERYTHING);
        let sigma = [0.02, 0.3, 0.3, 0.005, 0.1, 0.1];
        let thickness = [4.0, 5.0, 6.0, 30.0, 20.0];
        let cut = evaluate(&sigma, &thickness, 35.0, EVERYTHING);
        // Nodes of the time domain depend on where the lowest interface is.
        let tolerance = if domain == "time" { 1e-3 } else { 1e-12 };
        let scale = largest(&whole.predicted);
        for (a, b) in whole.predicted.iter().zip(&cut.predicted) {
            assert!((a - b).abs() < tolerance * scale, "{domain}: {a} and {b}");
        }
        let rows = whole.jacobian.chunks(4).zip(cut.jacobian.chunks(6));
        for (a, b) in rows {
            let (both, bottom) = (b[1] + b[2], b[4] + b[5]);
            let scale = largest(&whole.jacobian);
            assert!(
                (a[1] - both).abs() < tolerance * scale,
                "{domain}: {a:?} {b:?}"
            );
            assert!(
                (a[3] - bottom).abs() < tolerance * scale,
                "{domain}: {a:?} {b:?}"
            );
        }
    });
}

#[test]
fn derivatives_are_those_of_differences() {
    on_both(|evaluate, domain| {
        let exact = evaluate(&SIGMA, &THICKNESS, 35.0, EVERYTHING);
        let step = 1e-4f64;
        // Nodes of the time domain move with the earth, and are held in its derivatives.
        let tolerance = if domain == "time" { 3e-5 } else { 1e-7 };
        let scale = largest(&exact.jacobian);
        for layer in 0..4 {
            let shifted = |by: f64| {
                let mut sigma = SIGMA;
                sigma[layer] *= by.exp();
                sigma
            };
            let up = evaluate(&shifted(step), &THICKNESS, 35.0, Wanted::default());
            let down = evaluate(&shifted(-step), &THICKNESS, 35.0, Wanted::default());
            for (channel, (a, b)) in up.predicted.iter().zip(&down.predicted).enumerate() {
                let (found, expected) =
                    (exact.jacobian[channel * 4 + layer], (a - b) / (2.0 * step));
                let error = (found - expected).abs();
                assert!(
                    error < tolerance * scale,
                    "{domain} {channel} {layer}: {found} {expected}"
                );
            }
        }
        let up = evaluate(&SIGMA, &THICKNESS, 35.0 + step, Wanted::default());
        let down = evaluate(&SIGMA, &THICKNESS, 35.0 - step, Wanted::default());
        let scale = largest(&exact.by_height);
        for (channel, (a, b)) in up.predicted.iter().zip(&down.predicted).enumerate() {
            let (found, expected) = (exact.by_height[channel], (a - b) / (2.0 * step));
            let error = (found - expected).abs();
            assert!(
                error < tolerance * scale,
                "{domain} {channel}: {found} {expected}"
            );
        }
    });
}

#[test]
fn a_perfect_conductor_is_a_mirror() {
    let system = FrequencyDomain::new(&coils());
    let mut response = Response::default();
    let layers = Layers::new(&[1e12], &[]).unwrap();
    let (height, distance) = (20.0, 8.0);
    let mut workspace = system.workspace(1);
    system.evaluate(
        layers,
        height,
        Wanted::default(),
        &mut workspace,
        &mut response,
    );
    // The image of a vertical dipole is one of opposite moment, twice the height below.
    let depth = 2.0 * height;
    let range = f64::hypot(depth, distance);
    let image = 3.0 * depth * depth / range.powi(5) - 1.0 / range.powi(3);
    let expected = 1e6 * distance.powi(3) * image;
    let found = response.predicted[0];
    assert!(
        (found / expected - 1.0).abs() < 1e-5,
        "{found} and {expected}"
    );
}

#[test]
fn derivatives_of_the_peer_are_right_where_layers_are_thick() {
    let system = FrequencyDomain::new(&coils());
    let mut workspace = system.workspace(2);
    let mut of = |formula: Formula, thickness: f64| {
        let mut response = Response::default();
        let thickness = [thickness];
        let layers = Layers::new(&[0.5, 0.05], &thickness).unwrap();
        let wanted = Wanted {
            jacobian: Some(formula),
            height: false,
        };
        system.evaluate(layers, 30.0, wanted, &mut workspace, &mut response);
        response.jacobian
    };
    for (thickness, is_right) in [(3000.0, true), (2.0, false)] {
        let (correct, peer) = (
            of(Formula::Correct, thickness),
            of(Formula::Peer, thickness),
        );
        let error = correct
            .iter()
            .zip(&peer)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        assert_eq!(
            error < 1e-6 * largest(&correct),
            is_right,
            "{thickness} m: {error}"
        );
    }
}

#[test]
fn extreme_earths_give_numbers() {
    on_both(|evaluate, domain| {
        for (top, bottom) in [(1e-20, 1e20), (1e20, 1e-20), (1e-20, 1e-20), (1e20, 1e20)] {
            for thickness in [1e-6, 1.0, 1e6] {
                let found = evaluate(&[top, bottom], &[thickness], 30.0, EVERYTHING);
                let all = found
                    .predicted
                    .iter()
                    .chain(&found.jacobian)
                    .chain(&found.by_height);
                for number in all {
                    assert!(
                        number.is_finite(),
                        "{domain}: {top} {bottom} S/m, {thickness} m: {found:?}"
                    );
                }
            }
        }
    });
}
