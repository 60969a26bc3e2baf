use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::systems::{COILS, RAMP};

/// Runs `inversion forward models.json ARGUMENTS --output out.json` in a directory with both
/// systems.
fn forward(directory: &Path, models: &str, arguments: &[&str]) -> Output {
    fs::write(directory.join("models.json"), models).unwrap();
    fs::write(directory.join("coils.stm"), COILS).unwrap();
    fs::write(directory.join("ramp.stm"), RAMP).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_inversion"));
    command
        .current_dir(directory)
        .args(["forward", "models.json", "--output", "out.json"]);
    command.args(arguments).output().unwrap()
}

fn answer(directory: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(directory.join("out.json")).unwrap()).unwrap()
}

fn geometry() -> Value {
    json!({
        "tx_height": 30, "tx_roll": 0, "tx_pitch": 0, "tx_yaw": 0, "txrx_dx": -12, "txrx_dy": 0, "txrx_dz": 2,
        "rx_roll": 0, "rx_pitch": 0, "rx_yaw": 0
    })
}

#[test]
fn answers_in_both_domains() {
    let directory = tempfile::tempdir().unwrap();
    let models = json!({"models": [
        {"id": "a", "conductivity": [0.1, 0.01], "thickness": [10], "altitude": 30, "remark": "ignored"},
        {"conductivity": [0.1], "thickness": [], "geometry": geometry(), "system": "ramp.stm"},
    ]});
    let output = forward(
        directory.path(),
        &models.to_string(),
        &["--system", "coils.stm", "--jacobian", "both"],
    );
    assert!(output.status.success(), "{output:?}");
    let answer = answer(directory.path());
    let coils = &answer["models"][0]["response"]["coils"];
    assert_eq!(answer["models"][0]["id"], "a");
    assert_eq!(coils["inphase_ppm"].as_array().unwrap().len(), 5);
    assert_eq!(
        coils["correct_sens_quadrature"].as_array().unwrap().len(),
        5
    );
    assert_eq!(coils["peer_sens_inphase"][2].as_array().unwrap().len(), 2);
    let ramp = &answer["models"][1];
    assert_eq!(ramp["system"], "ramp.stm");
    assert_eq!(ramp["SZ"].as_array().unwrap().len(), 3);
    assert_eq!(ramp["dSX_dlnsigma"][0].as_array().unwrap().len(), 3);
    assert!(ramp["PZ"].as_f64().unwrap() != 0.0);
}

#[test]
fn a_finer_waveform_changes_little() {
    let directory = tempfile::tempdir().unwrap();
    let models =
        json!({"models": [{"conductivity": [0.1], "thickness": [], "geometry": geometry()}]});
    let mut values = Vec::new();
    for times in ["1", "8"] {
        let arguments = ["--system", "ramp.stm", "--digitise", times];
        let output = forward(directory.path(), &models.to_string(), &arguments);
        assert!(output.status.success(), "{output:?}");
        values.push(
            answer(directory.path())["models"][0]["SZ"][1]
                .as_f64()
                .unwrap(),
        );
    }
    let change = (values[0] / values[1] - 1.0).abs();
    assert!(change > 1e-9 && change < 0.02, "{values:?}");
}

#[test]
fn what_is_wrong_is_named_in_one_line_and_nothing_is_written() {
    let model = |text: &str| format!("{{\"models\": [{text}]}}");
    let cases = [
        ("not json".to_owned(), "models.json: "),
        ("{}".into(), "models.json: no list \"models\""),
        (model("{}"), "models[0]: either altitude or geometry"),
        (
            model(r#"{"altitude": 30, "conductivity": [0.1, 0.1], "thickness": []}"#),
            "2 layers need 1 thicknesses",
        ),
        (
            model(r#"{"altitude": 30, "conductivity": [-0.1], "thickness": []}"#),
            "must be positive and finite",
        ),
        (
            model(r#"{"altitude": -3, "conductivity": [0.1], "thickness": []}"#),
            "below the ground",
        ),
        (
            model(r#"{"altitude": "x", "conductivity": [0.1], "thickness": []}"#),
            "altitude: \"x\" is no number",
        ),
        (
            model(r#"{"geometry": {}, "conductivity": [0.1], "thickness": []}"#),
            "tx_height is absent",
        ),
    ];
    for (text, expected) in cases {
        let directory = tempfile::tempdir().unwrap();
        let output = forward(directory.path(), &text, &["--system", "coils.stm"]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}: {message}");
        assert!(message.contains(expected), "{text}: {message}");
        assert_eq!(message.lines().count(), 1, "{text}: {message}");
        assert!(!directory.path().join("out.json").exists(), "{text}");
    }
}

#[test]
fn a_system_that_is_wrong_is_named_with_its_line() {
    let cases = [
        (
            "coils.stm",
            COILS.replace("400, z", "400, y"),
            "coils.stm: line 2: a transmitter along y",
        ),
        (
            "coils.stm",
            COILS.replace("400, z, 1", "x, z, 1"),
            "coils.stm: line 2: freq: x is no number",
        ),
        (
            "coils.stm",
            COILS.replace(", 8, 0, 0\n3000", ", 0, 0, 0\n3000"),
            "line 2: transmitter and receiver are at one place",
        ),
        (
            "coils.stm",
            "freq\n".into(),
            "coils.stm: line 1: no frequency",
        ),
        (
            "ramp.stm",
            RAMP.replace("1e-4 2e-4", "1e-4"),
            "ramp.stm: line 22: two numbers are expected",
        ),
        (
            "ramp.stm",
            RAMP.replace(" Receiver End", ""),
            "ends and did not begin",
        ),
        (
            "ramp.stm",
            RAMP.replace("BaseFrequency = 100", "BaseFrequency = 0"),
            "line 8: BaseFrequency",
        ),
        (
            "ramp.stm",
            RAMP.replace("= 409600", "= 4e300"),
            "line 9: a period of",
        ),
        (
            "ramp.stm",
            RAMP.replace("NumberOfWindows = 3", "NumberOfWindows = 4"),
            "3 windows where NumberOfWindows is 4",
        ),
        (
            "ramp.stm",
            RAMP.replace("LinearTaper", "Hat"),
            "none of AreaUnderCurve, Boxcar, LinearTaper",
        ),
        (
            "ramp.stm",
            RAMP.replace("1e-4 2e-4", "1.005e-4 1.010e-4"),
            "line 21: window 1 from 0.0001005 s to 0.000101 s has no sample",
        ),
        (
            "ramp.stm",
            RAMP.replace("5e-4 1e-3", "5 6"),
            "window 3 from 5 s to 6 s has no sample",
        ),
        (
            "ramp.stm",
            RAMP.replace("= none", "= PPM"),
            "PPM is not supported",
        ),
    ];
    for (name, text, expected) in cases {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wrong").join(name);
        fs::create_dir(directory.path().join("wrong")).unwrap();
        fs::write(&path, &text).unwrap();
        let place = match name {
            "coils.stm" => json!({"conductivity": [0.1], "thickness": [], "altitude": 30}),
            _ => json!({"conductivity": [0.1], "thickness": [], "geometry": geometry()}),
        };
        let models = json!({"models": [place]}).to_string();
        let output = forward(
            directory.path(),
            &models,
            &["--system", path.to_str().unwrap()],
        );
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{expected}: {message}");
        assert!(message.contains(expected), "{expected}: {message}");
        assert_eq!(message.lines().count(), 1, "{expected}: {message}");
    }
}
