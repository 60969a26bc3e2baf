use std::path::Path;

use jobwise_inversion::Result;
use jobwise_inversion::options::{DataType, ErrorModel, LayersPrior, Mode, Options, Read};
use jobwise_testing::reference;
use proptest::prelude::*;

use crate::fixtures::{OPTIONS, refused};

fn python(text: &str, settings: &[&str]) -> Result<Read> {
    let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
    Options::parse(Path::new("options.py"), text, &settings)
}

fn sound(settings: &[&str]) -> Options {
    let read = python(OPTIONS, settings).unwrap();
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    read.options
}

#[test]
fn python_is_read_and_defaults_are_set() {
    let options = sound(&[]);
    assert_eq!(options.data_type, DataType::Fdem);
    assert_eq!(options.data_filename, "a#b.csv");
    assert_eq!(options.system_filename, ["one.stm", "two.stm"]);
    assert_eq!(options.data_path(), Path::new("./a#b.csv"));
    assert_eq!(options.system_paths()[1], Path::new("./two.stm"));
    assert_eq!(options.n_markov_chains, 1000);
    assert_eq!(options.minimum_thickness, None);
    assert_eq!(options.relative_error.initial, [0.05, 0.03]);
    assert_eq!(options.additive_error.initial, [5.0]);
    assert_eq!(options.additive_error.proposal_variance, [0.01]);
    assert_eq!(
        options.probability_of_perturb.to_bits(),
        (1.0f64 / 6.0).to_bits()
    );
    assert_eq!(options.minimum_burn_in, 5000);
    let limits = options.parameter_limits.map(f64::to_bits);
    assert_eq!(limits, [1e-20f64, 1e20].map(f64::to_bits));
    assert_eq!(
        (options.mode, options.error_model),
        (Mode::Exact, ErrorModel::Predicted)
    );
    assert_eq!(
        options.depths().least_thickness().to_bits(),
        (149.0f64 / 60.0).to_bits()
    );
    assert_eq!(
        options.depths().range()[0].to_bits(),
        (149.0f64 / 60.0).to_bits()
    );
}

#[test]
fn settings_come_before_the_file() {
    let options = sound(&[
        "mode=compat",
        "seed=7",
        "data_filename=other line.csv",
        "temperatures=[4, 30]",
        "solve_gradient=false",
        "minimum_thickness=2*1.5",
    ]);
    assert_eq!(
        (options.mode, options.error_model),
        (Mode::Compat, ErrorModel::Observed)
    );
    assert_eq!((options.seed, options.temperatures), (7, 4));
    assert_eq!(options.maximum_temperature.to_bits(), 30.0f64.to_bits());
    assert_eq!(options.data_filename, "other line.csv");
    assert!(!options.solve_gradient);
    assert_eq!(options.minimum_thickness, Some(3.0));
    let options = sound(&["layers_prior=poisson(3.5)"]);
    assert_eq!(options.layers_prior, LayersPrior::Poisson(3.5));
}

