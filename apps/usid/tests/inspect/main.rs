//! What `usid inspect` says of files.

#[path = "../common/mod.rs"]
mod common;

use std::path::Path;
use std::process::{Command, Output};

use jobwise_hdf5::file_access;
use jobwise_usid::inspect::{Look, inspect};

fn text_of(path: &Path, object: Option<&str>, all: bool) -> String {
    let look = Look {
        all,
        ..Look::default()
    };
    inspect(path, object, look).unwrap().text
}

/// The line with a word in it.
fn line<'t>(text: &'t str, word: &str) -> &'t str {
    let found = text.lines().find(|line| line.contains(word));
    found
        .unwrap_or_else(|| panic!("no {word} in {text}"))
        .trim()
}

fn usid(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_usid"))
        .args(words)
        .output()
        .unwrap()
}

#[test]
fn results_and_how_complete_they_are() {
    let Some(path) = common::reference("usid_process_states.h5") else {
        return;
    };
    let text = text_of(&path, None, false);
    let states = [
        "complete (12 positions)",
        "partial (9 of 12 positions, 75.0 %)",
        "partial (7 of 12 positions, 58.3 %), by last_pixel",
        "complete (12 positions), by last_pixel",
        "no marks: how complete it is cannot be told",
        "completed_positions is damaged",
        "completed_positions is damaged",
        "complete (12 positions)",
    ];
    for (k, state) in states.iter().enumerate() {
        let name = format!("Raw_Data-FFT_Filtering_{k:03}/  ");
        assert_eq!(line(&text, &name), format!("{name}{state}"));
    }
    assert!(
        line(&text, "FFT_Filtering: ").contains("low_pass_cut_off = 1000, low_pass_widths = 0.05")
    );
    assert!(
        !text.contains("machine_id") && !text.contains("Position_Indices"),
        "{text}"
    );
    assert_eq!(
        line(&text, "Current"),
        "Current [nA] over X [m]: 12 from 0 to 11; Time [s]: 64 from 0 to 63"
    );
}

#[test]
fn a_path_restricts_and_attributes_show_everything() {
    let Some(path) = common::reference("usid_image_small.h5") else {
        return;
    };
    let group = "/Measurement_000/Channel_000/Raw_Data-Windowing_000";
    let all = text_of(&path, None, false);
    let part = text_of(&path, Some(group), false);
    assert!(part.lines().count() < all.lines().count() / 2);
    assert!(part.contains("Image_Windows") && !part.contains("Windowing_001"));
    let dataset = format!("{group}/Image_Windows");
    let one = text_of(&path, Some(&dataset), true);
    assert!(
        one.contains("1131 x 120 {Image Data: f32}, chunks 22 x 120, deflate(4)"),
        "{one}"
    );
    assert!(
        one.contains(&format!("@Position_Indices = -> {group}/Position_Indices")),
        "{one}"
    );
    let indices = format!("{group}/Position_Indices");
    let one = text_of(&path, Some(&indices), true);
    assert!(
        one.contains("@labels = [Window Origin X, Window Origin Y]"),
        "{one}"
    );
    let error = inspect(&path, Some("/nothing"), Look::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("/nothing") && error.contains("no such"),
        "{error}"
    );
}

#[test]
fn another_hdf5_file_is_shown_and_said_to_be_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.h5");
    let file = file_access::create(&path).unwrap();
    let group = file.create_group("group").unwrap();
    group
        .new_dataset_builder()
        .with_data(&[1u8, 2])
        .create("numbers")
        .unwrap();
    group
        .new_dataset::<hdf5::types::VarLenUnicode>()
        .create("text")
        .unwrap();
    group.link_hard("/group", "cycle").unwrap();
    group.link_soft("/nowhere", "soft").unwrap();
    drop((group, file));
    let output = usid(&["inspect", path.to_str().unwrap(), "--attributes"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(
        text.contains("no main dataset") && text.contains("usid import"),
        "{text}"
    );
    assert_eq!(line(&text, "numbers"), "numbers  2 u8, 2 B");
    assert!(
        line(&text, "text").starts_with("text  scalar unicode"),
        "{text}"
    );
    assert_eq!(
        (line(&text, "cycle"), line(&text, "soft")),
        ("cycle  link", "soft  link")
    );
}

#[test]
fn what_is_no_hdf5_file_is_one_line_of_complaint() {
    for path in [
        env!("CARGO_MANIFEST_DIR"),
        "no such file",
        concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
    ] {
        let output = usid(&["inspect", path]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.lines().count() == 1 && said.contains(Path::new(path).to_str().unwrap()),
            "{said}"
        );
    }
}
