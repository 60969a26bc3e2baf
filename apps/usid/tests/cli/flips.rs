//! One flipped bit in a finished file: `inspect` and the next run notice it, or it changes nothing
//! that anyone can read.

use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use jobwise_usid::format::{BOOKKEEPING, Value};
use jobwise_usid::process::SEAL;

use crate::bench::{Bench, CHANNEL, Content, Ended};

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

/// The bytes of a file in which the elements of the datasets of some groups lie.
fn elements(path: &Path, groups: &[&str]) -> Vec<Range<u64>> {
    let file = jobwise_hdf5::file_access::open(path).unwrap();
    let mut found = Vec::new();
    for group in groups {
        for dataset in file.group(group).unwrap().datasets().unwrap() {
            if let Some(place) = dataset.offset() {
                found.push(place..place + dataset.storage_size());
            }
            for index in 0..dataset.num_chunks().unwrap_or(0) {
                let chunk = dataset.chunk_info(index).unwrap();
                found.push(chunk.addr..chunk.addr + chunk.size);
            }
        }
    }
    found
}

/// A finished file, and the command that finished it.
struct Finished<'a> {
    bench: &'a Bench,
    command: &'a [&'a str],
    group: &'a str,
    bytes: Vec<u8>,
    contents: [Content; 2],
}

