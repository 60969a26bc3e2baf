//! kernels.h5: single integrations with an independent evaluation of the definitions in f64.

use hdf5::{File, Group};
use jobwise_gmf::clock::Rate;
use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Integration, Sample, Search};
use jobwise_gmf::settings::{Method, Settings, ZeroFrequency};
use jobwise_hdf5::attributes;

use crate::shapes;

const CASES: [&str; 3] = ["K1_250kHz", "K2_noise", "K3_noise_free"];

pub(crate) fn floats(group: &Group, name: &str) -> Vec<f64> {
    group.dataset(name).unwrap().read_raw().unwrap()
}

fn integers(group: &Group, name: &str) -> Vec<i64> {
    group.dataset(name).unwrap().read_raw().unwrap()
}

pub(crate) fn samples(group: &Group, name: &str) -> Vec<Sample> {
    let pairs: Vec<f32> = group.dataset(name).unwrap().read_raw().unwrap();
    pairs
        .chunks_exact(2)
        .map(|z| Sample::new(z[0], z[1]))
        .collect()
}

fn configuration(case: &Group) -> (Experiment, Settings) {
    let int = |key: &str| attributes::read_i64(case, key).unwrap();
    let float = |key: &str| attributes::read_f64(case, key).unwrap();
    let experiment = Experiment {
        sample_rate: Rate::hertz(int("EXP.sample_rate") as u64).unwrap(),
        tx_pulse_length: Some(float("EXP.tx_pulse_length")),
        tx_start: float("EXP.tx_start"),
        tx_end: float("EXP.tx_end"),
        rx_start: float("EXP.rx_start"),
        rx_end: float("EXP.rx_end"),
        radar_frequency: float("EXP.radar_frequency"),
        ..shapes::experiment(int("EXP.ipp"), 1)
    };
    let settings = Settings {
        ipp_offset: int("PRO.ipp_offset"),
        dpt_ipp_delay_parameter: int("PRO.dpt_ipp_delay_parameter"),
        min_range_gate: int("PRO.min_range_gate"),
        max_range_gate: int("PRO.max_range_gate"),
        range_gate_step: int("PRO.range_gate_step"),
        min_acceleration: float("PRO.min_acceleration"),
        max_acceleration: float("PRO.max_acceleration"),
        ..shapes::settings(int("PRO.n_ipp"), int("PRO.frequency_decimation"))
    };
    (experiment, settings)
}

pub(crate) fn each_case(check: impl Fn(&str, &Group, Experiment, Settings)) {
    let Some(reference) = jobwise_testing::reference("gmf") else {
        return;
    };
    let file = File::open(reference.join("kernels.h5")).unwrap();
    for name in CASES {
        let case = file.group(name).unwrap();
        let (experiment, settings) = configuration(&case);
        check(name, &case, experiment, settings);
    }
}

pub(crate) fn close(got: f64, want: f64, relative: f64, what: &str) {
    assert!(
        (got - want).abs() <= relative * want.abs(),
        "{what}: {got} instead of {want}"
    );
}

fn all_close(got: &[f64], want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (&got, &want) in got.iter().zip(want) {
        close(got, want, 1e-13, what);
    }
}

