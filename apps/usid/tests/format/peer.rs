//! Files that the format's own library wrote.

use std::collections::BTreeMap;

use jobwise_hdf5::element::Kind;
use jobwise_usid::format::{
    Ancillary, Dimension, Element, Main, Member, Scalar, Value, Walk, choose, compatible_chunks,
    mains,
};

use super::common::{open, reference};

fn json(name: &str) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(reference(name)?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn the_verdicts_on_main_datasets_are_the_peers() {
    let (Some(file), Some(cases)) = (open("main_cases.h5"), json("main_cases.json")) else {
        return;
    };
    let mut judged = 0;
    for (path, verdict) in cases.as_object().unwrap() {
        if path.starts_with('_') {
            continue;
        }
        // Where the peer crashed, the right answer is no.
        let expected = verdict.as_bool().unwrap_or(false);
        let dataset = file.dataset(path).unwrap();
        assert_eq!(Main::is_main(&dataset), expected, "{path}");
        if !expected {
            let error = Main::open(&dataset).unwrap_err().to_string();
            assert!(
                error.contains("is no main dataset") && error.contains(path),
                "{error}"
            );
            assert!(!error.contains('\n'), "{error}");
        }
        judged += 1;
    }
    assert_eq!(judged, 22);
    let good: Vec<_> = cases.as_object().unwrap().iter().collect();
    let good = good.iter().filter(|(_, verdict)| **verdict == true).count();
    assert_eq!(mains(&file).unwrap().len(), good);
}

#[test]
fn errors_name_the_rule_that_fails() {
    let Some(file) = open("main_cases.h5") else {
        return;
    };
    for (path, words) in [
        ("no_quantity/Main", "no attribute quantity"),
        ("units_numeric/Main", "units"),
        ("quantity_list/Main", "not one text"),
        ("no_pos_ref/Main", "Position_"),
        ("pos_ref_to_group/Main", "refers to a dataset"),
        ("pos_rows_short/Main", "rows"),
        ("spec_cols_long/Main", "Spectroscopic_Values"),
        ("labels_len/Main", "labels"),
        ("labels_differ/Main", "differ"),
        ("units_differ/Main", "differ"),
        ("plain_2d", "no attribute"),
    ] {
        let error = Main::find(&file, path).unwrap_err().to_string();
        assert!(error.contains(words), "{path}: {error}");
    }
}

#[test]
fn every_kind_of_cell_of_the_cases_is_read() {
    let Some(file) = open("main_cases.h5") else {
        return;
    };
    let element = |path: &str| Main::find(&file, path).unwrap().element().clone();
    assert_eq!(element("good_f4/Main"), Element::Real(Scalar::F32));
    assert_eq!(element("good_c8/Main"), Element::Complex(Scalar::F32));
    assert_eq!(element("good_c16/Main"), Element::Complex(Scalar::F64));
    assert_eq!(element("good_u1/Main"), Element::Real(Scalar::Of(Kind::U8)));
    assert!(matches!(element("good_compound/Main"), Element::Compound(fields) if fields.len() > 1));
}

/// Shapes of the main datasets of a file, by the end of their paths.
fn shapes(file: &hdf5::File) -> BTreeMap<String, (usize, usize)> {
    let shape = |main: &Main| (main.path(), (main.positions(), main.width()));
    mains(file).unwrap().iter().map(shape).collect()
}

#[test]
fn the_image_and_what_was_made_of_it_are_read() {
    let Some(file) = open("usid_image_small.h5") else {
        return;
    };
    let image = choose(&file, None).unwrap();
    assert_eq!(image.path(), "/Measurement_000/Channel_000/Raw_Data");
    assert_eq!((image.quantity(), image.units()), ("Intensity", "a.u."));
    let dimensions = image.position_dimensions().unwrap();
    let names: Vec<_> = dimensions
        .iter()
        .map(|d| (d.name.as_str(), d.len()))
        .collect();
    assert_eq!(names, [("X", 40), ("Y", 48)]);
    let one = image.spectroscopic_dimensions().unwrap();
    assert_eq!(
        (one.len(), one[0].name.as_str(), one[0].len()),
        (1, "arb", 1)
    );

    // Windows: with region references, and columns of which the first changes fastest.
    let windows = "/Measurement_000/Channel_000/Raw_Data-Windowing_000/Image_Windows";
    let windows = Main::find(&file, windows).unwrap();
    assert_eq!((windows.positions(), windows.width()), (1131, 120));
    let stored: Vec<_> = windows
        .labels(Ancillary::SpectroscopicIndices)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(stored, ["U", "V"]);
    let dimensions = windows.spectroscopic_dimensions().unwrap();
    let names: Vec<_> = dimensions
        .iter()
        .map(|d| (d.name.as_str(), d.len()))
        .collect();
    assert_eq!(names, [("V", 10), ("U", 12)]);
    // Windows at every fourth pixel: the indices have gaps.
    let sparse = "/Measurement_000/Channel_000/Raw_Data-Windowing_001/Image_Windows";
    let origins = Main::find(&file, sparse)
        .unwrap()
        .position_dimensions()
        .unwrap();
    let lengths: Vec<_> = origins.iter().map(Dimension::len).collect();
    assert_eq!(lengths, [9, 11]);
    let all = shapes(&file);
    assert!(all.len() > 20, "{all:?}");
    for main in mains(&file).unwrap() {
        main.position_dimensions().unwrap();
        main.spectroscopic_dimensions().unwrap();
    }
}

#[test]
fn the_other_files_are_read() {
    for (name, source, frequency) in [
        ("usid_signal_filter.h5", (8, 2048), 20_000.0),
        ("usid_giv.h5", (6, 500), 200.0),
    ] {
        let Some(file) = open(name) else {
            return;
        };
        let main = choose(&file, None).unwrap();
        assert_eq!((main.positions(), main.width()), source);
        // In the channel in one file, in the measurement in the other.
        let found = main.experiment_number("excitation_frequency_[Hz]").unwrap();
        assert_eq!(found, Some(frequency), "{name}");
        assert_eq!(main.experiment_number("no such thing").unwrap(), None);
        assert!(main.experiment_number("platform").is_err());
        for main in mains(&file).unwrap() {
            main.position_dimensions().unwrap();
            main.spectroscopic_dimensions().unwrap();
        }
    }
}

#[test]
fn every_attribute_of_every_object_has_a_value() {
    for name in [
        "usid_image_small.h5",
        "usid_giv.h5",
        "usid_process_states.h5",
        "main_cases.h5",
    ] {
        let Some(file) = open(name) else {
            return;
        };
        let mut references = 0;
        for step in Walk::new(&file).unwrap() {
            let object = match step.2 {
                Member::Group(group) => jobwise_usid::format::attributes(&group),
                Member::Dataset(dataset) => jobwise_usid::format::attributes(&dataset),
                _ => continue,
            };
            let values = object.unwrap();
            references += values
                .iter()
                .filter(
                    |(_, value)| matches!(value, Value::Reference(path) if path.starts_with('/')),
                )
                .count();
        }
        assert!(references > 7, "{name}: {references}");
    }
}

#[test]
fn chunks_are_the_peers() {
    let Some(table) = json("image_clean.json") else {
        return;
    };
    let list = |value: &serde_json::Value| -> Option<Vec<usize>> {
        let list = value.as_array()?;
        Some(list.iter().map(|n| n.as_u64().unwrap() as usize).collect())
    };
    let cases = table["calc_chunks"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let unit = list(&case["unit"]);
        let item = case["itemsize"].as_u64().unwrap() as usize;
        let found = compatible_chunks(&list(&case["dims"]).unwrap(), item, unit.as_deref(), 10_240);
        assert_eq!(Some(found), list(&case["chunks"]), "{case}");
    }
}
