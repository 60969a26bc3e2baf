//! Options as TOML, for files of results.

use std::fmt::Write;

use super::plain::{ErrorOptions, Options};
use super::value::Value;

/// One line per option that has a value.
pub(super) fn toml(options: &Options) -> String {
    let mut lines = Lines(String::new());
    let o = options;
    lines.text("data_directory", &o.data_directory.to_string_lossy());
    lines.text("data_type", &o.data_type.to_string());
    lines.text("data_filename", &o.data_filename);
    let systems = o.system_filename.iter().cloned().map(Value::Text);
    lines.add("system_filename", &Value::List(systems.collect()));
    lines.text("mode", &o.mode.to_string());
    lines.text("jacobian", &o.jacobian.to_string());
    lines.whole("n_markov_chains", o.n_markov_chains);
    lines.whole("minimum_burn_in", o.minimum_burn_in);
    lines.whole("chains", o.chains as u64);
    lines.whole("temperatures", o.temperatures as u64);
    lines.number("maximum_temperature", o.maximum_temperature);
    lines.whole("seed", o.seed);
    lines.whole("update_plot_every", o.update_plot_every);
    lines.text("traces", &o.traces.to_string());
    lines.numbers("depths", &o.depths);
    lines.whole("digitise", u64::from(o.digitise));
    lines.truth("solve_parameter", o.solve_parameter);
    lines.truth("solve_gradient", o.solve_gradient);
    lines.whole(
        "maximum_number_of_layers",
        o.maximum_number_of_layers as u64,
    );
    lines.text("layers_prior", &o.layers_prior.to_string());
    lines.number("minimum_depth", o.minimum_depth);
    lines.number("maximum_depth", o.maximum_depth);
    lines.optional("minimum_thickness", o.minimum_thickness);
    lines.number(
        "parameter_standard_deviation",
        o.parameter_standard_deviation,
    );
    lines.number("gradient_standard_deviation", o.gradient_standard_deviation);
    lines.number("parameter_weight", o.parameter_weight);
    lines.number("gradient_weight", o.gradient_weight);
    lines.numbers("parameter_limits", &o.parameter_limits);
    lines.optional("value_mean", o.value_mean);
    lines.number("probability_of_birth", o.probability_of_birth);
    lines.number("probability_of_death", o.probability_of_death);
    lines.number("probability_of_perturb", o.probability_of_perturb);
    lines.number("probability_of_no_change", o.probability_of_no_change);
    lines.number("covariance_scaling", o.covariance_scaling);
    lines.number("multiplier", o.multiplier);
    lines.number("factor", o.factor);
    lines.truth("stochastic_newton", o.stochastic_newton);
    lines.truth("ignore_likelihood", o.ignore_likelihood);
    lines.text("error_model", &o.error_model.to_string());
    lines.truth("use_errors", o.use_errors);
    lines.error("relative_error", &o.relative_error);
    lines.error("additive_error", &o.additive_error);
    for (name, proposal) in o.proposals() {
        lines.truth(&format!("solve_{name}"), proposal.solve);
        lines.optional(&format!("maximum_{name}_change"), proposal.maximum_change);
        lines.optional(
            &format!("{name}_proposal_variance"),
            proposal.proposal_variance,
        );
    }
    for (key, bins) in [
        ("number_of_depth_bins", o.number_of_depth_bins),
        ("number_of_edge_bins", o.number_of_edge_bins),
    ] {
        if let Some(bins) = bins {
            lines.whole(key, bins as u64);
        }
    }
    lines.truth("interactive_plot", o.interactive_plot);
    lines.truth("save_png", o.save_png);
    lines.truth("save_hdf5", o.save_hdf5);
    lines.truth("reciprocate_parameters", o.reciprocate_parameters);
    lines.0
}

struct Lines(String);

impl Lines {
    fn add(&mut self, key: &str, value: &Value) {
        // Writing to memory does not fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.add(key, &Value::Text(text.to_owned()));
    }

    fn truth(&mut self, key: &str, value: bool) {
        self.add(key, &Value::Bool(value));
    }

    fn whole(&mut self, key: &str, number: u64) {
        // Options that come from files are at most this large.
        self.add(
            key,
            &Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
        );
    }

    fn number(&mut self, key: &str, number: f64) {
        self.add(key, &Value::Float(number));
    }

    fn optional(&mut self, key: &str, number: Option<f64>) {
        if let Some(number) = number {
            self.number(key, number);
        }
    }

    fn numbers(&mut self, key: &str, numbers: &[f64]) {
        let values = numbers.iter().copied().map(Value::Float).collect();
        self.add(key, &Value::List(values));
    }

    fn error(&mut self, name: &str, error: &ErrorOptions) {
        self.truth(&format!("solve_{name}"), error.solve);
        for (key, numbers) in [
            (format!("initial_{name}"), &error.initial),
            (format!("minimum_{name}"), &error.minimum),
            (format!("maximum_{name}"), &error.maximum),
            (
                format!("{name}_proposal_variance"),
                &error.proposal_variance,
            ),
        ] {
            if !numbers.is_empty() {
                self.numbers(&key, numbers);
            }
        }
    }
}
