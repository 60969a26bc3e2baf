use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jobwise_core::{Across, Error, IndexSet, LocalCluster, LocalComm};
use jobwise_serial::Threads;

use super::*;
use crate::frame::Frame;
use crate::output::Writer;

/// A frame with a number.
fn frame(kind: FrameType, number: i64) -> Frame {
    let mut frame = Frame::new(kind);
    frame.put("n", number);
    frame
}

fn number(frame: &Frame) -> i64 {
    *frame.get_as::<i64>("n").unwrap()
}

/// A file of frames: `O1 S5` is an Observation with the number 1 and a Scan with the number 5.
fn write(path: &Path, frames: &str) -> PathBuf {
    let mut writer = Writer::create(path).unwrap();
    for word in frames.split_whitespace() {
        let (kind, number) = word.split_at(1);
        let kind: FrameType = kind.parse().unwrap();
        writer.write(&frame(kind, number.parse().unwrap())).unwrap();
    }
    writer.finish().unwrap();
    path.into()
}

/// Notes what it sees, and takes its time.
struct Noting {
    seen: Vec<String>,
    has_ended: bool,
    fails_at: Option<i64>,
}

impl Worker for Noting {
    type Output = i64;

    fn metadata(&mut self, _: Key, frame: Frame) -> Result<(), Cause> {
        self.seen
            .push(format!("{}{}", frame.kind(), number(&frame)));
        Ok(())
    }

    fn data(&mut self, key: Key, frame: Frame) -> Result<i64, Cause> {
        let number = number(&frame);
        if self.fails_at == Some(number) {
            return Err(format!("scan {number} fails").into());
        }
        assert_eq!(frame.place().unwrap().frame, key.frame);
        // Unequal times, without random numbers.
        let pause = (number * 7919) % 11;
        if pause > 8 {
            std::thread::sleep(Duration::from_micros(200 * pause as u64));
        }
        self.seen.push(format!("S{number}"));
        Ok(number)
    }

    fn end(&mut self) -> Result<(), Cause> {
        self.has_ended = true;
        Ok(())
    }
}

#[derive(Default)]
struct Kept(Vec<i64>);

impl Sink<i64> for Kept {
    fn done(&mut self, _: std::ops::Range<usize>) -> Result<IndexSet, Cause> {
        Ok(IndexSet::new())
    }

    fn write(&mut self, _: usize, number: i64) -> Result<(), Cause> {
        self.0.push(number);
        Ok(())
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        Ok(())
    }
}

/// By rank, what each of its workers saw; or how it ended.
type Ends = Vec<Result<Vec<Vec<String>>, String>>;

fn run(ranks: usize, lanes: usize, distribution: &Distribution) -> Ends {
    run_failing(ranks, lanes, distribution, None)
}

fn run_failing(
    ranks: usize,
    lanes: usize,
    distribution: &Distribution,
    fails_at: Option<i64>,
) -> Ends {
    let total = Mutex::new(Vec::new());
    let has_ended = AtomicBool::new(false);
    let ends = LocalCluster::run(ranks, |comm: LocalComm| {
        let backend = Across::new(comm, Threads::new(Some(lanes)));
        let make = |_| {
            Ok(Noting {
                seen: Vec::new(),
                has_ended: false,
                fails_at,
            })
        };
        let mut sink = Kept::default();
        let distributed = distribute(&backend, distribution, None, make, &mut sink);
        total.lock().unwrap().extend(sink.0);
        let distributed = distributed.map_err(|error| match error {
            Error::Peer { cause, .. } => cause,
            other => other.to_string(),
        })?;
        let ended = |worker: &Noting| worker.has_ended;
        has_ended.fetch_or(distributed.workers.iter().any(ended), Ordering::SeqCst);
        Ok(distributed
            .workers
            .into_iter()
            .map(|worker| worker.seen)
            .collect())
    });
    let ends: Ends = ends.into_iter().map(|end| end.unwrap()).collect();
    // All end, or none does.
    assert_eq!(has_ended.into_inner(), ends.iter().all(Result::is_ok));
    if ends.iter().all(Result::is_ok) {
        let mut outputs = total.into_inner().unwrap();
        let mut seen: Vec<i64> = scans(&ends);
        outputs.sort_unstable();
        seen.sort_unstable();
        assert_eq!(outputs, seen);
    }
    ends
}

fn workers(ends: &Ends) -> impl Iterator<Item = &Vec<String>> {
    ends.iter().flatten().flatten()
}

