//! Experiments and settings to test with.

use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::settings::Settings;

/// An experiment at 1 MHz, so that microseconds are samples: transmission from sample 3 on.
pub(crate) fn experiment(ipp: i64, pulse: i64) -> Experiment {
    Experiment::of_shape(ipp, 3.0..(3 + pulse) as f64, 930.0)
}

/// Settings with every acceleration of the grid selected.
pub(crate) fn settings(n_ipp: i64, decimation: i64) -> Settings {
    Settings {
        n_ipp,
        frequency_decimation: decimation,
        dpt_ipp_delay_parameter: n_ipp / 2,
        min_acceleration: -1e30,
        max_acceleration: 1e30,
        ..Settings::default()
    }
}
