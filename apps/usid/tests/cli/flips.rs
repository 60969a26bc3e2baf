//! One flipped bit in a finished file: `inspect` and the next run notice it, or it changes nothing
//! that anyone can read.

use std::os::unix::fs::FileExt;

use crate::bench::{Bench, CHANNEL, Ended};

/// Flips of each file; the long form is `JOBWISE_FLIPS=1000`.
fn flips() -> u64 {
    let told = std::env::var("JOBWISE_FLIPS").ok();
    told.map_or(25, |count| count.parse().unwrap())
}

/// A number without a pattern below `limit`.
fn draw(seed: u64, limit: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % limit
}

/// Whether a run said more than that all was done already.
fn says_something(run: &Ended) -> bool {
    !run.succeeded() || !run.stderr.is_empty() || !run.stdout.contains("complete already")
}

/// Flips bits of the file that `command` finishes, whose results lie in `group`.
fn check(bench: &Bench, command: &[&str], group: &str) {
    bench.copy("lines.h5", "work.h5");
    bench.must(command);
    let whole = std::fs::read(bench.path("work.h5")).unwrap();
    let contents = [group, CHANNEL].map(|group| bench.content("work.h5", group));
    let untouched = bench.run(command.iter().copied());
    assert!(!says_something(&untouched), "{untouched:?}");
    assert!(bench.must(&["inspect", "work.h5"]).stderr.is_empty());
    let (mut harmless, mut crashed) = (0, 0);
    for flip in 0..flips() {
        let bit = draw(flip + 1, 8 * whole.len() as u64);
        std::fs::write(bench.path("work.h5"), &whole).unwrap();
        let file = std::fs::File::options()
            .write(true)
            .open(bench.path("work.h5"))
            .unwrap();
        let byte = whole[(bit / 8) as usize] ^ (1 << (bit % 8));
        file.write_all_at(&[byte], bit / 8).unwrap();
        drop(file);
        let inspected = bench.run(["inspect", "work.h5"]);
        let next = bench.run(command.iter().copied());
        for ended in [&inspected, &next] {
            assert!(!ended.stderr.contains("panicked"), "bit {bit}: {ended:?}");
            crashed += u64::from(ended.signal.is_some());
        }
        if inspected.succeeded() && !says_something(&next) {
            for (group, whole) in [group, CHANNEL].into_iter().zip(&contents) {
                let mut now = bench.content("work.h5", group);
                // Book-keeping is no result.
                now.0.retain(|name, _| {
                    !name.ends_with("@machine_id") && !name.ends_with("@platform")
                });
                let mut whole = whole.clone();
                whole.0.retain(|name, _| now.0.contains_key(name));
                assert!(now == whole, "bit {bit} changed {group} without a word");
            }
            harmless += 1;
        }
    }
    println!(
        "{harmless} of {} flips changed nothing in {group}; {crashed} ended the library",
        flips()
    );
}

#[test]
fn a_flipped_bit_is_noticed() {
    let bench = Bench::with_lines(8, 64);
    let filter = ["filter", "work.h5", "-f", "low:1e5", "-t", "1e-3"];
    check(
        &bench,
        &filter,
        &format!("{CHANNEL}/Raw_Data-FFT_Filtering_000"),
    );
    let compressed = [
        "reshape",
        "work.h5",
        "--points-per-cycle",
        "16",
        "--compress",
        "4",
    ];
    check(
        &bench,
        &compressed,
        &format!("{CHANNEL}/Raw_Data-Reshape_000"),
    );
}

#[test]
fn damaged_rows_are_computed_again_and_a_changed_source_into_a_new_group() {
    let bench = Bench::with_lines(8, 64);
    let group = |index: usize| format!("{CHANNEL}/Raw_Data-FFT_Filtering_{index:03}");
    let command = ["filter", "lines.h5", "-f", "low:1e5"];
    bench.must(&command);
    let whole = bench.content("lines.h5", &group(0));
    let flip = |name: &str| {
        let file = jobwise_kit::h5::unlocked::open(bench.path("lines.h5")).unwrap();
        let place = file.dataset(name).unwrap().offset().unwrap() + 3 * 256 + 7;
        drop(file);
        let mut options = std::fs::File::options();
        let opened = options.read(true).write(true).open(bench.path("lines.h5"));
        let file = opened.unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, place).unwrap();
        file.write_all_at(&[byte[0] ^ 4], place).unwrap();
    };
    flip(&format!("{}/Filtered_Data", group(0)));
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    assert!(
        inspected
            .stdout
            .contains("1 positions damaged, the first is 3"),
        "{inspected:?}"
    );
    let again = bench.must(&command);
    assert!(
        again.stderr.contains("1 positions are damaged"),
        "{again:?}"
    );
    assert!(again.stdout.contains("_000: 1 positions"), "{again:?}");
    bench.content("lines.h5", &group(0)).must_equal(&whole);

    flip(&format!("{CHANNEL}/Raw_Data"));
    let inspected = bench.run(["inspect", "lines.h5"]);
    assert_eq!(inspected.status, Some(3), "{inspected:?}");
    assert!(
        inspected.stdout.contains("source that has changed"),
        "{inspected:?}"
    );
    let anew = bench.must(&command);
    assert!(
        anew.stderr
            .contains("its source has changed since: 1 positions, the first is 3"),
        "{anew:?}"
    );
    assert!(anew.stdout.contains("_001: 8 positions"), "{anew:?}");
    bench.content("lines.h5", &group(0)).must_equal(&whole);
}

#[test]
fn a_flipped_bit_in_a_new_file_is_noticed() {
    let bench = Bench::new();
    jobwise_usid::simulate::lines_file(&bench.path("lines.h5"), 4, 64).unwrap();
    let whole = std::fs::read(bench.path("lines.h5")).unwrap();
    assert!(bench.must(&["inspect", "lines.h5"]).stderr.is_empty());
    for flip in 0..flips() {
        let bit = draw(flip + 77, 8 * whole.len() as u64);
        let mut bytes = whole.clone();
        bytes[(bit / 8) as usize] ^= 1 << (bit % 8);
        std::fs::write(bench.path("lines.h5"), bytes).unwrap();
        let inspected = bench.run(["inspect", "lines.h5"]);
        assert!(!inspected.succeeded(), "bit {bit}: {inspected:?}");
        assert!(
            !inspected.stderr.contains("panicked"),
            "bit {bit}: {inspected:?}"
        );
    }
}
