//! What cannot be read of a source costs its own rows, and a later run does them.

use std::os::unix::fs::FileExt;

use jobwise_hdf5::file_access;
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_usid::format::{Axis, Bookkeeping, Dimension, Element, NewMain, Scalar, Side, Storage};
use jobwise_usid::simulate;

use crate::bench::{Bench, CHANNEL};

const LINES: usize = 12;
const POINTS: usize = 256;

/// A file with compressed chunks of two rows; the place of each chunk in it.
fn compressed(bench: &Bench) -> Vec<(u64, u64)> {
    written(bench, LINES)
}

/// The same, of which the first rows only are written.
fn written(bench: &Bench, lines: usize) -> Vec<(u64, u64)> {
    let file = file_access::create(bench.path("lines.h5")).unwrap();
    let group = file
        .create_group("Measurement_000")
        .unwrap()
        .create_group("Channel_000")
        .unwrap();
    let axis = |prefix: &str, side, count: usize| {
        let values = (0..count)
            .map(|k| k as f64 / simulate::SAMPLING_RATE)
            .collect();
        Axis::create(&group, prefix, side, &[Dimension::new("T", "s", values)]).unwrap()
    };
    let new = NewMain {
        name: "Raw_Data",
        positions: LINES,
        width: POINTS,
        element: &Element::Real(Scalar::F32),
        quantity: "Current",
        units: "nA",
        storage: Storage::Chunks {
            shape: [2, POINTS],
            level: Some(1),
        },
        position: axis("Position", Side::Position, LINES),
        spectroscopic: axis("Spectroscopic", Side::Spectroscopic, POINTS),
    };
    let raw = new.create(&group, &Bookkeeping::now()).unwrap();
    for line in 0..lines {
        let row: Vec<u8> = simulate::signal(line, POINTS)
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        raw_rows::write(&raw, line..line + 1, &row, Transfer::Independent).unwrap();
    }
    file.flush().unwrap();
    let chunks = (0..raw.num_chunks().unwrap()).map(|index| {
        let chunk = raw.chunk_info(index).unwrap();
        assert_eq!(chunk.offset[0], 2 * index as u64);
        (chunk.addr, chunk.size)
    });
    chunks.collect()
}

#[test]
fn rows_that_cannot_be_read_are_left_out_named_and_done_later() {
    let bench = Bench::new();
    let chunks = compressed(&bench);
    let whole = std::fs::read(bench.path("lines.h5")).unwrap();
    let filter = [
        "filter",
        "lines.h5",
        "-f",
        "low:1e5",
        "--sampling-rate",
        "4MHz",
    ];
    let group = format!("{CHANNEL}/Raw_Data-FFT_Filtering_000");
    bench.must(&filter);
    let reference = bench.content("lines.h5", &group);

    let spoil = |bytes: &dyn Fn(usize, u64) -> Vec<u8>| {
        let file = std::fs::File::options()
            .write(true)
            .open(bench.path("lines.h5"))
            .unwrap();
        for index in [1, 4] {
            let (place, length) = chunks[index];
            file.write_all_at(&bytes(place as usize, length), place)
                .unwrap();
        }
    };
    std::fs::write(bench.path("lines.h5"), &whole).unwrap();
    spoil(&|_, length| vec![0x55; length as usize]);
    let strict: Vec<&str> = filter.iter().copied().chain(["--strict"]).collect();
    let refused = bench.run(strict);
    assert_eq!(refused.status, Some(1), "{refused:?}");
    for more in [
        &["--threads", "2"][..],
        &["--backend", "serial"],
        &["--compress", "2", "--override"],
    ] {
        let run = bench.run(filter.iter().chain(more).copied());
        assert_eq!(run.status, Some(3), "{run:?}");
        assert!(run.stderr.contains("positions 2 to 3, 8 to 9: "), "{run:?}");
        assert!(
            run.stderr.contains("Raw_Data") && run.stderr.contains("4 positions could not be read"),
            "{run:?}"
        );
        assert!(run.stderr.lines().count() < 5, "{run:?}");
    }
    let marks = |group: &str| -> Vec<u8> {
        let file = file_access::open(bench.path("lines.h5")).unwrap();
        file.dataset(&format!("{group}/completed_positions"))
            .unwrap()
            .read_raw()
            .unwrap()
    };
    assert_eq!(marks(&group), [1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1]);
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert!(
        inspected.stdout.contains("partial (8 of 12"),
        "{inspected:?}"
    );

    // A mark that no program set is none.
    {
        let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
        let dataset = file.dataset(&format!("{group}/completed_positions"));
        let mut marks: Vec<u8> = dataset.as_ref().unwrap().read_raw().unwrap();
        marks[2] = 1;
        dataset.unwrap().write_raw(&marks).unwrap();
    }
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    assert!(
        inspected
            .stderr
            .contains("1 positions damaged, the first is 2"),
        "{inspected:?}"
    );

    // The source is mended: what is left is done.
    spoil(&|place, length| whole[place..place + length as usize].to_vec());
    let rest = bench.must(&[&filter[..], &["--continue", &group]].concat());
    assert!(
        rest.stdout.contains("4 positions") && rest.stdout.contains("8 were done before"),
        "{rest:?}"
    );
    bench.content("lines.h5", &group).must_equal(&reference);
}

