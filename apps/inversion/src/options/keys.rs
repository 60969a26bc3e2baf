//! Every key of a file of options, what it is without one, and what it means: for help and for the
//! page of the documentation.

use std::fmt::Write as _;

/// What an option is where its key is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absent {
    /// Nothing: the key must be there.
    Refused,
    /// As if this were written.
    Is(&'static str),
    /// In words.
    Else(&'static str),
}

use Absent::{Else, Is, Refused};

/// A name, what it is where it is absent, and a meaning, with units and values. `NAME` stands for
/// what can be solved for around what the file of data says.
type Key = (&'static str, Absent, &'static str);

const SOLVED: Absent = Else("required where it is solved for");
const GIVEN: Absent = Else("required without use_errors");

/// All of them, in the order of the documentation.
const KEYS: [Key; 59] = [
    (
        "data_directory",
        Refused,
        "Where the data and the systems lie.",
    ),
    (
        "data_type",
        Refused,
        "FdemData (frequency domain), TdemData (time domain) or TempestData (time domain, \
         with the primary field in the data).",
    ),
    (
        "data_filename",
        Refused,
        "The file of the data, in data_directory.",
    ),
    (
        "system_filename",
        Refused,
        "The files of the systems, in data_directory: one, or a list.",
    ),
    (
        "mode",
        Is("exact"),
        "exact: the acceptance that the posterior asks for; compat: chains as geobipy 2.3.2 \
         makes them.",
    ),
    (
        "jacobian",
        Else("correct; peer in mode compat"),
        "Which derivatives proposals are made from: correct, or peer, what geobipy 2.3.2 \
         takes for them.",
    ),
    (
        "n_markov_chains",
        Refused,
        "Iterations that are kept, after burn-in.",
    ),
    (
        "minimum_burn_in",
        Is("5000"),
        "Iterations before burn-in can end.",
    ),
    (
        "chains",
        Else("4; 1 in mode compat"),
        "Chains of each sounding, 1 to 1000.",
    ),
    (
        "temperatures",
        Is("1"),
        "Temperatures of each chain, 1 to 1000 (1 is no tempering); or a list, their number \
         and the hottest.",
    ),
    ("maximum_temperature", Is("1.0"), "The hottest temperature."),
    ("seed", Is("0"), "Of the random numbers."),
    (
        "update_plot_every",
        Refused,
        "Iterations per block, of which the acceptance is told.",
    ),
    (
        "traces",
        Is("thin"),
        "Which traces results hold: full (of all iterations), thin (of some), none.",
    ),
    (
        "depths",
        Is("[2, 5, 10, 15, 20, 30, 45, 60, 80, 120]"),
        "Depths in m at which conductivities have statistics, 100 at most.",
    ),
    (
        "digitise",
        Is("1"),
        "How many times finer waveforms are digitised, 1 to 1000.",
    ),
    (
        "solve_parameter",
        Refused,
        "Whether the prior of conductivities counts.",
    ),
    (
        "solve_gradient",
        Refused,
        "Whether the prior of gradients counts.",
    ),
    (
        "maximum_number_of_layers",
        Refused,
        "Layers at most, the half-space among them, 1 to 1000.",
    ),
    (
        "layers_prior",
        Is("uniform"),
        "The prior of the number of layers: uniform, poisson(mean) or geometric(p).",
    ),
    ("minimum_depth", Refused, "The shallowest interface, in m."),
    ("maximum_depth", Refused, "The deepest interface, in m."),
    (
        "minimum_thickness",
        Else("half of what each of the most layers could have"),
        "The thinnest layer, in m.",
    ),
    (
        "parameter_standard_deviation",
        Is("2.39"),
        "Standard deviation of the prior of ln conductivity.",
    ),
    (
        "gradient_standard_deviation",
        Is("1.5"),
        "Standard deviation of the prior of gradients of ln conductivity, per m.",
    ),
    (
        "parameter_weight",
        Is("1.0"),
        "How much the prior of conductivities counts in proposals.",
    ),
    (
        "gradient_weight",
        Is("0.0"),
        "How much the prior of gradients counts in proposals.",
    ),
    (
        "parameter_limits",
        Is("[1e-20, 1e20]"),
        "The least and the greatest conductivity, in S/m.",
    ),
    (
        "value_mean",
        Else("that of the best half-space"),
        "The mean of the prior of conductivities, in S/m.",
    ),
    (
        "probability_of_birth",
        Refused,
        "Of a new layer; the four probabilities are taken relative to their sum.",
    ),
    ("probability_of_death", Refused, "Of one layer less."),
    (
        "probability_of_perturb",
        Refused,
        "Of a move of an interface.",
    ),
    ("probability_of_no_change", Refused, "Of none of these."),
    (
        "covariance_scaling",
        Is("1.0"),
        "Multiplies the steps of proposals.",
    ),
    (
        "multiplier",
        Is("1.0"),
        "Multiplies what proposals are made from.",
    ),
    ("factor", Is("10.0"), "Not used; files of geobipy have it."),
    (
        "stochastic_newton",
        Is("true"),
        "Whether proposals use the data.",
    ),
    (
        "ignore_likelihood",
        Is("false"),
        "Whether the data do not count: then chains give the priors back.",
    ),
    (
        "error_model",
        Else("predicted; observed in mode compat"),
        "Standard deviations are computed from what the model predicts (predicted) or from \
         the data (observed).",
    ),
    (
        "use_errors",
        Is("false"),
        "Whether the standard deviations that came with the data are used.",
    ),
    (
        "solve_relative_error",
        Is("false"),
        "Whether the relative error is solved for, a part of the data. Lists of errors have \
         one value for all systems, or one per system (and component).",
    ),
    ("initial_relative_error", GIVEN, "Where chains begin."),
    (
        "minimum_relative_error",
        SOLVED,
        "The least relative error.",
    ),
    (
        "maximum_relative_error",
        SOLVED,
        "The greatest relative error.",
    ),
    (
        "relative_error_proposal_variance",
        SOLVED,
        "Variance of a step of its natural logarithm.",
    ),
    (
        "solve_additive_error",
        Is("false"),
        "Whether the additive error is solved for, in the unit of the data.",
    ),
    ("initial_additive_error", GIVEN, "Where chains begin."),
    (
        "minimum_additive_error",
        SOLVED,
        "The least additive error.",
    ),
    (
        "maximum_additive_error",
        SOLVED,
        "The greatest additive error.",
    ),
    (
        "additive_error_proposal_variance",
        SOLVED,
        "Variance of a step of its natural logarithm.",
    ),
    (
        "solve_NAME",
        Is("false"),
        "Whether NAME is solved for around what the file of data says: x (to the east), y (to \
         the north), z (the height of the sensor), and in the time domain the pitch, roll, yaw, \
         x, y and z of transmitter and receiver (transmitter_pitch and so on).",
    ),
    (
        "maximum_NAME_change",
        SOLVED,
        "How far it may be from there, in m or degrees.",
    ),
    (
        "NAME_proposal_variance",
        SOLVED,
        "Variance of a step, in m^2 or degrees^2.",
    ),
    (
        "number_of_depth_bins",
        Else("by the thinnest layer"),
        "Bins of depth in histograms.",
    ),
    (
        "number_of_edge_bins",
        Else("by the thinnest layer"),
        "Bins of depth in the histogram of interfaces.",
    ),
    (
        "interactive_plot",
        Refused,
        "Not used; geobipy draws while it works.",
    ),
    ("save_png", Refused, "Not used; files of geobipy have it."),
    (
        "save_hdf5",
        Refused,
        "Not used; results are always written.",
    ),
    (
        "reciprocate_parameters",
        Is("false"),
        "Whether plots show resistivities.",
    ),
];

impl Absent {
    fn in_words(self) -> String {
        match self {
            Refused => "required".to_owned(),
            Is(value) => format!("`{value}`"),
            Else(words) => words.to_owned(),
        }
    }
}

/// All keys for a terminal.
pub fn keys_as_text() -> String {
    let mut text = "Options, with what they are when they are absent:\n".to_owned();
    for (name, absent, meaning) in KEYS {
        let absent = match absent {
            Refused => " (required)".to_owned(),
            Is(value) => format!(" = {value}"),
            Else(words) => format!(" ({words})"),
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "  {name}{absent}\n      {meaning}\n");
    }
    text
}

/// The page of the documentation, in Markdown.
pub fn keys_as_page() -> String {
    let mut page = "# Options of `inversion`\n\n\
         Options are TOML, or the flat part of Python that geobipy's options use. This table is \
         made from\nthe code, as that of `inversion run --help` is.\n\n\
         | key | when absent | meaning |\n|---|---|---|\n"
        .to_owned();
    for (name, absent, meaning) in KEYS {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| `{name}` | {} | {meaning} |", absent.in_words());
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::fields::Fields;
    use super::super::plain::Options;
    use super::super::{read, text, toml};
    use super::*;

    /// What `NAME` stands for.
    const QUANTITIES: [&str; 15] = [
        "x",
        "y",
        "z",
        "transmitter_pitch",
        "transmitter_roll",
        "transmitter_yaw",
        "transmitter_x",
        "transmitter_y",
        "transmitter_z",
        "receiver_pitch",
        "receiver_roll",
        "receiver_yaw",
        "receiver_x",
        "receiver_y",
        "receiver_z",
    ];

    #[test]
    fn the_page_is_that_of_the_code() {
        let page = include_str!("../../../../docs/inversion-options.md");
        assert!(
            page == keys_as_page(),
            "docs/inversion-options.md should be:\n{}",
            keys_as_page()
        );
    }

    /// All names that an entry stands for.
    fn expanded(name: &str) -> Vec<String> {
        if name.contains("NAME") {
            QUANTITIES
                .map(|quantity| name.replace("NAME", quantity))
                .into()
        } else {
            vec![name.to_owned()]
        }
    }

    /// Something that can be written for an option.
    fn sample(name: &str, absent: Absent) -> String {
        match (name, absent) {
            ("data_directory" | "data_filename" | "system_filename", _) => "\"a\"".to_owned(),
            ("data_type", _) => "\"TdemData\"".to_owned(),
            ("jacobian", _) => "\"correct\"".to_owned(),
            ("error_model", _) => "\"observed\"".to_owned(),
            ("interactive_plot", _) => "false".to_owned(),
            (_, Refused) if name.starts_with("solve") || name.starts_with("save") => {
                "true".to_owned()
            }
            (_, Is(word))
                if word.starts_with(char::is_alphabetic) && word.parse::<bool>().is_err() =>
            {
                format!("\"{word}\"")
            }
            (_, Is(value)) => value.to_owned(),
            _ => "1".to_owned(),
        }
    }

    /// The options of the entries that are wanted, and the warnings and refusals about keys.
    fn taken(wanted: impl Fn(&Key) -> bool, solve: bool) -> (Options, Result<Vec<String>, String>) {
        let mut lines = String::new();
        for key @ (name, absent, _) in KEYS {
            if !wanted(&key) {
                continue;
            }
            for name in expanded(name) {
                let value = sample(&name, absent);
                let value = if solve && name.starts_with("solve") {
                    "true"
                } else {
                    &value
                };
                writeln!(lines, "{name} = {value}").unwrap();
            }
        }
        let path = Path::new("options.toml");
        let mut fields = Fields::new(path, toml::parse(path, &lines).unwrap());
        let options = read::options(&mut fields).unwrap();
        (options, fields.finish().map_err(|error| error.to_string()))
    }

    #[test]
    fn these_are_the_keys_that_are_read() {
        let (options, told) = taken(|_| true, true);
        assert_eq!(told, Ok(vec![]), "a key of the table is no option");
        let listed: BTreeSet<_> = KEYS.iter().flat_map(|(name, ..)| expanded(name)).collect();
        for line in text::toml(&options).lines() {
            let name = line.split(" = ").next().unwrap();
            assert!(listed.contains(name), "{name} is not in the table");
        }
    }

    #[test]
    fn keys_that_are_required_are_called_so() {
        let is_needed = |(_, absent, _): &Key| *absent == Refused || *absent == GIVEN;
        assert_eq!(taken(is_needed, false).1, Ok(vec![]));
        for (name, ..) in KEYS.iter().filter(|key| is_needed(key)) {
            let told = taken(|key| is_needed(key) && key.0 != *name, false).1;
            let told = told.expect_err(name);
            assert!(
                told.contains(&format!("options are missing: {name}")),
                "{told}"
            );
        }
    }

    #[test]
    fn a_default_is_what_an_absent_key_is_taken_for() {
        let is_needed = |(_, absent, _): &Key| *absent == Refused || *absent == GIVEN;
        let is_plain = |(_, absent, _): &Key| matches!(absent, Is(_));
        let (absent, _) = taken(is_needed, false);
        let (written, told) = taken(|key| is_needed(key) || is_plain(key), false);
        assert_eq!(told, Ok(vec![]));
        assert_eq!(written, absent);
    }
}
