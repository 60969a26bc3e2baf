use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::{OUTSIDE, Projection};
use crate::object::Quat;
use crate::pointing::Directions;
use crate::vectors;

/// A rectangle of pixels on a plane that touches the sky at its centre.
///
/// Pixel `x + y width` covers `x - 0.5 .. x + 0.5` and `y - 0.5 .. y + 0.5`. Longitude grows with
/// falling `x`, latitude with rising `y`: as in the files, `x = x_center - X / x_res` and
/// `y = y_center - Y / y_res`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flat {
    /// How the sky is laid on the plane.
    pub projection: Projection,
    /// Pixels in a row.
    pub width: u64,
    /// Rows.
    pub height: u64,
    /// Longitude where plane and sky touch.
    pub alpha_center: f64,
    /// Latitude where plane and sky touch.
    pub delta_center: f64,
    /// Width of a pixel.
    pub x_res: f64,
    /// Height of a pixel.
    pub y_res: f64,
    /// Where plane and sky touch, in pixels.
    pub x_center: f64,
    /// Where plane and sky touch, in pixels.
    pub y_center: f64,
}

/// Where directions fall on the plane, in units of the sphere's radius.
struct Plane {
    flat: Flat,
    center: Quat,
    cos_delta: f64,
    sin_delta: f64,
}

impl Flat {
    /// Square pixels of this size, with the centre in the middle.
    pub fn new(
        projection: Projection,
        (width, height): (u64, u64),
        resolution: f64,
        (alpha_center, delta_center): (f64, f64),
    ) -> Flat {
        Flat {
            projection,
            width,
            height,
            alpha_center,
            delta_center,
            x_res: resolution,
            y_res: resolution,
            x_center: width as f64 / 2.0 - 0.5,
            y_center: height as f64 / 2.0 - 0.5,
        }
    }

    /// The number of pixels.
    pub fn pixels(&self) -> u64 {
        self.width * self.height
    }

    /// The pixels that these directions fall into.
    pub fn pixels_of(&self, directions: &Directions, into: &mut Vec<i64>) {
        let plane = Plane::new(*self);
        let size = (self.width as f64, self.height as f64);
        let Directions { a, b, c, d } = directions;
        into.resize(directions.len(), OUTSIDE);
        let count = directions.len();
        let (a, b, c, d) = (&a[..count], &b[..count], &c[..count], &d[..count]);
        let into = &mut into[..count];
        macro_rules! each {
            ($place:ident) => {
                vectors::run(
                    #[inline(always)]
                    || {
                        for i in 0..count {
                            let direction = Quat::new(a[i], b[i], c[i], d[i]);
                            into[i] = pixel(plane.pixel(plane.$place(direction)), size);
                        }
                    },
                )
            };
        }
        match self.projection {
            Projection::Sfl => each!(sfl),
            Projection::Car => each!(car),
            Projection::Cea => each!(cea),
            Projection::Bicep => each!(bicep),
            Projection::Sin => each!(sin),
            Projection::Arc => each!(arc),
            Projection::Stg => each!(stg),
            Projection::Zea => each!(zea),
            Projection::Tan => each!(tan),
        }
    }

    /// Where a direction falls on the plane, in pixels; NaN where the projection does not show it.
    pub fn place(&self, direction: Quat) -> (f64, f64) {
        let plane = Plane::new(*self);
        let on_plane = match self.projection {
            Projection::Sfl => plane.sfl(direction),
            Projection::Car => plane.car(direction),
            Projection::Cea => plane.cea(direction),
            Projection::Bicep => plane.bicep(direction),
            Projection::Sin => plane.sin(direction),
            Projection::Arc => plane.arc(direction),
            Projection::Stg => plane.stg(direction),
            Projection::Zea => plane.zea(direction),
            Projection::Tan => plane.tan(direction),
        };
        plane.pixel(on_plane)
    }

    /// Longitude and latitude of a place on the plane, in pixels: the inverse of
    /// [`place`](Self::place). NaN where nothing of the sky is.
    pub fn angles(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let x = (self.x_center - x) * self.x_res;
        let y = (self.y_center - y) * self.y_res;
        let delta = match self.projection {
            Projection::Cea => (self.delta_center.sin() - y).asin(),
            _ => self.delta_center - y,
        };
        let along = match self.projection {
            Projection::Sfl => x / delta.cos(),
            Projection::Car | Projection::Cea => x,
            Projection::Bicep => x / self.delta_center.cos(),
            _ => return self.zenithal_angles(x, y),
        };
        if delta.abs() <= FRAC_PI_2 && along.abs() <= PI {
            ((self.alpha_center + along).rem_euclid(TAU), delta)
        } else {
            (f64::NAN, f64::NAN)
        }
    }

    /// The same for projections with a centre: `rho` is the distance from it on the plane, the
    /// angle that belongs to it is its distance on the sky.
    fn zenithal_angles(&self, x: f64, y: f64) -> (f64, f64) {
        let rho = x.hypot(y);
        let (distance, most) = match self.projection {
            Projection::Sin => (rho.asin(), FRAC_PI_2),
            Projection::Arc => (rho, PI),
            Projection::Stg => (2.0 * (rho / 2.0).atan(), PI),
            Projection::Tan => (rho.atan(), FRAC_PI_2),
            _ => (2.0 * (rho / 2.0).asin(), PI),
        };
        if distance.is_nan() || distance > most {
            return (f64::NAN, f64::NAN);
        }
        let part = if rho > 0.0 { distance.sin() / rho } else { 1.0 };
        let near = Quat::new(0.0, distance.cos(), x * part, -y * part);
        let center = Quat::rotation(self.alpha_center, self.delta_center);
        (center * near * center.conjugate()).angles()
    }
}

