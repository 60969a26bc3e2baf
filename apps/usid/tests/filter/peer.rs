//! The peer's five results groups, computed anew in a copy of its file.

use std::marker::PhantomData;

use jobwise_hdf5::file_access;
use jobwise_kit::Program;
use jobwise_serial::Serial;
use jobwise_usid::filter::{Composite, Filter, FrequencyFilter, Request, Sampling};
use jobwise_usid::process::{Outcome, ProcessRun, Settings};
use num_complex::Complex64;

use crate::common;

pub(crate) use common::settings;

pub(crate) fn run(settings: Settings, request: &Request) -> Outcome {
    let recipe = Filter::<f64> {
        request: request.clone(),
        precision: PhantomData,
    };
    let run = ProcessRun { recipe, settings };
    run.run(&Serial::new()).unwrap().unwrap()
}

const LOW: FrequencyFilter = FrequencyFilter::LowPass {
    cutoff: 1e5,
    roll_off: 0.05,
};

fn request(filters: Vec<FrequencyFilter>, noise: Option<f64>, wf: bool, wc: bool) -> Request {
    Request {
        filters,
        noise_threshold: noise,
        write_filtered: wf,
        write_condensed: wc,
        num_pix: 1,
        ..Request::default()
    }
}

#[test]
fn all_results_are_the_peers() {
    let Some((_directory, path)) = common::copy("usid_signal_filter.h5") else {
        return;
    };
    let harmonics = FrequencyFilter::HarmonicPass {
        first: 2e4,
        width: 6000.0,
        count: 5,
    };
    let noise = FrequencyFilter::NoiseBand {
        centres: vec![5e4],
        widths: vec![4000.0],
    };
    let band = FrequencyFilter::BandPass {
        centre: 6e4,
        width: 9000.0,
        taps: None,
    };
    let requests = [
        request(vec![LOW], None, true, false),
        request(vec![LOW], Some(1e-6), true, true),
        request(vec![harmonics, noise], Some(1e-4), true, true),
        request(vec![], Some(1e-3), true, false),
        request(vec![band], None, false, true),
    ];
    for (index, request) in requests.iter().enumerate() {
        let outcome = run(settings(&path), request);
        assert_eq!((outcome.done, outcome.before), (8, 0));
        let file = file_access::open(&path).unwrap();
        let ours = file.group(&outcome.group).unwrap();
        let theirs = file
            .group(&format!(
                "Measurement_000/Channel_000/Raw_Data-FFT_Filtering_{index:03}"
            ))
            .unwrap();
        for (name, tolerance) in [
            ("Filtered_Data", 2e-6),
            ("Noise_Floors", 1e-5),
            ("Composite_Filter", 1e-6),
        ] {
            assert_eq!(
                ours.link_exists(name),
                theirs.link_exists(name),
                "{index}: {name}"
            );
            if theirs.link_exists(name) {
                let (a, b) = (common::numbers(&ours, name), common::numbers(&theirs, name));
                assert_eq!(a.len(), b.len());
                let worst = a
                    .iter()
                    .zip(&b)
                    .map(|(a, b)| (a - b).abs())
                    .fold(0.0, f64::max);
                let scale = if name == "Noise_Floors" {
                    b[0].abs()
                } else {
                    1.0
                };
                assert!(worst <= tolerance * scale, "{index}: {name}: {worst}");
            }
        }
        if theirs.link_exists("Condensed_Data") {
            let cells = |group: &hdf5::Group| -> Vec<Complex64> {
                group.dataset("Condensed_Data").unwrap().read_raw().unwrap()
            };
            let (a, b) = (cells(&ours), cells(&theirs));
            assert_eq!(a.len(), b.len());
            let largest = b.iter().map(|z| z.norm()).fold(0.0, f64::max);
            assert!(
                a.iter()
                    .zip(&b)
                    .all(|(a, b)| (a - b).norm() <= 1e-9 * largest)
            );
        }
        for name in [
            "samp_rate",
            "low_pass_cut_off",
            "noise_threshold",
            "num_pix",
            "last_pixel",
        ] {
            let number = |group: &hdf5::Group| {
                jobwise_usid::format::Value::find(group, name)
                    .unwrap()
                    .and_then(|v| v.number())
            };
            assert_eq!(number(&ours), number(&theirs), "{index}: {name}");
        }
    }
}

#[test]
fn condensed_spectra_expand_to_the_filtered_signal() {
    let Some((_directory, path)) = common::copy("usid_signal_filter.h5") else {
        return;
    };
    let outcome = run(settings(&path), &request(vec![LOW], None, true, true));
    let file = file_access::open(&path).unwrap();
    let group = file.group(&outcome.group).unwrap();
    let sampling = Sampling {
        points: 2048,
        rate: 1e6,
    };
    let composite = Composite::new(&[LOW], sampling).unwrap().unwrap();
    let hot: Vec<u32> = group.dataset("Hot_Indices").unwrap().read_raw().unwrap();
    let hot: Vec<usize> = hot.into_iter().map(|index| index as usize).collect();
    let condensed: Vec<Complex64> = group.dataset("Condensed_Data").unwrap().read_raw().unwrap();
    let filtered = common::numbers(&group, "Filtered_Data");
    for (condensed, filtered) in condensed.chunks(hot.len()).zip(filtered.chunks(2048)) {
        let mut spectrum = composite.expand(&hot, condensed);
        spectrum.rotate_left(sampling.zero());
        rustfft::FftPlanner::new()
            .plan_fft_inverse(2048)
            .process(&mut spectrum);
        for (bin, wanted) in spectrum.iter().zip(filtered) {
            assert!((bin.re / 2048.0 - wanted).abs() <= 1e-6);
        }
    }
}
