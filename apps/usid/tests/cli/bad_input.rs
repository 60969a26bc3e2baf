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

/// Words of a message that are no user's: of the library, of the engine, of a terminal.
fn must_be_plain(ended: &crate::bench::Ended, args: &[&str]) {
    let told = &ended.stderr;
    let is_foreign = |word: &str| word.starts_with("H5") && word.ends_with("():");
    assert!(!told.split_whitespace().any(is_foreign), "{args:?}: {told}");
    let is_command = |c: char| c.is_control() && c != '\n';
    assert!(!told.contains(is_command), "{args:?}: {told}");
    assert!(
        !told.contains("panicked") && !told.contains("usid: item "),
        "{args:?}: {told}"
    );
}

#[test]
#[allow(clippy::too_many_lines)] // a table
fn every_message_says_what_where_and_what_to_do() {
    let bench = Bench::with_lines(4, 64);
    bench.must(&["simulate", "image", "atoms.h5", "--size", "48"]);
    fs::write(bench.path("text"), "no picture at all").unwrap();
    fs::write(bench.path("empty"), "").unwrap();
    let whole = fs::read(bench.path("lines.h5")).unwrap();
    fs::write(bench.path("cut.h5"), &whole[..whole.len() / 2]).unwrap();
    let foreign = file_access::create(bench.path("odd.h5")).unwrap();
    let zeros = ndarray::Array2::<f64>::zeros((3, 4));
    for name in ["one", "\u{1b}[2Jtwo"] {
        let builder = foreign.new_dataset_builder().with_data(&zeros);
        builder.create(name).unwrap();
    }
    drop(foreign);
    let raw = format!("{CHANNEL}/Raw_Data");
    let rows: &[(&[&str], i32, &[&str])] = &[
        // Files.
        (
            &["inspect", "nothing.h5"],
            1,
            &["nothing.h5", "No such file"],
        ),
        (&["inspect", "text"], 1, &["text", "no HDF5 file"]),
        (&["inspect", "empty"], 3, &["empty", "damaged"]),
        (&["inspect", "cut.h5"], 3, &["cut.h5", "it was cut"]),
        (&["inspect", "lines.h5", "/nope"], 1, &["/nope", "no such"]),
        (&["plot", "nothing.h5"], 1, &["nothing.h5", "No such file"]),
        (&["plot", "text"], 1, &["text", "no HDF5 file"]),
        (&["plot", "lines.h5"], 1, &["lines.h5", "no results"]),
        (&["plot", "lines.h5", "/nope"], 1, &["/nope", "no such"]),
        (
            &["plot", "lines.h5", "-o", "x.jpg"],
            2,
            &["x.jpg", "directory", "--format"],
        ),
        (
            &["plot", "lines.h5", "-o", "x.png"],
            2,
            &["x.png", "directory"],
        ),
        (
            &["filter", "nothing.h5", "-f", "low:2e4"],
            1,
            &["nothing.h5"],
        ),
        (&["filter", "text", "-f", "low:2e4"], 1, &["text", "HDF5"]),
        (&["filter", "cut.h5", "-f", "low:2e4"], 1, &["cut.h5"]),
        (
            &["filter", "odd.h5", "-f", "low:2e4"],
            1,
            &["odd.h5", "usid import"],
        ),
        (
            &["filter", "lines.h5", "-f", "low:2e4", "--dataset", "/x"],
            1,
            &["/x", "no such"],
        ),
        (&["clean-image", "nothing.h5"], 1, &["nothing.h5"]),
        (&["clean-image", "odd.h5"], 1, &["odd.h5", "usid import"]),
        (&["giv", "nothing.h5"], 1, &["nothing.h5"]),
        (
            &["reshape", "nothing.h5", "--points-per-cycle", "4"],
            1,
            &["nothing.h5"],
        ),
        (&["spectrum", "text"], 1, &["text", "HDF5"]),
        // Pictures.
        (&["import", "nothing.tif", "n.h5"], 1, &["nothing.tif"]),
        (&["import", "text", "n.h5"], 1, &["text", "no picture"]),
        (&["import", "empty", "n.h5"], 1, &["empty", "no picture"]),
        (&["import", ".", "n.h5"], 1, &["not a file of data"]),
        (
            &["import", "odd.h5", "n.h5"],
            1,
            &["2 pictures", "--dataset"],
        ),
        (
            &["import", "odd.h5", "n.h5", "--dataset", "three"],
            1,
            &["three", "usid inspect"],
        ),
        (
            &[
                "import",
                "odd.h5",
                "n.h5",
                "--dataset",
                "one",
                "--page",
                "3",
            ],
            1,
            &["one", "--page"],
        ),
        (
            &[
                "import",
                "odd.h5",
                "n.h5",
                "--dataset",
                "one",
                "--axis",
                "5",
            ],
            1,
            &["one", "--axis"],
        ),
        (
            &["import", "lines.h5", "n.h5"],
            1,
            &["main dataset", "as it is"],
        ),
        (
            &["import", "odd.h5", "lines.h5", "--dataset", "one"],
            2,
            &["lines.h5", "--clobber"],
        ),
        (
            &["import", "odd.h5", "odd.h5"],
            2,
            &["odd.h5", "another name"],
        ),
        (&["import", "odd.h5", "."], 2, &["directory"]),
        // Requests.
        (
            &["clean-image", "atoms.h5", "-w", "400"],
            1,
            &["400", "48", "smaller"],
        ),
        (
            &["clean-image", "atoms.h5", "-w", "8", "-c", "9..3"],
            1,
            &["component", "at least one"],
        ),
        (
            &["clean-image", "atoms.h5", "-w", "8", "-c", "99"],
            1,
            &["98", "64"],
        ),
        (
            &["clean-image", "lines.h5", "-w", "8"],
            1,
            &["no picture", "columns"],
        ),
        (&["filter", "lines.h5"], 1, &["nothing to do"]),
        (&["filter", "lines.h5", "-f", "low:3e6"], 1, &["cut-off"]),
        (&["filter", "lines.h5", "-t", "1"], 1, &["noise threshold"]),
        (
            &["filter", "atoms.h5", "-f", "low:1e4"],
            1,
            &["--sampling-rate"],
        ),
        (
            &["spectrum", "lines.h5", "--sampling-rate", "0"],
            1,
            &["sampling rate of 0"],
        ),
        (
            &["reshape", "lines.h5", "--points-per-cycle", "7"],
            1,
            &["7", "64"],
        ),
        (
            &["simulate", "image", "lines.h5"],
            1,
            &["lines.h5", "another name"],
        ),
        (&["inspect", "lines.h5", raw.as_str(), "more"], 2, &["more"]),
    ];
    assert!(rows.len() >= 40);
    for (args, status, told) in rows {
        let before = fs::read(bench.path("lines.h5")).unwrap();
        let ended = bench.run(args.iter().copied());
        must_be_plain(&ended, args);
        assert_eq!(ended.status, Some(*status), "{args:?}: {ended:?}");
        for word in *told {
            assert!(
                ended.stderr.contains(word),
                "{args:?}: no {word:?} in {}",
                ended.stderr
            );
        }
        // What the parser of the command line says has a second line, with where to read on.
        if !ended.stderr.starts_with("error: ") {
            let said = ended
                .stderr
                .lines()
                .filter(|line| !line.starts_with("warning: "));
            assert_eq!(said.count(), 1, "{args:?}: {}", ended.stderr);
        }
        assert!(
            fs::read(bench.path("lines.h5")).unwrap() == before,
            "{args:?}"
        );
        assert!(
            !bench.path("n.h5").exists() && !bench.path("x.jpg").exists(),
            "{args:?}"
        );
    }
    let told = bench.must(&["inspect", "odd.h5"]).stdout;
    assert!(told.contains("two") && !told.contains('\u{1b}'), "{told}");
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
