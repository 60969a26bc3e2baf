//! Units that files and command lines name: converted, refused by name, or warned of.

use std::f64::consts::TAU;

use jobwise_hdf5::file_access;
use jobwise_usid::format::{Main, Scalar, SourceRows, Storage, Value};

use crate::bench::{Bench, CHANNEL};
use crate::signals::Signals;

const POINTS: usize = 120;

/// Currents through two gigaohms under a bias of 6 V, in units of which a nA and a V have so many.
fn currents<'a>(
    (quantity, units, nano): (&'a str, &'a str, f64),
    (label, bias_units, volt): (&'a str, &'a str, f64),
) -> Signals<'a> {
    let bias: Vec<f64> = (0..POINTS)
        .map(|k| 6.0 * (TAU * k as f64 / POINTS as f64).sin())
        .collect();
    let row = |line: usize| {
        bias.iter()
            .enumerate()
            .map(|(k, v)| nano * (v / 2.0 + 0.01 * ((k * 7 + line) % 5) as f64))
            .collect()
    };
    Signals {
        scalar: Scalar::F64,
        quantity,
        units,
        rows: (0..2).map(row).collect(),
        columns: (label, bias_units, bias.iter().map(|v| volt * v).collect()),
        experiment: vec![("excitation_frequency_[Hz]", Value::Float(200.0))],
        storage: Storage::Contiguous,
    }
}

fn numbers(bench: &Bench, group: &str, name: &str) -> (Vec<f64>, String) {
    let file = file_access::open(bench.path("a.h5")).unwrap();
    let main = Main::find(&file, &format!("{CHANNEL}/Raw_Data-{group}_000/{name}")).unwrap();
    let rows = SourceRows::of(&main).unwrap();
    (
        rows.numbers(0..main.positions()).unwrap().0,
        main.units().to_owned(),
    )
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a - b).abs() <= 1e-4 * b.abs().max(1e-3))
}

const GIV: [&str; 6] = ["giv", "a.h5", "--num-x-steps", "30", "--num-samples", "20"];

#[test]
fn currents_and_biases_in_any_units_give_the_same_resistance() {
    let bench = Bench::new();
    let nano = ("Current", "nA", 1.0);
    let volt = ("Bias", "V", 1.0);
    currents(nano, volt).write(&bench, "a.h5");
    assert!(bench.must(&GIV).stderr.is_empty());
    let expected = ["Resistance", "Capacitance", "Corrected_Current"]
        .map(|name| numbers(&bench, "Bayesian_Inference", name).0);
    let cases = [
        (("Current", "pA", 1e3), volt, 0),
        (("Current", "A", 1e-9), volt, 0),
        (("Current", "\u{b5}A", 1e-3), ("Bias", "mV", 1e3), 0),
        (("Current", "\u{3bc}A", 1e-3), ("V_bias (kV)", "", 1e-3), 0),
        (("Current (pA)", "", 1e3), volt, 0),
        (("Current (pA)", "a.u.", 1e3), volt, 0),
        (("Current", "picoamperes", 1e3), ("Bias", "Volts", 1.0), 0),
        (("Current", "a.u.", 1.0), volt, 1),
        (("Current", "", 1.0), ("Bias", "unknown", 1.0), 2),
    ];
    for (current, bias, warnings) in cases {
        currents(current, bias).write(&bench, "a.h5");
        let run = bench.must(&GIV);
        assert_eq!(
            run.stderr
                .lines()
                .filter(|line| line.contains("taken for"))
                .count(),
            warnings,
            "{current:?}: {run:?}"
        );
        for (name, expected) in ["Resistance", "Capacitance", "Corrected_Current"]
            .into_iter()
            .zip(&expected)
        {
            let (found, units) = numbers(&bench, "Bayesian_Inference", name);
            assert!(same(&found, expected), "{current:?} {bias:?}: {name}");
            assert!(
                name != "Corrected_Current" || warnings > 0 || units == "nA" || units == current.1,
                "{units}"
            );
        }
    }
    for (current, bias) in [
        (("Current", "mV", 1.0), volt),
        (("Current", "furlongs", 1.0), volt),
        (nano, ("Time", "s", 1.0)),
        (("Current (pA)", "nA", 1.0), volt),
    ] {
        currents(current, bias).write(&bench, "a.h5");
        let before = std::fs::read(bench.path("a.h5")).unwrap();
        bench.run(GIV).must_refuse(1, &["Raw_Data"]);
        assert!(std::fs::read(bench.path("a.h5")).unwrap() == before);
    }
}

