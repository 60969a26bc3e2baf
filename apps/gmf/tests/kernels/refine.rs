//! Peaks refined at the full sample rate: against the reference, and on random soundings.

use hdf5::Group;
use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::refine::{Optimizer, Refined, Sounding};
use jobwise_gmf::search::Sample;
use jobwise_gmf::settings::Settings;
use proptest::prelude::*;

use crate::case::C;
use crate::reference::{close, each_case, floats, samples};
use crate::shapes;

/// The sounding at a delay, out of all samples of an integration.
fn sounding(raw: &[Sample], delay: usize, parameters: &Parameters) -> Sounding {
    let gather = |window: &dyn Fn(usize) -> std::ops::Range<usize>| -> Vec<Sample> {
        (0..parameters.n_ipp)
            .flat_map(|pulse| raw[window(pulse)].to_vec())
            .collect()
    };
    let tx = gather(&|pulse| parameters.tx_window(pulse));
    let rx = gather(&|pulse| parameters.echo_window(pulse, delay));
    Sounding::new(&tx, &rx, delay, parameters)
}

fn refined(optimizer: Optimizer, case: &Group, parameters: &Parameters) -> (Refined, Sounding) {
    let start: [f64; 3] = floats(&case.group("optimize_grid").unwrap(), "start")
        .try_into()
        .unwrap();
    let delay = optimizer.delay(start[0], parameters);
    let sounding = sounding(&samples(case, "z_ipp"), delay, parameters);
    (optimizer.refine(start, &sounding, parameters), sounding)
}

#[test]
fn newton_reaches_the_maximum_of_the_reference() {
    each_case(|name, case, experiment, settings| {
        let parameters = Parameters::new(&experiment, &settings).unwrap();
        let (got, _) = refined(Optimizer::Newton, case, &parameters);
        let want = case.group("optimize_bfgs_fixed").unwrap();
        let power = floats(&want, "refined_value")[0];
        assert!(
            got.power >= power * (1.0 - 1e-5),
            "{name}: {got:?}, {power}"
        );
        let motion = floats(&want, "refined");
        if name != "K2_noise" {
            let (v, a) = (got.peak[1] - motion[0], got.peak[2] - motion[1]);
            assert!(v.abs() <= 0.01 && a.abs() <= 0.05, "{name}: {v}, {a}");
        }
    });
}

#[test]
fn the_compatible_grid_is_that_of_the_peer() {
    each_case(|name, case, experiment, settings| {
        let parameters = Parameters::new(&experiment, &settings).unwrap();
        let (got, sounding) = refined(Optimizer::CompatibleGrid, case, &parameters);
        let want = case.group("optimize_grid").unwrap();
        for (got, want) in got.peak.iter().zip(floats(&want, "peak")) {
            close(*got, want, 1e-12, name);
        }
        close(got.power, floats(&want, "value")[0], 1e-6, name);
        let [_, v, a] = got.peak;
        close(sounding.power(v, a), got.power, 1e-9, name);
    });
}

#[test]
fn the_grid_is_never_below_its_start() {
    each_case(|name, case, experiment, settings| {
        let parameters = Parameters::new(&experiment, &settings).unwrap();
        let (got, _) = refined(Optimizer::Grid, case, &parameters);
        let start = floats(
            &case.group("optimize_bfgs_fixed").unwrap(),
            "value_at_start",
        )[0];
        assert!(
            got.power >= start * (1.0 - 1e-6),
            "{name}: {got:?}, {start}"
        );
    });
}

/// An echo in noise, and where a search may have found it.
#[derive(Clone, Debug)]
struct Echo {
    parameters: Parameters,
    samples: Vec<Sample>,
    delay: usize,
    start: [f64; 2],
}

