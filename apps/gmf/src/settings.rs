//! The [signal-processing] section of a configuration.

mod keys;
mod method;
mod missing;
mod read;
mod reduce;
mod zero_frequency;

use std::path::PathBuf;

use crate::Error;

pub use keys::{Key, keys_as_page, keys_as_text};
pub use method::Method;
pub use missing::Missing;
pub use reduce::Reduce;
pub use zero_frequency::ZeroFrequency;

/// The configuration of an analysis: every key of `[signal-processing]`, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The file this was read from, for messages.
    pub path: PathBuf,
    /// Where the search runs unless a flag says otherwise: `serial`, `threads`, `mpi` or `cuda`;
    /// `auto` (the default) and the peer's `numpy` and `c` leave it to how the program is started.
    pub gmf_implementation: String,
    /// The search method.
    pub gmf_method: Method,
    /// Pulses per coherent integration.
    pub n_ipp: i64,
    /// Range alias: whole IPPs between a pulse and its echo.
    pub ipp_offset: i64,
    /// Lag of the discrete polynomial transform in IPPs.
    pub dpt_ipp_delay_parameter: i64,
    /// First range gate; negative counts from the last possible gate.
    pub min_range_gate: i64,
    /// End of the range gates (exclusive); negative counts from the last possible gate.
    pub max_range_gate: i64,
    /// Step between range gates in samples.
    pub range_gate_step: i64,
    /// Samples summed into one before the Doppler search.
    pub frequency_decimation: i64,
    /// Unused; kept because the peer's files carry it.
    pub clutter_length: i64,
    /// Lowest acceleration searched, m/s², inclusive.
    pub min_acceleration: f64,
    /// Highest acceleration searched, m/s², inclusive.
    pub max_acceleration: f64,
    /// Coherent integrations per output file.
    pub num_cohints_per_file: i64,
    /// GPUs per node.
    pub node_gpus: i64,
    /// Policy for missing samples.
    pub missing: Missing,
    /// An integration is analysed when the square root of its transmitted power exceeds this.
    pub min_tx_amplitude: f64,
    /// `fdpt` looks only at accelerations from `min_acceleration` to `max_acceleration`.
    pub dpt_restrict: bool,
    /// What `gmf_zero_frequency` holds.
    pub dc: ZeroFrequency,
    /// `grid-fast-no-reduce`: the axes of which only the maximum is kept, a list of `range`,
    /// `range_rate` and `acceleration`.
    pub reduce: Reduce,
    /// The most targets that are told apart in one integration. More than one adds the datasets
    /// `target_*`.
    pub targets: i64,
    /// Two targets are one when they are closer than this many range gates (of one sample), and
    /// closer than the next two; by default the length of the pulse.
    pub target_separation_gates: Option<i64>,
    /// Range rates closer than this may be of one target, m/s; by default what two steps of
    /// acceleration shift a range rate by, and one bin.
    pub target_separation_range_rate: Option<f64>,
    /// Accelerations closer than this may be of one target, m/s²; by default 2.5 steps of the grid.
    pub target_separation_acceleration: Option<f64>,
    /// `optimize-grid` on the grid of hardtarget, which may miss its own start.
    pub compat: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            path: PathBuf::from("(default settings)"),
            gmf_implementation: "auto".to_owned(),
            gmf_method: Method::Fgmf,
            n_ipp: 10,
            ipp_offset: 0,
            dpt_ipp_delay_parameter: 5,
            min_range_gate: 0,
            max_range_gate: -1,
            range_gate_step: 1,
            frequency_decimation: 1,
            clutter_length: 0,
            min_acceleration: -200.0,
            max_acceleration: 200.0,
            num_cohints_per_file: 100,
            node_gpus: 1,
            missing: Missing::Skip,
            min_tx_amplitude: 1.0,
            dpt_restrict: false,
            dc: ZeroFrequency::Plain,
            reduce: Reduce::default(),
            targets: 1,
            target_separation_gates: None,
            target_separation_range_rate: None,
            target_separation_acceleration: None,
            compat: false,
        }
    }
}

impl Settings {
    /// The error that names this file and a key.
    pub(crate) fn wrong(&self, key: &str, problem: impl Into<String>) -> Error {
        Error::Setting {
            path: self.path.clone(),
            key: key.to_owned(),
            problem: problem.into(),
        }
    }
}

fn choices(word: &str, known: &[&str]) -> String {
    format!("'{word}' is not one of {}", known.join(", "))
}

#[cfg(test)]
mod tests;
