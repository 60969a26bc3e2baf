//! SIGKILL at any moment: the file opens, nothing is marked that is not there, and the next run
//! completes it.
//!
//! `JOBWISE_SEED` repeats a sequence of moments, `JOBWISE_KILLS` sets how many; `ci/kill` runs this
//! at length.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hdf5::Group;
use jobwise_hdf5::{file_access, raw_rows};
use jobwise_testing::{fraction, number};

use crate::bench::{Bench, CHANNEL, Content, Running};

/// Kills `command` on copies of `original` at random moments, and continues.
fn kill(bench: &Bench, original: &str, results: &str, command: &[&str]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(now.subsec_nanos()));
    let kills = number("JOBWISE_KILLS").unwrap_or(20);
    println!("{results}: {kills} kills; JOBWISE_SEED={seed} repeats them");
    // The shorter of two: a busy moment must not put the kills behind the end.
    let runs = [0; 2].map(|_| {
        bench.copy(original, "work.h5");
        let started = Instant::now();
        bench.must(command);
        started.elapsed()
    });
    let length = runs[0].min(runs[1]);
    let group = format!("{CHANNEL}/{results}");
    let whole = bench.content("work.h5", &group);
    let (mut in_time, mut partial) = (0, 0);
    for kill in 0..kills {
        bench.copy(original, "work.h5");
        let running = Running::start(&mut bench.command(command.iter().copied()));
        let delay = length.mul_f64(fraction(seed, kill));
        std::thread::sleep(delay);
        running.signal("KILL");
        in_time += u64::from(running.end().signal == Some(9));
        let file = file_access::open(bench.path("work.h5"))
            .unwrap_or_else(|error| panic!("after {delay:?} (seed {seed}): {error}"));
        if let Ok(group) = file.group(&group) {
            partial += u64::from(marked_rows_are_there(&group, &whole));
        }
        drop(file);
        let next = bench.run(command.iter().copied());
        assert!(next.succeeded(), "after {delay:?} (seed {seed}): {next:?}");
        bench.content("work.h5", &group).must_equal(&whole);
        let names = std::fs::read_dir(bench.path("")).unwrap();
        let left: Vec<_> = names
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| name.to_string_lossy().starts_with(".work.h5"))
            .collect();
        assert!(left.is_empty(), "{left:?} stayed");
    }
    println!("{in_time} of {kills} killed while running; {partial} had some positions done");
    // Delays are spread over the length of a run, so most kills come in time; fewer would test
    // nothing.
    assert!(in_time * 3 >= kills.min(30), "only {in_time} of {kills}");
    assert!(length < Duration::from_secs(30));
}

/// Compares the rows of marked positions with those of a whole run; whether some but not all are
/// marked.
pub(crate) fn marked_rows_are_there(group: &Group, whole: &Content) -> bool {
    let marks: Vec<u8> = group
        .dataset("completed_positions")
        .unwrap()
        .read_raw()
        .unwrap();
    for dataset in group.datasets().unwrap() {
        let name = dataset.name().rsplit('/').next().unwrap().to_owned();
        if dataset.shape().first() != Some(&marks.len()) || name == "completed_positions" {
            continue;
        }
        let mut bytes = Vec::new();
        raw_rows::read(&dataset, 0..marks.len(), &mut bytes).unwrap();
        let row = bytes.len() / marks.len();
        let rows = bytes.chunks(row).zip(whole.0[&name].chunks(row));
        for (position, ((stored, wanted), mark)) in rows.zip(&marks).enumerate() {
            assert!(
                *mark == 0 || stored == wanted,
                "{name}: row {position} is marked"
            );
        }
    }
    marks.contains(&0) && marks.contains(&1)
}

#[test]
fn a_killed_filter_is_continued() {
    let bench = Bench::with_lines(600, 4096);
    let command = [
        "filter",
        "work.h5",
        "-f",
        "low:2e4",
        "-t",
        "1e-3",
        "--checkpoint",
        "0.02",
    ];
    kill(&bench, "lines.h5", "Raw_Data-FFT_Filtering_000", &command);
}

#[test]
fn a_killed_compressing_filter_is_continued() {
    let bench = Bench::with_lines(300, 4096);
    let command = [
        "filter",
        "work.h5",
        "-f",
        "low:2e4",
        "--compress",
        "1",
        "--checkpoint",
        "0.02",
    ];
    kill(&bench, "lines.h5", "Raw_Data-FFT_Filtering_000", &command);
}

#[test]
fn a_killed_inference_is_continued() {
    let bench = Bench::new();
    bench.must(&["simulate", "currents", "currents.h5", "--positions", "400"]);
    let command = ["giv", "work.h5", "--checkpoint", "0.02"];
    kill(
        &bench,
        "currents.h5",
        "Raw_Data-Bayesian_Inference_000",
        &command,
    );
}

#[test]
fn a_killed_cleaning_is_continued() {
    let bench = Bench::new();
    bench.must(&["simulate", "image", "image.h5", "--size", "400"]);
    let command = [
        "clean-image",
        "work.h5",
        "-w",
        "24",
        "-c",
        "9",
        "--spectra",
        "--checkpoint",
        "0.02",
    ];
    kill(&bench, "image.h5", "Raw_Data-Image_Cleaning_000", &command);
}
