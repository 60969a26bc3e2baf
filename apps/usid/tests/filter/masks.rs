//! Every mask and noise floor of the peer, or what it should have been.

use hdf5::Group;
use jobwise_usid::filter::{FrequencyFilter, NoiseFloor, Residual, Sampling};
use jobwise_usid::format::Value;
use realfft::RealFftPlanner;

use crate::common;

fn number(case: &Group, name: &str) -> Option<f64> {
    Value::find(case, name)
        .unwrap()
        .and_then(|value| value.number())
}

fn list(case: &Group, name: &str) -> Vec<f64> {
    match Value::find(case, name).unwrap() {
        Some(Value::Integers(numbers)) => numbers.iter().map(|&x| x as f64).collect(),
        Some(Value::Floats(numbers)) => numbers,
        other => panic!("{name}: {other:?}"),
    }
}

fn filter(case: &Group) -> FrequencyFilter {
    let get = |name: &str| number(case, name).unwrap();
    let kind = Value::find(case, "kind").unwrap().unwrap().to_string();
    match kind.as_str() {
        "LowPass" => FrequencyFilter::LowPass {
            cutoff: get("f_cutoff"),
            roll_off: number(case, "roll_off").unwrap_or(0.05),
        },
        "HarmonicPass" => FrequencyFilter::HarmonicPass {
            first: get("first_freq"),
            width: get("band_width"),
            count: get("num_harm") as usize,
        },
        "BandPass" => FrequencyFilter::BandPass {
            centre: get("f_center"),
            width: get("f_width"),
            taps: number(case, "fir")
                .map(|_| number(case, "fir_taps").map_or(1999, |taps| taps as usize)),
        },
        "NoiseBand" => FrequencyFilter::NoiseBand {
            centres: list(case, "freqs"),
            widths: list(case, "freq_widths"),
        },
        other => panic!("{other}"),
    }
}

#[test]
fn every_mask_is_the_peers_or_what_it_should_be() {
    let Some(file) = common::open("filter_masks.h5") else {
        return;
    };
    let mut compared = 0;
    for name in file.member_names().unwrap() {
        let Some(case) = name.starts_with("case").then(|| file.group(&name).unwrap()) else {
            continue;
        };
        let sampling = Sampling {
            points: number(&case, "signal_length").unwrap() as usize,
            rate: number(&case, "samp_rate").unwrap(),
        };
        let mask = filter(&case).mask(sampling);
        let wanted = ["mask_expected", "mask"]
            .into_iter()
            .find(|name| case.link_exists(name));
        let Some(wanted) = wanted else {
            assert!(mask.is_err(), "{name}: {:?}", filter(&case));
            continue;
        };
        let (mask, wanted) = (mask.unwrap(), common::numbers(&case, wanted));
        assert_eq!(mask.len(), wanted.len());
        for (bin, (got, wanted)) in mask.iter().zip(&wanted).enumerate() {
            assert!(
                (got - wanted).abs() <= 1e-6,
                "{name}: bin {bin}: {got}, not {wanted}"
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 23);
}

#[test]
fn complements_add_up_to_one() {
    let sampling = Sampling {
        points: 1003,
        rate: 1e5,
    };
    let pairs = [
        (
            FrequencyFilter::LowPass {
                cutoff: 1e4,
                roll_off: 0.1,
            },
            FrequencyFilter::HighPass {
                cutoff: 1e4,
                roll_off: 0.1,
            },
        ),
        (
            FrequencyFilter::BandPass {
                centre: 2e4,
                width: 900.0,
                taps: None,
            },
            FrequencyFilter::BandStop {
                centre: 2e4,
                width: 900.0,
                taps: None,
            },
        ),
    ];
    for (pass, stop) in pairs {
        let (pass, stop) = (pass.mask(sampling).unwrap(), stop.mask(sampling).unwrap());
        assert!(
            pass.iter()
                .zip(&stop)
                .all(|(a, b)| (a + b - 1.0).abs() < 1e-15)
        );
        assert!(pass.contains(&1.0) && stop.contains(&1.0));
    }
}

#[test]
fn noise_floors_are_the_peers() {
    let Some(file) = common::open("filter_masks.h5") else {
        return;
    };
    let cases = file.group("noise_floor").unwrap();
    for name in cases.member_names().unwrap() {
        let case = cases.group(&name).unwrap();
        let mut signal = common::numbers(&case, "signal");
        let points = signal.len();
        let transform = RealFftPlanner::new().plan_fft_forward(points);
        let mut spectrum = transform.make_output_vec();
        transform.process(&mut signal, &mut spectrum).unwrap();
        let squares: Vec<f64> = spectrum
            .iter()
            .map(num_complex::Complex::norm_sqr)
            .collect();
        let tolerance: f64 = common::attribute(&case, "tolerance");
        let wanted: f64 = common::attribute(&case, "noise_floor");
        let got = NoiseFloor::new(tolerance, Residual::Absolute)
            .unwrap()
            .of(&squares, points);
        assert!(
            (got - wanted).abs() <= 1e-9 * wanted,
            "{name}: {got}, not {wanted}"
        );
    }
}
