//! Chains of several soundings that go on together, their responses computed at once.

use jobwise_inversion::exact::Design;
use jobwise_inversion::forward::FrequencyDomain;
use jobwise_inversion::inference::{Asked, Request, infer, infer_together};
use jobwise_inversion::options::{Mode, Traces};
use jobwise_inversion::settings::Settings;
use jobwise_inversion::state::Sounding;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::soundings::{request, settings, sounding, system};

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";
const DATA: [f64; 6] = [20.0, 130.0, 1100.0, 80.0, 150.0, 900.0];

fn soundings(system: &FrequencyDomain) -> Vec<Sounding<'_>> {
    let at = |place: u32| {
        let factor = 1.0 + 0.1 * f64::from(place);
        let data = DATA.map(|datum| factor * datum);
        sounding(system, 28.0 + f64::from(place), &data, f64::from(place))
    };
    (0..4).map(at).collect()
}

fn requests<'s>(settings: &'s Settings, soundings: &'s [Sounding<'s>]) -> Vec<Request<'s>> {
    let of = |sounding| Request {
        chains: 2,
        design: Design {
            temperatures: 2,
            maximum_temperature: 4.0,
            ..Design::default()
        },
        traces: Traces::Full,
        ..request(settings, sounding, &[5.0, 30.0])
    };
    soundings.iter().map(of).collect()
}

/// As the instrument of the sounding computes it.
fn compute(requests: &[Request<'_>], asked: &mut Asked) {
    let request = &requests[asked.sounding()];
    let layers = request.settings.maximum_number_of_layers;
    let mut evaluator = request.sounding.instrument.evaluator(layers);
    let (height_change, wanted) = (asked.height_change(), asked.wanted());
    let (layers, response) = asked.parts();
    evaluator.evaluate(layers, height_change, wanted, response);
}

fn pool(threads: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap()
}

/// What is found together is found alone, to the last bit, whatever the batch.
#[test]
fn chains_together_have_the_bits_of_chains_alone() {
    let system = system(COILS);
    let settings = Settings {
        n_markov_chains: 400,
        ..settings(6)
    };
    let soundings = soundings(&system);
    let requests = requests(&settings, &soundings);
    let alone: Vec<String> = requests
        .iter()
        .map(|request| format!("{:?}", infer(request, &|| false).unwrap().unwrap()))
        .collect();
    let mut largest = 0;
    for (size, threads) in [(4, 2), (3, 1)] {
        let mut together = Vec::new();
        for batch in requests.chunks(size) {
            let found = infer_together(batch, &|| false, &pool(threads), |asked| {
                largest = largest.max(asked.len());
                for asked in asked {
                    compute(batch, asked);
                }
                Ok::<_, ()>(())
            });
            for found in found.unwrap() {
                together.push(format!("{:?}", found.unwrap().unwrap().unwrap()));
            }
        }
        assert!(together == alone, "batches of {size}");
    }
    assert_eq!(largest, 8);
}

/// A sounding with a request that cannot be met, and one whose responses are no numbers, leave the
/// others as they are.
#[test]
fn a_sounding_that_fails_fails_alone() {
    let system = system(COILS);
    let settings = Settings {
        n_markov_chains: 60,
        minimum_burn_in: 10,
        ..settings(6)
    };
    let soundings = soundings(&system);
    let mut requests = requests(&settings, &soundings);
    let alone = format!("{:?}", infer(&requests[2], &|| false).unwrap().unwrap());
    requests[0].chains = 0;
    requests[1].mode = Mode::Compat;
    let found = infer_together(&requests, &|| false, &pool(2), |asked| {
        for asked in asked {
            compute(&requests, asked);
            if asked.sounding() == 3 {
                // Too short: its chain panics.
                asked.parts().1.predicted.clear();
            }
        }
        Ok::<_, ()>(())
    });
    let [none, compat, other, broken] = &found.unwrap()[..] else {
        panic!("an outcome per sounding");
    };
    let text = none.as_ref().unwrap().as_ref().unwrap_err().to_string();
    assert!(text.contains("at least one"), "{text}");
    let text = compat.as_ref().unwrap().as_ref().unwrap_err().to_string();
    assert!(text.contains("compat"), "{text}");
    let other = other.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(format!("{:?}", other.as_ref().unwrap()), alone);
    assert!(
        broken
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("panicked")
    );
}

#[test]
fn chains_together_stop_and_fail_together() {
    let system = system(COILS);
    let settings = settings(6);
    let soundings = soundings(&system);
    let requests = requests(&settings, &soundings);
    let stopped = infer_together(&requests, &|| true, &pool(2), |asked| {
        for asked in asked {
            compute(&requests, asked);
        }
        Ok::<_, ()>(())
    });
    for found in stopped.unwrap() {
        assert!(found.unwrap().unwrap().is_none());
    }
    let mut rounds = 0;
    let broken = infer_together(&requests, &|| false, &pool(2), |_| {
        rounds += 1;
        Err("the device is lost")
    });
    assert_eq!(broken.unwrap_err(), "the device is lost");
    assert_eq!(rounds, 1);
}
