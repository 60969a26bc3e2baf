//! The Gram matrix by shifts on CUDA devices, by a driver that computes on the processor.

use jobwise_core::Engine;
use jobwise_cuda::{Cuda, CudaBackend};
use jobwise_cuda_fake::{Argument, Compiled, Run};
use jobwise_serial::Serial;
use jobwise_usid::clean::{
    Axis, FilterDevice, Method, Projection, Way, Windows, gram, gram_by_shifts, project,
};
use ndarray::Array2;

use crate::common;
use crate::gram::pixels;
use crate::naive;

/// Windows, steps, and whether there is one more at the edge: long steps and short ones, windows of
/// a pixel, more shifts than a thread sums, more columns than a strip.
fn windows() -> Vec<Windows> {
    let all = [
        ([40, 300], [12, 9], [1, 1], false),
        ([41, 37], [11, 17], [3, 2], true),
        ([20, 150], [1, 1], [1, 1], false),
        ([33, 29], [9, 5], [4, 7], true),
        ([30, 30], [20, 30], [6, 1], true),
        ([25, 140], [8, 3], [40, 90], false),
    ];
    all.map(|(image, window, step, cover)| Windows::new(image, window, step, cover).unwrap())
        .into()
}

fn backend(devices: &[usize], most: usize) -> CudaBackend {
    jobwise_cuda_fake::install("devices=2,memory=256");
    let devices = devices.iter().map(|index| Cuda::open(*index).unwrap());
    CudaBackend::new(devices.collect()).unwrap().at_most(most)
}

fn on_devices(devices: &[usize], windows: &Windows, most: usize) -> Array2<f64> {
    let backend = backend(devices, most);
    gram_by_shifts(&Engine::new(&backend), pixels(windows).view(), windows).unwrap()
}

/// Equal to 1e-12 of the largest entry, and with the same bits for any batch and device.
#[test]
fn a_device_finds_the_matrix() {
    for windows in windows() {
        let image = pixels(&windows);
        let host = gram(
            &Engine::new(&Serial),
            image.view(),
            &windows,
            Method::Shifts,
        )
        .unwrap();
        let largest = host.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        let found = on_devices(&[0], &windows, 4096);
        let error = naive::distance(&found, &host) / largest;
        println!("{windows:?}: {error:e}");
        assert!(error < 1e-12, "{windows:?}: {error}");
        for (devices, most) in [(&[0][..], 1), (&[0, 1], 3)] {
            let again = on_devices(devices, &windows, most);
            assert!(again == found, "{windows:?}: batches of {most}");
        }
    }
}

/// The filter has the bits of processors that fuse products and sums; edges are computed by them.
#[test]
fn a_device_cleans_an_image() {
    for windows in windows() {
        let image = pixels(&windows);
        let matrix = gram(
            &Engine::new(&Serial),
            image.view(),
            &windows,
            Method::Shifts,
        )
        .unwrap();
        // What is kept need not be components.
        let kept = matrix.slice(ndarray::s![..2.min(matrix.nrows()), ..]);
        let kept = kept.mapv(|x| x / kept.iter().fold(1.0, |a: f64, b| a.max(b.abs())));
        for way in [Way::Filter, Way::Direct] {
            let host = project(&Engine::new(&Serial), image.view(), &windows, &kept, way).unwrap();
            let largest = host.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            let clean = |devices: &[usize], most| {
                let mut projection = Projection::new(image.view(), windows.clone());
                projection = projection.and(&kept, way);
                let backend = backend(devices, most);
                let is_filtered = Cuda::filter(&Engine::new(&backend), &mut projection).unwrap();
                let interior = [&windows.x, &windows.y].map(Axis::interior);
                let has_inside = interior.iter().all(|inside| !inside.is_empty());
                assert_eq!(is_filtered, way == Way::Filter && has_inside);
                let bands = Engine::new(&Serial).collect(&projection).unwrap();
                let pixels = bands.into_iter().flat_map(|(_, sets)| sets).flatten();
                Array2::from_shape_vec(image.dim(), pixels.collect()).unwrap()
            };
            let found = clean(&[0], 4096);
            let error = naive::distance(&found, &host);
            println!("{windows:?}: {error:e} of {largest:e}");
            assert!(
                error <= 1e-12 * largest,
                "{windows:?}: {error} of {largest}"
            );
            assert!(found == host || !common::fuses(), "{windows:?}");
            assert!(clean(&[0, 1], 1) == found, "{windows:?}");
        }
    }
}

/// Threads share nothing that one of them writes, in any order.
#[test]
fn kernels_on_a_device_do_not_race() {
    let (rows, columns, window) = (14, 40, 10);
    let sums = window * (window + 1) / 2 * columns;
    let ints = |numbers: &[i32]| Argument::buffer(numbers.iter().map(|x| x.to_le_bytes()));
    let int = |number: i32| Argument::value(number.to_le_bytes());
    let long = |number: usize| Argument::value((number as i64).to_le_bytes());
    let doubles = |count: usize| Argument::buffer(vec![f64::NAN.to_le_bytes(); count]);
    let watched = |text: &str, options: &[String]| Compiled::new(text, options, true).unwrap();
    let shifts = include_str!("../../src/clean/gram/shifts.cu");
    let shifts = watched(shifts, &["-DSHIFTS=8".into()]);
    let filter = watched(include_str!("../../src/clean/project/filter.cu"), &[]);
    let last = |run: Run<'_>| {
        let mut outcome = run.run().unwrap();
        assert!(
            outcome.complaint.is_none() && outcome.races.is_empty(),
            "{outcome:?}"
        );
        outcome.buffers.pop().unwrap()
    };
    let all = |run: Run<'_>, numbers: &[i32]| {
        let run = numbers
            .iter()
            .fold(run.clone(), |run, number| run.arg(int(*number)));
        last(run)
    };
    let mut found = Vec::new();
    for order in [0, 1, 5] {
        let pixels = (0..rows * columns).map(|pixel| (pixel as f32).to_le_bytes());
        let run = Run::new(&shifts, "sums_down", [2, 1, 2], [128, 1, 1], 0)
            .order(order)
            .arg(Argument::buffer(pixels))
            .arg(ints(&[-2, 1]))
            .arg(doubles(2 * sums))
            .arg(long(sums));
        let shape = [rows as i32, columns as i32, window as i32];
        let down = all(run, &[shape[0], shape[1], shape[2], 2, 3, -1]);
        let entries = sums / columns * 6;
        let run = Run::new(&shifts, "sums_along", [55, 1, 2], [64, 1, 1], 0)
            .order(order)
            .arg(ints(&[-2, 1]))
            .arg(Argument::Buffer(down.clone()))
            .arg(doubles(2 * entries))
            .arg(long(sums))
            .arg(long(entries));
        let along = all(run, &[shape[1], shape[2], 6, 3, 11, 34]);
        let pixels = (0..rows * columns).map(|pixel| (pixel as f64).to_le_bytes());
        let run = Run::new(&filter, "filter", [1, 4, 1], [128, 1, 1], 0)
            .order(order)
            .arg(Argument::buffer(pixels))
            .arg(Argument::buffer(
                (0..2 * 11 * 7).map(|tap| f64::from(tap).to_le_bytes()),
            ))
            .arg(ints(&[4, 8]))
            .arg(doubles(4 * 30))
            .arg(long(4 * 30));
        let filtered = all(run, &[3, shape[0], shape[1], 5, 35, 3, 4, 1, 1]);
        found.push([down, along, filtered]);
    }
    assert!(found.iter().all(|all| *all == found[0]));
}
