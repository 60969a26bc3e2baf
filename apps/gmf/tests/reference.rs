//! Reference sets A, B and C: every dataset and attribute of the files against those of the peer.

use std::path::{Path, PathBuf};

use hdf5::types::TypeDescriptor;
use hdf5::{Dataset, File};
use jobwise_core::Cancel;
use jobwise_gmf::analyze::{Analysis, Request};
use jobwise_gmf::clock::TimeLimit;
use jobwise_gmf::product::files;
use jobwise_gmf::settings::Method;
use jobwise_hdf5::attributes;
use jobwise_kit::Program;
use jobwise_serial::Threads;
use jobwise_testing::reference;

/// Relative tolerance of powers: the peer computes them in f32.
const POWER: f64 = 2e-6;
/// Relative tolerance of the power without Doppler.
const DC: f64 = 5e-6;
/// Relative tolerance of everything derived in f64.
const DERIVED: f64 = 1e-13;

struct Set {
    name: &'static str,
    rx: &'static str,
    tx: &'static str,
    limits: (Option<TimeLimit>, Option<TimeLimit>),
    files: usize,
}

fn sets() -> [Set; 3] {
    let absolute = |text| Some(TimeLimit::parse(text, false).unwrap());
    [
        Set {
            name: "A",
            rx: "sim",
            tx: "sim",
            limits: (None, None),
            files: 3,
        },
        Set {
            name: "B",
            rx: "uhf",
            tx: "uhf",
            limits: (
                absolute("2021-04-12T12:59:59.901877"),
                absolute("2021-04-12T13:00:00.334877"),
            ),
            files: 6,
        },
        Set {
            name: "C",
            rx: "rx0",
            tx: "tx0",
            limits: (
                Some(TimeLimit::Relative(0.0)),
                Some(TimeLimit::Relative(0.098)),
            ),
            files: 2,
        },
    ]
}

fn analyse(root: &Path, set: &Set, method: Method, output: &Path) {
    let config = root.join(format!("{}.ini", set.name));
    analyse_with(root, set, method, &config, output);
}

fn analyse_with(root: &Path, set: &Set, method: Method, config: &Path, output: &Path) {
    let recording = root.join(format!("{}_drf", set.name));
    let analysis = Analysis {
        request: Request {
            rx: (recording.clone(), set.rx.to_owned()),
            tx: (recording, set.tx.to_owned()),
            subchannels: (None, None),
            config: config.to_path_buf(),
            method: Some(method),
            limits: set.limits,
            pulse_origin: None,
            output: output.to_path_buf(),
            clobber: false,
            sample_numbers: true,
            compression: 0,
            format: jobwise_gmf::product::default_format(),
            job: jobwise_core::Job::WHOLE,
            sharing: jobwise_kit::Sharing::Static,
            inputs: std::sync::Arc::new(jobwise_kit::Inputs::new(true)),
        },
        cancel: Cancel::new(),
        progress: false,
        dry_run: false,
        backend: "threads",
        choice: None,
        is_unasked: false,
    };
    let summary = analysis.run(&Threads::new(Some(2))).unwrap().unwrap();
    assert_eq!(summary.written.len(), set.files);
}

#[test]
fn the_files_are_those_of_the_peer() {
    let Some(root) = reference("gmf") else { return };
    for set in &sets() {
        for (method, trees) in [
            (Method::Fgmf, &["fgmf_numpy", "fgmf_c"][..]),
            (Method::Fdpt, &["fdpt_numpy"][..]),
        ] {
            let output = tempfile::tempdir().unwrap();
            analyse(&root, set, method, output.path());
            let ours = files(output.path()).unwrap();
            for tree in trees {
                let theirs_root = root.join(format!("{}_gmf_{tree}", set.name));
                let theirs = files(&theirs_root).unwrap();
                assert_eq!(below(&ours, output.path()), below(&theirs, &theirs_root));
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    Pair::open(ours, theirs, tree).compare();
                }
            }
        }
    }
}

/// Ours after our own search and after the peer's: both must give what the peer's optimisation
/// gives.
#[test]
fn the_compatible_grid_is_that_of_the_peer() {
    let Some(root) = reference("gmf") else { return };
    for set in &sets()[..2] {
        let theirs_root = root.join(format!("{}_gmf_optimize-grid-gmf", set.name));
        let theirs = files(&theirs_root).unwrap();
        let output = tempfile::tempdir().unwrap();
        let config = output.path().join("config.ini");
        let text = std::fs::read_to_string(root.join(format!("{}.ini", set.name))).unwrap();
        std::fs::write(&config, text + "\ncompat = yes\n").unwrap();
        let searched = output.path().join("searched");
        analyse(&root, set, Method::Fgmf, &searched);
        let copied = output.path().join("copied");
        let peer_root = root.join(format!("{}_gmf_fgmf_numpy", set.name));
        for file in files(&peer_root).unwrap() {
            let copy = copied.join(file.strip_prefix(&peer_root).unwrap());
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::write(copy, std::fs::read(file).unwrap()).unwrap();
        }
        for ours_root in [searched, copied] {
            analyse_with(&root, set, Method::OptimizeGrid, &config, &ours_root);
            let ours = files(&ours_root).unwrap();
            assert_eq!(below(&ours, &ours_root), below(&theirs, &theirs_root));
            for (ours, theirs) in ours.iter().zip(&theirs) {
                compare_refined(&Pair::open(ours, theirs, "numpy"));
            }
        }
    }
}

