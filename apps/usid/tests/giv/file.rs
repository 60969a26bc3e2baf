//! Whole files: against the peer, on any backend, and what is refused.

use std::path::Path;

use jobwise_core::{Across, LocalCluster};
use jobwise_hdf5::file_access;
use jobwise_kit::Program;
use jobwise_serial::{Serial, Threads};
use jobwise_usid::format::Main;
use jobwise_usid::giv::{Giv, Inference, Model, MomentsFrom, Period, Scratch};
use jobwise_usid::process::{Outcome, Policy, ProcessRun};
use jobwise_usid::simulate;

use crate::common;

pub(crate) use common::settings;

fn giv(num_x_steps: usize, num_samples: usize) -> Giv {
    Giv {
        frequency: None,
        model: Model {
            num_x_steps,
            num_samples,
            ..Model::default()
        },
        seed: 1,
    }
}

fn run(file: &Path, recipe: Giv) -> Outcome {
    let settings = settings(file);
    ProcessRun { recipe, settings }
        .run(&Serial::new())
        .unwrap()
        .unwrap()
}

/// The numbers of a main dataset, with those of a compound after each other.
pub(crate) fn numbers(file: &Path, path: &str) -> Vec<f64> {
    let file = file_access::open(file).unwrap();
    let main = Main::find(&file, path).unwrap();
    let mut bytes = Vec::new();
    let rows = 0..main.positions();
    jobwise_hdf5::raw_rows::read(main.dataset(), rows, &mut bytes).unwrap();
    let mut numbers = Vec::new();
    for row in bytes.chunks_exact(main.width() * main.element().size()) {
        main.element().decode(row, &mut numbers);
    }
    numbers
}

const OUTPUTS: [&str; 5] = [
    "Corrected_Current",
    "Resistance",
    "R_variance",
    "Capacitance",
    "Physical_Capacitance",
];

#[test]
fn a_file_is_the_peers() {
    let Some((_directory, path)) = common::copy("usid_giv.h5") else {
        return;
    };
    let outcome = run(&path, giv(62, 2000));
    assert_eq!((outcome.done, outcome.tally.not_finite.len()), (6, 0));
    let peer = "/Measurement_000/Channel_000/Raw_Data-Bayesian_Inference_000";
    assert_ne!(outcome.group, peer);
    let both = |name: &str| {
        [outcome.group.as_str(), peer].map(|group| numbers(&path, &format!("{group}/{name}")))
    };
    let [ours, theirs] = both("Capacitance");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours / theirs - 1.0).abs() < 1e-5, "{ours} {theirs}");
    }
    let physical = numbers(&path, &format!("{}/Physical_Capacitance", outcome.group));
    for (half, whole) in physical.iter().zip(&ours) {
        assert!((half / whole - 0.5).abs() < 1e-7, "{half} {whole}");
    }
    let [ours, theirs] = both("Corrected_Current");
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
    }
    let variance = numbers(&path, &format!("{}/R_variance", outcome.group));
    let [ours, theirs] = both("Resistance");
    let mut compared = 0;
    for ((ours, theirs), variance) in ours.iter().zip(&theirs).zip(variance) {
        if variance.sqrt() < 0.05 * ours.abs() {
            // Eight standard errors, and the rounding of f32.
            let error = 8.0 * (variance / 2000.0).sqrt() + 1e-6;
            assert!((ours - theirs).abs() < error, "{ours} {theirs}");
            compared += 1;
        }
    }
    assert!(compared > 180, "{compared} compared");
    let file = file_access::open(&path).unwrap();
    let axes = [&outcome.group, peer].map(|group| -> Vec<f32> {
        let values = format!("{group}/Spectroscopic_Values");
        file.dataset(&values).unwrap().read_raw().unwrap()
    });
    for (ours, theirs) in axes[0].iter().zip(&axes[1]) {
        assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
    }
    let dataset = file
        .dataset(&format!("{}/Capacitance", outcome.group))
        .unwrap();
    let factor: f64 = common::attribute(&dataset, "physical_factor");
    assert!((factor - 0.5).abs() < 1e-15);
}

#[test]
fn a_peers_results_of_the_same_parameters_are_taken() {
    let Some((_directory, path)) = common::copy("usid_giv.h5") else {
        return;
    };
    let run = |recipe| {
        let mut settings = settings(&path);
        settings.policy = Policy::Resume;
        ProcessRun { recipe, settings }
            .run(&Serial::new())
            .unwrap()
            .unwrap()
    };
    let sampled = |samples| {
        let mut giv = giv(62, samples);
        giv.model.moments = MomentsFrom::Samples;
        giv
    };
    assert_eq!(run(sampled(2000)).done, 0);
    assert_eq!(run(sampled(1000)).done, 6);
    // The peer draws samples everywhere.
    assert_eq!(run(giv(62, 2000)).done, 6);
}

