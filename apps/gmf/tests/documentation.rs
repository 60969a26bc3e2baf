//! What the documentation shows can be used as it stands.

use std::fs;
use std::path::Path;

use jobwise_gmf::settings::Settings;
use jobwise_gmf::simulate::{Scenario, Simulation};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The blocks of a Markdown text in this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = text.split(&fence).skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// What the commands of a Markdown text write into the file of this name.
fn written(text: &str, name: &str) -> String {
    let begin = format!("cat > {name} <<'END'\n");
    let (_, after) = text.split_once(&begin).expect("it is written there");
    let (content, _) = after.split_once("\nEND\n").expect("it ends");
    format!("{content}\n")
}

#[test]
fn the_files_of_the_page_can_be_used() {
    let page = fs::read_to_string(repository().join("docs/programs/gmf.md")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gmf.ini");
    fs::write(&path, written(&page, "gmf.ini")).unwrap();
    let example = repository().join("docs/example/gmf.ini");
    let read = |path: &Path| Settings {
        path: "".into(),
        ..Settings::read(path).unwrap()
    };
    assert_eq!(read(&path), read(&example));
    let path = directory.path().join("pass.ini");
    fs::write(&path, written(&page, "pass.ini")).unwrap();
    Simulation::new(&Scenario::read(&path).unwrap()).unwrap();
}

#[test]
fn the_scenarios_shown_can_be_simulated() {
    let source = include_str!("../src/simulate.rs")
        .replace("//! ", "")
        .replace("//!", "");
    let shown = blocks(&source, "ini");
    assert!(!shown.is_empty());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scenario.ini");
    let example = fs::read_to_string(repository().join("docs/example/pass.ini")).unwrap();
    for scenario in shown.into_iter().chain([example]) {
        fs::write(&path, scenario).unwrap();
        Simulation::new(&Scenario::read(&path).unwrap()).unwrap();
    }
}
