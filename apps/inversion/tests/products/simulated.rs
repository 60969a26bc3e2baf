use std::fs;
use std::path::Path;

use jobwise_inversion::survey::{Reading, Survey};
use jobwise_testing::reference;
use serde_json::{Value, json};

use crate::program::{done, refused};

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";

const OPTIONS: &str = "
data_directory = \".\"
data_type = FdemData
data_filename = \"none.csv\"
system_filename = \"coils.stm\"
n_markov_chains = 100
interactive_plot = False
update_plot_every = 10
save_png = False
save_hdf5 = True
solve_parameter = True
solve_gradient = True
solve_relative_error = True
initial_relative_error = 0.05
minimum_relative_error = 0.01
maximum_relative_error = 0.2
relative_error_proposal_variance = 1e-2
initial_additive_error = 5.0
solve_z = True
maximum_z_change = 2.0
z_proposal_variance = 0.01
maximum_number_of_layers = 6
minimum_depth = 2.0
maximum_depth = 100.0
probability_of_birth = 1.0/6.0
probability_of_death = 1.0/6.0
probability_of_perturb = 1.0/6.0
probability_of_no_change = 0.5
";

fn survey(directory: &Path, name: &str) -> Survey {
    Survey::read(&directory.join(name), &Reading::default()).unwrap()
}

fn json_of(directory: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(directory.join(name)).unwrap()).unwrap()
}

#[test]
fn without_noise_data_are_responses() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let (Some(system), Some(truth), Some(clean)) = (
        reference("em/resolve6.stm"),
        reference("em/line100_truth.json"),
        reference("em/line100_clean.csv"),
    ) else {
        return;
    };
    let [system, truth] = [system, truth].map(|path| path.to_string_lossy().into_owned());
    done(
        at,
        &[
            "simulate", "line", "s.csv", "--system", &system, "--models", &truth,
        ],
    );
    let expected = Survey::read(&clean, &Reading::default()).unwrap();
    for (found, expected) in survey(at, "s.csv")
        .soundings
        .iter()
        .zip(&expected.soundings)
    {
        assert_eq!(found.fiducial.to_bits(), expected.fiducial.to_bits());
        for (a, b) in found.data.iter().zip(&expected.data) {
            assert!((a - b).abs() < 1e-8 * b.abs() + 1e-6, "{a} {b}");
        }
    }
}

#[test]
fn noise_is_that_of_its_seed() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("coils.stm"), COILS).unwrap();
    let models = json!([
        {"fiducial": 3, "height": 30, "conductivity": [0.05], "thickness": []},
        {"fiducial": 1, "height": 30, "conductivity": [0.05], "thickness": []},
        {"fiducial": 1, "line": 7, "height": 30, "conductivity": [0.05], "thickness": []},
    ]);
    fs::write(at.join("m.json"), models.to_string()).unwrap();
    let line = |name: &str, more: &[&str]| {
        let common = [
            "simulate",
            "line",
            name,
            "--system=coils.stm",
            "--models=m.json",
        ];
        done(at, &[&common[..], more].concat());
        fs::read(at.join(name)).unwrap()
    };
    let first = line("a.csv", &["--noise=0.05,5", "--seed=1"]);
    assert_eq!(line("b.csv", &["--noise=0.05,5", "--seed=1"]), first);
    assert_ne!(line("c.csv", &["--noise=0.05,5", "--seed=2"]), first);
    let clean = line("d.csv", &[]);
    assert_eq!(line("e.csv", &["--seed=2"]), clean);
    let survey = survey(at, "a.csv");
    let lines: Vec<f64> = survey.lines.iter().map(|line| line.number).collect();
    assert_eq!(lines.map_bits(), [7.0, 100.0].map(f64::to_bits));
    // The same earth has other noise at another place.
    assert_ne!(survey.soundings[0].data, survey.soundings[1].data);
    assert_ne!(survey.soundings[1].data, survey.soundings[2].data);
}

/// Bits of numbers, which are compared exactly.
trait Bits {
    fn map_bits(&self) -> Vec<u64>;
}

impl Bits for Vec<f64> {
    fn map_bits(&self) -> Vec<u64> {
        self.iter().map(|number| number.to_bits()).collect()
    }
}

#[test]
fn priors_say_what_they_drew() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("coils.stm"), COILS).unwrap();
    fs::write(at.join("options.py"), OPTIONS).unwrap();
    let arguments = |set: &'static str| {
        [
            "simulate",
            "prior",
            "p.csv",
            "--options=options.py",
            "--points=40",
            "--truth=t.json",
            "--set",
            set,
        ]
    };
    let (message, status) = refused(at, &arguments("seed=1"));
    assert!(status == 1 && message.contains("value_mean"), "{message}");
    done(at, &arguments("value_mean=0.02"));
    let survey = survey(at, "p.csv");
    assert_eq!((survey.soundings.len(), survey.channels.len()), (40, 4));
    let truths = json_of(at, "t.json");
    let truths = truths.as_array().unwrap();
    assert_eq!(truths.len(), 40);
    let mut counts = [0; 7];
    for truth in truths {
        let height = truth["height"].as_f64().unwrap();
        assert!((height - 30.0).abs() < 2.0);
        let relative = truth["relative_error"].as_f64().unwrap();
        assert!((0.01..0.2).contains(&relative));
        assert!((truth["additive_error"].as_f64().unwrap() - 5.0).abs() < 1e-12);
        counts[truth["conductivity"].as_array().unwrap().len()] += 1;
    }
    assert!(counts[0] == 0 && counts[1..].iter().filter(|count| **count > 0).count() > 3);
    // The noise of the truth, over the earths of the truth, gives the same data again.
    done(
        at,
        &[
            "simulate",
            "line",
            "l.csv",
            "--system=coils.stm",
            "--models=t.json",
        ],
    );
    let again = self::survey(at, "l.csv");
    for (a, b) in again.soundings.iter().zip(&survey.soundings) {
        for (a, b) in a.data.iter().zip(&b.data) {
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} {b}");
        }
    }
    let (message, status) = refused(at, &["simulate", "line", "x.csv", "--models=t.json"]);
    assert!(status == 1 && message.contains("one system"), "{message}");
}
