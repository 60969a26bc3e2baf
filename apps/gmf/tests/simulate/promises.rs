//! Noise, division of the work, the ends of codes and windows, and mistakes.

use jobwise_gmf::drf::Recording;
use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Sample, Search};
use jobwise_gmf::settings::Settings;
use jobwise_gmf::simulate::{Simulation, record};
use num_complex::Complex;

use crate::scenarios::{NOISY, scenario, simulation};

fn pulse(simulation: &Simulation, number: u64) -> Vec<Complex<f64>> {
    let mut samples = vec![Complex::default(); simulation.ipp_samp()];
    simulation.pulse(number, &mut samples);
    samples
}

#[test]
fn a_pulse_is_the_same_in_any_order_and_window() {
    let directory = tempfile::tempdir().unwrap();
    let whole = simulation(NOISY, directory.path());
    assert_eq!(whole.pulses(), 20);
    let last = pulse(&whole, 19);
    let first = pulse(&whole, 0);
    assert_eq!(pulse(&whole, 19), last);
    // 64 rows repeat after more pulses than there are, so a later start shifts the code: give one
    // row.
    let one_row = NOISY.replace("seed = 5", "seed = 5\ncode_rows = 1");
    let whole = simulation(&one_row, directory.path());
    let later = one_row.replace("end_time = 0.04", "end_time = 0.04\nstart_time = 0.01");
    let later = simulation(&later, directory.path());
    assert_eq!(later.first_sample(0), whole.first_sample(5));
    assert_eq!(pulse(&later, 3), pulse(&whole, 8));
    let other_seed = simulation(&NOISY.replace("seed = 5", "seed = 6"), directory.path());
    assert_ne!(pulse(&other_seed, 0), first);
}

#[test]
fn noise_has_the_power_asked_for_and_only_in_the_window() {
    let directory = tempfile::tempdir().unwrap();
    let quiet = NOISY
        .replace("snr = 0.5", "snr = 0")
        .replace("sigma = 1", "sigma = 3");
    let simulation = simulation(&quiet, directory.path());
    let (mut sum, mut power, mut count) = (Complex::default(), 0.0, 0.0);
    for number in 0..simulation.pulses() {
        let samples = pulse(&simulation, number);
        assert!(
            samples[..80]
                .iter()
                .chain(&samples[280..300])
                .all(|z| z.norm_sqr() == 0.0)
        );
        assert!(
            samples[80..280]
                .iter()
                .all(|z| (z.norm() - 100.0).abs() < 1e-9)
        );
        for z in &samples[300..] {
            sum += z;
            power += z.norm_sqr();
            count += 1.0;
        }
    }
    // 34 000 samples: five standard deviations of mean and power.
    assert!((sum / count).norm() < 5.0 * 3.0 * 2_f64.sqrt() / 34_000_f64.sqrt());
    assert!((power / count / 18.0 - 1.0).abs() < 5.0 / 34_000_f64.sqrt());
}

#[test]
fn codes_and_echoes_end_where_they_must() {
    let directory = tempfile::tempdir().unwrap();
    let base = NOISY
        .replace("noise_sigma = 1", "noise_sigma = 0")
        .replace("range_rate = -1200\nacceleration = 900\n", "");
    // Three chips of 5 samples in a window of 200: silence follows, also in the echo.
    let short = base.replace("code = random", "code = +-+");
    let samples = pulse(&simulation(&short, directory.path()), 0);
    let signs: Vec<f64> = samples[80..100].iter().map(|z| z.re).collect();
    let expected = [[100.0; 5], [-100.0; 5], [100.0; 5], [0.0; 5]].concat();
    assert_eq!(signs, expected);
    // 210 km are 700.48 samples.
    assert!(samples[779].norm_sqr() == 0.0 && samples[795].norm_sqr() == 0.0);
    for z in &samples[780..795] {
        assert!((z.norm_sqr() - 0.5).abs() < 1e-12);
    }
    // 570 km are 1901.3 samples: arrival at 1981, 19 samples are left of the IPP.
    let late = base.replace("range = 210000", "range = 570000");
    let samples = pulse(&simulation(&late, directory.path()), 0);
    let echo = samples[280..].iter().filter(|z| z.norm_sqr() > 0.0).count();
    assert_eq!(echo, 19);
    // Beyond the IPP nothing arrives.
    let far = base.replace("range = 210000", "range = 1e12");
    let samples = pulse(&simulation(&far, directory.path()), 0);
    assert!(samples[280..].iter().all(|z| z.norm_sqr() == 0.0));
}

