use hdf5::Group;
use jobwise_hdf5::raw_rows;

use crate::bench::{Bench, Running, must_equal};

#[test]
fn threads_and_divisions_do_not_matter() {
    let bench = Bench::new(6);
    let whole = bench.whole();
    for (output, more) in [
        ("one", &["--threads", "1"][..]),
        ("three", &["--threads", "3", "--checkpoint", "0.001"]),
        ("serial", &["--backend", "serial", "--checkpoint", "0.001"]),
        ("dynamic", &["--division", "dynamic"]),
        ("leased", &["--division", "leased", "--threads", "2"]),
    ] {
        let ended = bench.must(output, more);
        assert!(ended.stdout.contains("12 of 12"), "{ended:?}");
        must_equal(&bench.files(output), &whole);
    }
    // Another run finds all done, and leaves every byte as it is.
    let again = bench.must("one", &[]);
    assert!(again.stdout.starts_with("0 soundings"), "{again:?}");
    must_equal(&bench.files("one"), &whole);
    let all = bench.must("one", &["--override"]);
    assert!(all.stdout.starts_with("12 soundings"), "{all:?}");
    must_equal(&bench.files("one"), &whole);
}

#[test]
fn jobs_at_the_same_time_share_files() {
    let bench = Bench::new(6);
    let whole = bench.whole();
    let start = |job| {
        bench.start(
            "out",
            &["--threads", "1", "--checkpoint", "0.01", "--job", job],
        )
    };
    let running: Vec<Running> = ["0/3", "1/3", "2/3"].into_iter().map(start).collect();
    for job in running {
        let ended = job.end();
        assert!(ended.succeeded(), "{ended:?}");
    }
    must_equal(&bench.files("out"), &whole);
}

#[test]
fn leased_processes_do_each_sounding_once() {
    let bench = Bench::new(6);
    let whole = bench.whole();
    let start = |_| bench.start("out", &["--threads", "1", "--division", "leased"]);
    let running: Vec<Running> = (0..3).map(start).collect();
    let mut computed = 0;
    for process in running {
        let ended = process.end();
        assert!(ended.succeeded(), "{ended:?}");
        let (count, _) = ended.stdout.split_once(" soundings").unwrap();
        computed += count.parse::<usize>().unwrap();
    }
    assert_eq!(computed, 12);
    must_equal(&bench.files("out"), &whole);
    assert!(!bench.path("out/.claims").exists());
}

/// All rows of a sounding, by dataset.
fn rows(group: &Group, soundings: usize, row: usize, found: &mut Vec<(String, Vec<u8>)>) {
    for dataset in group.datasets().unwrap() {
        if dataset.shape().first() == Some(&soundings) {
            let mut bytes = Vec::new();
            raw_rows::read(&dataset, row..row + 1, &mut bytes).unwrap();
            found.push((dataset.name(), bytes));
        }
    }
    for inner in group.groups().unwrap() {
        rows(&inner, soundings, row, found);
    }
}

#[test]
fn a_sounding_alone_has_the_bits_it_has_in_its_line() {
    let bench = Bench::new(13);
    bench.must("whole", &["--line", "200"]);
    for (output, choice) in [
        ("a", &["--line", "200", "--fiducial", "3"][..]),
        ("b", &["--line", "200", "--index", "3"]),
        ("c", &["--index", "16"]),
    ] {
        let ended = bench.must(output, choice);
        assert!(ended.stdout.starts_with("1 soundings"), "{ended:?}");
        let file = format!("{output}/200.0.h5");
        assert_eq!(bench.status(&file).iter().sum::<u8>(), 1);
        let [whole, alone] = ["whole/200.0.h5", &file].map(|name| {
            let mut found = Vec::new();
            rows(&bench.open(name).group("/").unwrap(), 13, 3, &mut found);
            found
        });
        assert!(whole.len() > 50, "{} datasets have rows", whole.len());
        for ((name, whole), (_, alone)) in whole.iter().zip(&alone) {
            assert_eq!(whole, alone, "{name}");
        }
        assert!(!bench.path(format!("{output}/100.0.h5")).exists());
    }
}

#[test]
fn geobipys_command_line_is_understood() {
    let bench = Bench::new(2);
    let whole = bench.whole();
    let arguments = ["options.toml", "out", "--verbose", "--jump", "3"];
    let ended = Running::start(&mut bench.command(&arguments)).end();
    assert!(ended.succeeded(), "{ended:?}");
    must_equal(&bench.files("out"), &whole);
}

#[test]
fn traces_are_those_that_are_asked_for() {
    let bench = Bench::new(2);
    let traces = |kept: &str| -> (u64, Vec<f64>) {
        bench.must(kept, &["--line", "100", "--traces", kept]);
        let file = bench.open(&format!("{kept}/100.0.h5"));
        let dataset = file.dataset("phids/data").unwrap();
        (dataset.storage_size(), dataset.read_raw().unwrap())
    };
    let (size, none) = traces("none");
    assert!(
        size == 0 && none.iter().all(|misfit| misfit.is_nan()),
        "{size} bytes"
    );
    let (_, full) = traces("full");
    let (row, _) = full.split_at(600);
    // The misfit after each iteration, then zeros.
    let length = row.iter().take_while(|misfit| **misfit > 0.0).count();
    assert!((400..=600).contains(&length), "{length} iterations");
    assert!(row[length..].iter().all(|misfit| *misfit == 0.0));
    // So few iterations are all kept.
    assert_eq!(traces("thin").1, full);
}
