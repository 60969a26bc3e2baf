//! What holds for any data.

use jobwise_usid::giv::{Inference, Model, Period, Scratch, Segment, balanced_steps};
use jobwise_usid::simulate;

/// Of the bias, hertz.
const FREQUENCY: f64 = 200.0;

fn bias(times: usize, amplitude: f64) -> Vec<f64> {
    simulate::bias(times, amplitude)
}

fn infer(period: &Period, current: &[f64], position: u64) -> Inference {
    let mut inference = Inference::default();
    period.infer(
        current,
        3,
        position,
        &mut Scratch::default(),
        &mut inference,
    );
    inference
}

#[test]
fn true_capacitances_and_resistances_are_found() {
    let model = Model {
        num_x_steps: 62,
        ..Model::default()
    };
    let bias = bias(500, 6.0);
    let period = Period::new(&bias, FREQUENCY, &model).unwrap();
    for pixel in 0..6 {
        let sample = simulate::Sample::of(pixel);
        let current = sample.current(&bias, FREQUENCY, 0.01);
        let inference = infer(&period, &current, pixel as u64);
        for doubled in inference.capacitance {
            assert!(
                (0.5 * doubled / sample.capacitance - 1.0).abs() < 0.02,
                "{doubled}"
            );
        }
        let mut compared = 0;
        for (&x, found) in period.x().iter().zip(&inference.resistance) {
            if x.abs() > 2.0 {
                // Of the doubled capacitance's current over r_extra, half is no capacitance's and
                // goes to the conductance.
                let excess = model.r_extra * sample.capacitance;
                let expected = 1.0 / (1.0 / sample.resistance(x) - excess);
                assert!(
                    (found.mean / expected - 1.0).abs() < 0.02,
                    "{x} V: {found:?} {expected}"
                );
                compared += 1;
            }
        }
        assert!(compared > 30);
        // Without the capacitance, the current is that through the resistance; the method takes
        // away the part of r_extra twice.
        for (corrected, volt) in inference.corrected.iter().zip(&bias) {
            let expected =
                volt / sample.resistance(*volt) - model.r_extra * sample.capacitance * volt;
            assert!((corrected - expected).abs() < 0.1, "{corrected} {expected}");
        }
    }
}

#[test]
fn results_depend_on_position_and_not_on_order() {
    let model = Model {
        num_x_steps: 30,
        num_samples: 130,
        ..Model::default()
    };
    let bias = bias(200, 5.0);
    let period = Period::new(&bias, FREQUENCY, &model).unwrap();
    let current = simulate::Sample::of(2).current(&bias, FREQUENCY, 0.01);
    let alone = infer(&period, &current, 7);
    let mut scratch = Scratch::default();
    let mut after = Inference::default();
    for position in [1, 9, 7] {
        period.infer(&current, 3, position, &mut scratch, &mut after);
    }
    assert_eq!(after.resistance, alone.resistance);
    assert_eq!(after.corrected, alone.corrected);
    assert_ne!(infer(&period, &current, 8).resistance, alone.resistance);
}

#[test]
fn steps_are_balanced_to_the_nearest() {
    for (asked, expected) in [
        (62, 62),
        (60, 62),
        (63, 62),
        (64, 66),
        (65, 66),
        (250, 250),
        (0, 6),
    ] {
        assert_eq!(balanced_steps(asked), expected, "{asked}");
    }
}

#[test]
fn what_cannot_be_inferred_is_refused_in_one_line() {
    let good = Model {
        num_x_steps: 62,
        ..Model::default()
    };
    let refused = |bias: &[f64], model: &Model| {
        let message = Period::new(bias, FREQUENCY, model).unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    };
    let sine = bias(500, 6.0);
    assert!(refused(&sine[..499], &good).contains("even"));
    assert!(refused(&sine[..4], &good).contains("at least 8"));
    assert!(refused(&[0.0; 500], &good).contains("never exceeds 0 V"));
    assert!(refused(&[f64::NAN; 500], &good).contains("finite"));
    let steps = |num_x_steps| Model {
        num_x_steps,
        ..good.clone()
    };
    assert!(refused(&sine, &steps(64)).contains("66 for example"));
    assert!(refused(&sine, &steps(usize::MAX)).contains("twice an odd number"));
    assert!(
        refused(
            &sine,
            &Model {
                num_samples: 3,
                ..good.clone()
            }
        )
        .contains("even")
    );
    let frequency = Period::new(&sine, 0.0, &good).unwrap_err().to_string();
    assert!(frequency.contains("0 Hz"), "{frequency}");
    assert!(
        refused(
            &sine,
            &Model {
                r_extra: f64::NAN,
                ..good.clone()
            }
        )
        .contains("r_extra")
    );
    assert!(refused(&bias(500, 1e-3), &steps(250)).contains("too fine"));
}

#[test]
fn a_current_that_is_no_number_gives_no_numbers() {
    let model = Model {
        num_x_steps: 30,
        num_samples: 64,
        ..Model::default()
    };
    let bias = bias(200, 5.0);
    let period = Period::new(&bias, FREQUENCY, &model).unwrap();
    let inference = infer(&period, &[f64::NAN; 200], 0);
    assert!(
        inference
            .resistance
            .iter()
            .all(|moments| moments.mean.is_nan())
    );
    assert!(inference.corrected.iter().all(|value| value.is_nan()));
}

#[test]
fn the_grid_of_a_segment_has_both_signs() {
    let bias: Vec<f64> = (0..100).map(|i| f64::from(i) / 10.0 - 4.0).collect();
    let segment = Segment::new(&bias, FREQUENCY, 31, &Model::default()).unwrap();
    assert_eq!(segment.x().first(), Some(&-5.9));
    assert_eq!(segment.x().last(), Some(&5.9));
    assert!(segment.x()[15].abs() < 1e-15);
}
