//! `inversion forward --device cuda` on the driver for tests: the same answers as of the host.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jobwise_inversion::random::{Draws, Stream};
use serde_json::{Value, json};

use crate::systems::{COILS, RAMP};

/// The systems: pairs of coils of each kind, a loop, and a dipole with more nodes than lanes.
fn files() -> [(&'static str, String); 3] {
    let dipole = RAMP
        .replace("LoopRadius = 5.6", "LoopRadius = 0")
        .replace("YOutputScaling = 1", "YOutputScaling = 0")
        .replace("Evaluation = 21", "Evaluation = 40");
    [
        ("coils.stm", COILS.to_owned()),
        ("ramp.stm", RAMP.to_owned()),
        ("dipole.stm", dipole),
    ]
}

/// Earths of up to 30 layers, above which a system is.
fn earth(draws: &mut Draws, place: usize) -> Value {
    let layers = [1, 2, 3, 5, 8, 30][place % 6];
    let conductivity = (0..layers).map(|_| 10f64.powf(-4.0 + 5.0 * draws.uniform()));
    let conductivity: Vec<f64> = conductivity.collect();
    let thickness: Vec<f64> = (1..layers).map(|_| 1.0 + 20.0 * draws.uniform()).collect();
    json!({"id": place, "conductivity": conductivity, "thickness": thickness})
}

fn in_frequency(count: usize) -> Value {
    let draws = &mut Stream::new(1, 0.0, 0.0, 0).iteration(0);
    let models = (0..count).map(|place| {
        let mut model = earth(draws, place);
        model["altitude"] = json!(20.0 + 30.0 * draws.uniform());
        model
    });
    json!({ "models": models.collect::<Vec<Value>>() })
}

/// Some are far from each other near the ground, where Bessel functions are far out.
fn in_time(count: usize) -> Value {
    let draws = &mut Stream::new(2, 0.0, 0.0, 0).iteration(0);
    let models = (0..count).map(|place| {
        let mut model = earth(draws, place);
        let (height, distance) = if place % 5 == 4 {
            (2.0, 600.0)
        } else {
            (30.0 + 20.0 * draws.uniform(), 13.0)
        };
        model["geometry"] = json!({
            "tx_height": height, "tx_roll": 3.0 * draws.normal(), "tx_pitch": 3.0 * draws.normal(),
            "tx_yaw": 0, "txrx_dx": -distance, "txrx_dy": draws.normal(), "txrx_dz": 2,
            "rx_roll": draws.normal(), "rx_pitch": draws.normal(), "rx_yaw": draws.normal(),
        });
        model["system"] = json!(["ramp.stm", "dipole.stm"][place % 2]);
        model
    });
    json!({ "models": models.collect::<Vec<Value>>() })
}

/// `inversion forward`, on devices as `fake` says, or on the host.
fn forward(directory: &Path, out: &str, fake: Option<&str>, more: &[&str]) -> Output {
    for (name, text) in files() {
        fs::write(directory.join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_inversion"));
    command
        .current_dir(directory)
        .args(["forward", "models.json", "--output", out])
        .args(more);
    if let Some(options) = fake {
        command
            .args(["--device", "cuda"])
            .envs(jobwise_cuda_fake::environment(options));
    }
    command.output().unwrap()
}

/// The largest differences of all lists of numbers, in parts of the number and of the largest of
/// its list.
fn compare(found: &Value, expected: &Value, largest: &mut [f64; 2]) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            assert!(found.keys().eq(expected.keys()));
            for (name, expected) in expected {
                compare(&found[name], expected, largest);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len());
            let numbers: Vec<f64> = expected.iter().filter_map(Value::as_f64).collect();
            let scale = numbers.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            for (found, expected) in found.iter().zip(expected) {
                let (Some(a), Some(b)) = (found.as_f64(), expected.as_f64()) else {
                    compare(found, expected, largest);
                    continue;
                };
                assert!(a.is_finite());
                let difference = (a - b).abs();
                if difference > 0.0 {
                    largest[0] = largest[0].max(difference / b.abs());
                    largest[1] = largest[1].max(difference / scale);
                }
            }
        }
        _ => assert_eq!(found, expected),
    }
}

/// Values to 1e-10, and derivatives, some of which are almost nothing, to 1e-10 of the largest of
/// their row.
#[test]
fn responses_are_those_of_the_host() {
    for (models, more) in [
        (
            in_frequency(30),
            &["--jacobian", "both", "--system", "coils.stm"][..],
        ),
        (in_time(30), &["--jacobian", "correct"]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        fs::write(directory.join("models.json"), models.to_string()).unwrap();
        let read = |name: &str| -> Value {
            serde_json::from_str(&fs::read_to_string(directory.join(name)).unwrap()).unwrap()
        };
        for (out, fake) in [("host.json", None), ("device.json", Some("devices=1"))] {
            let output = forward(directory, out, fake, more);
            assert!(output.status.success(), "{output:?}");
        }
        let (found, expected) = (read("device.json"), read("host.json"));
        let mut largest = [0.0; 2];
        compare(&found, &expected, &mut largest);
        println!("{more:?}: {largest:?}");
        assert!(largest[0] < 1e-9 && largest[1] < 1e-12, "{largest:?}");
        // Values alone, with nothing beside them.
        let more = &more[2..];
        let output = forward(directory, "values.json", Some("devices=1"), more);
        assert!(output.status.success(), "{output:?}");
        let output = forward(directory, "expected.json", None, more);
        assert!(output.status.success(), "{output:?}");
        let mut largest = [0.0; 2];
        compare(&read("values.json"), &read("expected.json"), &mut largest);
        println!("{more:?}: {largest:?}");
        assert!(largest[0] < 1e-10, "{largest:?}");
        // The same bits for any batch, any device and any order of threads.
        let bytes = |name: &str| fs::read(directory.join(name)).unwrap();
        for fake in ["devices=3,order=7", "devices=1,memory=2,order=1"] {
            let output = forward(directory, "again.json", Some(fake), more);
            assert!(output.status.success(), "{fake}: {output:?}");
            assert!(bytes("again.json") == bytes("values.json"), "{fake}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_device_is_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::write(directory.join("models.json"), in_frequency(2).to_string()).unwrap();
    let more = ["--system", "coils.stm"];
    for (fake, expected) in [
        ("devices=0", "no CUDA device"),
        ("devices=1,fail_launch=1", "illegal"),
        ("devices=1,lose=1", "device 0"),
    ] {
        let output = forward(directory, "out.json", Some(fake), &more);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{fake}: {text}");
        assert!(text.contains(expected), "{fake}: {text}");
        assert_eq!(text.lines().count(), 1, "{fake}: {text}");
        assert!(!directory.join("out.json").exists());
    }
    for flags in [["--job", "0/2"], ["--dry-run", "--progress"]] {
        let output = forward(directory, "out.json", None, &[&more[..], &flags].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}