#[test]
fn a_target_answers_from_its_start_until_before_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let text = NOISY.replace("noise_sigma = 1", "noise_sigma = 0")
        + "start_time = 0.004\nend_time = 0.010\n";
    let simulation = simulation(&text, directory.path());
    let answered: Vec<u64> = (0..simulation.pulses())
        .filter(|&p| {
            pulse(&simulation, p)[300..]
                .iter()
                .any(|z| z.norm_sqr() > 0.0)
        })
        .collect();
    assert_eq!(answered, [2, 3, 4]);
}

#[test]
fn the_search_finds_the_target_in_the_recording() {
    let directory = tempfile::tempdir().unwrap();
    let simulation = simulation(NOISY, directory.path());
    let out = directory.path().join("out");
    record(&simulation, &out, |_| ()).unwrap();
    let experiment = Experiment::read(&out.join("metadata.ini")).unwrap();
    let settings = Settings {
        n_ipp: 20,
        frequency_decimation: 10,
        dpt_ipp_delay_parameter: 10,
        min_range_gate: 650,
        max_range_gate: 750,
        min_acceleration: -3000.0,
        max_acceleration: 3000.0,
        ..Settings::default()
    };
    let parameters = Parameters::new(&experiment, &settings).unwrap();
    let recorded = pulses(&simulation);
    let gather = |window: &dyn Fn(usize) -> std::ops::Range<usize>| -> Vec<Sample> {
        (0..parameters.n_ipp)
            .flat_map(|pulse| recorded[window(pulse)].to_vec())
            .collect()
    };
    let search = Search::new(&parameters, &settings).unwrap();
    let found = search.integrate(
        &gather(&|pulse| parameters.tx_window(pulse)),
        &gather(&|pulse| parameters.rx_window(pulse)),
        &mut search.scratch(),
    );
    // 210 km and a little later less; a bin of range rate is 8.1 m/s, a step of acceleration 806
    // m/s².
    assert!(
        (found.range_peak - 210_000.0).abs() < 300.0,
        "{}",
        found.range_peak
    );
    assert!(
        (found.range_rate_peak + 1200.0).abs() < 17.0,
        "{}",
        found.range_rate_peak
    );
    assert!((found.acceleration_peak - 900.0).abs() < 810.0);
    let names = Recording::open(&out).unwrap();
    assert_eq!(names.channels(), ["sim"]);
}

