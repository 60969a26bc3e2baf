use std::cell::Cell;

use jobwise_inversion::inference::{Found, QUANTILES, Quantity, Request, infer};
use jobwise_inversion::options::{Mode, Traces};
use jobwise_inversion::sampler::Move;
use jobwise_inversion::settings::{HeightWalk, Settings};

use crate::soundings::{COILS, DATA, request, settings, sounding, system};

fn found(request: &Request<'_>) -> Found {
    infer(request, &|| false)
        .unwrap()
        .expect("nothing stops it")
}

/// The mean of a number that iterations have.
fn mean(misfits: &[f64]) -> f64 {
    misfits.iter().sum::<f64>() / misfits.len() as f64
}

#[test]
fn every_kept_iteration_is_counted_once() {
    let system = system(COILS);
    let settings = Settings {
        minimum_burn_in: 500,
        ..settings(2000)
    };
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    for chains in [1, 3] {
        let request = Request {
            chains,
            ..request(&settings, &sounding)
        };
        let found = found(&request);
        assert!(found.failure.is_none(), "{:?}", found.failure);
        let mut kept = Vec::new();
        for (chain, trace) in found.chains.iter().zip(&found.traces) {
            let burned_in = chain.burned_in.expect("data that an earth explains");
            assert!(burned_in > 500 && found.burned_in >= chain.burned_in);
            assert_eq!(trace.misfit.len() as u64, 2000 + burned_in);
            kept.extend(&trace.misfit[burned_in as usize - 1..]);
            // An accepted candidate has another misfit.
            let pairs = trace.misfit.windows(2).zip(&trace.accepted[1..]);
            assert!(
                pairs
                    .into_iter()
                    .all(|(pair, accepted)| (pair[0].to_bits() != pair[1].to_bits()) == *accepted)
            );
            let accepted = trace.accepted.iter().filter(|accepted| **accepted).count();
            let rate = accepted as f64 / trace.accepted.len() as f64;
            assert!((chain.acceptance.overall() - rate).abs() < 1e-12);
        }
        assert_eq!(found.iterations, 2000 + found.burned_in.unwrap());
        let posterior = &found.posterior;
        assert_eq!(posterior.kept(), kept.len() as u64);
        for histogram in posterior
            .conductivity
            .iter()
            .chain(&posterior.relative_error)
        {
            assert_eq!(histogram.counts().iter().sum::<u32>(), kept.len() as u32);
        }
        let of = |quantity: Quantity| {
            let mut all = found.statistics.iter();
            all.find(|statistic| statistic.quantity == quantity)
                .unwrap()
        };
        assert!((of(Quantity::Misfit).mean / mean(&kept) - 1.0).abs() < 1e-12);
        let layers = posterior.layers.iter().enumerate();
        let layers = layers.map(|(layers, count)| layers as f64 * *count as f64);
        let layers = layers.sum::<f64>() / kept.len() as f64;
        assert!((of(Quantity::Layers).mean / layers - 1.0).abs() < 1e-12);
        assert!(
            (mean(
                &found
                    .chains
                    .iter()
                    .map(|chain| chain.mean_layers)
                    .collect::<Vec<_>>()
            ) / layers
                - 1.0)
                .abs()
                < 0.01
        );
        assert!(
            found.best.iteration
                >= found
                    .chains
                    .iter()
                    .filter_map(|c| c.burned_in)
                    .min()
                    .unwrap()
        );
        // The height is given.
        assert_eq!(of(Quantity::Height).mean.to_bits(), 30.0f64.to_bits());
        assert!(of(Quantity::Height).effective.is_nan());
        for depth in request.depths {
            let statistic = of(Quantity::LogConductivity(*depth));
            assert_eq!(statistic.quantiles.len(), QUANTILES);
            assert!(statistic.quantiles.is_sorted() && statistic.effective > 1.0);
            assert!((statistic.quantile(0.5) - statistic.mean).abs() < 2.0 * statistic.deviation);
        }
        assert!(found.effective_min(&settings) > 1.0 && found.r_hat_max(&settings) < 2.0);
    }
}

/// One chain, and the same one among others, and in whichever order.
#[test]
fn a_chain_is_the_same_among_others() {
    let system = system(COILS);
    let settings = Settings {
        minimum_burn_in: 100,
        ..settings(400)
    };
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    for mode in [Mode::Compat, Mode::Exact] {
        let of = |chains| {
            let request = Request {
                mode,
                chains,
                ..request(&settings, &sounding)
            };
            found(&request)
        };
        let (one, three) = (of(1), of(3));
        assert_eq!(one.traces[0].misfit, three.traces[0].misfit);
        assert_ne!(three.traces[0].misfit, three.traces[1].misfit);
        assert_eq!(format!("{three:?}"), format!("{:?}", of(3)));
    }
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
    let sounding = sounding(&system, 30.0, &data, 1.0);
    let request = Request {
        chains: 2,
        ..request(&settings, &sounding)
    };
    let found = found(&request);
    assert_eq!((found.burned_in, found.iterations), (None, 400));
    assert_eq!(found.posterior.kept(), 800);
    let failure = found.failure.unwrap();
    let told = failure.contains("chain 1 and 1 more of 2 never") && failure.contains("6 data");
    assert!(told, "{failure}");
}

