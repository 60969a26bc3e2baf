//! Ring buffers: recordings whose oldest files go while new ones come, analysed again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5::File;

use super::bench::{Bench, Ended, Running};
use jobwise_testing::number;

/// 100 kHz, pulses every 7 ms, which no file begins with: integrations of 5 pulses, files of 8
/// integrations.
const SCENARIO: &str = "[Experiment]\nname = ring\nversion = 1\nsample_rate = 100000\nipp = \
                        7000\nrx_channel = sim\n\
    tx_channel = sim\ntx_start = 100\ntx_end = 500\nrx_start = 0\nrx_end = 7000\nradar_frequency = \
    929.6\n\
    [Target one]\nrange = 300000\nrange_rate = -1200\nsnr = 3\n\
    [Simulation]\nepoch = 2021-04-12T11:59:59\nend_time = 2.5\nbaud_length = 20\ncode = \
    random\nnoise_sigma = 1\n\
    tx_amp = 30\n";

const CONFIGURATION: &str = "[signal-processing]\nn_ipp = 5\nmin_range_gate = 95\nmax_range_gate = \
                             105\n\
    min_acceleration = -500\nmax_acceleration = 500\nnum_cohints_per_file = \
    8\ndpt_ipp_delay_parameter = 2\n";

/// Samples.
const IPP: u64 = 700;
const STEP: u64 = 5 * IPP;

/// The samples of a period that an integration needs: the transmission, and the gates with the
/// pulse's length.
const NEEDED: [Range<u64>; 2] = [10..50, 106..156];

/// Random numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The files of the recording by the samples they span.
fn files(channel: &Path, cadence: u64) -> Vec<(Range<u64>, PathBuf)> {
    let mut found = Vec::new();
    for directory in fs::read_dir(channel).unwrap() {
        let directory = directory.unwrap().path();
        for file in fs::read_dir(&directory).into_iter().flatten() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            let stamp = name
                .trim_start_matches("rf@")
                .trim_end_matches(".h5")
                .replace('.', "");
            let start = stamp.parse::<u64>().unwrap() * 100;
            let below = file.strip_prefix(channel).unwrap().to_path_buf();
            found.push((start..start + cadence * 100, below));
        }
    }
    found.sort_by_key(|(samples, _)| samples.start);
    found
}

/// What was found in every integration that was analysed, bit by bit, by its first sample.
fn rows(root: &Path) -> BTreeMap<u64, Vec<u32>> {
    let mut rows = BTreeMap::new();
    for directory in fs::read_dir(root).into_iter().flatten() {
        for path in fs::read_dir(directory.unwrap().path())
            .into_iter()
            .flatten()
        {
            let path = path.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let start = name.trim_start_matches("gmf-").parse::<u64>().unwrap() / 10;
            let file = File::open(&path).unwrap();
            let read = |name: &str| -> Vec<f32> { file.dataset(name).unwrap().read_raw().unwrap() };
            let (gmf, zero, power) = (read("gmf"), read("gmf_zero_frequency"), read("tx_power"));
            let gates = gmf.len() / power.len();
            for (row, &power) in power.iter().enumerate() {
                let at = row * gates..(row + 1) * gates;
                if power > 0.0 {
                    let bits = gmf[at.clone()].iter().chain(&zero[at]).chain([&power]);
                    let bits = bits.map(|value| value.to_bits()).collect();
                    let sample = start + row as u64 * STEP;
                    assert_eq!(
                        rows.insert(sample, bits),
                        None,
                        "sample {sample} is there twice"
                    );
                }
            }
        }
    }
    rows
}

/// Whether all samples of a range lie in files.
fn is_there(there: &[Range<u64>], mut wanted: Range<u64>) -> bool {
    for file in there {
        if file.contains(&wanted.start) {
            wanted.start = file.end;
        }
    }
    wanted.is_empty()
}

/// The first samples of the integrations that can be analysed.
fn possible(there: &[Range<u64>], origin: u64, end: u64) -> BTreeSet<u64> {
    let Some((first, last)) = there.first().zip(there.last()) else {
        return BTreeSet::new();
    };
    let end = end.min(last.end);
    let before = origin.saturating_sub(first.start) / STEP + 1;
    let starts = (0..).map(|k| origin - before * STEP + k * STEP);
    starts
        .take_while(|start| start + STEP <= end)
        .filter(|start| {
            (0..5).all(|pulse| {
                let at = start + pulse * IPP;
                NEEDED
                    .iter()
                    .all(|part| is_there(there, at + part.start..at + part.end))
            })
        })
        .collect()
}

/// The first sample of a simulated recording.
fn first_sample(recording: &Path) -> u64 {
    let truth = fs::read_to_string(recording.join("truth.ini")).unwrap();
    let mut lines = truth.lines();
    let first = lines.find_map(|line| line.strip_prefix("first_sample = "));
    first.unwrap().parse().unwrap()
}

