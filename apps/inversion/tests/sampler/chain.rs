use jobwise_inversion::sampler::Chain;
use jobwise_inversion::settings::Settings;

use crate::soundings::{COILS, DATA, settings, sounding, system};

#[test]
fn a_chain_has_the_same_bits_again_and_others_do_not() {
    let (system, settings) = (system(COILS), settings(300));
    let of = |fiducial, number| -> Vec<u64> {
        let sounding = sounding(&system, 30.0, &DATA, fiducial);
        let mut chain = Chain::new(&settings, &sounding, 3, number).unwrap();
        (1..=300)
            .map(|iteration| {
                chain.step(iteration);
                chain.state().misfit.to_bits()
            })
            .collect()
    };
    assert_eq!(of(1.0, 0), of(1.0, 0));
    assert_ne!(of(1.0, 0), of(1.0, 1));
    assert_ne!(of(1.0, 0), of(2.0, 0));
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