#[test]
fn what_is_not_explained_but_ignored_is_no_failure() {
    let system = system(COILS);
    let settings = Settings {
        ignore_likelihood: true,
        ..settings(300)
    };
    let sounding = sounding(&system, 30.0, &[5000.0, 1.0, 5000.0, 1.0, 5000.0, 1.0], 1.0);
    let found = found(&request(&settings, &sounding));
    assert_eq!((found.burned_in, found.iterations), (Some(0), 300));
    assert!(found.failure.is_none() && found.posterior.kept() == 300);
}

#[test]
fn thin_traces_are_parts_of_full_ones() {
    let system = system(COILS);
    let settings = Settings {
        ignore_likelihood: true,
        ..settings(5000)
    };
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    let of = |traces| {
        let request = Request {
            traces,
            ..request(&settings, &sounding)
        };
        found(&request).traces
    };
    let (full, thin) = (of(Traces::Full), of(Traces::Thin));
    assert!(of(Traces::None).is_empty());
    let stride = thin[0].stride as usize;
    assert!((1024..2048).contains(&thin[0].misfit.len()) && stride == 4);
    let every = full[0].misfit.iter().step_by(stride);
    assert!(every.eq(&thin[0].misfit));
    assert!(
        full[0]
            .accepted
            .iter()
            .step_by(stride)
            .eq(&thin[0].accepted)
    );
}

#[test]
fn a_sounding_stops_within_100_iterations() {
    let system = system(COILS);
    let settings = settings(1_000_000);
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 5
    };
    assert!(
        infer(&request(&settings, &sounding), &stop)
            .unwrap()
            .is_none()
    );
    assert_eq!(asked.get(), 6);
}

#[test]
fn a_height_that_is_solved_for_stays_between_its_ends() {
    let system = system(COILS);
    let settings = Settings {
        height: Some(HeightWalk {
            maximum_change: 0.5,
            proposal_variance: 0.09,
        }),
        minimum_burn_in: 100,
        ..settings(3000)
    };
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    for mode in [Mode::Compat, Mode::Exact] {
        let request = Request {
            mode,
            ..request(&settings, &sounding)
        };
        let found = found(&request);
        let height = &found.statistics[2];
        assert_eq!(height.quantity, Quantity::Height);
        let (lowest, highest) = (height.quantiles[0], height.quantiles[QUANTILES - 1]);
        assert!(lowest >= 29.5 && highest <= 30.5, "{lowest} {highest}");
        // It has been everywhere.
        assert!(lowest < 29.6 && highest > 30.4, "{lowest} {highest}");
        assert!(found.chains[0].effective_height > 10.0);
        let counts = found.posterior.height.as_ref().unwrap().counts();
        assert_eq!(
            u64::from(counts.iter().sum::<u32>()),
            found.posterior.kept()
        );
        let alone = found.chains[0].acceptance.rate(Move::Height);
        assert_eq!(alone.is_nan(), mode == Mode::Compat);
    }
}

/// Of four short chains some burn in and others do not.
#[test]
fn only_chains_that_burned_in_count() {
    let system = system(COILS);
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    let mut seen = [false; 2];
    for seed in 0..40 {
        let kept = 100 << (seed % 4);
        let settings = Settings {
            minimum_burn_in: 0,
            ..settings(kept)
        };
        let request = Request {
            chains: 4,
            seed,
            ..request(&settings, &sounding)
        };
        let found = found(&request);
        let burned_in = found.chains.iter().filter_map(|chain| chain.burned_in);
        let count = burned_in.clone().count();
        if count == 0 || count == 4 {
            continue;
        }
        // Where the first one did, and where it did not.
        seen[usize::from(found.chains[0].burned_in.is_some())] = true;
        assert!(found.burned_in.is_none());
        assert!(found.failure.unwrap().contains("of 4 never burned in"));
        // Each goes on after it.
        assert_eq!(found.posterior.kept(), (kept + 1) * count as u64);
        assert!(found.best.iteration >= burned_in.min().unwrap());
        if seen == [true; 2] {
            return;
        }
    }
    panic!("such chains are needed: {seen:?}");
}
