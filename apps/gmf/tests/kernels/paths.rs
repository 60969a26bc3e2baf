//! Every fast path against the plain one, on random radars.

use jobwise_gmf::search::{Integration, Path, Sample};
use jobwise_gmf::settings::{Method, Settings};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::case::{self, Case};
use crate::shapes;

/// Powers closer than this may change places.
const MARGIN: f64 = 1e-5;

/// A radar of any shape, lengths with large primes among them, and noise with an echo that may
/// drown in it.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let shape = (2_i64..14, 0_i64..3, 1_usize..5, 1_usize..31, 0_usize..200);
    let gates = (1_usize..21, 1_usize..4);
    (shape, gates, 0..4_u8, any::<u64>()).prop_map(
        |((n_ipp, ipp_offset, decimation, per_pulse, idle), (gates, step), kind, seed)| {
            let pulse = per_pulse * decimation;
            // The gates begin after the transmission: its leak would drown everything in its own
            // rounding.
            let listening = (4 + gates * step).div_ceil(decimation);
            let ipp = (2 * per_pulse + listening + idle) * decimation;
            let mut case = Case {
                settings: Settings {
                    ipp_offset,
                    min_range_gate: pulse as i64,
                    max_range_gate: (pulse + gates * step) as i64,
                    range_gate_step: step as i64,
                    gmf_method: if kind < 2 { Method::Fgmf } else { Method::Fdpt },
                    dpt_restrict: kind == 3,
                    min_tx_amplitude: 0.0,
                    ..shapes::settings(n_ipp, decimation as i64)
                },
                ipp,
                pulse,
                samples: Vec::new(),
            };
            let step = case.parameters().acceleration_step;
            case.settings.min_acceleration = -2.1 * step;
            case.settings.max_acceleration = 1.1 * step;
            case.samples = samples(&case, seed);
            case
        },
    )
}

/// A random code from sample 3 of every IPP on, noise of any unit, the code's echo somewhere.
pub(crate) fn samples(case: &Case, seed: u64) -> Vec<Sample> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let ipps = (case.settings.n_ipp + case.settings.ipp_offset) as usize;
    let unit = 10_f32.powi(random.random_range(-12..13));
    let amplitude: f32 = random.random_range(0.0..2.0);
    let turn: f32 = random.random_range(-3.0..3.0);
    let gates = case.settings.min_range_gate as usize..case.settings.max_range_gate as usize;
    let delay = 4 + random.random_range(gates);
    let mut samples: Vec<Sample> = (0..ipps * case.ipp)
        .map(|_| Sample::new(random.sample(StandardNormal), random.sample(StandardNormal)))
        .collect();
    for start in (0..samples.len()).step_by(case.ipp) {
        for i in 0..case.pulse {
            let chip = if random.random::<bool>() { 1.0 } else { -1.0 };
            samples[start + 3 + i] = Sample::new(100.0 * chip, 0.0);
            let late = start + case.settings.ipp_offset as usize * case.ipp + delay + i;
            if let Some(echo) = samples.get_mut(late) {
                *echo += Sample::from_polar(amplitude * chip, turn * (start + i) as f32 * 0.01);
            }
        }
    }
    samples.iter().map(|z| z * unit).collect()
}

/// Checks that two results agree, but for places whose powers agree.
pub(crate) fn compare(
    case: &Case,
    fast: &Integration,
    plain: &Integration,
) -> Result<(), TestCaseError> {
    let close = |a: f32, b: f32, tolerance: f64| {
        let (a, b) = (f64::from(a), f64::from(b));
        (a - b).abs() <= tolerance * a.abs().max(b.abs())
    };
    prop_assert!(fast.tx_power.to_bits() == plain.tx_power.to_bits());
    for (gate, range_gate) in case.gates().enumerate() {
        let places = [fast, plain]
            .map(|found| (found.acceleration_index[gate], found.range_rate_index[gate]));
        if places[0] == places[1] {
            prop_assert!(
                close(fast.gmf[gate], plain.gmf[gate], 2e-6),
                "power of gate {}",
                gate
            );
        } else if places[0].0 == places[1].0 || case.settings.gmf_method == Method::Fgmf {
            prop_assert!(
                close(fast.gmf[gate], plain.gmf[gate], MARGIN),
                "gate {}: {:?}, powers {} and {}",
                gate,
                places,
                fast.gmf[gate],
                plain.gmf[gate]
            );
        } else {
            let echo = case.echo(range_gate);
            let lines = places.map(|(a, _)| case.line(&echo, a as usize));
            prop_assert!(
                (lines[0] - lines[1]).abs() <= MARGIN * lines[0].max(lines[1]),
                "gate {}: {:?}, lines {:?}",
                gate,
                places,
                lines
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(700))]

    #[test]
    fn all_paths_find_the_same(case in cases()) {
        let plain = case.integrate(Path::Plain);
        prop_assert!(plain.range_rate_index.iter().all(|&f| f >= 0));
        for path in case::paths() {
            let fast = case.integrate(path);
            compare(&case, &fast, &plain)
                .map_err(|e| TestCaseError::fail(format!("{path:?}: {e}")))?;
        }
    }
}