#[test]
fn a_source_of_which_nothing_can_be_read_leaves_no_group() {
    let bench = Bench::new();
    let chunks = compressed(&bench);
    let file = std::fs::File::options()
        .write(true)
        .open(bench.path("lines.h5"))
        .unwrap();
    for (place, length) in chunks {
        file.write_all_at(&vec![0x55; length as usize], place)
            .unwrap();
    }
    let run = bench.run([
        "filter",
        "lines.h5",
        "-f",
        "low:1e5",
        "--sampling-rate",
        "4e6",
    ]);
    run.must_refuse(1, &["Raw_Data", "none of its rows can be read"]);
    let file = file_access::open(bench.path("lines.h5")).unwrap();
    assert_eq!(
        file.group(CHANNEL).unwrap().member_names().unwrap().len(),
        5
    );
}

#[test]
fn a_part_of_a_file_that_cannot_be_read_hides_nothing_else() {
    let bench = Bench::with_lines(4, 64);
    bench.must(&["filter", "lines.h5", "-f", "low:1e5"]);
    let mut bytes = std::fs::read(bench.path("lines.h5")).unwrap();
    // The header of one dataset of the results.
    let file = file_access::open(bench.path("lines.h5")).unwrap();
    let dataset = file
        .dataset(&format!(
            "{CHANNEL}/Raw_Data-FFT_Filtering_000/Composite_Filter"
        ))
        .unwrap();
    // The token is the address of the header.
    let token = format!("{:?}", dataset.loc_info().unwrap().token);
    drop((dataset, file));
    let place: String = token.chars().filter(char::is_ascii_digit).collect();
    let place: usize = place.parse().unwrap();
    bytes[place] ^= 0xff;
    std::fs::write(bench.path("lines.h5"), bytes).unwrap();
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    for word in [
        "Raw_Data  main",
        "Filtered_Data  main",
        "Composite_Filter  DAMAGED",
    ] {
        assert!(inspected.stdout.contains(word), "no {word}: {inspected:?}");
    }
    let next = bench.must(&["filter", "lines.h5", "-f", "low:1e5"]);
    assert!(
        next.stderr.contains("_000 is not taken: damaged"),
        "{next:?}"
    );
    assert!(next.stdout.contains("_001: 4 positions"), "{next:?}");
}

#[test]
fn rows_that_were_never_stored_are_no_zeros() {
    let bench = Bench::new();
    written(&bench, 4);
    let filter = [
        "filter",
        "lines.h5",
        "-f",
        "low:1e5",
        "--sampling-rate",
        "4e6",
    ];
    let strict = bench.run(filter.into_iter().chain(["--strict"]));
    assert_eq!(strict.status, Some(1), "{strict:?}");
    let run = bench.run(filter);
    assert_eq!(run.status, Some(3), "{run:?}");
    for word in [
        "positions 4 to 11: ",
        "8 of its 12 rows are not in the file",
    ] {
        assert!(run.stderr.contains(word), "no {word}: {run:?}");
    }
    assert!(run.stderr.lines().count() < 4, "{run:?}");
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert!(
        inspected.stdout.contains("partial (4 of 12"),
        "{inspected:?}"
    );
    // Nor is a picture of which rows are missing one.
    let file = file_access::create(bench.path("picture.h5")).unwrap();
    let new = file.new_dataset::<f32>().shape((64, 64)).chunk((8, 64));
    new.create("picture").unwrap();
    // The builder keeps the file open, too.
    drop((new, file));
    bench
        .run(["import", "picture.h5", "out.h5"])
        .must_refuse(1, &["64 of its 64 rows are not in the file"]);
}
