//! What is known to be wrong with a file or a source is told, costs its own part, and shows in the
//! exit status.

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use jobwise_core::Cancel;
use jobwise_hdf5::file_access;
use jobwise_usid::Error;
use jobwise_usid::format::{Scalar, Storage, Value};
use jobwise_usid::process::verify;

use crate::bench::Bench;
use crate::signals::Signals;

const FILTER: [&str; 4] = ["filter", "lines.h5", "-f", "low:2e4"];
const RESULTS: &str = "Measurement_000/Channel_000/Raw_Data-FFT_Filtering_000";

/// Makes the attribute with this text unreadable: it refers to a heap beyond the end of the file.
fn lose_text(path: &Path, text: &str) {
    let bytes = std::fs::read(path).unwrap();
    let address = |at: usize| u64::from_le_bytes(bytes[at + 4..at + 12].try_into().unwrap());
    let is_reference = |&at: &usize| {
        let length = u32::try_from(text.len()).unwrap();
        let heap = usize::try_from(address(at)).unwrap_or(usize::MAX);
        bytes[at..at + 4] == length.to_le_bytes()
            && bytes.get(heap..).is_some_and(|it| it.starts_with(b"GCOL"))
    };
    let place = (0..bytes.len() - 16).find(is_reference).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let nowhere = (1u64 << 40).to_le_bytes();
    file.write_all_at(&nowhere, place as u64 + 4).unwrap();
}

#[test]
fn an_attribute_that_cannot_be_read_costs_itself() {
    let bench = Bench::with_lines(4, 64);
    let text = "a text of this length, which no other text here has";
    {
        let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
        let measurement = file.group("Measurement_000").unwrap();
        let rate = Value::find(&measurement, "IO_samp_rate_[Hz]").unwrap();
        let Some(Value::Float(rate)) = rate else {
            panic!("{rate:?}")
        };
        // Under another name, all names are looked through.
        measurement.delete_attr("IO_samp_rate_[Hz]").unwrap();
        let rate = Value::Float(rate / 1e3);
        rate.write(&measurement, "IO_samp_rate_[kHz]").unwrap();
        Value::from(text).write(&measurement, "A_note").unwrap();
    }
    lose_text(&bench.path("lines.h5"), text);
    let run = bench.must(&FILTER);
    assert!(run.stderr.is_empty(), "{run:?}");
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    assert!(
        inspected.stdout.contains("@A_note  DAMAGED"),
        "{inspected:?}"
    );
    assert!(
        inspected.stdout.contains("complete (4 positions)"),
        "{inspected:?}"
    );

    // In the results: the next run takes them, and a run that continues them ends.
    {
        let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
        let group = file.group(RESULTS).unwrap();
        let other = "another text, of a length which no other text in the file has";
        Value::from(other).write(&group, "A_note").unwrap();
        drop((group, file));
        lose_text(&bench.path("lines.h5"), other);
    }
    let again = bench.must(&FILTER);
    assert!(again.stdout.contains("complete already"), "{again:?}");
    take_mark(&bench, 1);
    let continued = bench.must(&FILTER);
    assert!(
        continued.stdout.contains("_000: 1 positions"),
        "{continued:?}"
    );
    assert!(continued.stderr.contains("@A_note of"), "{continued:?}");
}

fn take_mark(bench: &Bench, position: usize) {
    let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
    let marks = file.dataset(&format!("{RESULTS}/completed_positions"));
    let mut all: Vec<u8> = marks.as_ref().unwrap().read_raw().unwrap();
    all[position] = 0;
    marks.unwrap().write_raw(&all).unwrap();
}

#[test]
fn a_source_that_is_known_to_be_bad_shows_in_the_status() {
    let bench = Bench::with_lines(4, 64);
    bench.must(&FILTER);
    let dataset = format!("/{RESULTS}/Filtered_Data");
    let again = [
        &FILTER[..],
        &["--dataset", &dataset, "--sampling-rate", "4MHz"],
    ]
    .concat();
    bench.must(&again);
    // A mark is lost: the row may be anything.
    take_mark(&bench, 2);
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    let told = "1 positions are no longer marked, the first is 2";
    assert!(inspected.stderr.contains(told), "{inspected:?}");
    let run = bench.run(again.iter().copied());
    assert_eq!(run.status, Some(3), "{run:?}");
    assert!(run.stderr.contains(told), "{run:?}");
    let strict = bench.run(again.iter().copied().chain(["--strict", "--override"]));
    assert_eq!(strict.status, Some(1), "{strict:?}");
    // The results are mended: so is the source.
    bench.must(&FILTER);
    bench.must(&again);
}

