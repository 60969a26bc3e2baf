//! Experiments and settings to test with.

use std::path::PathBuf;

use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::settings::Settings;

/// An experiment at 1 MHz, so that microseconds are samples: transmission from sample 3 on.
pub(crate) fn experiment(ipp: i64, pulse: i64) -> Experiment {
    Experiment {
        path: PathBuf::from("metadata.ini"),
        name: "test".into(),
        version: "1".into(),
        rx_channel: "rx".into(),
        tx_channel: "tx".into(),
        sample_rate: 1_000_000,
        ipp,
        tx_pulse_length: None,
        tx_start: 3.0,
        tx_end: (3 + pulse) as f64,
        rx_start: 0.0,
        rx_end: ipp as f64,
        cal_on: None,
        cal_off: None,
        radar_frequency: 930.0,
        file_secs: None,
        extra: Vec::new(),
        bounds: None,
    }
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
