use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jobwise_inversion::settings::Settings;
use jobwise_testing::reference;
use serde_json::{Value, json};

use crate::recording::recording;
use crate::soundings::{COILS, DATA, settings, sounding, system};

/// Runs `inversion check steps`.
fn check(steps: &Path, system: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inversion"));
    command
        .args(["check", "steps"])
        .arg(steps)
        .arg("--system")
        .arg(system);
    command.output().unwrap()
}

#[test]
fn iterations_of_geobipy_are_derived_again() {
    let Some(directory) = reference("em") else {
        return;
    };
    for row in [4, 7] {
        let steps = directory.join(format!("sampler_steps_row{row}.json"));
        let output = check(&steps, &directory.join("resolve6.stm"));
        let table = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        for quantity in [
            "inverse Hessian",
            "gradient",
            "log q reverse",
            "sensitivity",
        ] {
            assert!(table.contains(quantity), "{table}");
        }
        // One wrong digit in the middle of a number.
        let text = fs::read_to_string(&steps).unwrap();
        let at = text.rfind("\"log_acceptance_ratio\": ").unwrap() + 28;
        let mut wrong = text.into_bytes();
        wrong[at] = if wrong[at] == b'5' { b'6' } else { b'5' };
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("steps.json");
        fs::write(&path, wrong).unwrap();
        let output = check(&path, &directory.join("resolve6.stm"));
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            message.contains("above 1e-9: log acceptance ratio"),
            "{message}"
        );
    }
}

/// What a chain does is what the recorded numbers say, with a gradient in the proposal too; and
/// each number that is changed is named.
#[test]
fn own_iterations_are_derived_again_and_wrong_numbers_are_named() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    fs::write(path("coils.stm"), COILS).unwrap();
    let system = system(COILS);
    for gradient_weight in [0.0, 0.5] {
        let settings = Settings {
            gradient_weight,
            ..settings(300)
        };
        let recorded = recording(&settings, &sounding(&system, 30.0, &DATA, 1.0), 300);
        fs::write(path("steps.json"), recorded.to_string()).unwrap();
        let output = check(&path("steps.json"), &path("coils.stm"));
        assert!(output.status.success(), "{output:?}");
        let steps = recorded["steps"].as_array().unwrap();
        let turned_back = |step: &&Value| !step["log_q_reverse"].is_null();
        assert!(steps.iter().filter(turned_back).count() > 10);
        let last = steps.iter().rposition(|step| turned_back(&step)).unwrap();
        for (key, quantity) in [
            ("/current_log_prior", "log prior"),
            ("/candidate_log_prior_data", "log prior of the data"),
            ("/candidate_log_prior_model", "log prior of the model"),
            ("/candidate_log_likelihood", "log likelihood"),
            ("/candidate_misfit", "misfit"),
            ("/sensitivity_used/0/0", "sensitivity"),
            ("/hessian_inverse/0/0", "inverse Hessian"),
            ("/gradient/0", "gradient"),
            ("/proposal_mean/0", "proposal mean"),
            ("/candidate/predicted/5", "response"),
            ("/log_q_forward", "log q forward"),
            ("/log_q_reverse", "log q reverse"),
            ("/log_acceptance_ratio", "log acceptance ratio"),
        ] {
            let mut wrong = recorded.clone();
            let number = wrong["steps"][last].pointer_mut(key).unwrap();
            *number = (number.as_f64().unwrap() * 1.001 + 1e-3).into();
            fs::write(path("wrong.json"), wrong.to_string()).unwrap();
            let output = check(&path("wrong.json"), &path("coils.stm"));
            assert_eq!(output.status.code(), Some(1), "{key}: {output:?}");
            let message = String::from_utf8_lossy(&output.stderr);
            let (_, named) = message.trim().split_once("above 1e-9: ").unwrap();
            assert!(
                named.split(", ").any(|name| name == quantity),
                "{key}: {message}"
            );
        }
    }
}

#[test]
fn a_recording_that_is_none_is_refused_in_one_line() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    fs::write(path("coils.stm"), COILS).unwrap();
    let system = system(COILS);
    let recorded = recording(&settings(10), &sounding(&system, 30.0, &DATA, 1.0), 2);
    let with = |pointer: &str, value: Value| {
        let mut wrong = recorded.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        wrong.to_string()
    };
    for (text, expected) in [
        ("{".to_owned(), "steps.json: EOF"),
        ("{}".into(), "no \"options\" is there"),
        (
            with("/options/minimum_depth", json!("x")),
            "options: minimum_depth: a number",
        ),
        (
            with("/options/maximum_number_of_layers", json!(1e300)),
            "maximum_number_of_layers must be from 1 to 1000",
        ),
        (with("/initial/data", json!([1.0])), "6 channels"),
        (with("/steps", json!([])), "no iteration is there"),
        (
            with("/steps/1/action", json!(["delete", 9, 0])),
            "steps: [1]: action: ",
        ),
        (
            with("/steps/1/current/edges", json!([0.0, -5.0, "inf"])),
            "steps: [1]: current: ",
        ),
        (
            with("/steps/1/current/predicted", json!([1.0])),
            "a value per channel",
        ),
        (
            with("/steps/1/sensitivity_used", json!([])),
            "a row per channel",
        ),
    ] {
        fs::write(path("steps.json"), &text).unwrap();
        let output = check(&path("steps.json"), &path("coils.stm"));
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{expected}: {message}");
        assert!(message.contains(expected), "{expected}: {message}");
        assert_eq!(message.lines().count(), 1, "{expected}: {message}");
    }
}
