//! Responses of instruments on a device, against those of the host.

use std::path::Path;

use jobwise_cuda::Cuda;

use crate::cuda::Size;
use crate::cuda::responses::Responses;
use crate::earth::Layers;
use crate::forward::{Formula, FrequencyDomain, Geometry, TimeDomain, Wanted};
use crate::inference::Asked;
use crate::instrument::Instrument;
use crate::model::Place;
use crate::system::{FrequencySystem, System};
use crate::task::Systems;

const EARTHS: [(&[f64], &[f64]); 3] = [
    (&[0.01, 0.3, 0.02], &[8.0, 25.0]),
    (&[0.05], &[]),
    (&[0.002, 0.1], &[15.0]),
];
const WANTED: [Wanted; 4] = [
    Wanted {
        jacobian: Some(Formula::Correct),
        height: true,
    },
    Wanted {
        jacobian: Some(Formula::Correct),
        height: false,
    },
    Wanted {
        jacobian: None,
        height: true,
    },
    Wanted {
        jacobian: None,
        height: false,
    },
];
/// m: how far below the file's height models may be.
const CHANGE: f64 = 2.0;

/// All earths at some heights with all that can be wanted, each of one of the instruments.
fn check(systems: &Systems, instruments: &[Instrument<'_>]) {
    jobwise_cuda_fake::install("devices=1,memory=64");
    let device = Cuda::open(0).unwrap();
    let stream = device.context().new_stream().unwrap();
    let cases = EARTHS.iter().flat_map(|(conductivity, thickness)| {
        let layers = Layers::new(conductivity, thickness).unwrap();
        WANTED.iter().map(move |wanted| (layers, *wanted))
    });
    let mut asked: Vec<(Asked, f64)> = cases
        .enumerate()
        .map(|(place, (layers, wanted))| {
            let change = [0.0, 1.5, -CHANGE][place % 3];
            let mut asked = Asked::new(place % instruments.len(), layers, wanted);
            asked.set_height_change(change);
            (asked, change)
        })
        .collect();
    let size = Size {
        soundings: instruments.len(),
        models: asked.len(),
        layers: 3,
    };
    let mut responses = Responses::new(&device, &stream, systems, size).unwrap();
    // A second batch finds nothing of the first.
    for _ in 0..2 {
        responses
            .place(&stream, systems, instruments.iter(), CHANGE)
            .unwrap();
        let mut all: Vec<&mut Asked> = asked.iter_mut().map(|(asked, _)| asked).collect();
        responses.compute(&device, &stream, &mut all).unwrap();
    }
    for (asked, change) in &mut asked {
        let (sounding, wanted) = (asked.sounding(), asked.wanted());
        let instrument = &instruments[sounding];
        let mut expected = instrument.response(3);
        let (layers, found) = asked.parts();
        let mut evaluator = instrument.evaluator(3);
        evaluator.evaluate(layers, *change, wanted, &mut expected);
        for (found, expected) in [
            (&found.predicted, &expected.predicted),
            (&found.jacobian, &expected.jacobian),
            (&found.by_height, &expected.by_height),
        ] {
            assert_eq!(found.len(), expected.len());
            let largest = expected.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12 * largest, "{wanted:?}");
            }
        }
    }
}

#[test]
fn coils_answer_as_on_the_host() {
    let text = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
";
    let system = FrequencySystem::parse(Path::new("coils.stm"), text).unwrap();
    let systems = Systems::Frequency(Box::new(FrequencyDomain::new(&system)), system);
    let at = |height| systems.instrument(&Place::Altitude(height), false).unwrap();
    check(&systems, &[at(30.0), at(12.0)]);
}

/// Two systems with components of both signs; data with the transmitter's own field, and without.
#[test]
fn loops_answer_as_on_the_host() {
    let read = |text: &str| {
        let System::Time(system) = System::parse(Path::new("ramp.stm"), text)
            .unwrap()
            .remove(0)
        else {
            panic!("a time-domain system");
        };
        (TimeDomain::new(&system), system)
    };
    let text = include_str!("../../../tests/ramp.stm");
    let other = text
        .replace("   5e-4 3.5e-3\n", "")
        .replace("Windows = 3", "Windows = 2");
    let systems = Systems::Time(vec![read(text), read(&other)]);
    let place = |tx_height| {
        Place::Geometry(Geometry {
            tx_height,
            tx_roll: 4.0,
            rx_pitch: -2.0,
            txrx_dx: -12.0,
            txrx_dy: 1.0,
            txrx_dz: 2.0,
            ..Geometry::default()
        })
    };
    for with_primary in [false, true] {
        let at = |height| systems.instrument(&place(height), with_primary).unwrap();
        check(&systems, &[at(30.0), at(45.0)]);
    }
}
