//! Lines cut into the periods that the inference takes.

use std::path::Path;

use jobwise_core::{Across, LocalCluster};
use jobwise_hdf5::file_access;
use jobwise_kit::Program;
use jobwise_serial::Serial;
use jobwise_usid::format::Main;
use jobwise_usid::process::ProcessRun;
use jobwise_usid::reshape::Reshape;
use jobwise_usid::simulate;

use crate::file::{numbers, settings};

fn reshaped(path: &Path, points: usize) -> String {
    let run = ProcessRun {
        recipe: Reshape { points },
        settings: settings(path),
    };
    let outcome = run.run(&Serial::new()).unwrap().unwrap();
    format!("{}/Reshaped_Data", outcome.group)
}

#[test]
fn pieces_are_rows_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lines.h5");
    simulate::lines_file(&path, 7, 600).unwrap();
    let result = reshaped(&path, 120);
    let source = "/Measurement_000/Channel_000/Raw_Data";
    assert_eq!(numbers(&path, &result), numbers(&path, source));
    let file = file_access::open(&path).unwrap();
    let (source, result) = (
        Main::find(&file, source).unwrap(),
        Main::find(&file, &result).unwrap(),
    );
    assert_eq!((result.positions(), result.width()), (35, 120));
    let positions = result.position_dimensions().unwrap();
    let names: Vec<(&str, usize)> = positions
        .iter()
        .map(|d| (d.name.as_str(), d.len()))
        .collect();
    assert_eq!(names, [("Y", 7), ("Column", 5)]);
    let times = |main: &Main| main.spectroscopic_dimensions().unwrap()[0].values.clone();
    assert_eq!(times(&result), times(&source)[..120]);
}

#[test]
fn ranks_change_no_number() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lines.h5");
    simulate::lines_file(&path, 11, 64).unwrap();
    let groups = LocalCluster::run(3, |comm| {
        let run = ProcessRun {
            recipe: Reshape { points: 16 },
            settings: settings(&path),
        };
        run.run(&Across::new(comm, Serial::new()))
            .unwrap()
            .unwrap()
            .group
    });
    let result = format!("{}/Reshaped_Data", groups[0].as_ref().unwrap());
    let source = "/Measurement_000/Channel_000/Raw_Data";
    assert_eq!(numbers(&path, &result), numbers(&path, source));
}

#[test]
fn pieces_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lines.h5");
    simulate::lines_file(&path, 2, 600).unwrap();
    for points in [0, 7, 601] {
        let run = ProcessRun {
            recipe: Reshape { points },
            settings: settings(&path),
        };
        let error = run.run(&Serial::new()).unwrap_err().to_string();
        assert!(
            error.contains("lines.h5") && error.contains("multiple"),
            "{error}"
        );
    }
}
