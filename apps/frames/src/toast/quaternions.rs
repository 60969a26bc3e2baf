use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::map::Polarization;
use crate::object::Quat;

/// The rotation that turns z to x, and x to -z: the axis that TOAST takes to the line of sight, to
/// the one that frames take there.
const Z_TO_X: Quat = Quat::new(FRAC_1_SQRT_2, 0.0, FRAC_1_SQRT_2, 0.0);

/// Of the boresight of a scan, the rotation that turns z to the line of sight and x to the south:
/// `x, y, z, w`.
pub fn boresight(rotation: Quat) -> [f64; 4] {
    scalar_last(rotation * Z_TO_X)
}

/// Where a detector is, in the frame of [`boresight`]: the shortest rotation that turns z to its
/// direction. `None` where one of the offsets, in rad, is no number.
///
/// With a polarization the detector is turned about its direction by `angle` too, so that its x
/// axis is the axis along which it is sensitive. TOAST counts that angle from the south to the
/// east.
pub fn detector(
    x_offset: f64,
    y_offset: f64,
    angle: f64,
    polarization: Polarization,
) -> Option<[f64; 4]> {
    let angle = match polarization {
        Polarization::None => 0.0,
        Polarization::Iau => PI - angle,
        Polarization::Cosmo => angle,
    };
    let there = Z_TO_X.conjugate() * Quat::offset(x_offset, y_offset) * Z_TO_X;
    let shortest = Quat::new(1.0 + there.d, -there.c, there.b, 0.0);
    let square: f64 = shortest.parts().iter().map(|part| part * part).sum();
    let norm = square.sqrt();
    // Opposite directions have no shortest rotation.
    if !(norm > 0.0 && norm.is_finite() && angle.is_finite()) {
        return None;
    }
    let [a, b, c, d] = shortest.parts().map(|part| part / norm);
    let turn = Quat::new((angle / 2.0).cos(), 0.0, 0.0, (angle / 2.0).sin());
    Some(scalar_last(Quat::new(a, b, c, d) * turn))
}

fn scalar_last(q: Quat) -> [f64; 4] {
    [q.b, q.c, q.d, q.a]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quat([b, c, d, a]: [f64; 4]) -> Quat {
        Quat::new(a, b, c, d)
    }

    #[test]
    fn detectors_look_where_frames_say() {
        let z = Quat::new(0.0, 0.0, 0.0, 1.0);
        for (alpha, delta) in [(0.0, 0.0), (1.0, -1.2), (4.0, 0.3), (6.0, 1.5)] {
            let rotation = Quat::rotation(alpha, delta);
            let own = quat(boresight(rotation));
            let (a, d) = (own * z * own.conjugate()).angles();
            assert!((a - alpha).abs() < 1e-14 && (d - delta).abs() < 1e-14);
            for (x, y) in [(0.0, 0.0), (0.01, -0.02), (-0.4, 0.3)] {
                let expected = rotation * Quat::offset(x, y) * rotation.conjugate();
                for polarization in [Polarization::None, Polarization::Iau] {
                    let own = own * quat(detector(x, y, 0.7, polarization).unwrap());
                    let there = own * z * own.conjugate();
                    let off = there.parts().into_iter().zip(expected.parts());
                    assert!(
                        off.into_iter()
                            .all(|(one, other)| (one - other).abs() < 1e-14)
                    );
                }
            }
        }
        assert_eq!(detector(f64::NAN, 0.0, 0.0, Polarization::None), None);
        assert_eq!(detector(0.0, 0.0, f64::NAN, Polarization::Iau), None);
    }

    #[test]
    fn the_axis_of_a_detector_is_that_of_its_polarization() {
        let (alpha, delta) = (1.0_f64, -0.9_f64);
        let own = quat(boresight(Quat::rotation(alpha, delta)));
        let north = [
            -delta.sin() * alpha.cos(),
            -delta.sin() * alpha.sin(),
            delta.cos(),
        ];
        let east = [-alpha.sin(), alpha.cos(), 0.0];
        for (polarization, turn) in [(Polarization::Iau, 1.0), (Polarization::Cosmo, -1.0)] {
            let angle = 0.3_f64;
            let own = own * quat(detector(0.0, 0.0, angle, polarization).unwrap());
            let x = Quat::new(0.0, 1.0, 0.0, 0.0);
            let [_, found @ ..] = (own * x * own.conjugate()).parts();
            let dot = |axis: [f64; 3]| -> f64 {
                found.iter().zip(axis).map(|(one, other)| one * other).sum()
            };
            // An axis has no direction: either end may be meant.
            let tangent = dot(east) / dot(north);
            assert!(
                (tangent - turn * angle.tan()).abs() < 1e-14,
                "{polarization}"
            );
        }
    }
}
