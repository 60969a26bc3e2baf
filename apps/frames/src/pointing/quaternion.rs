use std::f64::consts::TAU;
use std::ops::Mul;

use crate::object::Quat;

/// Quats as directions and rotations.
impl Quat {
    /// The direction at longitude `alpha` and latitude `delta`, as a quaternion without scalar
    /// part.
    pub fn direction(alpha: f64, delta: f64) -> Quat {
        let (sin, cos) = (delta.sin(), delta.cos());
        Quat::new(0.0, cos * alpha.cos(), cos * alpha.sin(), sin)
    }

    /// The direction of a detector in the focal plane.
    pub fn offset(x_offset: f64, y_offset: f64) -> Quat {
        Quat::direction(x_offset, -y_offset)
    }

    /// The rotation that takes the x axis to longitude `alpha` and latitude `delta`, and z to the
    /// meridian.
    pub fn rotation(alpha: f64, delta: f64) -> Quat {
        let (alpha, delta) = (alpha / 2.0, delta / 2.0);
        Quat::new(alpha.cos(), 0.0, 0.0, alpha.sin())
            * Quat::new(delta.cos(), 0.0, -delta.sin(), 0.0)
    }

    /// The conjugate: the inverse, where the norm is 1.
    #[must_use]
    pub fn conjugate(self) -> Quat {
        Quat::new(self.a, -self.b, -self.c, -self.d)
    }

    /// Longitude in `[0, 2 pi)` and latitude of this direction. The scalar part does not matter.
    pub fn angles(self) -> (f64, f64) {
        let square = self.b * self.b + self.c * self.c + self.d * self.d;
        let norm = if (square - 1.0).abs() > 1e-6 {
            square.sqrt()
        } else {
            1.0
        };
        let delta = (self.d / norm).asin();
        let alpha = (self.c / norm).atan2(self.b / norm);
        (if alpha < 0.0 { alpha + TAU } else { alpha }, delta)
    }
}

impl Mul for Quat {
    type Output = Quat;

    #[inline]
    fn mul(self, other: Quat) -> Quat {
        let [a, b, c, d] = self.parts();
        Quat {
            a: a * other.a - b * other.b - c * other.c - d * other.d,
            b: a * other.b + b * other.a + c * other.d - d * other.c,
            c: a * other.c - b * other.d + c * other.a + d * other.b,
            d: a * other.d + b * other.c - c * other.b + d * other.a,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_follow_hamilton() {
        let [i, j, k] = [
            Quat::new(0.0, 1.0, 0.0, 0.0),
            Quat::new(0.0, 0.0, 1.0, 0.0),
            Quat::new(0.0, 0.0, 0.0, 1.0),
        ];
        assert_eq!(i * j, k);
        assert_eq!(j * k, i);
        assert_eq!(k * i, j);
        assert_eq!(j * i, Quat::new(0.0, 0.0, 0.0, -1.0));
    }

    #[test]
    fn directions_and_rotations_agree() {
        let x = Quat::new(0.0, 1.0, 0.0, 0.0);
        for (alpha, delta) in [(0.0, 0.0), (1.0, -1.2), (4.0, 0.3), (6.0, 1.5)] {
            let rotation = Quat::rotation(alpha, delta);
            let there = rotation * x * rotation.conjugate();
            for found in [there, Quat::direction(alpha, delta)] {
                let (a, d) = found.angles();
                assert!((a - alpha).abs() < 1e-14 && (d - delta).abs() < 1e-14);
            }
        }
        let long = Quat::new(0.0, 0.0, -3.0, 3.0).angles();
        assert!((long.0 - 0.75 * TAU).abs() < 1e-15 && (long.1 - TAU / 8.0).abs() < 1e-15);
    }
}
