//! Cleaning by filters and window by window.

use jobwise_core::{Across, Engine, LocalCluster};
use jobwise_serial::{Serial, Threads};
use jobwise_usid::clean::{Method, Taper, Way, Windows, components, gram, project};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

use crate::gram::{adjacent, pixels, some_windows};
use crate::naive;

fn kept(image: &Array2<f32>, windows: &Windows, number: usize) -> Array2<f64> {
    let gram = gram(&Engine::new(&Serial), image.view(), windows, Method::Shifts).unwrap();
    components(&gram, number).unwrap().vectors
}

/// All that can be used for these windows.
fn ways(windows: &Windows) -> Vec<Way> {
    let adjacent = windows.are_adjacent().then_some(Way::Transforms);
    [Way::Filter, Way::Direct]
        .into_iter()
        .chain(adjacent)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn all_ways_are_the_definition(
        windows in some_windows(),
        is_adjacent in any::<bool>(),
        part in 0.0..1.0_f64,
    ) {
        let windows = if is_adjacent { adjacent(&windows) } else { windows };
        let image = pixels(&windows);
        let number = 1 + (part * (windows.pixels() - 1) as f64) as usize;
        let kept = kept(&image, &windows, number);
        let expected = naive::clean(&image, &windows, &kept);
        // Where tapers all but vanish, so do the digits of what is divided by them.
        let coverage = [&windows.x, &windows.y].map(|axis| axis.coverage(&windows.taper.function(axis.window)));
        for way in ways(&windows) {
            let ours = project(&Engine::new(&Serial), image.view(), &windows, &kept, way).unwrap();
            for ((x, y), expected) in expected.indexed_iter() {
                let weight = (coverage[0][x] * coverage[1][y]).clamp(1e-9, 1.0);
                let error = (ours[[x, y]] - expected).abs() * weight;
                prop_assert!(error < 1e-12, "{way:?} at {x}, {y}: {error}");
            }
        }
    }
}

#[test]
fn all_components_are_the_image() {
    let windows = Windows::new([70, 90], [8, 11], [3, 2], true)
        .unwrap()
        .tapered(Taper::Hamming);
    let image = pixels(&windows);
    let all = kept(&image, &windows, windows.pixels());
    for way in [Way::Filter, Way::Direct] {
        let clean = project(&Engine::new(&Serial), image.view(), &windows, &all, way).unwrap();
        assert!(naive::distance(&clean, &image.mapv(f64::from)) < 1e-12);
    }
}

#[test]
fn components_add_up() {
    let windows = Windows::new([60, 50], [9, 6], [2, 1], false).unwrap();
    let image = pixels(&windows);
    let kept = kept(&image, &windows, 5);
    let engine = Engine::new(&Serial);
    let together = project(&engine, image.view(), &windows, &kept, Way::Filter).unwrap();
    let mut sum = Array2::zeros(together.dim());
    for one in kept.axis_chunks_iter(Axis(0), 1) {
        sum += &project(
            &engine,
            image.view(),
            &windows,
            &one.to_owned(),
            Way::Direct,
        )
        .unwrap();
    }
    assert!(naive::distance(&sum, &together) < 1e-13);
}

#[test]
fn ranks_and_threads_change_no_bit() {
    let apart = Windows::new([150, 130], [9, 7], [2, 3], true).unwrap();
    let image = pixels(&apart);
    let cases = [&apart, &adjacent(&apart)].map(|it| (it.clone(), kept(&image, it, 6), ways(it)));
    let cases = cases
        .iter()
        .flat_map(|(windows, kept, ways)| ways.iter().map(move |&way| (windows, kept, way)));
    for (windows, kept, way) in cases {
        let alone = project(&Engine::new(&Serial), image.view(), windows, kept, way).unwrap();
        let threads = Threads::new(Some(2));
        assert_eq!(
            project(&Engine::new(&threads), image.view(), windows, kept, way).unwrap(),
            alone
        );
        let ranks = LocalCluster::run(3, |comm| {
            let backend = Across::new(comm, Serial);
            project(&Engine::new(&backend), image.view(), windows, kept, way).unwrap()
        });
        assert!(
            ranks.iter().all(|clean| clean.as_ref() == Ok(&alone)),
            "{way:?}"
        );
    }
}
