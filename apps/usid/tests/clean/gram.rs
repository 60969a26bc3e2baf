//! Both ways to the Gram matrix.

use jobwise_core::{Across, Engine, LocalCluster};
use jobwise_serial::{Serial, Threads};
use jobwise_usid::clean::{Method, Taper, Windows, gram};
use jobwise_usid::simulate;
use ndarray::Array2;
use proptest::prelude::*;

use crate::naive;

pub(crate) fn some_windows() -> impl Strategy<Value = Windows> {
    let axis = || (1..14_usize, 1..9_usize, 0..90_usize);
    let tapers = [Taper::None, Taper::Hann, Taper::Hamming, Taper::Blackman];
    (axis(), axis(), any::<bool>(), 0..4_usize).prop_map(
        move |((wx, sx, mx), (wy, sy, my), cover, taper)| {
            Windows::new([wx + mx, wy + my], [wx, wy], [sx, sy], cover)
                .unwrap()
                .tapered(tapers[taper])
        },
    )
}

/// Pixels that use all their bits.
pub(crate) fn pixels(windows: &Windows) -> Array2<f32> {
    let image = simulate::image(windows.x.image.max(windows.y.image));
    Array2::from_shape_fn((windows.x.image, windows.y.image), |(x, y)| image[[x, y]])
}

/// All that can be used for these windows.
fn methods(windows: &Windows) -> Vec<Method> {
    let adjacent = windows.are_adjacent().then_some(Method::Transforms);
    [Method::Shifts, Method::Stream]
        .into_iter()
        .chain(adjacent)
        .collect()
}

/// The same windows at every pixel.
pub(crate) fn adjacent(windows: &Windows) -> Windows {
    let (x, y) = (&windows.x, &windows.y);
    Windows::new([x.image, y.image], [x.window, y.window], [1, 1], false)
        .unwrap()
        .tapered(windows.taper)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn all_ways_are_the_definition(windows in some_windows(), is_adjacent in any::<bool>()) {
        let windows = if is_adjacent { adjacent(&windows) } else { windows };
        let image = pixels(&windows);
        let matrix = naive::matrix(&image, &windows);
        let expected = matrix.t().dot(&matrix);
        let largest = expected.iter().fold(1.0_f64, |l, e| l.max(e.abs()));
        for method in methods(&windows) {
            let ours = gram(&Engine::new(&Serial), image.view(), &windows, method).unwrap();
            let error = naive::distance(&ours, &expected) / largest;
            prop_assert!(error < 1e-14, "{method:?}: {error}");
        }
    }
}

#[test]
fn ranks_and_threads_change_no_bit() {
    let apart = Windows::new([190, 170], [9, 7], [2, 3], true).unwrap();
    let image = pixels(&apart);
    let ways = [&apart, &adjacent(&apart)].map(|windows| (windows.clone(), methods(windows)));
    let ways = ways
        .iter()
        .flat_map(|(windows, methods)| methods.iter().map(move |&it| (windows, it)));
    for (windows, method) in ways {
        let alone = gram(&Engine::new(&Serial), image.view(), windows, method).unwrap();
        let threads = Threads::new(Some(2));
        assert_eq!(
            gram(&Engine::new(&threads), image.view(), windows, method).unwrap(),
            alone
        );
        let ranks = LocalCluster::run(3, |comm| {
            let backend = Across::new(comm, Serial);
            gram(&Engine::new(&backend), image.view(), windows, method).unwrap()
        });
        assert!(
            ranks.iter().all(|gram| gram.as_ref() == Ok(&alone)),
            "{method:?}"
        );
    }
}