// Only what is inlined into a loop is compiled for the loop's vectors.
#[allow(clippy::inline_always)]
impl Plane {
    fn new(flat: Flat) -> Plane {
        Plane {
            flat,
            center: Quat::rotation(flat.alpha_center, flat.delta_center),
            cos_delta: flat.delta_center.cos(),
            sin_delta: flat.delta_center.sin(),
        }
    }

    #[inline(always)]
    fn pixel(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            self.flat.x_center - x / self.flat.x_res,
            self.flat.y_center - y / self.flat.y_res,
        )
    }

    /// Longitude from the centre, in `-pi..=pi`, and latitude.
    #[inline(always)]
    fn centered(&self, direction: Quat) -> (f64, f64) {
        let (alpha, delta) = direction.angles();
        let along = alpha - self.flat.alpha_center;
        (along - TAU * (along / TAU).round(), delta)
    }

    #[inline(always)]
    fn sfl(&self, direction: Quat) -> (f64, f64) {
        let (along, delta) = self.centered(direction);
        (along * delta.cos(), self.flat.delta_center - delta)
    }

    #[inline(always)]
    fn car(&self, direction: Quat) -> (f64, f64) {
        let (along, delta) = self.centered(direction);
        (along, self.flat.delta_center - delta)
    }

    #[inline(always)]
    fn cea(&self, direction: Quat) -> (f64, f64) {
        let (along, delta) = self.centered(direction);
        (along, self.sin_delta - delta.sin())
    }

    #[inline(always)]
    fn bicep(&self, direction: Quat) -> (f64, f64) {
        let (along, delta) = self.centered(direction);
        (along * self.cos_delta, self.flat.delta_center - delta)
    }

    /// A direction seen from the centre, which lies at `b = 1`.
    #[inline(always)]
    fn turned(&self, direction: Quat) -> Quat {
        self.center.conjugate() * direction * self.center
    }

    /// Directions behind the centre's horizon are nowhere.
    #[inline(always)]
    fn sin(&self, direction: Quat) -> (f64, f64) {
        let Quat { b, c, d, .. } = self.turned(direction);
        let k = if b >= 0.0 { 1.0 } else { f64::NAN };
        (k * c, -k * d)
    }

    #[inline(always)]
    fn arc(&self, direction: Quat) -> (f64, f64) {
        let Quat { b, c, d, .. } = self.turned(direction);
        let b = b.clamp(-1.0, 1.0);
        let sin = ((1.0 - b) * (1.0 + b)).sqrt();
        let k = if sin > 0.0 || b < 0.0 {
            b.acos() / sin
        } else {
            1.0
        };
        (k * c, -k * d)
    }

    #[inline(always)]
    fn stg(&self, direction: Quat) -> (f64, f64) {
        let Quat { b, c, d, .. } = self.turned(direction);
        let k = 2.0 / (1.0 + b);
        (k * c, -k * d)
    }

    #[inline(always)]
    fn zea(&self, direction: Quat) -> (f64, f64) {
        let Quat { b, c, d, .. } = self.turned(direction);
        let k = (2.0 / (1.0 + b)).sqrt();
        (k * c, -k * d)
    }

    #[inline(always)]
    fn tan(&self, direction: Quat) -> (f64, f64) {
        let Quat { b, c, d, .. } = self.turned(direction);
        let k = if b > 0.0 { 1.0 / b } else { f64::NAN };
        (k * c, -k * d)
    }
}

/// The pixel of a place in a map of this size.
#[allow(clippy::inline_always)]
#[inline(always)]
fn pixel((x, y): (f64, f64), (width, height): (f64, f64)) -> i64 {
    let (x, y) = ((x + 0.5).floor(), (y + 0.5).floor());
    // NaN is outside too.
    if x >= 0.0 && x < width && y >= 0.0 && y < height {
        (x + y * width) as i64
    } else {
        OUTSIDE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_angles_are_inverse() {
        for projection in Projection::all() {
            let flat = Flat::new(projection, (400, 300), 0.002, (0.2, -0.6));
            for (x, y) in [(0.0, 0.0), (199.5, 149.5), (399.0, 2.5), (20.0, 299.0)] {
                let (alpha, delta) = flat.angles((x, y));
                let found = flat.place(Quat::direction(alpha, delta));
                let off = (found.0 - x).hypot(found.1 - y);
                assert!(off < 1e-9, "{projection}: {x} {y} {found:?}");
                let mut pixels = Vec::new();
                let there = [Quat::direction(alpha, delta)];
                flat.pixels_of(&Directions::from_iter(there), &mut pixels);
                let expected = pixel(found, (400.0, 300.0));
                assert_eq!(pixels, [expected], "{projection}");
            }
        }
    }

    #[test]
    fn what_a_projection_does_not_show_is_outside() {
        let mut pixels = Vec::new();
        let behind = Quat::direction(0.2 + PI, 0.9 + 1e-6);
        let nowhere = Quat::new(0.0, f64::NAN, 0.0, 0.0);
        for projection in Projection::all() {
            let flat = Flat::new(projection, (20, 10), 0.01, (0.2, -0.9));
            flat.pixels_of(&Directions::from_iter([behind, nowhere]), &mut pixels);
            assert_eq!(pixels, [OUTSIDE, OUTSIDE], "{projection}");
        }
        let sin = Flat::new(Projection::Sin, (400, 400), 0.01, (0.2, -0.9));
        assert!(sin.angles((0.0, 0.0)).0.is_nan());
        let car = Flat::new(Projection::Car, (400, 400), 0.01, (0.2, -0.9));
        assert!(car.angles((0.0, 399.0)).0.is_finite());
        assert!(car.angles((0.0, 0.0)).0.is_nan());
    }
}
