//! The commands on maps.

use std::path::Path;
use std::process::Command;

use jobwise_frames::frame::Frame;
use jobwise_frames::map::StoredMap;
use jobwise_testing::{Running, names, reference};
use serde_json::Value;

use crate::reference::frames;

/// Runs the command; whether it succeeded, and what it said.
fn command(arguments: &[&str], files: &[&Path]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    let ended = Running::start(command.args(arguments).args(files)).end();
    (ended.status, ended.stderr)
}

#[test]
fn pointing_is_that_of_spt3g() {
    let Some(data) = reference("frames") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let expected = std::fs::read(data.join("job_expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let file = data.join("obs.g3");
    let maps = [
        ("zea", "zea:24x16@0.25deg,30,-49.3"),
        ("car", "car:30x20@0.2deg,30,-49.3"),
        ("healpix", "healpix:64"),
    ];
    for (name, map) in maps {
        let out = directory.path().join(format!("{name}.json"));
        let key = "OnlineRaDecRotation";
        let arguments = [
            "pointing",
            "--pointing",
            key,
            "--scan",
            "0",
            "--map",
            map,
            "--json",
        ];
        let (status, said) = command(&arguments, &[&out, &file]);
        assert_eq!(status, Some(0), "{said}");
        let found: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
        for (detector, expected) in expected["pointing_scan0"].as_object().unwrap() {
            let found = &found[detector];
            assert_eq!(found["pixel"], expected[name], "{name} {detector}");
            for angle in ["alpha", "delta"] {
                for (i, expected) in expected[angle].as_array().unwrap().iter().enumerate() {
                    let off = found[angle][i].as_f64().unwrap() - expected.as_f64().unwrap();
                    assert!(off.abs() < 1e-12, "{detector} {angle} {i}");
                }
            }
        }
    }
    let out = directory.path().join("none.json");
    let arguments = |scan, key| {
        [
            "pointing",
            "--pointing",
            key,
            "--scan",
            scan,
            "--map",
            "healpix:4",
            "--json",
        ]
    };
    for (scan, key, status, why) in [
        ("6", "OnlineRaDecRotation", 1, "no scan 6: there are 6"),
        ("0", "Nothing", 1, "Nothing: the frame has no object"),
        ("x", "OnlineRaDecRotation", 2, "invalid"),
    ] {
        let (ended, said) = command(&arguments(scan, key), &[&out, &file]);
        assert_eq!(ended, Some(status), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(!out.exists());
    }
}

#[test]
fn coadds_are_chosen_named_and_whole_or_not_there() {
    let Some(data) = reference("frames") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out.g3");
    let maps = data.join("perscan_maps.g3");
    let read = |path: &Path| -> Vec<Frame> { frames(path) };
    let same = |first: &Frame, second: &Frame| {
        let [first, second] = [first, second].map(|frame| StoredMap::read(frame).unwrap());
        for &layer in second.sum.layers() {
            let values = |map: &StoredMap| map.sum.values(layer).collect::<Vec<_>>();
            assert!(values(&first) == values(&second), "{layer}");
        }
        first.id.to_string()
    };
    let (status, said) = command(&["coadd", "-o"], &[&out, &maps]);
    assert_eq!(status, Some(0), "{said}");
    let sum = read(&out);
    assert_eq!(same(&sum[0], &read(&data.join("coadd.g3"))[0]), "Coadd");
    let arguments = [
        "coadd",
        "--ids",
        "m,x",
        "--collate",
        "--id",
        "sum of ",
        "-o",
    ];
    let (status, said) = command(&arguments, &[&out, &maps]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(same(&read(&out)[0], &sum[0]), "sum of m");
    let fits = directory.path().join("out.fits");
    let (status, said) = command(&["fits", "--unweight", "-o"], &[&fits, &out]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(std::fs::metadata(&fits).unwrap().len() % 2880, 0);
    std::fs::remove_file(&out).unwrap();
    std::fs::remove_file(&fits).unwrap();
    let car = data.join("job_car_pol.g3");
    let absent = directory.path().join("absent.g3");
    for (arguments, files, why) in [
        (
            &["coadd", "-o"][..],
            [&out, &maps, &car],
            "pixels of maps differ",
        ),
        (&["coadd", "-o"], [&out, &maps, &absent], "absent.g3"),
        (
            &["coadd", "--ids", "x", "-o"],
            [&out, &maps, &maps],
            "no map of these names",
        ),
    ] {
        let files = files.map(std::path::PathBuf::as_path);
        let (status, said) = command(arguments, &files);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains(why), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
    let (status, said) = command(&["fits", "-o"], &[&fits, &maps]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("several maps"), "{said}");
    assert!(names(directory.path()).is_empty());
}

#[test]
fn figures_show_maps_and_timestreams() {
    let Some(data) = reference("frames") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let out = |name: &str| directory.path().join(name);
    let scans = [
        "plot",
        "--timestreams",
        "CalTimestreams",
        "--scan",
        "1",
        "-o",
    ];
    for (arguments, out, file, shows) in [
        (
            &["plot", "-o"][..],
            out("map.svg"),
            "job_zea_pol.g3",
            "weight of T",
        ),
        (
            &["plot", "-o"],
            out("sky.svg"),
            "job_healpix_unpol.g3",
            "latitude",
        ),
        (&["plot", "-o"], out("map.png"), "job_car_unpol.g3", "PNG"),
        (
            &scans,
            out("scan.svg"),
            "obs.g3",
            "without a polynomial of order 2",
        ),
    ] {
        let (status, said) = command(arguments, &[&out, &data.join(file)]);
        assert_eq!(status, Some(0), "{said}");
        let drawn = std::fs::read(&out).unwrap();
        assert!(String::from_utf8_lossy(&drawn).contains(shows), "{file}");
        std::fs::remove_file(&out).unwrap();
    }
    let detector = [
        "plot",
        "--timestreams",
        "CalTimestreams",
        "--detectors",
        "x",
        "-o",
    ];
    for (arguments, name, file, status, why) in [
        (
            &["plot", "-o"][..],
            "map.pdf",
            "job_zea_pol.g3",
            2,
            "map.pdf: ",
        ),
        (&["plot", "-o"], "map", "job_zea_pol.g3", 2, ".png or .svg"),
        (&["plot", "-o"], "map.svg", "obs.g3", 1, "no map"),
        (
            &detector,
            "scan.svg",
            "obs.g3",
            1,
            "obs.g3: frame 3 at byte",
        ),
    ] {
        let (ended, said) = command(arguments, &[&out(name), &data.join(file)]);
        assert_eq!(ended, Some(status), "{said}");
        assert!(said.contains(why), "{said}");
    }
    assert!(names(directory.path()).is_empty());
}
