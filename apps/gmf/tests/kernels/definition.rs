//! The search against its definition, evaluated term by term in f64 on small random cases.

use jobwise_gmf::search::Sample;
use jobwise_gmf::settings::{Method, Settings};
use proptest::prelude::*;

use crate::case::{self, Case};
use crate::shapes;

fn highest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, f64::max)
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    (
        2_i64..5,
        1_i64..4,
        2_usize..4,
        0_i64..2,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_flat_map(
            |(n_ipp, decimation, per_pulse, ipp_offset, stepped, fdpt, restrict)| {
                let d = decimation as usize;
                let pulse = per_pulse * d;
                let ipp = (5 * per_pulse + 12) * d;
                let step = if stepped { 3 } else { 1 };
                let settings = Settings {
                    ipp_offset,
                    min_range_gate: if stepped { 0 } else { 2 },
                    max_range_gate: 7,
                    range_gate_step: step,
                    gmf_method: if fdpt { Method::Fdpt } else { Method::Fgmf },
                    dpt_restrict: restrict,
                    min_tx_amplitude: 0.0,
                    ..shapes::settings(n_ipp, decimation)
                };
                let length = (n_ipp + ipp_offset) as usize * ipp;
                let sample =
                    (-1.0_f32..1.0, -1.0_f32..1.0).prop_map(|(re, im)| Sample::new(re, im));
                prop::collection::vec(sample, length).prop_map(move |samples| {
                    let mut case = Case {
                        settings: settings.clone(),
                        ipp,
                        pulse,
                        samples,
                    };
                    // Seven accelerations of the grid, unevenly around zero.
                    let parameters = case.parameters();
                    case.settings.min_acceleration = -2.1 * parameters.acceleration_step;
                    case.settings.max_acceleration = 4.1 * parameters.acceleration_step;
                    case
                })
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_number_is_as_defined(case in cases(), choice in any::<prop::sample::Index>()) {
        let parameters = case.parameters();
        let got = case.integrate(*choice.get(&case::paths()));
        prop_assert_eq!(parameters.selected.len(), 7);
        prop_assert_eq!(got.gmf.len(), case.gates().count());
        for (gate, rg) in case.gates().enumerate() {
            let echo = case.echo(rg);
            let a = got.acceleration_index[gate] as usize;
            let f = got.range_rate_index[gate] as usize;
            let acceleration = parameters.accelerations[a];
            let found = case.power(&echo, acceleration, f);
            // f32 echoes; cancellation is bounded by the incoherent power.
            prop_assert!((f64::from(got.gmf[gate]) - found).abs() <= 2e-6 * found);
            let bins = 0..case.n();
            let all = match case.settings.gmf_method {
                Method::Fdpt => {
                    let searched = if case.settings.dpt_restrict {
                        parameters.selected.clone()
                    } else {
                        0..parameters.accelerations.len()
                    };
                    let lines = highest(searched.clone().map(|a| case.line(&echo, a)));
                    prop_assert!(searched.contains(&a));
                    prop_assert!(case.line(&echo, a) >= lines * (1.0 - 1e-5));
                    highest(bins.map(|f| case.power(&echo, acceleration, f)))
                }
                _ => highest(parameters.selected.clone().flat_map(|a| {
                    let (case, echo) = (&case, &echo);
                    let acceleration = parameters.accelerations[a];
                    bins.clone().map(move |f| case.power(echo, acceleration, f))
                })),
            };
            prop_assert!(found >= all * (1.0 - 1e-5), "{} is below {}", found, all);
            let dc = case.power(&echo, 0.0, 0);
            let incoherent: f64 = echo.iter().map(|(_, _, e)| e.norm_sqr()).sum();
            prop_assert!((f64::from(got.gmf_zero_frequency[gate]) - dc).abs() <= 1e-6 * (dc + incoherent));
        }
        let best = got.gmf.iter().copied().fold(0.0, f32::max);
        let gate = got.gmf.iter().position(|g| g.to_bits() == best.to_bits()).unwrap();
        let (f, a) = (got.range_rate_index[gate] as usize, got.acceleration_index[gate] as usize);
        prop_assert_eq!(got.gmf_peak.to_bits(), best.to_bits());
        for (peak, expected) in [
            (got.range_peak, parameters.ranges[gate]),
            (got.range_rate_peak, parameters.range_rates[f]),
            (got.acceleration_peak, parameters.accelerations[a]),
        ] {
            prop_assert_eq!(peak.to_bits(), expected.to_bits());
        }
    }
}