fn scans(ends: &Ends) -> Vec<i64> {
    let words = workers(ends).flatten();
    words
        .filter_map(|word| word.strip_prefix('S')?.parse().ok())
        .collect()
}

fn metadata(seen: &[String]) -> Vec<&str> {
    let words = seen.iter().map(String::as_str);
    words.filter(|word| !word.starts_with('S')).collect()
}

/// A shared file and four files, whose scans have the number of the newest calibration in front of
/// them as their hundreds.
fn files(directory: &Path) -> Files {
    let shared = write(&directory.join("shared.g3"), "O1 W2");
    let part = |part: usize| {
        let scans = |calibration: usize| -> String {
            let scan = |at: usize| format!(" S{}", 100 * calibration + 20 * part + at);
            (0..part + 3).map(scan).collect()
        };
        let text = format!("O1 W2 C1{} C2{} C3{}", scans(1), scans(2), scans(3));
        write(&directory.join(format!("part{part}.g3")), &text)
    };
    Files::new(vec![
        Block::Shared(shared),
        Block::Parallel((0..4).map(part).collect()),
    ])
}

#[test]
fn every_worker_sees_the_same_metadata_and_each_scan_is_seen_once() {
    let directory = tempfile::tempdir().unwrap();
    let distribution = Distribution::new(files(directory.path()));
    for (ranks, lanes) in [(1, 1), (1, 3), (2, 1), (3, 2), (5, 1), (7, 1)] {
        for n_io in 1..=4.min(ranks.max(2) - 1) {
            let distribution = Distribution {
                n_io: Some(n_io),
                ..distribution.clone()
            };
            let ends = run(ranks, lanes, &distribution);
            assert!(ends.iter().all(Result::is_ok), "{ends:?}");
            let rounds = 4usize.div_ceil(if ranks == 1 { 1 } else { n_io });
            let mut expected = vec!["O1", "W2"];
            expected.extend(["C1", "C2", "C3"].repeat(rounds));
            for seen in workers(&ends) {
                assert_eq!(metadata(seen), expected, "{ranks} ranks, n_io {n_io}");
                let mut calibration = 0;
                for word in seen {
                    let (kind, number) = word.split_at(1);
                    let number: i64 = number.parse().unwrap();
                    match kind {
                        "C" => calibration = number,
                        "S" => assert_eq!(number / 100, calibration, "{seen:?}"),
                        _ => {}
                    }
                }
            }
            let mut all = scans(&ends);
            all.sort_unstable();
            let before = all.len();
            all.dedup();
            assert_eq!((all.len(), before), (54, 54));
        }
    }
}

#[test]
fn frames_dealt_deterministically_go_to_the_same_rank_in_every_run() {
    let directory = tempfile::tempdir().unwrap();
    let assigned = |n_io| {
        let distribution = Distribution {
            n_io: Some(n_io),
            assignment: Assignment::Deterministic,
            ..Distribution::new(files(directory.path()))
        };
        let ends = run(n_io + 3, 1, &distribution);
        let sorted = |seen: &Vec<String>| {
            let mut scans: Vec<_> = seen
                .iter()
                .filter(|word| word.starts_with('S'))
                .cloned()
                .collect();
            scans.sort();
            scans
        };
        workers(&ends).map(sorted).collect::<Vec<_>>()
    };
    let first = assigned(1);
    assert_eq!(first, assigned(1));
    assert_eq!(first, assigned(2));
    assert!(first.iter().all(|scans| scans.len() > 10), "{first:?}");
}

#[test]
fn other_metadata_are_an_error_that_names_both_files_or_taken_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let one = write(&at("one.g3"), "O1 C1 S101 S102 S103");
    let other = write(&at("other.g3"), "O1 C2 S201 S202");
    let more = write(&at("more.g3"), "O1 C1 C2 S201 S202");
    let none = write(&at("none.g3"), "S1 S2");
    for second in [&other, &more, &none] {
        for n_io in [1, 2] {
            let mut distribution = Distribution {
                n_io: Some(n_io),
                ..Distribution::new(Files::parallel(vec![one.clone(), second.clone()]))
            };
            let ends = run(4, 1, &distribution);
            let first = ends[0].as_ref().unwrap_err();
            let name = second.file_name().unwrap().to_str().unwrap();
            let tells = first.contains("one.g3") && first.contains("--mode relaxed");
            // Of a file without metadata nothing is there to name.
            assert!(
                tells && (first.contains(name) || (n_io == 2 && second == &none)),
                "{first}"
            );
            assert!(
                ends.iter().all(|end| end.as_ref() == Err(first)),
                "{ends:?}"
            );
            if second == &none {
                continue;
            }
            distribution.mode = Mode::Relaxed;
            let ends = run(4, 1, &distribution);
            assert_eq!(scans(&ends).len(), 5, "{ends:?}");
            for seen in workers(&ends) {
                let mut calibration = String::new();
                for word in seen {
                    match word.split_at(1) {
                        ("C", number) => number.clone_into(&mut calibration),
                        ("S", number) => assert!(number.starts_with(&calibration), "{seen:?}"),
                        _ => {}
                    }
                }
            }
        }
    }
}

