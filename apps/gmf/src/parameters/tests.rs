use std::path::PathBuf;

use super::*;
use crate::clock::Rate;

pub(crate) fn experiment() -> Experiment {
    Experiment {
        path: PathBuf::from("metadata.ini"),
        name: "test".into(),
        version: "1".into(),
        rx_channel: "rx".into(),
        tx_channel: "tx".into(),
        sample_rate: Rate::whole(1_000_000),
        ipp: 1000,
        tx_pulse_length: None,
        tx_start: 50.0,
        tx_end: 150.0,
        rx_start: 0.0,
        rx_end: 1000.0,
        cal_on: None,
        cal_off: None,
        radar_frequency: 930.0,
        file_secs: None,
        extra: Vec::new(),
        bounds: None,
    }
}

fn settings() -> Settings {
    Settings {
        path: PathBuf::from("analysis.ini"),
        frequency_decimation: 10,
        min_acceleration: -50_000.0,
        max_acceleration: 50_000.0,
        ..Settings::default()
    }
}

#[test]
fn the_default_gates_are_all_gates() {
    let parameters = Parameters::new(&experiment(), &settings()).unwrap();
    // The last window would start at rx_end - pulse = 900; the default end is one before it,
    // exclusive.
    assert_eq!((parameters.il0_min, parameters.il0_max), (51, 899));
    assert_eq!(
        (parameters.min_range_gate, parameters.max_range_gate),
        (0, 848)
    );
    assert_eq!(parameters.ranges.len(), 848);
    assert!((parameters.ranges[0] - SPEED_OF_LIGHT / 1e6).abs() < 1e-9);
    assert_eq!(parameters.rx_window_samps(), 948);
    assert_eq!(parameters.rx_window(9), 9051..9999);
    assert_eq!(parameters.tx_window(1), 1050..1150);
    assert!((parameters.tx_pulse_length - 100.0).abs() < 1e-12);
}

#[test]
fn windows_do_not_depend_on_the_step() {
    let stepped = Settings {
        range_gate_step: 7,
        min_range_gate: 10,
        max_range_gate: 31,
        ..settings()
    };
    let parameters = Parameters::new(&experiment(), &stepped).unwrap();
    assert_eq!(parameters.ranges.len(), 3);
    assert_eq!(parameters.rx_window_samps(), 21 + 100);
    let huge = Settings {
        range_gate_step: i64::MAX,
        ..stepped
    };
    assert_eq!(
        Parameters::new(&experiment(), &huge).unwrap().ranges.len(),
        1
    );
}

#[test]
fn axes_are_symmetric_and_limits_inclusive() {
    let mut wanted = settings();
    let parameters = Parameters::new(&experiment(), &wanted).unwrap();
    assert_eq!(parameters.decimated_read_length, 1000);
    assert_eq!(parameters.dec_tau_samp, 500);
    assert_eq!(parameters.accelerations.len(), 500);
    assert!(parameters.accelerations[250].abs() < f64::EPSILON);
    let step = parameters.acceleration_step;
    assert!((parameters.accelerations[251] - step).abs() < 1e-9 * step);
    assert!(
        (parameters.range_rates[500] + parameters.range_rates[499] + parameters.range_rates[1])
            .abs()
            < 1e-6
    );
    wanted.min_acceleration = parameters.accelerations[248];
    wanted.max_acceleration = parameters.accelerations[251];
    assert_eq!(
        Parameters::new(&experiment(), &wanted).unwrap().selected,
        248..252
    );
}

#[test]
fn an_alias_moves_only_the_receiving_windows() {
    let aliased = Settings {
        ipp_offset: 2,
        ..settings()
    };
    let parameters = Parameters::new(&experiment(), &aliased).unwrap();
    assert_eq!(parameters.read_length, 12_000);
    assert_eq!(parameters.rx_window(0).start, 2051);
    assert_eq!(parameters.tx_window(0).start, 50);
    assert!((parameters.range_alias_offset - 2e-3 * SPEED_OF_LIGHT).abs() < 1e-6);
}

