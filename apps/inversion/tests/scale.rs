//! What each rank of `inversion run` has to do, on 8 to 512 ranks: rank 0 takes every row and hears
//! of every rank's end, and all else is some messages, and some more for each doubling of the
//! ranks.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use jobwise_core::conformance::counting::{Counting, Counts};
use jobwise_core::{Across, Backend, Cancel, Channel, Job, LocalCluster, Nodes};
use jobwise_inversion::options::Options;
use jobwise_inversion::run::{OnFailure, Policy, Request, Run, Selection};
use jobwise_inversion::survey::Reading;
use jobwise_kit::{Choice, Program, RunFlags, Sharing};
use jobwise_serial::Serial;

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff\n\
    400, z, 1, 0, 0, 0, z, 1, 8, 0, 0\n";

/// Chains that end at once: what is counted is what ranks say to each other.
const OPTIONS: &str = "data_directory = \".\"\ndata_type = \"FdemData\"\n\
    data_filename = \"survey.csv\"\nsystem_filename = \"coils.stm\"\nmode = \"compat\"\nchains = \
    1\n\
    n_markov_chains = 20\nminimum_burn_in = 5\ntraces = \"none\"\nsolve_parameter = true\n\
    solve_gradient = true\nmaximum_number_of_layers = 3\nminimum_depth = 1.0\n\
    maximum_depth = 100.0\nprobability_of_birth = 0.2\nprobability_of_death = 0.2\n\
    probability_of_perturb = 0.2\nprobability_of_no_change = 0.4\nsolve_relative_error = false\n\
    solve_additive_error = false\ninitial_relative_error = 0.6\ninitial_additive_error = 10.0\n\
    update_plot_every = 500\ninteractive_plot = false\nsave_png = false\nsave_hdf5 = true\n";

/// Writes a survey of two lines of so many soundings, and options for it.
fn survey(directory: &Path, soundings: usize) {
    let mut survey = String::from("Line,Fiducial,Easting,Northing,Height,Elevation,I_400,Q_400\n");
    for line in [100, 200] {
        for fiducial in 0..soundings {
            writeln!(survey, "{line},{fiducial},{fiducial},0,30,0,20,80").unwrap();
        }
    }
    for (name, text) in [
        ("survey.csv", survey.as_str()),
        ("coils.stm", COILS),
        ("options.toml", OPTIONS),
    ] {
        std::fs::write(directory.join(name), text).unwrap();
    }
}

fn run(directory: &Path, output: &str, sharing: Sharing) -> Run {
    let mut options = Options::read(&directory.join("options.toml"), &[]).unwrap();
    options.options.data_directory = directory.to_path_buf();
    let flags = RunFlags {
        backend: None,
        device: None,
        gpus: Vec::new(),
        lanes: None,
        threads: None,
        job: Job::WHOLE,
        progress: false,
        dry_run: false,
        watchdog: 30,
    };
    Run {
        request: Request {
            options: options.options,
            reading: Reading::new(&[], &[], &[]).unwrap(),
            output: directory.join(output),
            selection: Selection::default(),
            policy: Policy::Continue,
            on_failure: OnFailure::Stop,
            checkpoint: Duration::from_hours(1),
            job: Job::WHOLE,
            sharing,
            progress: false,
            dry_run: false,
            cancel: Cancel::new(),
        },
        choice: Choice::new(&flags, "jobwise-inversion").unwrap(),
    }
}

/// What each of `ranks` ranks, eight on a node, did.
fn counted(ranks: usize, work: impl Fn(&Across<Counting<'_>, Serial>) + Sync) -> Vec<Counts> {
    let nodes: Vec<usize> = (0..ranks).map(|rank| rank / 8).collect();
    let counts = LocalCluster::run_on(Nodes::new(&nodes), |comm| {
        let comm = Counting::new(comm);
        let counts = comm.counts();
        work(&Across::new(comm, Serial::new()));
        counts.get()
    });
    counts.into_iter().map(Result::unwrap).collect()
}

/// Complains of a rank that has more messages than its rows and the number of ranks explain.
fn scales(ranks: usize, soundings: usize, counts: &[Counts]) -> Result<(), String> {
    let together = 20 * (ranks.ilog2() as usize + 1);
    for (rank, counts) in counts.iter().enumerate() {
        let most = match rank {
            // Each row, and now and then a word that it was taken; each rank that begins and ends.
            0 => soundings + soundings / 2 + 2 * ranks + together,
            _ => 3 * soundings.div_ceil(ranks) + together,
        };
        if counts.messages as usize > most {
            return Err(format!(
                "rank {rank} of {ranks}: {} messages for {soundings} soundings, and {most} may be",
                counts.messages
            ));
        }
    }
    Ok(())
}

#[test]
fn messages_follow_from_soundings_and_ranks() {
    let directory = tempfile::tempdir().unwrap();
    for (soundings, all_ranks) in [(8, &[8, 64, 512][..]), (96, &[8, 64, 192])] {
        survey(directory.path(), soundings);
        for &ranks in all_ranks {
            let output = format!("{soundings}-{ranks}");
            let counts = counted(ranks, |backend| {
                let run = run(directory.path(), &output, Sharing::Static);
                let outcome = run.run(backend).unwrap().unwrap();
                assert_eq!(outcome.soundings, 2 * soundings);
            });
            scales(ranks, 2 * soundings, &counts).unwrap();
        }
    }
}

/// What every rank sends to rank 0 by itself, once a run, is noticed.
#[test]
fn a_gather_without_a_tree_does_not_pass() {
    let directory = tempfile::tempdir().unwrap();
    survey(directory.path(), 8);
    let counts = counted(64, |backend| {
        let run = run(directory.path(), "out", Sharing::Static);
        run.run(backend).unwrap();
        let comm = backend.comm();
        if comm.rank() > 0 {
            comm.send(0, Channel::application(0), &[]).unwrap();
            return;
        }
        for rank in 1..comm.size() {
            comm.receive(Some(rank), Channel::application(0)).unwrap();
        }
    });
    let complaint = scales(64, 16, &counts).unwrap_err();
    assert!(complaint.starts_with("rank 0 of 64"), "{complaint}");
}
