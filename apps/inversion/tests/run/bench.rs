//! A directory with a survey, and the program to run on it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use jobwise_testing::{Ended, Running, Tree};
use tempfile::TempDir;

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";

/// Chains that end at once: what is tested is what becomes of them.
const OPTIONS: &str = r#"data_directory = "."
data_type = "FdemData"
data_filename = "survey.csv"
system_filename = "coils.stm"
mode = "compat"
chains = 2
n_markov_chains = 300
minimum_burn_in = 100
traces = "full"
interactive_plot = false
update_plot_every = 500
save_png = false
save_hdf5 = true
solve_parameter = true
solve_gradient = true
maximum_number_of_layers = 8
minimum_depth = 1.0
maximum_depth = 100.0
probability_of_birth = 0.2
probability_of_death = 0.2
probability_of_perturb = 0.2
probability_of_no_change = 0.4
solve_relative_error = true
solve_additive_error = true
initial_relative_error = 0.6
minimum_relative_error = 0.01
maximum_relative_error = 0.9
relative_error_proposal_variance = 2.5e-3
initial_additive_error = 10.0
minimum_additive_error = 3.0
maximum_additive_error = 50.0
additive_error_proposal_variance = 1e-2
"#;

/// What these measured in ppm over 20 m of 0.01 S/m on 0.1 S/m, 30 m above, with noise.
const DATA: [f64; 6] = [20.0, 130.0, 1100.0, 80.0, 150.0, 900.0];

pub(crate) struct Bench {
    directory: TempDir,
}

impl Bench {
    /// With a survey of two lines of so many soundings.
    pub(crate) fn new(soundings: usize) -> Bench {
        let bench = Bench {
            directory: tempfile::tempdir().unwrap(),
        };
        let mut survey = String::from(
            "Line,Fiducial,Easting,Northing,Height,Elevation,\
             I_400,I_3300,I_41000,Q_400,Q_3300,Q_41000\n",
        );
        for line in [100, 200] {
            for fiducial in 0..soundings {
                survey += &row(line, fiducial);
            }
        }
        bench.put("survey.csv", &survey);
        bench.put("coils.stm", COILS);
        bench.put("options.toml", OPTIONS);
        bench
    }

    /// A path in the directory the program runs in.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program, to be run in this directory, as no launcher would start it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_inversion"));
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_remove("OMPI_COMM_WORLD_SIZE")
            .env_remove("PMI_SIZE")
            .env_remove("SLURM_STEP_NUM_TASKS")
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// `inversion run options.toml OUTPUT ..`
    pub(crate) fn start(&self, output: &str, more: &[&str]) -> Running {
        let mut arguments = vec!["run", "options.toml", output];
        arguments.extend(more);
        Running::start(&mut self.command(&arguments))
    }

    pub(crate) fn run(&self, output: &str, more: &[&str]) -> Ended {
        self.start(output, more).end()
    }

    /// Runs it and expects success.
    #[track_caller]
    pub(crate) fn must(&self, output: &str, more: &[&str]) -> Ended {
        let ended = self.run(output, more);
        assert!(ended.succeeded(), "{more:?}: {ended:?}");
        ended
    }

    /// The files of results.
    pub(crate) fn files(&self, output: &str) -> Tree {
        jobwise_testing::tree(&self.path(output))
    }

    /// The files of a run that nothing disturbs.
    pub(crate) fn whole(&self) -> Tree {
        self.must("whole", &["--threads", "2"]);
        let files = self.files("whole");
        assert!(files.keys().eq(["100.0.h5", "200.0.h5"]));
        files
    }

    pub(crate) fn open(&self, file: &str) -> hdf5::File {
        jobwise_hdf5::file_access::open(self.path(file)).unwrap()
    }

    /// The marks of a file.
    pub(crate) fn status(&self, file: &str) -> Vec<u8> {
        let marks = self.open(file).dataset("jobwise/status").unwrap();
        marks.read_raw().unwrap()
    }
}

/// A row of the survey, which is a little different from others.
pub(crate) fn row(line: usize, fiducial: usize) -> String {
    let height = 30.0 + (fiducial % 5) as f64;
    let mut row = format!("{line},{fiducial},{},5000,{height},100", 10 * fiducial);
    for datum in DATA {
        let factor = 1.0 + 0.02 * ((fiducial + line) % 7) as f64;
        write!(row, ",{}", datum * factor).unwrap();
    }
    row + "\n"
}

/// Fails unless both hold the same files with the same bytes.
#[track_caller]
pub(crate) fn must_equal(found: &Tree, wanted: &Tree) {
    assert!(found.keys().eq(wanted.keys()), "{:?}", found.keys());
    for (name, bytes) in found {
        assert!(*bytes == wanted[name], "{name} differs");
    }
}