#[test]
fn every_sample_type_holds_the_pulses() {
    let directory = tempfile::tempdir().unwrap();
    let doubles = NOISY.replace(
        "seed = 5",
        "seed = 5\nsample_type = complex128\nchecksum = yes",
    );
    let simulated = simulation(&doubles, directory.path());
    let expected: Vec<_> = (0..simulated.pulses())
        .flat_map(|number| pulse(&simulated, number))
        .collect();
    let start = simulated.first_sample(0);
    let channel = |simulation, name: &str| {
        let out = directory.path().join(name);
        record(simulation, &out, |_| ()).unwrap();
        Recording::open(&out).unwrap().channel("sim").unwrap()
    };

    let mut stored = vec![Complex::default(); expected.len()];
    let missing = channel(&simulated, "doubles").read_native(start, 0, &mut stored);
    assert!(missing.unwrap().is_empty());
    assert_eq!(stored, expected);

    // Loud enough to saturate the transmission.
    let integers = NOISY.replace("tx_amp = 100", "tx_amp = 40000\nsample_type = int16");
    let simulated = simulation(&integers, directory.path());
    let mut stored = vec![Complex::<i16>::default(); expected.len()];
    let missing = channel(&simulated, "integers").read_native(start, 0, &mut stored);
    assert!(missing.unwrap().is_empty());
    for (number, stored) in stored.chunks_exact(2000).enumerate() {
        for (got, want) in stored.iter().zip(pulse(&simulated, number as u64)) {
            let limited = want.re.clamp(-32768.0, 32767.0);
            assert!(
                (f64::from(got.re) - limited).abs() <= 0.5,
                "{got} not {want}"
            );
            assert!(
                (f64::from(got.im) - want.im).abs() <= 0.5,
                "{got} not {want}"
            );
        }
    }
}

fn pulses(simulation: &Simulation) -> Vec<Sample> {
    (0..simulation.pulses())
        .flat_map(|number| pulse(simulation, number))
        .map(|z| Sample::new(z.re as f32, z.im as f32))
        .collect()
}

#[test]
fn an_occupied_directory_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let simulation = simulation(NOISY, directory.path());
    // The scenario itself lies there.
    let message = record(&simulation, directory.path(), |_| ())
        .unwrap_err()
        .to_string();
    assert!(message.contains("not empty"), "{message}");
    assert!(!directory.path().join("metadata.ini").exists());
}

#[test]
fn mistakes_are_named() {
    let directory = tempfile::tempdir().unwrap();
    for (from, to, told) in [
        (
            "epoch = 2021-04-12T12:15:40\n",
            "",
            "epoch: this mandatory key",
        ),
        ("epoch = 2021-04-12", "epoch = yesterday", "epoch: "),
        (
            "end_time = 0.04",
            "end_time = 0",
            "end_time: must lie after start_time",
        ),
        ("end_time = 0.04", "end_time = 1e300", "more than a century"),
        (
            "baud_length = 5",
            "baud_length = 0",
            "baud_length: 0 us must lie",
        ),
        (
            "baud_length = 5",
            "baud_length = 1e-9",
            "code_rows: 64 rows",
        ),
        ("code = random", "code = what", "code: 'what' is neither"),
        (
            "seed = 5",
            "seeed = 5",
            "seeed: unknown key; did you mean seed?",
        ),
        ("snr = 0.5", "snr = -1", "snr: must not be negative"),
        ("snr = 0.5", "size = 1", "size: unknown key"),
        ("range = 210000", "range = 0", "range: must be positive"),
        ("[Target one]", "[Goal one]", "unknown section"),
        (
            "tx_channel = sim",
            "tx_channel = tx",
            "tx_channel: a simulation has one channel",
        ),
        ("rx_end = 2000", "rx_end = 2001", "rx_end: the window ends"),
        (
            "seed = 5",
            "compression = 10",
            "compression: 10 must lie between 0 and 9",
        ),
        (
            "seed = 5",
            "sample_type = real",
            "sample_type: 'real' is not one of",
        ),
        (
            "cadence_millisecs = 20",
            "cadence_millisecs = 7",
            "file_cadence_millisecs: ",
        ),
    ] {
        assert!(NOISY.contains(from), "{from}");
        let message = scenario(&NOISY.replace(from, to), directory.path())
            .unwrap_err()
            .to_string();
        assert!(
            message.contains(told) && !message.contains('\n'),
            "{to}: {message}"
        );
    }
    for (from, to) in [
        ("2021-04", "1921-04"),
        ("end_time = 0.04", "end_time = 0.001"),
    ] {
        let scenario = scenario(&NOISY.replace(from, to), directory.path()).unwrap();
        assert!(Simulation::new(&scenario).is_err(), "{to}");
    }
}
