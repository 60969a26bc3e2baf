use jobwise_inversion::random::Stream;
use jobwise_inversion::statistics::{Series, effective, scale_reduction};

/// Numbers of which each is `memory` of the one before and something new: the same bits in any
/// language that has `f64`.
fn numbers(seed: u64, memory: f64) -> Vec<f64> {
    let (mut state, mut number) = (seed, 0.0);
    (0..400)
        .map(|_| {
            state = (state * 1_103_515_245 + 12345) % (1 << 31);
            number = memory * number + (state as f64 / f64::from(1u32 << 31) - 0.5);
            number
        })
        .collect()
}

fn series(values: impl IntoIterator<Item = f64>) -> Series {
    let mut series = Series::new();
    for value in values {
        series.add(value, 1);
    }
    series
}

fn both(chains: &[Series]) -> [f64; 2] {
    let chains: Vec<&Series> = chains.iter().collect();
    [effective(&chains), scale_reduction(&chains)]
}

/// Of `ArviZ` 0.21.0 (numpy 2.2.6): `ess(method="mean")` and `rhat(method="rank")` of an array of
/// these numbers, a chain per row. `rhat` refuses one chain; more effective samples than there are
/// values are not told here.
#[test]
fn statistics_are_those_of_arviz() {
    let of = |memory: f64| -> Vec<Vec<f64>> { (1..5).map(|seed| numbers(seed, memory)).collect() };
    let last = |change: &dyn Fn(f64) -> f64| {
        let mut chains = of(0.7);
        chains[3] = chains[3].iter().map(|value| change(*value)).collect();
        chains
    };
    let mut whole = of(0.7);
    for value in whole.iter_mut().flatten() {
        *value = (2.0 * *value).floor();
    }
    let cases = [
        (of(0.7), 350.798_795_208_369_03, 1.005_900_212_619_874_6),
        (
            last(&|x| x + 1.0),
            7.693_905_556_090_28,
            1.409_145_172_435_562,
        ),
        (
            last(&|x| 4.0 * x),
            326.192_263_504_157_15,
            1.173_669_376_924_822_8,
        ),
        (whole, 388.342_832_691_242_85, 1.004_389_740_166_188_5),
        (of(0.99), 8.917_818_270_190_082, 1.414_034_229_204_355_7),
        (of(-0.6), 1600.0, 1.000_859_948_902_304),
        (of(0.7)[..1].to_vec(), 68.734_873_552_700_39, f64::NAN),
    ];
    for (chains, expected_effective, expected_reduction) in cases {
        let chains: Vec<Series> = chains.into_iter().map(series).collect();
        let [effective, reduction] = both(&chains);
        let near = (effective / expected_effective - 1.0).abs() < 1e-9;
        assert!(near, "{effective}, ArviZ {expected_effective}");
        // Ranks are those of numbers of 24 bits.
        let near = (reduction / expected_reduction - 1.0).abs() < 1e-6;
        assert!(
            near || chains.len() == 1,
            "{reduction}, ArviZ {expected_reduction}"
        );
    }
}

/// The variance of a mean of such numbers is known: n (1 - memory) / (1 + memory) of them are
/// effective. Four standard deviations of the estimate are about a quarter.
#[test]
fn effective_samples_of_long_chains_are_as_many_as_theory_says() {
    for (memory, count) in [(0.0, 3000), (0.9, 50_000), (0.999, 400_000)] {
        let chains: Vec<Series> = (0..4)
            .map(|chain| {
                let stream = Stream::new(7, memory, 0.0, chain);
                let mut value = 0.0;
                series((0..count).map(|iteration| {
                    value = memory * value + stream.iteration(iteration).normal();
                    1e3 + value
                }))
            })
            .collect();
        let expected = 4.0 * count as f64 * (1.0 - memory) / (1.0 + memory);
        let [effective, reduction] = both(&chains);
        println!("{memory}: {effective:.0}, expected {expected:.0}, R-hat {reduction:.4}");
        assert!(
            (effective / expected - 1.0).abs() < 0.25,
            "{memory}: {effective} {expected}"
        );
        assert!(reduction < 1.05, "{memory}: {reduction}");
    }
}

#[test]
fn what_never_moves_is_worth_nothing() {
    let still = || series(std::iter::repeat_n(0.1, 5000));
    let moving = || series(numbers(3, 0.5).into_iter().cycle().take(5000));
    for (chains, is_reduced) in [
        (vec![still(), still()], false),
        (vec![still()], false),
        (vec![], false),
        (vec![series([1.0, 2.0, 3.0])], false),
        (vec![moving(), still()], true),
    ] {
        let [effective, reduction] = both(&chains);
        assert!(effective.is_nan(), "{effective}");
        if is_reduced {
            assert!(reduction > 1.2, "{reduction}");
        } else {
            assert!(reduction.is_nan(), "{reduction}");
        }
    }
    // Each at its own place.
    let chains = [still(), series(std::iter::repeat_n(0.2, 5000))];
    let [effective, reduction] = both(&chains);
    assert!(effective.is_nan() && reduction.is_infinite(), "{reduction}");
}

#[test]
fn runs_count_as_often_as_they_are_long() {
    let (mut runs, mut single) = (Series::new(), Series::new());
    let mut draws = Stream::new(1, 2.0, 3.0, 4).iteration(5);
    for _ in 0..3000 {
        let (value, times) = (draws.normal(), draws.below(6) as u64);
        runs.add(value, times);
        for _ in 0..times {
            single.add(value, 1);
        }
    }
    assert!(runs.samples() == single.samples());
    assert_eq!(runs.moments().count(), single.moments().count());
    let [a, b] = [runs, single].map(|series| effective(&[&series]));
    assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
}

/// Batches are twice as long in a chain that is a little longer.
#[test]
fn chains_of_other_lengths_are_taken_together() {
    let draws = |chain, count| {
        let stream = Stream::new(2, 0.0, 0.0, chain);
        series((0..count).map(|iteration| stream.iteration(iteration).normal()))
    };
    let [effective, reduction] = both(&[draws(0, 510), draws(1, 520)]);
    assert!((800.0..=1030.0).contains(&effective), "{effective}");
    assert!(reduction < 1.02, "{reduction}");
}

/// Chains of 20 000 iterations that remember as many.
#[test]
fn chains_slower_than_they_are_long_are_worth_little() {
    for seed in 0..10 {
        let chains: Vec<Series> = (0..4)
            .map(|chain| {
                let stream = Stream::new(seed, 0.0, 0.0, chain);
                let mut value = 0.0;
                series((0..20_000).map(|iteration| {
                    value = 0.99995 * value + stream.iteration(iteration).normal();
                    value
                }))
            })
            .collect();
        let [effective, reduction] = both(&chains);
        assert!(effective < 30.0, "{seed}: {effective}");
        assert!(reduction > 1.1, "{seed}: {reduction}");
        // One alone does not know of the others.
        let alone = both(&chains[..1])[0];
        assert!(alone < 15.0, "{seed}: {alone}");
    }
}
