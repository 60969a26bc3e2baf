//! One line that says what is wrong, where, and what to do; and nothing is changed.

use jobwise_testing::impossible_here;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use jobwise_hdf5::file_access;
use jobwise_kit::LockedFile;

use crate::bench::{Bench, CHANNEL};

const FILTER: [&str; 4] = ["filter", "lines.h5", "-f", "low:2e4"];

#[test]
fn files_that_cannot_be_used() {
    let bench = Bench::with_lines(4, 64);
    let refuse = |file: &str, told: &[&str]| {
        bench
            .run(["filter", file, "-f", "low:2e4"])
            .must_refuse(1, told);
    };
    refuse("nothing.h5", &["nothing.h5", "does not exist"]);
    refuse(".", &["directory"]);
    fs::write(bench.path("text.h5"), "no HDF5 at all").unwrap();
    refuse("text.h5", &["text.h5", "HDF5"]);
    fs::write(bench.path("empty.h5"), "").unwrap();
    refuse("empty.h5", &["empty.h5", "HDF5"]);
    let fifo = std::process::Command::new("mkfifo")
        .arg(bench.path("fifo"))
        .status();
    assert!(fifo.unwrap().success());
    for name in ["fifo", "."] {
        for words in [
            &["inspect", name][..],
            &["import", name, "new.h5"],
            &["plot", name],
        ] {
            let told = "not a file of data";
            bench.run(words.iter().copied()).must_refuse(1, &[told]);
        }
    }
    let whole = fs::read(bench.path("lines.h5")).unwrap();
    fs::write(bench.path("cut.h5"), &whole[..whole.len() / 2]).unwrap();
    refuse("cut.h5", &["cut.h5"]);
    let foreign = file_access::create(bench.path("foreign.h5")).unwrap();
    foreign
        .new_dataset::<f64>()
        .shape((3, 4))
        .create("x")
        .unwrap();
    drop(foreign);
    refuse("foreign.h5", &["no main dataset", "usid import"]);
    bench
        .run(["filter", "lines.h5", "-f", "low:2e4", "--dataset", "/nope"])
        .must_refuse(1, &["/nope", "no such dataset"]);
}

#[test]
fn names_of_figures() {
    let bench = Bench::with_lines(4, 64);
    bench.run(FILTER).must_succeed();
    for name in ["clean.jpg", "out/page.PDF"] {
        let told = [name, ".png or .svg"];
        bench
            .run(["plot", "lines.h5", "-o", name])
            .must_refuse(2, &told);
        assert!(!bench.path(name).exists() && !bench.path("out").exists());
    }
    for (name, file) in [("a.svg", "a.svg"), ("out", "out/lines-filter.png")] {
        let ended = bench.run(["plot", "lines.h5", "-o", name]);
        assert_eq!(ended.stdout.trim(), file, "{ended:?}");
        assert!(bench.path(file).is_file());
    }
}

/// What is missing, and how it goes.
type Damage<'a> = (&'a str, &'a dyn Fn(&hdf5::File));

#[test]
fn main_datasets_that_lack_something() {
    let bench = Bench::with_lines(4, 64);
    bench.copy("lines.h5", "whole.h5");
    let cases: [Damage<'_>; 3] = [
        ("Position_Indices", &|file| {
            let raw = file.dataset(&format!("{CHANNEL}/Raw_Data")).unwrap();
            raw.delete_attr("Position_Indices").unwrap();
        }),
        ("quantity", &|file| {
            let raw = file.dataset(&format!("{CHANNEL}/Raw_Data")).unwrap();
            raw.delete_attr("quantity").unwrap();
        }),
        ("Spectroscopic_Values", &|file| {
            let raw = file.dataset(&format!("{CHANNEL}/Raw_Data")).unwrap();
            raw.delete_attr("Spectroscopic_Values").unwrap();
        }),
    ];
    for (name, damage) in cases {
        bench.copy("whole.h5", "lines.h5");
        let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
        damage(&file);
        drop(file);
        let dataset = format!("{CHANNEL}/Raw_Data");
        let more = ["--dataset", dataset.as_str()];
        let ended = bench.run(FILTER.into_iter().chain(more));
        ended.must_refuse(1, &["no main dataset", name]);
    }
}

#[test]
fn requests_that_cannot_be_met() {
    let bench = Bench::with_lines(4, 64);
    let before = fs::read(bench.path("lines.h5")).unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["filter", "lines.h5"], "nothing to do"),
        (&["filter", "lines.h5", "-f", "low:3e6"], "cut-off"),
        (
            &["filter", "lines.h5", "-f", "low:1e4", "--num-pix", "3"],
            "3 at a time",
        ),
        (&["filter", "lines.h5", "-t", "1"], "noise threshold of 1"),
        (
            &["filter", "lines.h5", "-f", "low:1e4", "--no-filtered"],
            "nothing to store",
        ),
        (
            &["spectrum", "lines.h5", "--sampling-rate", "0"],
            "sampling rate of 0",
        ),
    ];
    for (args, told) in cases {
        bench.run(args.iter().copied()).must_refuse(1, &[told]);
    }
    assert!(fs::read(bench.path("lines.h5")).unwrap() == before);
}

#[test]
fn a_file_that_another_process_has_is_left_alone() {
    let bench = Bench::with_lines(4, 64);
    let file = fs::File::open(bench.path("lines.h5")).unwrap();
    let held = LockedFile::try_new(file).unwrap().unwrap();
    bench.run(FILTER).must_refuse(1, &["lines.h5", "another"]);
    drop(held);
    bench.must(&FILTER);
}

#[test]
fn a_file_that_may_not_be_written_is_told() {
    let bench = Bench::with_lines(4, 64);
    let path = bench.path("lines.h5");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    // The administrator may write anything, so that the refusal shows only for others.
    if fs::File::options().write(true).open(&path).is_ok() {
        return impossible_here("this user may write read-only files").unwrap_or_default();
    }
    bench.run(FILTER).must_refuse(1, &["lines.h5", "written"]);
}

#[cfg(not(feature = "parallel-hdf5"))]
#[test]
fn a_writer_that_is_not_compiled_in_is_told() {
    let bench = Bench::with_lines(4, 64);
    let ended = bench.run(FILTER.into_iter().chain(["--writer", "parallel"]));
    ended.must_refuse(2, &["parallel HDF5", "build"]);
}
