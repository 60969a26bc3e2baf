//! Silence, damage, ties and thresholds.

use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Integration, Sample, Search};
use jobwise_gmf::settings::{Method, Settings};

use crate::shapes;

const GATES: usize = 4;

fn search(settings: &Settings) -> Search {
    let parameters = Parameters::new(&shapes::experiment(40, 8), settings).unwrap();
    assert_eq!(parameters.ranges.len(), GATES);
    Search::new(&parameters, settings).unwrap()
}

fn settings(method: Method) -> Settings {
    Settings {
        gmf_method: method,
        max_range_gate: GATES as i64,
        ..shapes::settings(4, 2)
    }
}

/// Transmission of amplitude `size`, constant, and the receiving windows of `received`.
fn run(search: &Search, size: f32, received: impl Fn(usize) -> Sample) -> Integration {
    let parameters = search.parameters();
    let tx = vec![Sample::new(size, 0.0); parameters.coh_int_samps];
    let rx: Vec<Sample> = (0..parameters.n_ipp * parameters.rx_window_samps())
        .map(received)
        .collect();
    search.integrate(&tx, &rx, &mut search.scratch())
}

/// A signal whose powers at zero Doppler and zero acceleration are exact.
fn ones(_: usize) -> Sample {
    Sample::new(1.0, 0.0)
}

#[test]
fn silence_is_found_nowhere() {
    for method in [Method::Fgmf, Method::Fdpt] {
        let search = search(&settings(method));
        let got = run(&search, 1.0, |_| Sample::default());
        assert_eq!(got.gmf, [0.0; GATES]);
        assert_eq!(got.gmf_zero_frequency, [0.0; GATES]);
        assert_eq!(got.range_rate_index, [-1; GATES]);
        assert_eq!(got.acceleration_index, [-1; GATES]);
        assert!(got.range_peak.is_nan());
        assert!(got.range_rate_peak.is_nan() && got.acceleration_peak.is_nan());
        assert!(got.gmf_peak == 0.0);
        assert!((got.tx_power - 32.0).abs() < 1e-5);
    }
}

#[test]
fn a_damaged_sample_spoils_only_the_gates_that_use_it() {
    for method in [Method::Fgmf, Method::Fdpt] {
        let search = search(&settings(method));
        for damage in [f32::NAN, f32::INFINITY] {
            // The first sample of the first window belongs to gate 0 alone.
            let got = run(&search, 1.0, |i| {
                Sample::new(if i == 0 { damage } else { 1.0 }, 0.0)
            });
            assert_eq!(got.range_rate_index[0], -1);
            assert_eq!(got.acceleration_index[0], -1);
            assert!(got.gmf[0] == 0.0);
            assert!(got.gmf[1..].iter().all(|&power| power > 0.0));
            assert!((got.range_peak - search.parameters().ranges[1]).abs() < 1e-9);
        }
    }
}

#[test]
fn of_equal_gates_the_first_is_the_peak() {
    for method in [Method::Fgmf, Method::Fdpt] {
        let search = search(&settings(method));
        let got = run(&search, 1.0, ones);
        assert!(
            got.gmf
                .iter()
                .all(|&power| power.to_bits() == got.gmf[0].to_bits())
        );
        assert!((got.range_peak - search.parameters().ranges[0]).abs() < 1e-9);
    }
}

/// Two pulses, one decimated sample each, half a spectrum apart: only even and odd bins differ, so
/// the exact spectrum ties in every second bin and the first must win.
#[test]
fn of_equal_bins_the_first_wins() {
    let settings = Settings {
        max_range_gate: 1,
        dpt_ipp_delay_parameter: 1,
        ..shapes::settings(2, 8)
    };
    let parameters = Parameters::new(&shapes::experiment(32, 8), &settings).unwrap();
    let only_zero = Settings {
        min_acceleration: -0.5 * parameters.acceleration_step,
        max_acceleration: 0.5 * parameters.acceleration_step,
        ..settings
    };
    let parameters = Parameters::new(&shapes::experiment(32, 8), &only_zero).unwrap();
    assert_eq!(parameters.selected.len(), 1);
    let search = Search::new(&parameters, &only_zero).unwrap();
    assert_eq!(run(&search, 1.0, ones).range_rate_index, [0]);
    let window = parameters.rx_window_samps();
    let alternating = run(&search, 1.0, |i| {
        Sample::new(if i < window { 1.0 } else { -1.0 }, 0.0)
    });
    assert_eq!(alternating.range_rate_index, [1]);
}

#[test]
fn too_little_transmission_is_not_analysed() {
    let search = search(&settings(Method::Fgmf));
    // 32 samples: the amplitude is sqrt(32) times the size of each.
    let edge = 1.0 / 32_f32.sqrt();
    let below = run(&search, edge * 0.999, ones);
    let above = run(&search, edge * 1.001, ones);
    let power = below.tx_power;
    assert!(power > 0.9 && power < 1.0);
    // Peaks are NaN, which no comparison of whole values would accept.
    let expected = Integration::not_analysed(power, GATES);
    assert_eq!(format!("{below:?}"), format!("{expected:?}"));
    assert!(above.gmf.iter().all(|&power| power > 0.0));
    let damaged = run(&search, f32::NAN, ones);
    assert!(damaged.tx_power.is_nan());
    assert_eq!(damaged.range_rate_index, [-1; GATES]);

    let lowered = Settings {
        min_tx_amplitude: 0.5,
        ..settings(Method::Fgmf)
    };
    assert!(run(&self::search(&lowered), edge * 0.999, ones).gmf_peak > 0.0);
}

#[test]
fn scratch_carries_nothing_over() {
    for method in [Method::Fgmf, Method::Fdpt] {
        let search = search(&settings(method));
        let parameters = search.parameters();
        let tx = vec![Sample::new(1.0, 0.5); parameters.coh_int_samps];
        let noise = |seed: usize| -> Vec<Sample> {
            (0..parameters.n_ipp * parameters.rx_window_samps())
                .map(|i| ((i * seed) as f32).sin())
                .map(|x| Sample::new(x, x * x))
                .collect()
        };
        let fresh = search.integrate(&tx, &noise(7), &mut search.scratch());
        let mut used = search.scratch();
        search.integrate(&tx, &noise(11), &mut used);
        assert_eq!(search.integrate(&tx, &noise(7), &mut used), fresh);
    }
}

#[test]
fn threads_share_a_search() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&search(&settings(Method::Fgmf)));
}