fn echoes() -> impl Strategy<Value = Echo> {
    let shape = (3_i64..9, 0_i64..2, 4_usize..40, any::<u64>());
    (shape, 0.0_f64..3.0, -2.0_f64..2.0, -2.0_f64..2.0).prop_map(
        |((n_ipp, ipp_offset, pulse, seed), noise, x, y)| {
            let ipp = 4 * pulse + 20;
            let settings = Settings {
                ipp_offset,
                max_range_gate: 2,
                ..shapes::settings(n_ipp, 1)
            };
            let experiment = shapes::experiment(ipp as i64, pulse as i64);
            let parameters = Parameters::new(&experiment, &settings).unwrap();
            let length = parameters.integration_step() as f64 / parameters.sample_rate;
            let unit = parameters.wavelength / length;
            let (v, a) = (1.7 * unit, 3.3 * unit / length);
            let delay = pulse + 5;
            let mut state = seed;
            let mut random = move || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1 << 23) as f32 - 1.0
            };
            let mut samples: Vec<Sample> = (0..parameters.read_length)
                .map(|_| Sample::new(random(), random()) * noise as f32)
                .collect();
            for k in 0..parameters.n_ipp {
                let (tx, rx) = (parameters.tx_window(k), parameters.echo_window(k, delay));
                for (tx, rx) in tx.zip(rx) {
                    let chip = if random() > 0.0 { 1.0 } else { -1.0 };
                    samples[tx] = Sample::new(10.0 * chip, 0.0);
                    let t = rx as f64 / parameters.sample_rate;
                    let turns = (v * t + a * t * t / 2.0) / parameters.wavelength;
                    let echo = C::cis(2.0 * std::f64::consts::PI * turns) * f64::from(chip);
                    samples[rx] += Sample::new(echo.re as f32, echo.im as f32);
                }
            }
            Echo {
                start: [v + x * unit, a + y * unit / length],
                parameters,
                samples,
                delay,
            }
        },
    )
}

proptest! {
    // A few hundred would not meet every kind of slope that Newton's method can fail on.
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn derivatives_are_those_of_the_power(echo in echoes()) {
        let sounding = sounding(&echo.samples, echo.delay, &echo.parameters);
        let [v, a] = echo.start;
        let [unit_v, unit_a] = sounding.units();
        let h = 1e-4;
        let at = |x: f64, y: f64| sounding.power(v + x * unit_v, a + y * unit_a);
        let slope = sounding.slope(v, a);
        // The scale of the power and of its changes: the power when all samples are in phase.
        let scale: f64 = echo.samples.iter().map(|z| f64::from(z.norm_sqr())).sum();
        prop_assert!((slope.power - at(0.0, 0.0)).abs() <= 1e-10 * scale);
        let first = [(at(h, 0.0) - at(-h, 0.0)) / (2.0 * h), (at(0.0, h) - at(0.0, -h)) / (2.0 * h)];
        for (got, want) in slope.gradient.iter().zip(first) {
            prop_assert!((got - want).abs() <= 1e-5 * scale, "{} {}", got, want);
        }
        let centre = 2.0 * at(0.0, 0.0);
        let second = [
            (at(h, 0.0) + at(-h, 0.0) - centre) / (h * h),
            (at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4.0 * h * h),
            (at(0.0, h) + at(0.0, -h) - centre) / (h * h),
        ];
        for (got, want) in slope.curvature.iter().zip(second) {
            prop_assert!((got - want).abs() <= 1e-3 * scale, "{} {}", got, want);
        }
    }

    #[test]
    fn newton_climbs_to_a_summit(echo in echoes()) {
        let parameters = &echo.parameters;
        let sounding = sounding(&echo.samples, echo.delay, parameters);
        let [v, a] = echo.start;
        let got = Optimizer::Newton.refine([1.0, v, a], &sounding, parameters);
        prop_assert!(got.power >= sounding.power(v, a) * (1.0 - 1e-12));
        let [range, v, a] = got.peak;
        prop_assert!(range.to_bits() == 1.0_f64.to_bits());
        let top = sounding.slope(v, a);
        prop_assert!((top.power - got.power).abs() <= 1e-9 * got.power);
        // Nothing near is higher.
        let [unit_v, unit_a] = sounding.units();
        for (x, y) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)] {
            let near = sounding.power(v + 1e-3 * x * unit_v, a + 1e-3 * y * unit_a);
            prop_assert!(near <= got.power * (1.0 + 1e-9), "{} above {}", near, got.power);
        }
    }

    #[test]
    fn the_grid_is_searched_whole(echo in echoes()) {
        let parameters = &echo.parameters;
        let sounding = sounding(&echo.samples, echo.delay, parameters);
        let [v, a] = echo.start;
        let got = Optimizer::Grid.refine([1.0, v, a], &sounding, parameters);
        let length = parameters.integration_step() as f64 / parameters.sample_rate;
        let width = parameters.acceleration_step * length / 2.0 + parameters.wavelength / length;
        let mut most = 0.0_f64;
        for i in -10_i32..=10 {
            for j in -10_i32..=10 {
                let (i, j) = (f64::from(i) / 10.0, f64::from(j) / 10.0);
                most = most.max(sounding.power(v + i * width, a + j * parameters.acceleration_step));
            }
        }
        prop_assert!((got.power - most).abs() <= 1e-9 * most, "{} instead of {}", got.power, most);
        prop_assert!((sounding.power(got.peak[1], got.peak[2]) - got.power).abs() <= 1e-9 * most);
    }
}