#[test]
fn all_missing_keys_are_listed_and_misspelt_ones_told() {
    let text = OPTIONS
        .replace("maximum_depth =", "maximum_deth =")
        .replace("save_png = False\n", "")
        .replace("minimum_relative_error = 0.001\n", "");
    let message = refused(python(&text, &[]));
    for part in [
        "options.py: options are missing: ",
        "maximum_depth",
        "save_png",
        "minimum_relative_error",
        "maximum_deth is no option and is ignored: is maximum_depth meant?",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn unknown_and_old_keys_are_warned_of() {
    let text = format!(
        "{OPTIONS}solve_height = True\nmaximum_height_change = 1.0\nheight_proposal_variance = \
         0.01\nminimum_burnin = 3\n"
    );
    let read = python(&text, &[]).unwrap();
    assert!(read.options.z.solve);
    assert_eq!(read.options.z.maximum_change, Some(1.0));
    assert_eq!(read.warnings.len(), 4, "{:?}", read.warnings);
    assert!(read.warnings[0].contains("line 33: solve_height is an old name of solve_z"));
    assert!(read.warnings[3].contains(
        "line 36: minimum_burnin is no option and is ignored: is minimum_burn_in meant?"
    ));
}

#[test]
fn code_is_refused_with_its_line() {
    for (code, told) in [
        ("import os", "line 33: this is no option"),
        ("from geobipy import a; b()", "line 33: this is no option"),
        ("seed = open('x')", "line 33: seed: open is no value"),
        (
            "seed = __import__('os').getpid()",
            "line 33: seed: __import__ is no value",
        ),
        (
            "for i in range(3): seed = i",
            "line 33: \"for i in range(3): seed\" is no name",
        ),
        ("seed = 1; x = 2", "line 33: seed: "),
        (
            "  seed = 1",
            "line 33: a line of options does not begin with blanks",
        ),
        ("seed = 1 if True else 2", "line 33: seed: "),
        ("seed = [1, 2", "line 33: seed: a bracket does not close"),
        (
            "seed = 1/0",
            "line 33: seed: the result is no finite number",
        ),
        (
            "seed = 9**9**9**9",
            "line 33: seed: the result is no finite number",
        ),
        ("seed = 'a' + 'b'", "line 33: seed: "),
        ("seed = \"a", "line 33: seed: a string does not end"),
        ("seed = 2.5", "line 33: seed: a whole number is expected"),
        (
            "seed = 'seed.pkl'",
            "line 33: seed: a whole number is expected, not a text",
        ),
        (
            "mode = 'fast'",
            "line 33: mode: \"fast\" is none of compat, exact",
        ),
    ] {
        let message = refused(python(&format!("{OPTIONS}{code}\n"), &[]));
        assert!(message.contains(told), "{code}: {message}");
    }
}

#[test]
fn arithmetic_is_that_of_python() {
    for (text, value) in [
        ("-2**2", -4.0f64),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("7/2*2", 7.0),
        ("1 - 2 - 3", -4.0),
        ("(1 + 2) * -3", -9.0),
        ("1_000.5e-1", 100.05),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("- -3", 3.0),
    ] {
        // The value itself where it is positive, its negative where it is not.
        let text = if value < 0.0 {
            format!("-({text})")
        } else {
            text.into()
        };
        let options = sound(&[&format!("value_mean={text}")]);
        assert_eq!(
            options.value_mean.unwrap().to_bits(),
            value.abs().to_bits(),
            "{text}"
        );
    }
}

#[test]
fn impossible_values_are_named() {
    for (setting, told) in [
        (
            "probability_of_birth=1.5",
            "probability_of_birth: 1.5 is no probability",
        ),
        ("probability_of_birth=0", "only one of them is 0"),
        (
            "minimum_thickness=5",
            "30 layers of 5 m do not fit above maximum_depth, 150 m",
        ),
        ("minimum_depth=0", "0 < minimum < maximum"),
        ("maximum_depth=0.5", "0 < minimum < maximum"),
        (
            "maximum_number_of_layers=0",
            "maximum_number_of_layers: a whole number from 1 to 1000",
        ),
        ("n_markov_chains=0", "n_markov_chains: 0 is not from 1"),
        (
            "minimum_relative_error=0.04",
            "relative_error: minimum 0.04 < maximum 0.5",
        ),
        (
            "initial_additive_error=[1, 2, 3]",
            "additive_error: minimum 3 < maximum 20, and initial 1",
        ),
        (
            "initial_relative_error=[1, 2, 3]",
            "relative_error: minimum 0.001",
        ),
        (
            "minimum_relative_error=[0.1, 0.1, 0.1]",
            "initial_relative_error: 2 values where others have 3",
        ),
        ("parameter_limits=[1, 0.1]", "parameter_limits"),
        (
            "parameter_standard_deviation=0",
            "parameter_standard_deviation: 0 is not positive",
        ),
        (
            "use_errors=True",
            "use_errors takes the standard deviations of the data",
        ),
        ("temperatures=3", "temperatures: 3 to 1"),
        (
            "layers_prior=poisson(-1)",
            "--set layers_prior: \"poisson(-1)\" is none of",
        ),
        ("chains=0", "chains: a whole number from 1"),
    ] {
        let result = python(OPTIONS, &[setting]);
        let message = refused(result);
        assert!(message.contains(told), "{setting}: {message}");
    }
}

#[test]
fn toml_gives_the_same_and_comes_back() {
    let options = sound(&[
        "value_mean=0.1",
        "solve_transmitter_pitch=True",
        "maximum_transmitter_pitch_change=2",
        "transmitter_pitch_proposal_variance=0.1",
        "number_of_depth_bins=77",
        "layers_prior=geometric(0.3)",
        "data_filename=\"a \\\\ b \\\" c\"",
    ]);
    let text = options.to_toml();
    let read = Options::parse(Path::new("options.toml"), &text, &[]).unwrap();
    assert_eq!(read.options, options, "{text}");
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    assert_eq!(read.options.to_toml(), text);
    let grouped = format!("[all]\n{text}");
    let read = Options::parse(Path::new("options.toml"), &grouped, &[]).unwrap();
    assert_eq!(read.options, options);
    let wrong = Options::parse(
        Path::new("options.toml"),
        &format!("{text}seed = = 3\n"),
        &[],
    );
    let line = text.lines().count() + 1;
    assert!(refused(wrong).contains(&format!("options.toml: line {line}: ")));
}

#[test]
fn the_peers_options_are_read() {
    for (name, kind) in [
        ("options_fd.py", DataType::Fdem),
        ("options_td.py", DataType::Tdem),
    ] {
        let Some(path) = reference(&format!("em/{name}")) else {
            return;
        };
        let read = Options::read(&path, &[]).unwrap();
        assert!(read.warnings.is_empty(), "{:?}", read.warnings);
        assert_eq!(read.options.data_type, kind);
        assert_eq!(read.options.maximum_number_of_layers, 30);
        assert!(read.options.reciprocate_parameters);
    }
}

proptest! {
    #[test]
    fn numbers_come_back_bit_by_bit(mean in 1e-300f64..1e300, deviation in 1e-3f64..1e3) {
        let mut options = sound(&[]);
        options.value_mean = Some(mean);
        options.parameter_standard_deviation = deviation;
        let read = Options::parse(Path::new("o.toml"), &options.to_toml(), &[]).unwrap();
        prop_assert_eq!(read.options, options);
    }

    #[test]
    fn no_line_makes_it_panic(line in "[ -~]{0,60}", key in "[a-z_]{1,12}") {
        let _ = python(&format!("{line}\n"), &[]);
        let _ = python(&format!("{key} = {line}\n"), &[]);
        let _ = Options::parse(Path::new("o.toml"), &format!("{key} = {line}\n"), &[]);
    }
}