#[test]
fn the_look_at_results_ends_when_it_is_asked_to() {
    let bench = Bench::with_lines(4, 64);
    bench.must(&FILTER);
    let file = file_access::open(bench.path("lines.h5")).unwrap();
    let (group, cancel) = (file.group(RESULTS).unwrap(), Cancel::default());
    let look = || verify::group(&group, None, &cancel);
    assert_eq!(look().unwrap(), Some(Vec::new()));
    cancel.cancel();
    assert!(matches!(look(), Err(Error::Cancelled)));
}

#[test]
fn inspect_tells_a_damaged_journal() {
    let bench = Bench::with_lines(4, 64);
    std::fs::write(bench.path(".lines.h5.journal"), "no journal").unwrap();
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    assert!(
        inspected.stderr.contains("its journal is damaged"),
        "{inspected:?}"
    );
    assert!(inspected.stdout.contains("Raw_Data  main"), "{inspected:?}");
}

#[test]
fn one_position_alone_tells_what_numbers_lost() {
    let bench = Bench::new();
    let row = |scale: f64| (0..64).map(|k| scale * f64::from(k * 13 % 37)).collect();
    let signals = Signals {
        scalar: Scalar::F64,
        quantity: "Counts",
        units: "",
        columns: ("Time", "s", (0..64).map(f64::from).collect()),
        rows: vec![row(7.0), row(0.0), vec![f64::NAN; 64]],
        experiment: vec![("IO_samp_rate_[Hz]", Value::Float(1.0))],
        storage: Storage::Contiguous,
    };
    signals.write(&bench, "a.h5");
    let command = ["filter", "a.h5", "-f", "low:0.4", "--result-type", "u8"];
    for (position, words) in [("0", "Filtered_Data: "), ("1", ""), ("2", "hold NaN")] {
        let run = bench.must(&[&command[..], &["--test-pixel", position]].concat());
        assert_eq!(run.stderr.is_empty(), words.is_empty(), "{run:?}");
        assert!(run.stderr.contains(words), "{run:?}");
    }
}

#[test]
fn no_length_in_results_is_believed() {
    let bench = Bench::with_lines(4, 64);
    let filter = [&FILTER[..], &["-t", "1e-3", "--condensed"]].concat();
    bench.must(&filter);
    let names = {
        let file = file_access::open(bench.path("lines.h5")).unwrap();
        file.group(RESULTS).unwrap().member_names().unwrap()
    };
    assert!(names.len() > 6, "{names:?}");
    for name in names {
        bench.copy("lines.h5", "work.h5");
        {
            let file = file_access::open_rw(bench.path("work.h5")).unwrap();
            let group = file.group(RESULTS).unwrap();
            let kind = group.dataset(&name).unwrap().dtype().unwrap();
            let axes = group.dataset(&name).unwrap().ndim();
            group.unlink(&name).unwrap();
            let (mut shape, mut chunk) = (vec![4; axes], vec![4; axes]);
            (shape[0], chunk[0]) = (1 << 40, 1 << 10);
            let builder = group.new_dataset_builder();
            let builder = builder.empty_as(kind.to_descriptor().unwrap());
            builder
                .chunk(chunk)
                .shape(shape)
                .create(name.as_str())
                .unwrap();
        }
        let started = Instant::now();
        let inspected = bench.run(["inspect", "work.h5"]);
        assert_eq!(inspected.status, Some(3), "{name}: {inspected:?}");
        let drawn = bench.run(["plot", "work.h5", "-o", "out"]);
        let next = bench.run(filter.iter().map(|word| match *word {
            "lines.h5" => "work.h5",
            word => word,
        }));
        assert!(
            next.stdout.contains("_001: 4 positions"),
            "{name}: {next:?}"
        );
        for ended in [&inspected, &drawn, &next] {
            assert!(ended.signal.is_none(), "{name}: {ended:?}");
            assert!(!ended.stderr.contains("panicked"), "{name}: {ended:?}");
        }
        let took = started.elapsed();
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
}
