//! Whole periods against the peer.

use hdf5::File;
use jobwise_usid::giv::{Inference, Model, Period, Scratch};
use ndarray::{Array1, Array2};

use crate::common::{attribute, open};

fn vector(file: &File, name: &str) -> Array1<f64> {
    file.dataset(name).unwrap().read_1d().unwrap()
}

fn period(file: &File) -> Period {
    let model = Model {
        num_x_steps: 62,
        ..Model::default()
    };
    let bias = vector(file, "bias");
    Period::new(bias.as_slice().unwrap(), attribute(file, "ex_freq"), &model).unwrap()
}

fn infer(period: &Period, current: &[f64], seed: u64) -> Inference {
    let mut inference = Inference::default();
    period.infer(current, seed, 0, &mut Scratch::default(), &mut inference);
    inference
}

fn assert_close<'a>(
    found: impl IntoIterator<Item = f64>,
    expected: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    for (place, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance,
            "{place}: {found} {expected}"
        );
    }
}

#[test]
fn a_period_is_the_peers() {
    let Some(file) = open("giv_function.h5") else {
        return;
    };
    let period = period(&file);
    let current: Array2<f64> = file.dataset("current").unwrap().read_2d().unwrap();
    let inference = infer(&period, current.row(0).as_slice().unwrap(), 1);
    let expected = |name: &str| vector(&file, &format!("period_pix0_seed99/{name}"));
    assert_close(period.x().iter().copied(), &expected("x"), 1e-13);
    assert_close(inference.corrected, &expected("IcorrSine"), 1e-8);
    assert_close(inference.reconstructed, &expected("Irec"), 1e-8);
    let physical = inference.capacitance.map(|doubled| doubled / 2.0);
    assert_close(physical, &expected("cValue"), 1e-11);
    // Resistances are about 1 gigaohm, and their order over the bias is what could be wrong.
    let (resistances, mut compared) = (expected("mR"), 0);
    for (found, expected) in inference.resistance.iter().zip(&resistances) {
        if found.variance.sqrt() < 0.05 * found.mean.abs() {
            let error = found.mean - expected;
            assert!(
                error.abs() < 8.0 * (found.variance / 500.0).sqrt(),
                "{found:?} {expected}"
            );
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared} points compared");
}

/// Six standard deviations of the peer's own spread over seeds.
#[test]
fn resistances_lie_within_the_spread_of_the_peers() {
    let Some(file) = open("giv_function.h5") else {
        return;
    };
    let spread = |name: &str| {
        vector(
            &file,
            &format!("spread_pix0_forward_31steps_2000samples/{name}"),
        )
    };
    let period = period(&file);
    let current: Array2<f64> = file.dataset("current").unwrap().read_2d().unwrap();
    assert_close(period.x()[..31].iter().copied(), &spread("x"), 1e-13);
    let [mean, deviation, variance, variance_deviation] =
        ["mR_mean", "mR_std", "vR_median", "vR_std"].map(spread);
    for seed in 0..20 {
        let inference = infer(&period, current.row(0).as_slice().unwrap(), seed);
        let mut compared = 0;
        for (point, found) in inference.resistance[..31].iter().enumerate() {
            // A deviation of the resistance below a fifth of it is one of the conductance beyond
            // five.
            if variance[point].sqrt() > mean[point].abs() / 5.0 {
                continue;
            }
            let error = (found.mean - mean[point]).abs();
            assert!(
                error < 6.0 * deviation[point],
                "{seed} {point}: {found:?} {}",
                mean[point]
            );
            let error = (found.variance - variance[point]).abs();
            assert!(
                error < 6.0 * variance_deviation[point],
                "{seed} {point}: {found:?} {}",
                variance[point]
            );
            compared += 1;
        }
        assert!(compared > 20, "{compared} points compared");
    }
}