fn compare_refined(pair: &Pair) {
    for (name, width, tolerance) in [("gmf_optimized_peak", 3, 1e-12), ("gmf_optimized", 1, 1e-6)] {
        let dataset = |file: &File| file.dataset(name).unwrap();
        let rows = pair.floats(&pair.theirs, "tx_power");
        pair.same_layout(
            name,
            &dataset(&pair.ours),
            &dataset(&pair.theirs),
            rows.len(),
        );
        let (ours, theirs) = (
            pair.floats(&pair.ours, name),
            pair.floats(&pair.theirs, name),
        );
        for (at, (&a, &b)) in ours.iter().zip(&theirs).enumerate() {
            if rows[at / width] > 1.0 {
                let close = (a - b).abs() <= tolerance * b.abs();
                assert!(close, "{}: {name}[{at}]: {a} instead of {b}", pair.name);
            } else {
                assert!(a == 0.0, "{}: {name}[{at}]: {a}", pair.name);
            }
        }
    }
}

fn below(files: &[PathBuf], root: &Path) -> Vec<PathBuf> {
    let relative = |file: &PathBuf| file.strip_prefix(root).unwrap().to_path_buf();
    files.iter().map(relative).collect()
}

/// A file of ours and the peer's of the same name.
struct Pair {
    ours: File,
    theirs: File,
    name: String,
    /// The peer's C code defines the power without Doppler otherwise.
    dc_differs: bool,
}

impl Pair {
    fn open(ours: &Path, theirs: &Path, tree: &str) -> Pair {
        Pair {
            ours: File::open(ours).unwrap(),
            theirs: File::open(theirs).unwrap(),
            name: theirs.display().to_string(),
            dc_differs: tree.ends_with("_c"),
        }
    }

    fn compare(&self) {
        let power = self.floats(&self.theirs, "tx_power");
        let analysed: Vec<bool> = power.iter().map(|&power| power > 1.0).collect();
        let rows = analysed.len();
        assert_eq!(
            self.floats(&self.ours, "tx_power").len(),
            rows,
            "{}",
            self.name
        );
        for theirs in self.theirs.datasets().unwrap() {
            let name = theirs.name().trim_start_matches('/').to_owned();
            let ours = self
                .ours
                .dataset(&name)
                .unwrap_or_else(|_| panic!("{name} is absent"));
            self.same_layout(&name, &ours, &theirs, rows);
            let (ours, theirs) = (
                self.floats(&self.ours, &name),
                self.floats(&self.theirs, &name),
            );
            let width = ours.len() / rows.max(1);
            // Rows without transmission hold wrapped indices in the peer's files.
            let per_row =
                name.starts_with("gmf") || name.contains("_index") || name.contains("_peak");
            for (at, (&a, &b)) in ours.iter().zip(&theirs).enumerate() {
                let silent = per_row && name != "integration_index" && !analysed[at / width];
                let skipped = silent || (name == "gmf_zero_frequency" && self.dc_differs);
                if !skipped {
                    let tolerance = tolerance(&name);
                    let equal = (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * b.abs();
                    assert!(equal, "{}: {name}[{at}]: {a} instead of {b}", self.name);
                }
            }
        }
        for group in ["experiment", "processing"] {
            self.same_attributes(group);
        }
    }

    fn floats(&self, file: &File, name: &str) -> Vec<f64> {
        file.dataset(name)
            .unwrap()
            .read_raw()
            .unwrap_or_else(|e| panic!("{}: {name}: {e}", self.name))
    }

    fn same_layout(&self, name: &str, ours: &Dataset, theirs: &Dataset, rows: usize) {
        // The peer's pointing has too many or too few rows, and 64 bits where there is no such
        // channel.
        if name == "pointing" {
            assert_eq!(ours.shape(), [rows, 2], "{}", self.name);
            return;
        }
        let descriptor = |dataset: &Dataset| -> TypeDescriptor {
            dataset.dtype().unwrap().to_descriptor().unwrap()
        };
        assert_eq!(ours.shape(), theirs.shape(), "{}: {name}", self.name);
        assert_eq!(
            descriptor(ours),
            descriptor(theirs),
            "{}: {name}",
            self.name
        );
    }

    fn same_attributes(&self, group: &str) {
        let ours = self.ours.group(group).unwrap();
        for (name, wanted) in attributes::list(&self.theirs.group(group).unwrap()).unwrap() {
            // Who computed it, and nothing else, may differ.
            if name == "gmf_implementation" {
                continue;
            }
            let found = attributes::read(&ours, &name).unwrap();
            match (&found, &wanted) {
                (attributes::Value::Float(a), attributes::Value::Float(b)) => {
                    assert!(
                        (a - b).abs() <= DERIVED * b.abs(),
                        "{group}/{name}: {a}, {b}"
                    );
                }
                _ => assert_eq!(found, wanted, "{}: {group}/{name}", self.name),
            }
        }
    }
}

fn tolerance(name: &str) -> f64 {
    match name {
        "gmf" | "gmf_peak" | "tx_power" => POWER,
        "gmf_zero_frequency" => DC,
        _ if name.ends_with("_index") || name == "sample_numbers" => 0.0,
        // Azimuth and elevation are stored as f32.
        _ => DERIVED,
    }
}
