//! The attributes of the groups `experiment` and `processing`.

use super::content::Value;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::search::Targets;
use crate::settings::{Method, Settings};

/// Names and values, in the order of writing.
pub type Attributes = Vec<(String, Value)>;

fn int(name: &str, value: usize) -> (String, Value) {
    (name.to_owned(), Value::Integer(value as i64))
}

fn float(name: &str, value: f64) -> (String, Value) {
    (name.to_owned(), Value::Float(value))
}

fn text(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), Value::Text(value.to_owned()))
}

/// Everything metadata.ini says, and the windows in samples.
pub(super) fn experiment(experiment: &Experiment, parameters: &Parameters) -> Attributes {
    let mut attributes = vec![
        text("name", &experiment.name),
        text("version", &experiment.version),
        text("rx_channel", &experiment.rx_channel),
        text("tx_channel", &experiment.tx_channel),
        match experiment.sample_rate.denominator() {
            1 => int("sample_rate", experiment.sample_rate.numerator() as usize),
            _ => float("sample_rate", experiment.sample_rate.as_f64()),
        },
        int("ipp", experiment.ipp as usize),
        float("tx_pulse_length", parameters.tx_pulse_length),
        float("tx_start", experiment.tx_start),
        float("tx_end", experiment.tx_end),
        float("rx_start", experiment.rx_start),
        float("rx_end", experiment.rx_end),
        float("radar_frequency", experiment.radar_frequency),
        int("ipp_samp", parameters.ipp_samp),
        int("T_rx_start_samp", parameters.rx_start_samp),
        int("T_rx_end_samp", parameters.rx_end_samp),
        int("T_tx_start_samp", parameters.tx_start_samp),
        int("T_tx_end_samp", parameters.tx_end_samp),
        int("tx_pulse_samps", parameters.tx_pulse_samps),
        float("wavelength", parameters.wavelength),
    ];
    for (name, value) in [
        ("cal_on", experiment.cal_on),
        ("cal_off", experiment.cal_off),
        ("file_secs", experiment.file_secs),
    ] {
        attributes.extend(value.map(|value| float(name, value)));
    }
    // A stray key of the file never displaces a derived one.
    for (name, value) in &experiment.extra {
        if attributes.iter().all(|(taken, _)| taken != name) {
            attributes.push(text(name, value));
        }
    }
    attributes
}

/// The configuration with its gates resolved, and the lengths that follow.
pub(super) fn processing(settings: &Settings, parameters: &Parameters) -> Attributes {
    let mut attributes = vec![
        int("clutter_length", settings.clutter_length as usize),
        int("coh_int_samps", parameters.coh_int_samps),
        int("dec_tau_samp", parameters.dec_tau_samp),
        int("decimated_read_length", parameters.decimated_read_length),
        int(
            "dpt_ipp_delay_parameter",
            settings.dpt_ipp_delay_parameter as usize,
        ),
        int("frequency_decimation", parameters.decimation),
        text("gmf_implementation", &settings.gmf_implementation),
        text("gmf_method", settings.gmf_method.name()),
        int("il0_max_range_gate", parameters.il0_max),
        int("il0_min_range_gate", parameters.il0_min),
        int("ipp_offset", parameters.ipp_offset),
        float("max_acceleration", settings.max_acceleration),
        int("max_range_gate", parameters.max_range_gate),
        float("min_acceleration", settings.min_acceleration),
        int("min_range_gate", parameters.min_range_gate),
        int("n_accelerations", parameters.accelerations.len()),
        int("n_extra", parameters.ipp_offset),
        int("n_ipp", parameters.n_ipp),
        int("n_range_rates", parameters.range_rates.len()),
        int("n_ranges", parameters.ranges.len()),
        int("node_gpus", settings.node_gpus as usize),
        int("num_cohints_per_file", parameters.num_cohints_per_file),
        int("range_gate_step", settings.range_gate_step as usize),
        int("read_length", parameters.read_length),
    ];
    // Those below are there only when they matter: files without them keep their digest.
    if settings.gmf_method == Method::NoReduce {
        attributes.push(text("reduce", &settings.reduce.list()));
    }
    if settings.targets > 1 {
        let rule = Targets::new(parameters, settings);
        attributes.extend([
            int("targets", rule.count),
            float("target_separation_gates", rule.gates),
            float("target_separation_range_rate", rule.range_rate),
            float("target_separation_acceleration", rule.acceleration),
        ]);
    }
    attributes
}

/// Whether an attribute only says where or by whom the numbers were computed.
pub(super) fn is_incidental(name: &str) -> bool {
    [
        "gmf_implementation",
        "node_gpus",
        "clutter_length",
        "name",
        "version",
    ]
    .contains(&name)
}
