use jobwise_inversion::sampler::{Chain, Outcome, run};
use jobwise_inversion::settings::Settings;
use jobwise_inversion::state::Sounding;

use crate::soundings::{COILS, DATA, settings, sounding, system};

/// A run, and the misfits of all iterations as bits.
fn outcome(settings: &Settings, sounding: &Sounding<'_>, number: u32) -> (Outcome, Vec<u64>) {
    let mut chain = Chain::new(settings, sounding, 3, number).unwrap();
    let mut misfits = Vec::new();
    let found = run(
        settings,
        &mut chain,
        &[5.0, 50.0],
        |iteration, _, misfit| {
            assert_eq!(iteration, misfits.len() as u64 + 1);
            misfits.push(misfit.to_bits());
        },
    );
    (found, misfits)
}

#[test]
fn a_chain_has_the_same_bits_again_and_others_do_not() {
    let (system, settings) = (system(COILS), settings(300));
    let of =
        |fiducial, number| outcome(&settings, &sounding(&system, 30.0, &DATA, fiducial), number).1;
    assert_eq!(of(1.0, 0), of(1.0, 0));
    assert_ne!(of(1.0, 0), of(1.0, 1));
    assert_ne!(of(1.0, 0), of(2.0, 0));
}

#[test]
fn every_kept_iteration_is_counted_once() {
    let system = system(COILS);
    let settings = Settings {
        minimum_burn_in: 500,
        ..settings(2000)
    };
    let (found, misfits) = outcome(&settings, &sounding(&system, 30.0, &DATA, 1.0), 0);
    let burned_in = found.burned_in.expect("data that an earth explains");
    assert!(burned_in > 500);
    assert_eq!(found.iterations, 2000 + burned_in);
    let kept = &misfits[burned_in as usize - 1..];
    let posterior = &found.posterior;
    assert_eq!(posterior.kept(), kept.len() as u64);
    for histogram in posterior
        .conductivity
        .iter()
        .chain(&posterior.relative_error)
    {
        assert_eq!(histogram.counts().iter().sum::<u32>(), kept.len() as u32);
    }
    let sum: f64 = kept.iter().map(|bits| f64::from_bits(*bits)).sum();
    let mean = sum / kept.len() as f64;
    assert!((posterior.misfit.mean() / mean - 1.0).abs() < 1e-12);
    // An accepted candidate has another misfit.
    let before = burned_in as usize - 2;
    let changes = misfits[before..]
        .windows(2)
        .filter(|pair| pair[0] != pair[1])
        .count();
    assert_eq!(found.accepted, changes as u64);
    assert!(found.best.iteration >= burned_in);
}

#[test]
fn a_chain_that_never_fits_ends_and_says_so() {
    let system = system(COILS);
    let settings = Settings {
        minimum_burn_in: 100,
        ..settings(400)
    };
    // No earth gives this with errors of at most half.
    let data = [5000.0, 1.0, 5000.0, 1.0, 5000.0, 1.0];
    let (found, misfits) = outcome(&settings, &sounding(&system, 30.0, &data, 1.0), 0);
    assert_eq!((found.burned_in, found.iterations), (None, 400));
    assert_eq!(found.posterior.kept(), 400);
    assert_eq!(misfits.len(), 400);
}

#[test]
fn what_no_chain_can_do_is_refused() {
    let system = system(COILS);
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    let mut cases = vec![(settings(1), "maximum_number_of_layers must be")];
    cases[0].0.maximum_number_of_layers = 0;
    let mut settings_of = |change: &dyn Fn(&mut Settings), expected| {
        let mut changed = settings(1);
        change(&mut changed);
        cases.push((changed, expected));
    };
    settings_of(&|s| s.maximum_depth = 0.5, "0 < minimum < maximum");
    settings_of(
        &|s| s.minimum_thickness = Some(5.0),
        "30 layers of 5 m do not fit",
    );
    settings_of(
        &|s| s.minimum_thickness = Some(1e-9),
        "at least maximum_depth / 5000",
    );
    settings_of(&|s| s.probability_of_birth = -1.0, "probability_of_..");
    settings_of(
        &|s| s.relative_error[0].initial = 0.6,
        "initial_relative_error 0.6",
    );
    settings_of(
        &|s| s.additive_error.clear(),
        "1 relative and 1 additive errors are needed",
    );
    for (settings, expected) in cases {
        let message = Chain::new(&settings, &sounding, 0, 0)
            .unwrap_err()
            .to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
}
