use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture;
use crate::program::{done, inversion};

fn json_of(directory: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(directory.join("s.json")).unwrap()).unwrap()
}

fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn a_summary_has_what_chains_kept() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::create_dir(at.join("results")).unwrap();
    fixture::write(&at.join("results/100.0.h5"), 100.0, true);
    fixture::write(&at.join("results/20.5.h5"), 20.5, true);
    let truth = json!([
        {"fiducial": 1, "line": 100, "height": 30, "conductivity": [0.05, 0.2], "thickness": [8],
         "relative_error": 0.055},
        {"fiducial": 1, "line": 7, "height": 30, "conductivity": [1], "thickness": []},
    ]);
    fs::write(at.join("truth.json"), truth.to_string()).unwrap();
    let arguments = [
        "summary",
        "results",
        "--truth",
        "truth.json",
        "--json",
        "s.json",
    ];
    let table = done(at, &arguments);
    assert!(
        table.contains("line 20.5") && table.contains("no datum is a number"),
        "{table}"
    );
    let summary = json_of(at);
    let lines = summary["lines"].as_array().unwrap();
    assert_eq!(
        [&lines[0]["line"], &lines[1]["line"]],
        [&json!(20.5), &json!(100.0)]
    );
    assert!(lines[0]["points"][0].get("rank").is_none());
    let points = lines[1]["points"].as_array().unwrap();
    let point = &points[0];
    for (pointer, expected) in [
        ("/k/mean", 1.75),
        ("/k/p50", 1.75),
        ("/k/p95", 1.75 + 0.4 * 1.8),
        ("/misfit/sd", 1.0),
        ("/height/mean", 30.0),
        ("/log_relative_error/0/mean", -2.9),
        ("/log_additive_error/0/p05", 1.6),
        ("/log_conductivity_at_depth/5/mean", -4.0),
        ("/log_conductivity_at_depth/25.5/ess", 15.0),
        ("/log_conductivity_at_depth/25.5/rhat", 1.01),
        ("/acceptance/mean", 0.3),
        ("/rhat_max", 1.02),
        ("/ess_min", 12.0),
        // Widths are 0, 0.5, 1 and 1.5 decades: at 15 m the opacity is 2/3.
        ("/doi", 5.0),
        // 5 of 20 iterations have fewer layers than the true 2, 15 as many.
        ("/rank/5", (0.05f64.ln() + 4.0 + 1.0) / 2.0),
        ("/rank/25.5", (0.2f64.ln() + 2.0 + 2.0) / 4.0),
        (
            "/rank/log_relative_error_0",
            (0.055f64.ln() + 2.9 + 0.2) / 0.4,
        ),
    ] {
        let found = point
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{pointer}"));
        if pointer == "/rank/5" {
            // Above all that was kept.
            near(found, 1.0f64.min(expected));
        } else {
            near(found, expected);
        }
    }
    let rank = point["rank"]["k"].as_f64().unwrap();
    assert!(rank > 0.25 && rank < 1.0, "{rank}");
    assert!(
        point["rank"].get("height").is_none(),
        "the height was not solved for"
    );
    assert_eq!(point["k_histogram"], json!([0, 5, 15, 0]));
    assert_eq!(point["chains"], 2);
    assert_eq!(
        [&points[1]["status"], &points[1]["reason"]],
        ["failed", "no datum is a number"]
    );
    assert_eq!(
        [&points[2]["status"], &points[2]["k"]["mean"]],
        [&json!("open"), &Value::Null]
    );
    // The same again has the same bytes.
    let first = fs::read(at.join("s.json")).unwrap();
    done(at, &arguments);
    assert_eq!(fs::read(at.join("s.json")).unwrap(), first);
}

#[test]
fn depths_that_were_not_kept_are_those_of_counts() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fixture::write(&at.join("100.0.h5"), 100.0, true);
    let output = inversion(
        at,
        &["summary", ".", "--depths", "5,12,99", "--json", "s.json"],
    );
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success());
    assert_eq!(message.matches("did not keep").count(), 1, "{message}");
    let at_depth = &json_of(at)["lines"][0]["points"][0]["log_conductivity_at_depth"];
    near(&at_depth["5"]["ess"], 15.0);
    // Ten counts in each of the bins from -2 to -1.5 and from there to -1.
    near(&at_depth["12"]["mean"], -1.5 * 10f64.ln());
    assert!(at_depth["12"]["ess"].is_null() && at_depth["12"]["rhat"].is_null());
    assert!(at_depth["99"]["mean"].is_null());
}

#[test]
fn results_of_geobipy_are_summarised_from_counts_and_traces() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fixture::write(&at.join("100.0.h5"), 100.0, false);
    let output = inversion(at, &["summary", ".", "--json", "s.json"]);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let summary = json_of(at);
    let points = &summary["lines"][0]["points"];
    let point = &points[0];
    near(&point["k"]["mean"], 1.75);
    // Misfits of the iterations 41 to 60, each the one before and 1 more from 0 on.
    near(&point["misfit"]["mean"], 49.5);
    near(&point["acceptance"]["mean"], 0.25);
    // Five counts about log10 = -1.5, fifteen about -0.5.
    near(&point["log_relative_error"][0]["mean"], -0.75 * 10f64.ln());
    near(&point["log_additive_error"][0]["mean"], 5f64.ln());
    assert!(point["k"]["ess"].is_null() && point["rhat_max"].is_null());
    assert_eq!(points[1]["status"], "failed");
    assert_eq!(points[2]["status"], "open");
}

#[test]
fn what_a_result_is_of_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fixture::write(&at.join("100.0.h5"), 100.0, true);
    let text = done(at, &["inspect", "result", "100.0.h5"]);
    for said in [
        "jobwise inversion 0.1.0, seed 7: FdemData",
        "line 100.0: 3 soundings",
        "1 done, 1 failed, 1 open",
        "fiducial 2.0 failed: no datum is a number",
        "2 data, up to 3 layers, 2 chains of 20 kept iterations",
        "8 bins of conductivity, 4 of depth to 40.0 m",
        "  mode = \"exact\"",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
}