impl Finished<'_> {
    fn new<'a>(bench: &'a Bench, command: &'a [&'a str], group: &'a str) -> Finished<'a> {
        bench.copy("lines.h5", "work.h5");
        bench.must(command);
        let finished = Finished {
            contents: [group, CHANNEL].map(|group| bench.content("work.h5", group)),
            bytes: std::fs::read(bench.path("work.h5")).unwrap(),
            bench,
            command,
            group,
        };
        assert!(bench.must(&["inspect", "work.h5"]).stderr.is_empty());
        let untouched = bench.run(command.iter().copied());
        assert!(!says_something(&untouched), "{untouched:?}");
        finished
    }

    /// Whether `inspect` notices what is wrong with the file, and whether the next run does.
    fn looks(&self, what: &str) -> [bool; 2] {
        let inspected = self.bench.run(["inspect", "work.h5"]);
        let next = self.bench.run(self.command.iter().copied());
        for ended in [&inspected, &next] {
            assert!(!ended.stderr.contains("panicked"), "{what}: {ended:?}");
        }
        [!inspected.succeeded(), says_something(&next)]
    }

    /// Whether everything in both groups is as it was, but for book-keeping.
    fn is_same(&self) -> bool {
        [self.group, CHANNEL]
            .iter()
            .zip(&self.contents)
            .all(|(group, whole)| {
                let [mut now, mut whole] = [self.bench.content("work.h5", group), whole.clone()];
                for content in [&mut now, &mut whole] {
                    content.0.retain(|name, _| {
                        let attribute = name.split_once('@').map_or("", |(_, name)| name);
                        !BOOKKEEPING.contains(&attribute)
                    });
                }
                now == whole
            })
    }

    /// A bit of the elements changes their values, or nothing is changed (the last bits of a
    /// deflated chunk mean nothing); a bit anywhere else may be of book-keeping, too.
    fn flip_bits(&self) {
        let path = self.bench.path("work.h5");
        let elements = elements(&path, &[self.group, CHANNEL]);
        let all: u64 = elements.iter().map(|run| run.end - run.start).sum();
        let (mut noticed, mut unlisted) = (0, 0);
        for flip in 0..flips() {
            let mut place = draw(flip + 1, 8 * all);
            let is_element = flip % 2 == 0;
            if is_element {
                for run in &elements {
                    let bits = 8 * (run.end - run.start);
                    if place < bits {
                        place += 8 * run.start;
                        break;
                    }
                    place -= bits;
                }
            } else {
                place = draw(flip + 1, 8 * self.bytes.len() as u64);
            }
            let mut bytes = self.bytes.clone();
            bytes[(place / 8) as usize] ^= 1 << (place % 8);
            std::fs::write(&path, bytes).unwrap();
            let looks = self.looks(&format!("bit {place}"));
            noticed += u64::from(looks[0]);
            if looks == [false, false] {
                // Lists of members ask for more of a header than we read. Of the elements, all is
                // asked for.
                let same = catch_unwind(AssertUnwindSafe(|| self.is_same()));
                unlisted += u64::from(same.is_err());
                assert!(same.is_ok() || !is_element, "bit {place}");
                let same = same.unwrap_or(true);
                assert!(same, "bit {place} changed something without a word");
            } else if is_element {
                assert_eq!(looks, [true, true], "bit {place}");
            }
        }
        assert!(noticed >= flips() / 3, "{noticed} of {} flips", flips());
        assert!(50 * unlisted <= flips(), "{unlisted} of {} flips", flips());
        println!(
            "{noticed} of {} flips in {}; {unlisted} unlisted",
            flips(),
            self.group
        );
    }

    /// Changes each attribute whose value is sealed.
    fn change_attributes(&self) {
        let path = self.bench.path("work.h5");
        std::fs::write(&path, &self.bytes).unwrap();
        let seal = {
            let file = jobwise_hdf5::file_access::open(&path).unwrap();
            Value::find(&file.group(self.group).unwrap(), SEAL).unwrap()
        };
        let Some(Value::Text(seal)) = seal else {
            panic!("{seal:?}")
        };
        let lines = seal.lines().filter_map(|line| line.split_once(' '));
        let mut changed = 0;
        let attributes = lines.filter_map(|(_, line)| line.split_once('@'));
        for (object, name) in attributes.filter(|(_, name)| !BOOKKEEPING.contains(name)) {
            std::fs::write(&path, &self.bytes).unwrap();
            {
                let file = jobwise_hdf5::file_access::open_rw(&path).unwrap();
                let group = file.group(self.group).unwrap();
                let dataset = (!object.is_empty()).then(|| group.dataset(object).unwrap());
                let holder: &hdf5::Location = dataset.as_ref().map_or(&group, |it| it);
                let value = match Value::find(holder, name).unwrap().unwrap() {
                    Value::Integer(x) => Value::Integer(x ^ 1),
                    Value::Float(x) => Value::Float(f64::from_bits(x.to_bits() ^ 1)),
                    Value::Flag(x) => Value::Flag(!x),
                    Value::Text(x) => Value::Text(x + "x"),
                    Value::Texts(mut x) => {
                        x[0].push('x');
                        Value::Texts(x)
                    }
                    Value::Integers(mut x) => {
                        x[0] ^= 1;
                        Value::Integers(x)
                    }
                    Value::Floats(mut x) => {
                        x[0] = f64::from_bits(x[0].to_bits() ^ 1);
                        Value::Floats(x)
                    }
                    // References lead elsewhere, or nowhere.
                    _ => continue,
                };
                value.write(holder, name).unwrap();
            }
            changed += 1;
            assert_eq!(self.looks(name), [true, true], "{object}@{name}");
        }
        assert!(changed > 10, "{changed}");
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    let bench = Bench::with_lines(8, 64);
    let filter = ["filter", "work.h5", "-f", "low:1e5", "-t", "1e-3"];
    let group = format!("{CHANNEL}/Raw_Data-FFT_Filtering_000");
    let filtered = Finished::new(&bench, &filter, &group);
    filtered.flip_bits();
    filtered.change_attributes();
    let compressed = [
        "reshape",
        "work.h5",
        "--points-per-cycle",
        "16",
        "--compress",
        "4",
    ];
    let group = format!("{CHANNEL}/Raw_Data-Reshape_000");
    Finished::new(&bench, &compressed, &group).flip_bits();
}

#[test]
fn damaged_rows_are_computed_again_and_a_changed_source_into_a_new_group() {
    let bench = Bench::with_lines(8, 64);
    let group = |index: usize| format!("{CHANNEL}/Raw_Data-FFT_Filtering_{index:03}");
    let command = ["filter", "lines.h5", "-f", "low:1e5"];
    bench.must(&command);
    let whole = bench.content("lines.h5", &group(0));
    let flip = |name: &str| {
        let file = jobwise_hdf5::file_access::open(bench.path("lines.h5")).unwrap();
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