#[test]
fn impossible_settings_are_named() {
    type Change = fn(&mut Settings);
    let cases: [(Change, &str); 17] = [
        (
            |s| s.max_range_gate = 850,
            "max_range_gate: gate 850 is impossible; gates run from 0 to 849",
        ),
        (
            |s| s.min_range_gate = -850,
            "min_range_gate: gate -850 is impossible",
        ),
        (
            |s| s.min_range_gate = i64::MAX,
            "min_range_gate: gate 9223372036854775807",
        ),
        (|s| s.min_range_gate = i64::MIN, "min_range_gate"),
        (
            |s| (s.min_range_gate, s.max_range_gate) = (20, 20),
            "leaves nothing after the first gate 20",
        ),
        (
            |s| s.frequency_decimation = 3,
            "3 does not divide the 100 samples of the transmitted pulse",
        ),
        (
            |s| s.frequency_decimation = i64::MAX,
            "does not divide the 100",
        ),
        (
            |s| s.dpt_ipp_delay_parameter = 10,
            "must lie within the integration of 10 IPPs",
        ),
        (
            |s| s.dpt_ipp_delay_parameter = i64::MAX,
            "dpt_ipp_delay_parameter",
        ),
        (
            |s| (s.min_acceleration, s.max_acceleration) = (1.0, 2.0),
            "min_acceleration: no acceleration",
        ),
        (
            |s| (s.min_acceleration, s.max_acceleration) = (1e30, 2e30),
            "no acceleration",
        ),
        (|s| s.n_ipp = i64::MAX, "n_ipp: an integration of"),
        (|s| s.n_ipp = 1 << 40, "n_ipp: an integration of"),
        (|s| s.ipp_offset = i64::MAX, "exceeds 268435456 samples"),
        (
            |s| {
                s.gmf_method = Method::Fdpt;
                s.ipp_offset = 8;
                s.dpt_ipp_delay_parameter = 10;
            },
            "leaves fdpt no pair",
        ),
        (
            |s| {
                s.gmf_method = Method::Fdpt;
                s.dc = ZeroFrequency::FirstAcceleration;
            },
            "dc: first-acceleration has no meaning",
        ),
        (
            |s| {
                s.n_ipp = 2000;
                s.dpt_ipp_delay_parameter = 1;
                s.frequency_decimation = 1;
                (s.min_acceleration, s.max_acceleration) = (-1e30, 1e30);
            },
            "exceed the table",
        ),
    ];
    for (change, told) in cases {
        let mut wanted = settings();
        change(&mut wanted);
        let message = Parameters::new(&experiment(), &wanted)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("analysis.ini: "), "{message}");
        assert!(message.contains(told), "{told}: {message}");
    }
}

#[test]
fn impossible_experiments_are_named() {
    type Change = fn(&mut Experiment);
    let cases: [(Change, &str); 8] = [
        (|e| e.tx_end = 50.0, "tx_end: the window from sample 50"),
        (
            |e| e.rx_end = 1001.0,
            "rx_end: the window ends at sample 1001",
        ),
        (
            |e| e.tx_end = 2000.0,
            "tx_end: the window ends at sample 2000",
        ),
        (|e| e.tx_start = -1.0, "tx_start: -1 us is -1 samples"),
        (|e| e.ipp = i64::MAX, "ipp: "),
        (
            |e| e.sample_rate = Rate::hertz((1 << 43) - 1).unwrap(),
            "ipp: ",
        ),
        (
            |e| e.tx_pulse_length = Some(90.0),
            "tx_pulse_length: 90 samples, but the window",
        ),
        (|e| e.rx_start = 400.4, "gates run from 350 to"),
    ];
    for (change, told) in cases {
        let mut wanted = experiment();
        change(&mut wanted);
        let message = Parameters::new(&wanted, &settings())
            .unwrap_err()
            .to_string();
        assert!(message.contains(told), "{told}: {message}");
    }
    let mut short = experiment();
    short.rx_end = 140.0;
    let message = Parameters::new(&short, &settings())
        .unwrap_err()
        .to_string();
    assert!(message.contains("no range gate fits"), "{message}");
}