#[test]
fn frequencies_in_any_units_are_the_same_filter() {
    let bench = Bench::new();
    let signals =
        |experiment: Vec<(&'static str, Value)>,
         (label, units, step): (&'static str, &'static str, f64)| Signals {
            scalar: Scalar::F32,
            quantity: "Current",
            units: "nA",
            columns: (label, units, (0..POINTS).map(|k| step * k as f64).collect()),
            rows: vec![(0..POINTS).map(|k| (k % 7) as f64).collect()],
            experiment,
            storage: Storage::Contiguous,
        };
    let time = ("Time", "ms", 0.01);
    let hertz = |name, value: f64| vec![(name, Value::Float(value))];
    let result = |files: &Signals<'_>, words: &[&str], warnings: usize| {
        files.write(&bench, "a.h5");
        let run = bench.must(&[&["filter", "a.h5"], words].concat());
        assert_eq!(run.stderr.lines().count(), warnings, "{words:?}: {run:?}");
        numbers(&bench, "FFT_Filtering", "Filtered_Data").0
    };
    let plain = hertz("IO_samp_rate_[Hz]", 1e5);
    let expected = result(&signals(plain.clone(), time), &["-f", "low:1e4"], 0);
    for experiment in [
        hertz("IO_samp_rate_[kHz]", 100.0),
        hertz("IO_samp_rate_(MHz)", 0.1),
        vec![("IO_samp_rate_[Hz]", Value::Text("100 kHz".into()))],
        vec![("IO_samp_rate_[kHz]", Value::Text("100".into()))],
        vec![("IO_samp_rate_[Hz]", Value::Floats(vec![1e5]))],
    ] {
        let what = format!("{experiment:?}");
        assert_eq!(
            result(&signals(experiment, time), &["-f", "low:1e4"], 0),
            expected,
            "{what}"
        );
    }
    for words in [
        ["-f", "low:10kHz"],
        ["-f", "low:0.01 MHz"],
        ["-f", "low:10000 1/s"],
    ] {
        assert_eq!(
            result(&signals(plain.clone(), time), &words, 0),
            expected,
            "{words:?}"
        );
    }
    let without = signals(vec![], time);
    assert_eq!(
        result(&without, &["-f", "low:1e4", "--sampling-rate", "100kHz"], 0),
        expected
    );
    // A name without units is told, and so is an axis that says otherwise.
    assert_eq!(
        result(
            &signals(hertz("IO_samp_rate", 1e5), time),
            &["-f", "low:1e4"],
            1
        ),
        expected
    );
    assert_eq!(
        result(
            &signals(plain.clone(), ("Time", "us", 0.01)),
            &["-f", "low:1e4"],
            1
        ),
        expected
    );
    without.write(&bench, "a.h5");
    bench
        .run(["filter", "a.h5", "-f", "low:1e4"])
        .must_refuse(1, &["--sampling-rate", "1.000000e5"]);
    for word in ["low:10ms", "low:10mhz", "low:1e4,5Hz", "low:x"] {
        let refused = bench.run(["filter", "a.h5", "-f", word]);
        assert_eq!(refused.status, Some(2), "{word}: {refused:?}");
    }
    signals(hertz("IO_samp_rate_[ms]", 1.0), time).write(&bench, "a.h5");
    bench
        .run(["filter", "a.h5", "-f", "low:1e4"])
        .must_refuse(1, &["IO_samp_rate_[ms]"]);
}
