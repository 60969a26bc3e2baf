//! New, found again, continued, chosen, anew.

use jobwise_hdf5::file_access;

use crate::bench::{Bench, CHANNEL};

const FILTER: [&str; 4] = ["filter", "lines.h5", "-f", "low:2e4"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    FILTER.iter().chain(more).copied().collect()
}

fn group(index: usize) -> String {
    format!("{CHANNEL}/Raw_Data-FFT_Filtering_{index:03}")
}

/// Takes the marks of some positions back, and spoils their rows.
fn spoil(bench: &Bench, group: &str, positions: std::ops::Range<usize>) {
    let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
    let group = file.group(group).unwrap();
    let marks = group.dataset("completed_positions").unwrap();
    let mut all: Vec<u8> = marks.read_raw().unwrap();
    all[positions.clone()].fill(0);
    marks.write_raw(&all).unwrap();
    let data = group.dataset("Filtered_Data").unwrap();
    let mut rows: ndarray::Array2<f32> = data.read_2d().unwrap();
    rows.slice_axis_mut(ndarray::Axis(0), positions.into())
        .fill(7.0);
    data.write(&rows).unwrap();
}

#[test]
fn complete_results_are_found_and_partial_ones_continued() {
    let bench = Bench::with_lines(40, 512);
    let first = bench.must(&with(&[]));
    assert!(first.stdout.contains("_000: 40 positions"), "{first:?}");
    let whole = bench.content("lines.h5", &group(0));
    let before = std::fs::read(bench.path("lines.h5")).unwrap();
    let again = bench.must(&with(&[]));
    assert!(again.stdout.contains("complete already"), "{again:?}");
    assert!(std::fs::read(bench.path("lines.h5")).unwrap() == before);

    spoil(&bench, &group(0), 7..29);
    let continued = bench.must(&with(&[]));
    assert!(
        continued.stdout.contains("18 were done before"),
        "{continued:?}"
    );
    bench.content("lines.h5", &group(0)).must_equal(&whole);

    let anew = bench.must(&with(&["--override"]));
    assert!(anew.stdout.contains("_001: 40 positions"), "{anew:?}");
    bench.content("lines.h5", &group(1)).must_equal(&whole);
}

#[test]
fn other_parameters_are_other_results() {
    let bench = Bench::with_lines(4, 512);
    bench.must(&with(&[]));
    for (index, more) in [["-t", "0.01"], ["--num-pix", "2"], ["-f", "noise:15e3,9e3"]]
        .iter()
        .enumerate()
    {
        let other = bench.must(&with(more));
        let name = format!("_{:03}: 4 positions", index + 1);
        assert!(other.stdout.contains(&name), "{more:?}: {other:?}");
    }
    let condensed = bench.must(&with(&["--condensed"]));
    assert!(
        condensed.stdout.contains("_004: 4 positions"),
        "{condensed:?}"
    );
}

#[test]
fn a_group_can_be_chosen_and_is_checked() {
    let bench = Bench::with_lines(12, 512);
    bench.must(&with(&[]));
    bench.must(&with(&["--override"]));
    spoil(&bench, &group(0), 0..5);
    let chosen = bench.must(&with(&["--continue", &group(0)]));
    assert!(chosen.stdout.contains("_000: 5 positions"), "{chosen:?}");
    let other = bench.run(with(&["-t", "0.01", "--continue", &group(0)]));
    other.must_refuse(1, &["_000 cannot be continued", "other parameters"]);
    let none = bench.run(with(&["--continue", "/nothing"]));
    none.must_refuse(1, &["/nothing", "no results group"]);
}

#[test]
fn jobs_cover_everything() {
    let bench = Bench::with_lines(40, 512);
    bench.must(&with(&["--target-group", "whole"]));
    for job in 0..3 {
        let job = format!("{job}/3");
        let part = bench.must(&with(&["--target-group", "parts", "--job", &job]));
        assert_eq!(part.stdout.contains("left for other jobs"), job != "2/3");
    }
    let name = "Raw_Data-FFT_Filtering_000";
    let whole = bench.content("lines.h5", &format!("whole/{name}"));
    bench
        .content("lines.h5", &format!("parts/{name}"))
        .must_equal(&whole);
}

#[test]
fn a_trial_writes_nothing() {
    let bench = Bench::with_lines(4, 512);
    let before = std::fs::read(bench.path("lines.h5")).unwrap();
    let trial = bench.must(&with(&["--test-pixel", "3", "-t", "0.01"]));
    assert!(trial.stdout.contains("position 3"), "{trial:?}");
    assert!(trial.stdout.contains("Noise_Floors (a.u.): ["), "{trial:?}");
    bench.must(&with(&["--dry-run"]));
    assert!(std::fs::read(bench.path("lines.h5")).unwrap() == before);
    let beyond = bench.run(with(&["--test-pixel", "4"]));
    beyond.must_refuse(1, &["positions 0 to 3, not 4"]);
}

#[test]
fn positions_that_are_not_finite_are_told_and_give_nan() {
    let bench = Bench::with_lines(6, 512);
    let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
    let raw = file.dataset(&format!("{CHANNEL}/Raw_Data")).unwrap();
    let mut rows: ndarray::Array2<f32> = raw.read_2d().unwrap();
    rows[[2, 100]] = f32::NAN;
    raw.write(&rows).unwrap();
    drop((raw, file));
    let told = bench.must(&with(&[]));
    assert!(told.stdout.contains("1 positions hold NaN"), "{told:?}");
    let file = file_access::open(bench.path("lines.h5")).unwrap();
    let filtered = file
        .dataset(&format!("{}/Filtered_Data", group(0)))
        .unwrap();
    let filtered: ndarray::Array2<f32> = filtered.read_2d().unwrap();
    for (position, row) in filtered.rows().into_iter().enumerate() {
        assert!(
            row.iter().all(|x| x.is_nan() == (position == 2)),
            "{position}"
        );
    }
}
