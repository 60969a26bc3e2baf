//! The layout of geobipy's own files, where the reference data are.

use std::collections::BTreeMap;
use std::path::Path;

use hdf5::types::{FloatSize, IntSize, TypeDescriptor, VarLenUnicode};
use jobwise_testing::{Running, reference};
use serde_json::Value;

use crate::bench::Bench;

const ITERATIONS: u64 = 150;

/// Runs options of the reference data; the file of the line.
fn result(directory: &Path, options: &str, line: &str) -> (Bench, hdf5::File) {
    let bench = Bench::new(1);
    let path = directory.join(options);
    let iterations = format!("n_markov_chains={ITERATIONS}");
    let arguments = [
        "run",
        path.to_str().unwrap(),
        "out",
        "--data_directory",
        directory.to_str().unwrap(),
        "--mode",
        "compat",
        "--chains",
        "1",
        "--traces",
        "full",
        "--set",
        &iterations,
        "--set",
        "minimum_burn_in=20",
    ];
    let ended = Running::start(&mut bench.command(&arguments)).end();
    // Some chains may not burn in so soon.
    assert!(matches!(ended.status, Some(0 | 3)), "{ended:?}");
    let file = bench.open(&format!("out/{line}"));
    (bench, file)
}

/// The type as the reference data call it.
fn name_of(dataset: &hdf5::Dataset) -> &'static str {
    match dataset.dtype().unwrap().to_descriptor().unwrap() {
        TypeDescriptor::Integer(IntSize::U4) => "int32",
        TypeDescriptor::Integer(IntSize::U8) => "int64",
        TypeDescriptor::Unsigned(IntSize::U1) => "uint8",
        TypeDescriptor::Float(FloatSize::U8) => "float64",
        TypeDescriptor::Boolean => "bool (HDF5 enum int8 FALSE=0,TRUE=1)",
        other => panic!("{}: {other}", dataset.name()),
    }
}

fn attributes(object: &hdf5::Location) -> BTreeMap<String, Value> {
    let names = object.attr_names().unwrap();
    let values = names.into_iter().map(|name| {
        let attribute = object.attr(&name).unwrap();
        let value = if attribute.shape().is_empty() {
            let text: VarLenUnicode = attribute.read_scalar().unwrap();
            text.as_str().into()
        } else {
            let lines = attribute.read_raw::<VarLenUnicode>().unwrap();
            assert!(lines.iter().all(|line| line.ends_with('\n')));
            "<array of the lines of the system file, each with its newline>".into()
        };
        (name, value)
    });
    values.collect()
}

/// Compares everything that geobipy's file has.
fn compare(file: &hdf5::File, wanted: &Value) {
    let traces = wanted.as_array().unwrap().iter();
    let traces = traces.filter(|entry| entry["path"] == "phids/data");
    let length = traces
        .map(|entry| entry["shape"][1].as_u64().unwrap())
        .next()
        .unwrap();
    let mut count = 0;
    for entry in wanted.as_array().unwrap() {
        let path = entry["path"].as_str().unwrap();
        let expected: BTreeMap<String, Value> =
            serde_json::from_value(entry["attrs"].clone()).unwrap();
        if entry["kind"] == "group" {
            let group = file
                .group(path)
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(attributes(&group), expected, "{path}");
            count += 1;
            continue;
        }
        let dataset = file
            .dataset(path)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(attributes(&dataset), expected, "{path}");
        assert_eq!(entry["dtype"], name_of(&dataset), "{path}");
        let shape: Vec<u64> = serde_json::from_value(entry["shape"].clone()).unwrap();
        let shape = shape.into_iter().map(|extent| {
            let is_trace = extent == length;
            if is_trace { 2 * ITERATIONS } else { extent }
        });
        let found = dataset.shape().into_iter().map(|extent| extent as u64);
        assert!(shape.eq(found), "{path}: {:?}", dataset.shape());
        let fill = match dataset.fill_value().unwrap() {
            Some(value) => value.to_string().to_lowercase(),
            None => "0".into(),
        };
        let same = |text: &str| text.to_lowercase().trim_end_matches(".0").to_owned();
        assert_eq!(same(&fill), same(entry["fill"].as_str().unwrap()), "{path}");
        count += 1;
    }
    assert!(count > 190, "{count} groups and datasets are compared");
}

#[test]
fn files_have_all_that_geobipys_have() {
    let Some(directory) = reference("em") else {
        return;
    };
    let text = std::fs::read_to_string(directory.join("h5_layout.json")).unwrap();
    let layout: Value = serde_json::from_str(&text).unwrap();
    let (_bench, file) = result(&directory, "options_fd.py", "100.0.h5");
    compare(&file, &layout["fd"]);
    let peer = jobwise_hdf5::file_access::open(directory.join("peer_line100_short.h5")).unwrap();
    same_constants(&file, &peer);
    let (_bench, file) = result(&directory, "options_td.py", "300.0.h5");
    compare(&file, &layout["td"]);
    let peer = jobwise_hdf5::file_access::open(directory.join("peer_line300_td_short.h5")).unwrap();
    same_constants(&file, &peer);
}

/// What no chain changes has geobipy's numbers.
fn same_constants(file: &hdf5::File, peer: &hdf5::File) {
    let mut compared = 0;
    visit(&peer.group("/").unwrap(), &mut |dataset| {
        let name = dataset.name();
        let is_axis = name.ends_with("edges/data") && dataset.shape().len() == 1;
        let is_known = name.contains("/sys/")
            || name.contains("loop_pair")
            || [
                "/data/x/",
                "/data/y/",
                "/data/fiducial/",
                "/data/data/",
                "/data/elevation/",
            ]
            .iter()
            .any(|known| name.starts_with(known))
            || name.ends_with("dimension")
            || name.ends_with("components")
            || name.ends_with("n_posteriors");
        if !is_axis && !is_known {
            return;
        }
        let wanted: Vec<f64> = dataset.read_raw().unwrap();
        let found: Vec<f64> = file.dataset(&name).unwrap().read_raw().unwrap();
        // The other soundings of the peer's time-domain file were not done.
        let alike = wanted.iter().zip(&found).all(|(a, b)| {
            a.is_nan() || *a <= f64::from(i32::MIN) || (a - b).abs() <= 1e-9 * a.abs().max(1.0)
        });
        assert!(
            alike && wanted.len() == found.len(),
            "{name}: {found:?} and {wanted:?}"
        );
        compared += 1;
    });
    assert!(compared > 40, "{compared} datasets are compared");
}

fn visit(group: &hdf5::Group, each: &mut impl FnMut(&hdf5::Dataset)) {
    for dataset in group.datasets().unwrap() {
        each(&dataset);
    }
    for inner in group.groups().unwrap() {
        visit(&inner, each);
    }
}
