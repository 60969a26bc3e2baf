//! Every cell kept, or maxima over some axes: against the definition, and against each other.

use jobwise_gmf::search::{Cube, CubeShape, Path};
use jobwise_gmf::settings::{Method, Reduce, Settings};
use proptest::prelude::*;

use crate::case::Case;
use crate::definition::cases;

fn with(case: &Case, reduce: Reduce) -> Case {
    let settings = Settings {
        gmf_method: Method::NoReduce,
        reduce,
        ..case.settings.clone()
    };
    Case {
        settings,
        ..case.clone()
    }
}

fn cube(case: &Case, reduce: Reduce) -> Cube {
    with(case, reduce).integrate(Path::Plain).cube.unwrap()
}

fn every_reduction() -> impl Iterator<Item = Reduce> {
    (0..8).map(|bits| Reduce {
        range: bits & 1 != 0,
        acceleration: bits & 2 != 0,
        range_rate: bits & 4 != 0,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_cell_is_as_defined(mut case in cases()) {
        case.settings.gmf_method = Method::Fgmf;
        let parameters = case.parameters();
        let found = cube(&case, Reduce::default());
        let (gates, accelerations, bins) =
            (parameters.ranges.len(), parameters.selected.len(), parameters.range_rates.len());
        prop_assert_eq!(found.power.len(), gates * accelerations * bins);
        let mut cells = found.power.iter();
        for gate in case.gates() {
            let echo = case.echo(gate);
            for a in parameters.selected.clone() {
                for f in 0..bins {
                    let want = case.power(&echo, parameters.accelerations[a], f);
                    let got = f64::from(*cells.next().unwrap());
                    // Cancellation: rounding is that of the sum of magnitudes.
                    let most: f64 = echo.iter().map(|(_, _, z)| z.norm()).sum();
                    prop_assert!((got - want).abs() <= 2e-6 * most * most, "{} instead of \
                        {}", got, want);
                }
            }
        }
    }

    #[test]
    fn reductions_are_first_maxima_of_the_whole(mut case in cases()) {
        case.settings.gmf_method = Method::Fgmf;
        let parameters = case.parameters();
        let whole = cube(&case, Reduce::default());
        let lengths = [parameters.ranges.len(), parameters.selected.len(), parameters.range_rates.len()];
        for reduce in every_reduction() {
            let got = cube(&case, reduce);
            let flags = [reduce.range, reduce.acceleration, reduce.range_rate];
            let kept: Vec<usize> = lengths.iter().zip(flags).map(|(&n, flag)| if flag { 1 } else { n }).collect();
            let mut want = vec![(0.0_f32, [-1_i32; 3]); kept.iter().product()];
            let mut cells = whole.power.iter();
            for g in 0..lengths[0] {
                for a in 0..lengths[1] {
                    for f in 0..lengths[2] {
                        let &power = cells.next().unwrap();
                        let at = [g % kept[0], a % kept[1], f % kept[2]];
                        let best = &mut want[(at[0] * kept[1] + at[1]) * kept[2] + at[2]];
                        if power > best.0 {
                            *best = (power, [g as i32, (a + parameters.selected.start) as i32, f as i32]);
                        }
                    }
                }
            }
            let bits = |powers: &[f32]| powers.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
            let powers: Vec<f32> = want.iter().map(|best| best.0).collect();
            prop_assert_eq!(bits(&got.power), bits(&powers));
            let indices = [&got.range_index, &got.acceleration_index, &got.range_rate_index];
            for (axis, (indices, flag)) in indices.into_iter().zip(flags).enumerate() {
                let expected: Vec<i32> = if flag { want.iter().map(|best| best.1[axis]).collect() } else { Vec::new() };
                prop_assert_eq!(indices, &expected);
            }
        }
    }

    #[test]
    fn reduced_over_motion_it_is_fgmf(mut case in cases()) {
        case.settings.gmf_method = Method::Fgmf;
        let fgmf = case.integrate(Path::Plain);
        let motion = Reduce { range: false, acceleration: true, range_rate: true };
        let mut whole = with(&case, motion).integrate(Path::Plain);
        let cube = whole.cube.take().unwrap();
        prop_assert_eq!(&cube.range_rate_index, &fgmf.range_rate_index);
        prop_assert_eq!(&cube.acceleration_index, &fgmf.acceleration_index);
        // What every file has is that of fgmf, bit by bit.
        prop_assert_eq!(whole, fgmf);
    }
}

#[test]
fn too_large_a_cube_is_refused_before_memory_is_taken() {
    let settings = Settings {
        gmf_method: Method::NoReduce,
        max_range_gate: 2000,
        num_cohints_per_file: 100,
        ..crate::shapes::settings(10, 1)
    };
    let experiment = crate::shapes::experiment(10_000, 100);
    let parameters = jobwise_gmf::parameters::Parameters::new(&experiment, &settings).unwrap();
    let message = CubeShape::new(&parameters, &settings)
        .unwrap_err()
        .to_string();
    for told in [
        "2000 range gates",
        "50000 accelerations",
        "100000 range rates",
        "narrow",
    ] {
        assert!(message.contains(told), "{message}");
    }
    let reduced = Settings {
        reduce: "range_rate, acceleration".parse().unwrap(),
        ..settings
    };
    assert!(CubeShape::new(&parameters, &reduced).is_ok());
}