#[test]
fn records_of_pipelines_may_differ() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let one = write(&at("one.g3"), "O1 P1 C1 S1 S2");
    let other = write(&at("other.g3"), "O1 P2 P3 C1 S3 S4");
    let distribution = Distribution {
        n_io: Some(2),
        ..Distribution::new(Files::parallel(vec![one, other]))
    };
    let ends = run(3, 1, &distribution);
    let seen = workers(&ends).next().unwrap();
    let rest: Vec<_> = metadata(seen)
        .into_iter()
        .filter(|word| !word.starts_with('P'))
        .collect();
    assert_eq!(rest, ["O1", "C1"]);
    let position = |word: &str| seen.iter().position(|seen| seen == word).unwrap();
    assert!(position("P1") < position("S1"));
    assert!(position("P3") < position("S3"));
}

#[test]
fn misfortunes_end_all_ranks_with_the_same_cause() {
    let directory = tempfile::tempdir().unwrap();
    let files = files(directory.path());
    let causes = |ranks, distribution: &Distribution, fails_at| -> String {
        let ends = run_failing(ranks, 1, distribution, fails_at);
        let first = ends[0].clone().unwrap_err();
        assert!(
            ends.iter().all(|end| end.as_ref() == Err(&first)),
            "{ends:?}"
        );
        first
    };
    let distribution = |files: &Files, n_io| Distribution {
        n_io: Some(n_io),
        ..Distribution::new(files.clone())
    };
    // A failing worker.
    let failing = causes(4, &distribution(&files, 2), Some(263));
    assert!(failing.contains("scan 263 fails"), "{failing}");
    // No rank is left to compute.
    let none_left = causes(4, &distribution(&files, 4), None);
    assert!(
        none_left.contains("4 ranks of 4 are to read"),
        "{none_left}"
    );
    // A missing file.
    let absent = Files::parallel(vec![directory.path().join("absent.g3")]);
    let missing = causes(3, &distribution(&absent, 1), None);
    assert!(missing.contains("absent.g3"), "{missing}");
    assert!(causes(2, &distribution(&Files::default(), 1), None).contains("empty"));
    // A damaged and a cut file.
    let part = directory.path().join("part2.g3");
    let whole = std::fs::read(&part).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0x10;
    std::fs::write(&part, &damaged).unwrap();
    let flipped = causes(5, &distribution(&files, 3), None);
    assert!(flipped.contains("part2.g3: frame"), "{flipped}");
    std::fs::write(&part, &whole[..whole.len() - 5]).unwrap();
    let cut = causes(5, &distribution(&files, 3), None);
    assert!(cut.contains("part2.g3: frame"), "{cut}");
}

#[test]
fn many_metadata_without_data_are_not_kept_for_idle_lanes() {
    let directory = tempfile::tempdir().unwrap();
    let housekeeping: Vec<_> = (0..500).map(|number| format!("H{number}")).collect();
    let file = write(
        &directory.path().join("h.g3"),
        &(housekeeping.join(" ") + " S1"),
    );
    let store = MetadataStore::default();
    let files = Files::parallel(vec![file]);
    let noting = || Noting {
        seen: Vec::new(),
        has_ended: false,
        fails_at: None,
    };
    let lanes = Lanes::new(&files, &store, vec![noting(), noting()]);
    for number in 0..500 {
        store.append(0, frame(FrameType::HOUSEKEEPING, number));
        lanes.catch_up().unwrap();
        assert!(store.kept() <= 64);
    }
    lanes.end().unwrap();
    for worker in lanes.into_workers() {
        assert_eq!(worker.seen.len(), 500);
    }
    let ends = run(3, 2, &Distribution::new(files.clone()));
    assert!(workers(&ends).all(|seen| metadata(seen).len() == 500));
}
