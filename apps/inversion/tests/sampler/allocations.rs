use jobwise_inversion::forward::{Geometry, TimeDomain};
use jobwise_inversion::inference::{Request, infer};
use jobwise_inversion::instrument::{Instrument, TimePart};
use jobwise_inversion::likelihood::Observation;
use jobwise_inversion::options::{ErrorModel, Mode, Traces};
use jobwise_inversion::settings::{HeightWalk, Settings};
use jobwise_inversion::state::Sounding;
use jobwise_testing::allocations;

use crate::soundings::{
    COILS, DATA, request, settings, sounding, system, time_settings, time_system,
};

/// What grows is grown in these iterations.
const START: u64 = 300;
const MORE: u64 = 1000;

/// A chain asks for memory at its start only.
fn asks_for_none(request: &Request<'_>) {
    let mut walk = request.walk(0).unwrap();
    for iteration in 1..=START {
        walk.step(iteration);
    }
    let (changes, requests) = allocations(|| {
        let iterations = START + 1..=START + MORE;
        iterations.filter(|iteration| walk.step(*iteration)).count()
    });
    assert!(changes > 50, "{changes}");
    assert_eq!(requests, 0, "{:?}", request.mode);
    // What is kept of it either: twice as many iterations need no more.
    let of = |iterations| {
        let settings = Settings {
            n_markov_chains: iterations,
            minimum_burn_in: 10,
            ..request.settings.clone()
        };
        let request = Request {
            settings: &settings,
            traces: Traces::Thin,
            ..*request
        };
        let (found, requests) = allocations(|| infer(&request, &|| false).unwrap().unwrap());
        assert!(found.failure.is_none(), "{:?}", found.failure);
        requests
    };
    assert_eq!(of(3000), of(6000), "{:?}", request.mode);
}

#[test]
fn chains_of_the_frequency_domain_ask_for_no_memory() {
    let system = system(COILS);
    let settings = Settings {
        maximum_number_of_layers: 12,
        height: Some(HeightWalk {
            maximum_change: 1.0,
            proposal_variance: 0.01,
        }),
        ..settings(100)
    };
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    for mode in [Mode::Compat, Mode::Exact] {
        asks_for_none(&Request {
            mode,
            ..request(&settings, &sounding)
        });
    }
}

#[test]
fn chains_of_the_time_domain_ask_for_no_memory() {
    let system = TimeDomain::new(&time_system());
    let geometry = Geometry {
        tx_height: 30.0,
        txrx_dx: -12.0,
        txrx_dz: 2.0,
        ..Geometry::default()
    };
    let part = TimePart {
        system: &system,
        geometry,
        with_primary: false,
    };
    let instrument = Instrument::time(&[part]).unwrap();
    let layers = jobwise_inversion::earth::Layers::new(&[0.02, 0.1], &[30.0]).unwrap();
    let mut response = instrument.response(2);
    let wanted = jobwise_inversion::forward::Wanted::default();
    instrument
        .evaluator(2)
        .evaluate(layers, 0.0, wanted, &mut response);
    let data = response.predicted;
    let ones = vec![1.0; data.len()];
    let observation = Observation::finite(&data, instrument.components(), &ones).unwrap();
    for (mode, error_model) in [
        (Mode::Compat, ErrorModel::Observed),
        (Mode::Exact, ErrorModel::Predicted),
    ] {
        let sounding = Sounding {
            line: 1.0,
            fiducial: 1.0,
            observation: observation.clone().with_error_model(error_model),
            instrument: instrument.clone(),
        };
        let settings = time_settings(100, instrument.components().len());
        asks_for_none(&Request {
            mode,
            ..request(&settings, &sounding)
        });
    }
}
