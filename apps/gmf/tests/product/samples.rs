//! A run and a product to write.

use std::path::Path;

use jobwise_gmf::clock::Rate;
use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::product::{Product, RunInfo};
use jobwise_gmf::search::Integration;
use jobwise_gmf::settings::Settings;
use jobwise_hdf5::amendment::Writable;

const METADATA: &str = "[Experiment]\nname = simulation\nversion = 0.5.1\nsample_rate = \
                        1000000\nipp = 5000\n\
    tx_pulse_length = 400.0\nrx_start = 0\nrx_end = 5000\ntx_start = 80.0\ntx_end = 480.0\ncal_on \
    = 4900.0\n\
    cal_off = 4990.0\nrx_channel = sim\ntx_channel = sim\nradar_frequency = 929.6\n";

const CONFIG: &str = "[signal-processing]\nn_ipp=8\nmin_range_gate=1950\nmax_range_gate=2050\n\
    frequency_decimation=10\nmin_acceleration=-5000.0\nmax_acceleration=5000.0\nnum_cohints_per_file=2\n\
    dpt_ipp_delay_parameter=4\ngmf_implementation=numpy\n";

/// The first sample of reference set A.
pub(crate) const START: u64 = 1_618_229_740_000_000;

/// Experiment and settings of reference set A.
pub(crate) fn configuration(directory: &Path) -> (Experiment, Settings) {
    let metadata = directory.join("metadata.ini");
    let config = directory.join("config.ini");
    std::fs::write(&metadata, METADATA).unwrap();
    std::fs::write(&config, CONFIG).unwrap();
    (
        Experiment::read(&metadata).unwrap(),
        Settings::read(&config).unwrap(),
    )
}

pub(crate) fn run(experiment: &Experiment, settings: &Settings) -> RunInfo {
    let parameters = Parameters::new(experiment, settings).unwrap();
    RunInfo::new(experiment, settings, &parameters)
}

/// Two integrations, every number different; the second was not analysed.
pub(crate) fn product(run: &RunInfo) -> Product {
    let ranges = run.parameters().ranges.len();
    let count = |first: f32| (0..ranges).map(|i| first + i as f32).collect::<Vec<_>>();
    let first = Integration {
        gmf: count(0.5),
        gmf_zero_frequency: count(1000.25),
        range_rate_index: (0..ranges as i32).collect(),
        acceleration_index: (0..ranges as i32).map(|i| 2 * i).collect(),
        tx_power: 7.5,
        range_peak: 1.5,
        range_rate_peak: 2.5,
        acceleration_peak: 3.5,
        gmf_peak: 4.5,
        cube: None,
    };
    Product {
        start: START,
        rate: Rate::hertz(1_000_000).unwrap(),
        integrations: vec![first, Integration::not_analysed(0.25, ranges)],
        missing_samples: vec![0, 12],
        pointing: None,
    }
}

/// Takes the checksum of a file away: files of others, and of older versions, have none.
pub(crate) fn unseal(path: &Path) {
    let mut file = Writable::claim(path).unwrap();
    file.amend(|_| Ok::<_, jobwise_hdf5::Error>(())).unwrap();
}