#[test]
fn any_backend_gives_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("currents.h5");
    simulate::currents_file(&path, 13, 120).unwrap();
    let recipe = giv(30, 200);
    let alone = run(&path, recipe.clone());
    let threads = ProcessRun {
        recipe: recipe.clone(),
        settings: settings(&path),
    };
    let threads = threads.run(&Threads::new(Some(3))).unwrap().unwrap();
    let ranks = LocalCluster::run(3, |comm| {
        let run = ProcessRun {
            recipe: recipe.clone(),
            settings: settings(&path),
        };
        run.run(&Across::new(comm, Serial::new())).unwrap().unwrap()
    });
    for other in [&threads, ranks[0].as_ref().unwrap()] {
        assert_ne!(other.group, alone.group);
        for output in OUTPUTS {
            let all = [&alone, other].map(|run| numbers(&path, &format!("{}/{output}", run.group)));
            assert_eq!(all[0], all[1], "{output}");
            assert!(all[0].iter().all(|number| number.is_finite()), "{output}");
        }
    }
}

#[test]
fn a_row_is_the_inference_at_its_position() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("currents.h5");
    simulate::currents_file(&path, 4, 120).unwrap();
    let recipe = giv(30, 200);
    let group = run(&path, recipe.clone()).group;
    let single =
        |numbers: &[f64]| -> Vec<f64> { numbers.iter().map(|&x| f64::from(x as f32)).collect() };
    let bias = single(&simulate::bias(120, simulate::BIAS_AMPLITUDE));
    let period = Period::new(&bias, simulate::BIAS_FREQUENCY, &recipe.model).unwrap();
    let current = &numbers(&path, "/Measurement_000/Channel_000/Raw_Data")[3 * 120..];
    let mut inference = Inference::default();
    period.infer(
        current,
        recipe.seed,
        3,
        &mut Scratch::default(),
        &mut inference,
    );
    let means: Vec<f64> = inference
        .resistance
        .iter()
        .map(|moments| moments.mean)
        .collect();
    let stored = numbers(&path, &format!("{group}/Resistance"));
    assert_eq!(stored[3 * 30..], single(&means));
}

#[test]
fn seeds_are_parameters() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("currents.h5");
    simulate::currents_file(&path, 2, 120).unwrap();
    let group = run(&path, giv(30, 200)).group;
    let mut recipe = giv(30, 200);
    recipe.seed = 2;
    let mut settings = settings(&path);
    settings.policy = Policy::Resume;
    let other = ProcessRun { recipe, settings }
        .run(&Serial::new())
        .unwrap()
        .unwrap();
    assert_ne!(group, other.group);
    let both =
        |name: &str| [&group, &other.group].map(|group| numbers(&path, &format!("{group}/{name}")));
    let [one, another] = both("Resistance");
    assert_ne!(one, another);
    let [one, another] = both("Corrected_Current");
    assert_eq!(one, another);
}

#[test]
fn what_is_no_period_is_refused_and_the_file_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |name: &str, make: &dyn Fn(&Path), recipe: Giv| {
        let path = directory.path().join(name);
        make(&path);
        let before = std::fs::read(&path).unwrap();
        let settings = settings(&path);
        let error = ProcessRun { recipe, settings }
            .run(&Serial::new())
            .unwrap_err()
            .to_string();
        assert!(std::fs::read(&path).unwrap() == before, "{error}");
        assert!(!error.contains('\n'), "{error}");
        error
    };
    let odd = refused(
        "odd.h5",
        &|path| simulate::currents_file(path, 2, 121).unwrap(),
        giv(30, 200),
    );
    assert!(odd.contains("odd.h5") && odd.contains("even"), "{odd}");
    let image = refused(
        "image.h5",
        &|path| simulate::image_file(path, 8).unwrap(),
        giv(30, 200),
    );
    assert!(image.contains("--frequency"), "{image}");
    let steps = refused(
        "steps.h5",
        &|path| simulate::currents_file(path, 2, 120).unwrap(),
        giv(64, 200),
    );
    assert!(steps.contains("66 for example"), "{steps}");
    let lines = refused(
        "lines.h5",
        &|path| simulate::lines_file(path, 2, 4096).unwrap(),
        giv(30, 200),
    );
    assert!(
        lines.contains("Time [s] cannot be converted to V"),
        "{lines}"
    );
}
