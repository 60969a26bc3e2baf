//! Reference set S: a noise-free recording of the peer's simulator.

use hdf5::File;
use jobwise_gmf::simulate::{TRUTH_FILE, record};
use num_complex::Complex;

use crate::scenarios::simulation;

/// The parameters of `S_truth.json`; the code follows from another file.
const SCENARIO: &str = "[Experiment]\nname = simulation\nversion = 0.5.1\nsample_rate = \
                        500000\nipp = 3000\n\
    tx_pulse_length = 640.0\ntx_start = 40.0\ntx_end = 680.0\nrx_start = 0\nrx_end = 3000\ncal_on \
    = 2900.0\n\
    cal_off = 2980.0\nrx_channel = sim\ntx_channel = sim\nradar_frequency = 929.6\n\n\
    [Simulation]\nepoch = 2022-06-01T23:59:59.5\nstart_time = 0\nend_time = 0.06\nnoise_sigma = \
    0\ntx_amp = 3.0\n\
    baud_length = 10.0\nfile_cadence_millisecs = 20\ncompression = 4\n\n\
    [Target sphere]\nrange = 300000\nrange_rate = 1800\nacceleration = 250\nsnr = 0.5\nstart_time \
    = 0.006\n\
    end_time = 0.04\n";

const FILES: [&str; 4] = ["480", "500", "520", "540"];

fn samples(recording: &std::path::Path, milliseconds: &str) -> Vec<Complex<f32>> {
    let second = if milliseconds == "000" {
        1_654_128_000
    } else {
        1_654_127_999
    };
    let path = format!("sim/2022-06-01T23-00-00/rf@{second}.{milliseconds}.h5");
    let file = File::open(recording.join(path)).unwrap();
    file.dataset("rf_data").unwrap().read_raw().unwrap()
}

#[test]
fn the_reference_recording_is_reproduced() {
    let Some(reference) = jobwise_testing::reference("gmf") else {
        return;
    };
    let table = std::fs::read_to_string(reference.join("leo_bpark_code_hex.json")).unwrap();
    let code: String = table
        .split('"')
        .filter(|word| word.starts_with("0x"))
        .fold(String::new(), |code, row| code + "\n  " + row);
    let text = SCENARIO.replace("baud_length", &format!("code = {code}\nbaud_length"));
    let directory = tempfile::tempdir().unwrap();
    let simulation = simulation(&text, directory.path());
    assert_eq!(simulation.pulses(), 20);
    assert_eq!(simulation.first_sample(0), 827_063_999_749_500);

    let out = directory.path().join("S_drf");
    let mut written = 0;
    record(&simulation, &out, |pulses| written = pulses).unwrap();
    assert_eq!(written, 20);
    let peer = reference.join("S_drf");
    let mut energy = 0.0;
    for file in FILES {
        let (got, want) = (samples(&out, file), samples(&peer, file));
        assert_eq!(got.len(), want.len(), "{file}");
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            assert!(
                (got - want).norm() <= 1e-6,
                "{file} sample {i}: {got} not {want}"
            );
            energy += f64::from(want.norm_sqr());
        }
    }
    // 20 pulses of 320 samples, power 9, and echoes of power 0.5 for 11 of them.
    assert!((57_600.0..64_000.0).contains(&energy), "{energy}");
    let truth = std::fs::read_to_string(out.join(TRUTH_FILE)).unwrap();
    // The first sample lies 1 ms before the epoch.
    assert!(truth.contains("time_from_epoch = -0.001\n"), "{truth}");
    assert!(
        truth.contains("[Target sphere]\nrange = 299998.200125"),
        "{truth}"
    );
    assert!(truth.contains("range_rate = 1799.75\n"), "{truth}");
}
