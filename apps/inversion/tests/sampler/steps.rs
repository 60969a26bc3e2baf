use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jobwise_testing::reference;

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
