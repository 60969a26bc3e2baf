//! A recording, a configuration and an output directory, and the program to run on them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use jobwise_testing::{Ended, Running};
use tempfile::TempDir;

/// 100 kHz, IPP 10 ms: an integration of 10 pulses is 0.1 s. The recording starts a second before
/// noon, so that its output lies in two directories when it is longer.
const SCENARIO: &str = "[Experiment]\nname = cli\nversion = 1\nsample_rate = 100000\nipp = \
                        10000\nrx_channel = sim\n\
    tx_channel = sim\ntx_start = 100\ntx_end = 500\nrx_start = 0\nrx_end = 10000\nradar_frequency \
    = 929.6\n\
    [Target one]\nrange = 900000\nrange_rate = -1200\nacceleration = 120\nsnr = 3\n\
    [Simulation]\n";

const SIMULATION: &[(&str, &str)] = &[
    ("epoch", "2021-04-12T11:59:59.7"),
    ("end_time", "0.6"),
    ("baud_length", "20"),
    ("code", "random"),
    ("noise_sigma", "1"),
    ("tx_amp", "100"),
    ("file_cadence_millisecs", "100"),
];

const CONFIGURATION: &[(&str, &str)] = &[
    ("n_ipp", "10"),
    ("min_range_gate", "290"),
    ("max_range_gate", "300"),
    ("min_acceleration", "-200"),
    ("max_acceleration", "200"),
    ("num_cohints_per_file", "1"),
];

pub(crate) struct Bench {
    directory: TempDir,
}

impl Bench {
    /// A recording of 0.6 s, six integrations in six files, and a configuration for it.
    pub(crate) fn new() -> Bench {
        Bench::with(&[], &[])
    }

    /// The same with other or further keys in `[Simulation]` and in the configuration.
    pub(crate) fn with(simulation: &[(&str, &str)], configuration: &[(&str, &str)]) -> Bench {
        let bench = Bench {
            directory: tempfile::tempdir().unwrap(),
        };
        bench.record("recording", simulation);
        bench.configure(configuration);
        bench
    }

    /// Makes a recording of that name; the keys replace or join the usual ones.
    pub(crate) fn record(&self, name: &str, keys: &[(&str, &str)]) {
        fs::write(
            self.path("scenario.ini"),
            SCENARIO.to_owned() + &section(SIMULATION, keys),
        )
        .unwrap();
        let ended = self.run(["simulate", "drf", "scenario.ini", name]);
        assert!(ended.succeeded(), "{ended:?}");
    }

    /// Writes the configuration; the keys replace or join the usual ones.
    pub(crate) fn configure(&self, keys: &[(&str, &str)]) {
        let text = "[signal-processing]\n".to_owned() + &section(CONFIGURATION, keys);
        fs::write(self.path("c.ini"), text).unwrap();
    }

    /// A path in the directory the program runs in.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The program, to be run in this bench's directory, as no launcher would start it.
    pub(crate) fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gmf"));
        command
            .args(args)
            .current_dir(self.directory.path())
            .env_remove("OMPI_COMM_WORLD_SIZE")
            .env_remove("PMI_SIZE")
            .env_remove("SLURM_STEP_NUM_TASKS")
            .env_remove("RUST_BACKTRACE");
        command
    }

    pub(crate) fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Ended {
        Running::start(&mut self.command(args)).end()
    }

    /// The arguments of an analysis of the recording into `output`.
    pub(crate) fn arguments<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let usual = [
            "analyze",
            "recording",
            "sim",
            "--config",
            "c.ini",
            "-o",
            output,
        ];
        usual.iter().chain(more).copied().collect()
    }

    pub(crate) fn analyze(&self, output: &str, more: &[&str]) -> Ended {
        self.run(Self::arguments(output, more))
    }

    /// What an undisturbed analysis writes.
    pub(crate) fn whole(&self, output: &str) -> Tree {
        let ended = self.analyze(output, &[]);
        assert!(ended.succeeded(), "{ended:?}");
        self.tree(output)
    }

    /// The data files of a recording or of one of its channels, oldest first.
    pub(crate) fn data_files(&self, recording: &str) -> Vec<PathBuf> {
        let names = self.tree(recording).names();
        let names = names.iter().filter(|name| name.contains("rf@"));
        names.map(|name| self.path(recording).join(name)).collect()
    }

    /// Every file below a directory, hidden ones too; empty where there is no directory.
    pub(crate) fn tree(&self, name: &str) -> Tree {
        let mut files = BTreeMap::new();
        let root = self.path(name);
        let mut directories = vec![root.clone()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    let name = path.strip_prefix(&root).unwrap().to_path_buf();
                    match fs::read(&path) {
                        Ok(bytes) => drop(files.insert(name, bytes)),
                        // A program at work has given it its name since.
                        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
                    }
                }
            }
        }
        Tree(files)
    }
}

fn section(usual: &[(&str, &str)], keys: &[(&str, &str)]) -> String {
    let mut all: BTreeMap<&str, &str> = usual.iter().copied().collect();
    all.extend(keys.iter().copied());
    let lines: Vec<String> = all.iter().map(|(k, v)| format!("{k} = {v}")).collect();
    lines.join("\n") + "\n"
}

/// Files by their path below a directory.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tree(pub(crate) BTreeMap<PathBuf, Vec<u8>>);

impl Tree {
    pub(crate) fn names(&self) -> Vec<String> {
        self.0
            .keys()
            .map(|path| path.display().to_string())
            .collect()
    }

    /// Fails unless both hold the same files with the same bytes.
    #[track_caller]
    pub(crate) fn must_equal(&self, other: &Tree) {
        assert_eq!(self.names(), other.names());
        self.must_be_part_of(other);
    }

    /// Fails unless every file is in `whole`, with the same bytes.
    #[track_caller]
    pub(crate) fn must_be_part_of(&self, whole: &Tree) {
        for (path, bytes) in &self.0 {
            let same = whole.0.get(path) == Some(bytes);
            assert!(same, "{} differs", path.display());
        }
    }
}
