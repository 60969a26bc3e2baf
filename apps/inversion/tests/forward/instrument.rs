// Numbers are the same bits, or changed signs.
#![allow(clippy::float_cmp)]

use std::path::Path;

use jobwise_inversion::earth::Layers;
use jobwise_inversion::forward::{Formula, Geometry, Response, TimeDomain, Wanted};
use jobwise_inversion::instrument::{Instrument, TimePart};
use jobwise_inversion::system::TimeSystem;

use crate::systems::RAMP;

const ALL: Wanted = Wanted {
    jacobian: Some(Formula::Correct),
    height: true,
};

/// Two systems of the time domain, of which one has the transmitter's field in its data: channels
/// follow each other, z has the other sign, and nothing else is changed.
#[test]
fn systems_answer_one_after_the_other_with_the_signs_of_geobipy() {
    let system = TimeSystem::parse(Path::new("ramp.stm"), RAMP).unwrap();
    let system = TimeDomain::new(&system);
    let geometry = Geometry {
        tx_height: 30.0,
        txrx_dx: -12.0,
        txrx_dz: 2.0,
        ..Geometry::default()
    };
    let part = |with_primary, tx_height| TimePart {
        system: &system,
        geometry: Geometry {
            tx_height,
            ..geometry
        },
        with_primary,
    };
    let instrument = Instrument::time(&[part(false, 30.0), part(true, 35.0)]).unwrap();
    assert_eq!(instrument.channels(), 2 * system.channels());
    assert_eq!(instrument.clearance(), 30.0);
    let axes: Vec<usize> = system.axes().collect();
    assert_eq!(instrument.components().len(), 2 * axes.len());
    let layers = Layers::new(&[0.01, 0.1, 0.02], &[10.0, 20.0]).unwrap();
    let mut found = Response::default();
    let mut evaluator = instrument.evaluator(3);
    evaluator.evaluate(layers, 1.5, ALL, &mut found);
    for (place, (height, with_primary)) in [(31.5, false), (36.5, true)].into_iter().enumerate() {
        let geometry = Geometry {
            tx_height: height,
            ..geometry
        };
        let mut alone = Response::default();
        let mut workspace = system.workspace(3);
        system.evaluate(layers, &geometry, ALL, &mut workspace, &mut alone);
        let primary = system.primary(&geometry);
        for channel in 0..system.channels() {
            let component = channel / system.windows();
            let sign = if axes[component] == 2 { -1.0 } else { 1.0 };
            let field = if with_primary {
                primary[component]
            } else {
                0.0
            };
            let row = place * system.channels() + channel;
            let value = sign * (alone.predicted[channel] + field);
            assert_eq!(found.predicted[row], value);
            assert_eq!(found.by_height[row], sign * alone.by_height[channel]);
            for layer in 0..3 {
                let slope = sign * alone.jacobian[3 * channel + layer];
                assert_eq!(found.jacobian[3 * row + layer], slope);
            }
        }
        let component = &instrument.components()[place * axes.len()];
        assert_eq!(component.system, place);
        assert_eq!(component.channels.start, place * system.channels());
    }
}

#[test]
fn coils_in_the_ground_are_refused() {
    let system = TimeSystem::parse(Path::new("ramp.stm"), RAMP).unwrap();
    let system = TimeDomain::new(&system);
    let part = |tx_height, txrx_dz| TimePart {
        system: &system,
        geometry: Geometry {
            tx_height,
            txrx_dz,
            ..Geometry::default()
        },
        with_primary: false,
    };
    for parts in [
        &[][..],
        &[part(0.0, 2.0)],
        &[part(30.0, -30.0)],
        &[part(f64::NAN, 0.0)],
    ] {
        assert!(Instrument::time(parts).is_err());
    }
    assert!(Instrument::time(&[part(30.0, -29.0)]).is_ok());
}
