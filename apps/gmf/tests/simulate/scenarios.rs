//! Scenarios to simulate.

use std::path::Path;

use jobwise_gmf::simulate::{Scenario, Simulation};

/// A radar at 1 MHz with pulses of 40 chips, and a target in noise.
pub(crate) const NOISY: &str = "[Experiment]\nname = simulation\nversion = 1\nsample_rate = \
                                1000000\nipp = 2000\n\
    rx_channel = sim\ntx_channel = sim\ntx_start = 80\ntx_end = 280\nrx_start = 300\nrx_end = \
    2000\n\
    radar_frequency = 929.6\n\n[Simulation]\nepoch = 2021-04-12T12:15:40\nend_time = \
    0.04\nbaud_length = 5\n\
    code = random\nnoise_sigma = 1\ntx_amp = 100\nseed = 5\nfile_cadence_millisecs = 20\n\n\
    [Target one]\nrange = 210000\nrange_rate = -1200\nacceleration = 900\nsnr = 0.5\n";

pub(crate) fn scenario(text: &str, directory: &Path) -> jobwise_gmf::Result<Scenario> {
    let path = directory.join("scenario.ini");
    std::fs::write(&path, text).unwrap();
    Scenario::read(&path)
}

pub(crate) fn simulation(text: &str, directory: &Path) -> Simulation {
    Simulation::new(&scenario(text, directory).unwrap()).unwrap()
}