#[test]
fn derived_parameters() {
    each_case(|name, case, experiment, settings| {
        let parameters = Parameters::new(&experiment, &settings).unwrap();
        let int = |key: &str| attributes::read_i64(case, key).unwrap() as usize;
        for (got, key) in [
            (parameters.ipp_samp, "EXP.ipp_samp"),
            (parameters.rx_start_samp, "EXP.T_rx_start_samp"),
            (parameters.rx_end_samp, "EXP.T_rx_end_samp"),
            (parameters.tx_start_samp, "EXP.T_tx_start_samp"),
            (parameters.tx_end_samp, "EXP.T_tx_end_samp"),
            (parameters.tx_pulse_samps, "EXP.tx_pulse_samps"),
            (parameters.coh_int_samps, "PRO.coh_int_samps"),
            (parameters.dec_tau_samp, "PRO.dec_tau_samp"),
            (
                parameters.decimated_read_length,
                "PRO.decimated_read_length",
            ),
            (parameters.il0_min, "PRO.il0_min_range_gate"),
            (parameters.il0_max, "PRO.il0_max_range_gate"),
            (parameters.min_range_gate, "PRO.min_range_gate"),
            (parameters.max_range_gate, "PRO.max_range_gate"),
            (parameters.accelerations.len(), "PRO.n_accelerations"),
            (parameters.range_rates.len(), "PRO.n_range_rates"),
            (parameters.ranges.len(), "PRO.n_ranges"),
            (parameters.read_length, "PRO.read_length"),
        ] {
            assert_eq!(got, int(key), "{name}: {key}");
        }
        let derived = case.group("derived").unwrap();
        all_close(&parameters.ranges, &floats(&derived, "ranges"), "ranges");
        all_close(
            &parameters.range_rates,
            &floats(&derived, "range_rates"),
            "range_rates",
        );
        all_close(
            &parameters.accelerations,
            &floats(&derived, "accelerations"),
            "accelerations",
        );
        close(
            parameters.acceleration_step,
            floats(&derived, "acceleration_step")[0],
            1e-13,
            "acceleration_step",
        );
        let selected: Vec<i64> = parameters.selected.clone().map(|a| a as i64).collect();
        assert_eq!(selected, integers(&derived, "inds_accelerations"), "{name}");
        // The first gate's samples within the receiving windows of all pulses.
        let first_gate: Vec<i64> = (0..parameters.n_ipp)
            .flat_map(|pulse| {
                let start = pulse * parameters.rx_window_samps();
                start..start + parameters.tx_pulse_samps
            })
            .map(|sample| sample as i64)
            .collect();
        let want = integers(&derived, "il1_rx_window_indices");
        assert!(first_gate == want, "{name}: windows");

        let search = Search::new(&parameters, &settings).unwrap();
        let got = parameters.selected.clone().flat_map(|a| search.phasors(a));
        let want = samples(&derived, "fgmf_acceleration_phasors");
        assert_eq!(
            want.len() % parameters.selected.len(),
            0,
            "{name}: phasor rows"
        );
        let worst = got
            .zip(&want)
            .map(|(got, want)| (got - want).norm())
            .fold(0.0, f32::max);
        assert!(worst <= 2e-7, "{name}: phasors differ by {worst}");
    });
}

fn integrate(case: &Group, experiment: &Experiment, settings: &Settings) -> Integration {
    let parameters = Parameters::new(experiment, settings).unwrap();
    let raw = samples(case, "z_ipp");
    assert_eq!(raw.len(), parameters.read_length);
    let gather = |window: &dyn Fn(usize) -> std::ops::Range<usize>| -> Vec<Sample> {
        (0..parameters.n_ipp)
            .flat_map(|pulse| raw[window(pulse)].to_vec())
            .collect()
    };
    let tx = gather(&|pulse| parameters.tx_window(pulse));
    let rx = gather(&|pulse| parameters.rx_window(pulse));
    let search = Search::new(&parameters, settings).unwrap();
    search.integrate(&tx, &rx, &mut search.scratch())
}

/// Powers within 2e-6 and indices equal: no runner-up of these cases is closer than 1e-5.
fn compare(got: &Integration, case: &Group, [val, v, a]: [&str; 3], what: &str) {
    let truth = case.group("truth64").unwrap();
    let val = floats(&truth, val);
    assert_eq!(got.gmf.len(), val.len());
    for (gate, (&got, &want)) in got.gmf.iter().zip(&val).enumerate() {
        close(f64::from(got), want, 2e-6, &format!("{what} gmf {gate}"));
    }
    let wide = |indices: &[i32]| indices.iter().map(|&i| i64::from(i)).collect::<Vec<_>>();
    assert_eq!(wide(&got.range_rate_index), integers(&truth, v), "{what}");
    assert_eq!(wide(&got.acceleration_index), integers(&truth, a), "{what}");
    compare_dc(got, &floats(&truth, "dc"), what);
    let power = f64::from(got.tx_power);
    close(power, floats(case, "tx_power")[0], 2e-6, "tx_power");
}

fn compare_dc(got: &Integration, want: &[f64], what: &str) {
    assert_eq!(got.gmf_zero_frequency.len(), want.len());
    for (&got, &want) in got.gmf_zero_frequency.iter().zip(want) {
        close(f64::from(got), want, 5e-6, &format!("{what} dc"));
    }
}

#[test]
fn fgmf() {
    each_case(|name, case, experiment, settings| {
        let got = integrate(case, &experiment, &settings);
        compare(&got, case, ["val", "v", "a"], name);
    });
}

#[test]
fn fdpt() {
    each_case(|name, case, experiment, mut settings| {
        settings.gmf_method = Method::Fdpt;
        let got = integrate(case, &experiment, &settings);
        compare(&got, case, ["dpt_val", "dpt_v", "dpt_a"], name);
    });
}

#[test]
fn zero_frequency_of_the_first_acceleration() {
    each_case(|name, case, experiment, mut settings| {
        settings.dc = ZeroFrequency::FirstAcceleration;
        let got = integrate(case, &experiment, &settings);
        let truth = case.group("truth64").unwrap();
        compare_dc(&got, &floats(&truth, "dc_first_acc"), name);
    });
}