fn analyse(bench: &Bench, (ring, out): (&str, &str), is_live: bool) -> Ended {
    let mut args = vec![
        "analyze",
        ring,
        "sim",
        "--config",
        "r.ini",
        "-o",
        out,
        "--threads",
        "2",
    ];
    if is_live {
        args.extend(["--follow", "--idle-timeout", "0", "--settle", "0"]);
    }
    bench.run(args.iter().copied())
}

/// One sequence: every so often some files come, some go, one is lost, comes late or is damaged,
/// and an analysis of either kind is run.
fn sequence(bench: &Bench, whole: &str, cadence: u64, seed: u64) {
    let mut dice = Dice(seed * 2 + 1);
    let (ring, out, all) = (
        format!("ring{seed}"),
        format!("out{seed}"),
        format!("all{seed}"),
    );
    let channel = bench.path(whole).join("sim");
    let target = bench.path(&ring).join("sim");
    fs::create_dir_all(&target).unwrap();
    for name in ["metadata.ini", "sim/drf_properties.h5"] {
        fs::copy(bench.path(whole).join(name), bench.path(&ring).join(name)).unwrap();
    }
    let files = files(&channel, cadence);
    let first = first_sample(&bench.path(whole));
    let end = first + 250_000 / IPP * IPP;
    let (mut come, mut gone) = (dice.throw(5) as usize + 1, dice.throw(3) as usize);
    let (mut lost, mut damaged) = (BTreeSet::new(), BTreeSet::new());
    let mut could = Vec::new();
    let mut placed = 0;
    while placed < files.len() {
        come = (come + dice.throw(1200 / cadence) as usize + 1).min(files.len());
        // Some of those that were lost come late; one that was analysed cannot be read any more.
        lost.retain(|_| dice.throw(2) == 0);
        if dice.throw(2) == 0 && gone < placed {
            damaged.insert(gone + dice.throw((placed - gone) as u64) as usize);
        }
        for number in placed..come {
            if dice.throw(12) == 0 {
                lost.insert(number);
            }
        }
        placed = come;
        gone = gone
            .max((come + dice.throw(4) as usize).saturating_sub(900 / cadence as usize))
            .min(come - 1);
        for (number, (_, below)) in files.iter().enumerate() {
            let to = target.join(below);
            if (gone..come).contains(&number) && !lost.contains(&number) {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                if damaged.contains(&number) {
                    fs::write(&to, "").unwrap();
                } else if !to.exists() {
                    fs::copy(channel.join(below), &to).unwrap();
                }
            } else if to.exists() {
                fs::remove_file(&to).unwrap();
            }
        }
        let there: Vec<Range<u64>> = (gone..come)
            .filter(|number| !lost.contains(number) && !damaged.contains(number))
            .map(|number| files[number].0.start.max(first)..files[number].0.end.min(end))
            .collect();
        if there.is_empty() {
            continue;
        }
        let is_live = dice.throw(2) == 0;
        let ended = analyse(bench, (&ring, &out), is_live);
        let is_partial = !damaged.is_empty() && ended.status == Some(3);
        assert!(ended.succeeded() || is_partial, "{seed}: {ended:?}");
        could.push(there);
    }
    let found = rows(&bench.path(&out));
    let &some = found
        .keys()
        .next()
        .unwrap_or_else(|| panic!("{seed}: nothing was analysed"));
    assert_eq!((some - first) % IPP, 0, "{seed}: the pulses were not found");
    let origin = some.to_string();
    let args = [
        "analyze",
        whole,
        "sim",
        "--config",
        "r.ini",
        "-o",
        &all,
        "--pulse-origin",
        &origin,
    ];
    let ended = Running::start(&mut bench.command(args)).end();
    assert!(ended.succeeded(), "{seed}: {ended:?}");
    let expected: BTreeSet<u64> = could
        .iter()
        .flat_map(|there| possible(there, some, end))
        .collect();
    let starts: BTreeSet<u64> = found.keys().copied().collect();
    assert_eq!(starts, expected, "{seed}");
    let all = rows(&bench.path(&all));
    for (start, bits) in &found {
        assert_eq!(Some(bits), all.get(start), "{seed}: sample {start}");
    }
}

#[test]
fn every_integration_of_a_ring_buffer_is_there_once_with_its_bits() {
    let bench = Bench::new();
    fs::write(bench.path("r.ini"), CONFIGURATION).unwrap();
    let cadences = [40, 50, 100];
    for cadence in cadences {
        let scenario =
            format!("{SCENARIO}file_cadence_millisecs = {cadence}\nsubdir_cadence_secs = 1\n");
        fs::write(bench.path("s.ini"), scenario).unwrap();
        let whole = format!("whole{cadence}");
        assert!(bench.run(["simulate", "drf", "s.ini", &whole]).succeeded());
    }
    for seed in 0..number("JOBWISE_REPEAT").unwrap_or(8) {
        let cadence = cadences[(seed % 3) as usize];
        sequence(&bench, &format!("whole{cadence}"), cadence, seed);
    }
}
