use std::f64::consts::{FRAC_2_PI, TAU};

use crate::object::Quat;
use crate::pointing::Directions;
use crate::vectors;

/// How the pixels of `HEALPix` are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Along rings of one latitude, from north to south.
    Ring,
    /// Within each of the 12 faces by halving it; the side is a power of two.
    Nested,
}

/// Pixels of equal area, `12 nside^2` of them (Gorski et al. 2005).
///
/// There are `4 nside - 1` rings. Ring `r` of the caps (`r < nside`, and as many in the south) has
/// `4 r` pixels, those of the belt have `4 nside`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Healpix {
    nside: u64,
    order: Order,
}

/// The largest side that has a number for each pixel.
const LARGEST_SIDE: u64 = 1 << 29;

/// A place in a ring: the ring from 1 at the north pole, the pixel from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InRing {
    ring: u64,
    at: u64,
}

impl Healpix {
    /// Pixels of faces with this side.
    ///
    /// # Errors
    /// The side is 0 or too large, or no power of two where the order is nested.
    pub fn new(nside: u64, order: Order) -> Result<Healpix, String> {
        if !(1..=LARGEST_SIDE).contains(&nside) {
            return Err(format!("{nside} is no side: 1 to {LARGEST_SIDE}"));
        }
        if order == Order::Nested && !nside.is_power_of_two() {
            return Err(format!(
                "{nside} is no side of nested pixels: a power of two"
            ));
        }
        Ok(Healpix { nside, order })
    }

    /// The side of a face, in pixels.
    pub fn nside(&self) -> u64 {
        self.nside
    }

    /// How pixels are numbered.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The number of pixels.
    pub fn pixels(&self) -> u64 {
        12 * self.nside * self.nside
    }

    /// The pixels that these directions fall into: none is outside, but those that are not finite.
    pub fn pixels_of(&self, directions: &Directions, into: &mut Vec<i64>) {
        into.clear();
        vectors::run(
            #[inline(always)]
            || into.extend((0..directions.len()).map(|i| self.pixel(directions.get(i)))),
        );
    }

    /// The pixel of a direction; [`OUTSIDE`](super::OUTSIDE) where it is not finite.
    // Only what is inlined into a loop is compiled for the loop's vectors.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn pixel(&self, direction: Quat) -> i64 {
        let Quat { b, c, d, .. } = direction;
        let norm = (b * b + c * c + d * d).sqrt();
        if !(norm > 0.0 && norm < f64::INFINITY) {
            return super::OUTSIDE;
        }
        let z = d / norm;
        // Quarters of a turn.
        let phi = c.atan2(b);
        let phi = if phi < 0.0 { phi + TAU } else { phi };
        let turn = if phi < TAU { phi * FRAC_2_PI } else { 0.0 };
        let ring = if z.abs() <= 2.0 / 3.0 {
            self.in_belt(z, turn)
        } else {
            let sin = (z.abs() > 0.99).then(|| (b * b + c * c).sqrt() / norm);
            self.in_cap(z, turn, sin)
        };
        match self.order {
            Order::Ring => ring as i64,
            Order::Nested => self.ring_to_nested(ring) as i64,
        }
    }

    /// The pixel, in rings, of a height between the caps.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn in_belt(&self, z: f64, turn: f64) -> u64 {
        let side = self.nside as f64;
        let across = side * (0.5 + turn);
        let up = side * z * 0.75;
        // Lines that rise and lines that fall, from one corner of a pixel to the other.
        let rising = (across - up).floor() as i64;
        let falling = (across + up).floor() as i64;
        let n = self.nside as i64;
        // Counted from 1 at the first ring of the belt.
        let ring = n + 1 + rising - falling;
        let shift = 1 - (ring & 1);
        let at = ((rising + falling - n + shift + 1) >> 1).rem_euclid(4 * n);
        (2 * n * (n - 1) + (ring - 1) * 4 * n + at) as u64
    }

    /// The pixel, in rings, of a height in the caps. Near the pole the sine of the distance from it
    /// is given too.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn in_cap(&self, z: f64, turn: f64, sin: Option<f64>) -> u64 {
        let side = self.nside as f64;
        let part = turn.fract();
        let height = z.abs();
        let from_pole = match sin {
            Some(sin) => side * sin / ((1.0 + height) / 3.0).sqrt(),
            None => side * (3.0 * (1.0 - height)).sqrt(),
        };
        let rising = (part * from_pole) as u64;
        let falling = ((1.0 - part) * from_pole) as u64;
        let ring = rising + falling + 1;
        let at = (turn * ring as f64) as u64 % (4 * ring);
        if z > 0.0 {
            2 * ring * (ring - 1) + at
        } else {
            self.pixels() - 2 * ring * (ring + 1) + at
        }
    }

    /// Longitude and latitude of the centre of a pixel.
    ///
    /// # Panics
    /// There is no such pixel.
    pub fn angles(&self, pixel: u64) -> (f64, f64) {
        let ring = match self.order {
            Order::Ring => pixel,
            Order::Nested => self.nested_to_ring(pixel),
        };
        let InRing { ring, at } = self.in_ring(ring);
        let n = self.nside as f64;
        let south = ring > 2 * self.nside;
        let from_pole = if south { 4 * self.nside - ring } else { ring };
        let r = from_pole as f64;
        let (z, distance) = if from_pole < self.nside {
            // How far from the pole, without the loss of 1 - z.
            let lost = r * r / (3.0 * n * n);
            (1.0 - lost, (lost * (2.0 - lost)).sqrt())
        } else {
            let z = (2.0 * n - r) * 2.0 / (3.0 * n);
            (z, ((1.0 - z) * (1.0 + z)).sqrt())
        };
        let delta = z.atan2(distance);
        let (count, shifted) = self.ring_size(ring);
        let at = at as f64 + if shifted { 0.5 } else { 0.0 };
        let alpha = at * TAU / count as f64;
        (alpha, if south { -delta } else { delta })
    }

    /// The nested number of a pixel that is numbered along rings.
    ///
    /// # Panics
    /// There is no such pixel, or the side is no power of two.
    pub fn ring_to_nested(&self, pixel: u64) -> u64 {
        assert!(self.nside.is_power_of_two(), "no nested order of {self:?}");
        let n = self.nside as i64;
        let place = self.in_ring(pixel);
        let (ring, at) = (place.ring as i64, place.at as i64);
        let (count, shifted) = self.ring_size(place.ring);
        let quarter = count as i64 / 4;
        // Half pixels to the east of longitude 0.
        let east = 2 * at + i64::from(shifted);
        let face = if ring < n {
            at / quarter
        } else if ring > 3 * n {
            8 + at / quarter
        } else {
            // Faces lie between lines that fall to the east, and lines that rise; these are the
            // numbers of the strips between such lines. No centre of a pixel lies on one.
            let falls = (east + (ring - n)).div_euclid(2 * n);
            let rises = (east - (ring - n)).div_euclid(2 * n);
            match falls - rises {
                0 => falls.rem_euclid(4),
                1 => 4 + falls.rem_euclid(4),
                _ => 8 + (falls - 1).rem_euclid(4),
            }
        };
        let (row, middle) = face_center(face);
        // Pixels from the face's southern corner, along its two sides.
        let up = row * n - ring - 1;
        let mut along = east - middle * quarter;
        if along >= 4 * quarter {
            along -= 8 * quarter;
        }
        let x = (up + along) >> 1;
        let y = up - x;
        (face * n * n) as u64 + spread(x as u64) + 2 * spread(y as u64)
    }

    /// The number along rings of a pixel with a nested number.
    ///
    /// # Panics
    /// There is no such pixel, or the side is no power of two.
    pub fn nested_to_ring(&self, pixel: u64) -> u64 {
        assert!(self.nside.is_power_of_two(), "no nested order of {self:?}");
        assert!(pixel < self.pixels(), "no pixel {pixel} of {self:?}");
        let n = self.nside as i64;
        let face = (pixel / (self.nside * self.nside)) as i64;
        let within = pixel % (self.nside * self.nside);
        let (x, y) = (gathered(within) as i64, gathered(within >> 1) as i64);
        let (row, middle) = face_center(face);
        let ring = (row * n - x - y - 1) as u64;
        let (count, shifted) = self.ring_size(ring);
        let east = middle * (count as i64 / 4) + x - y - i64::from(shifted);
        let at = (east / 2).rem_euclid(count as i64) as u64;
        self.ring_start(ring) + at
    }

    /// The ring of a pixel, and which of its ring it is.
    fn in_ring(&self, pixel: u64) -> InRing {
        assert!(pixel < self.pixels(), "no pixel {pixel} of {self:?}");
        let cap = 2 * self.nside * (self.nside - 1);
        // The last ring with at most so many pixels before it.
        let of_cap = |before: u64| u64::midpoint(1, (1 + 2 * before).isqrt());
        let ring = if pixel < cap {
            of_cap(pixel)
        } else if pixel < self.pixels() - cap {
            self.nside + (pixel - cap) / (4 * self.nside)
        } else {
            4 * self.nside - of_cap(self.pixels() - 1 - pixel)
        };
        InRing {
            ring,
            at: pixel - self.ring_start(ring),
        }
    }

    /// The first pixel of a ring.
    pub fn ring_start(&self, ring: u64) -> u64 {
        let n = self.nside;
        if ring < n {
            2 * ring * (ring - 1)
        } else if ring <= 3 * n {
            2 * n * (n - 1) + (ring - n) * 4 * n
        } else {
            let from_pole = 4 * n - ring;
            self.pixels() - 2 * from_pole * (from_pole + 1)
        }
    }

    /// How many pixels a ring has, and whether its first one begins at longitude 0 instead of being
    /// cut by it.
    pub fn ring_size(&self, ring: u64) -> (u64, bool) {
        let n = self.nside;
        if ring < n {
            (4 * ring, true)
        } else if ring <= 3 * n {
            (4 * n, (ring - n).is_multiple_of(2))
        } else {
            (4 * (4 * n - ring), true)
        }
    }
}

/// Of a face: the ring of its southern corner, in sides, and the longitude of its middle, in
/// eighths of a turn.
fn face_center(face: i64) -> (i64, i64) {
    let (row, column) = (face / 4, face % 4);
    (row + 2, 2 * column + i64::from(row != 1))
}

/// The lower half of the bits, moved to the even places.
fn spread(value: u64) -> u64 {
    let mut v = value & 0xffff_ffff;
    v = (v | v << 16) & 0x0000_ffff_0000_ffff;
    v = (v | v << 8) & 0x00ff_00ff_00ff_00ff;
    v = (v | v << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    v = (v | v << 2) & 0x3333_3333_3333_3333;
    (v | v << 1) & 0x5555_5555_5555_5555
}

/// The bits at the even places, moved together.
fn gathered(value: u64) -> u64 {
    let mut v = value & 0x5555_5555_5555_5555;
    v = (v | v >> 1) & 0x3333_3333_3333_3333;
    v = (v | v >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    v = (v | v >> 4) & 0x00ff_00ff_00ff_00ff;
    v = (v | v >> 8) & 0x0000_ffff_0000_ffff;
    (v | v >> 16) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(nside: u64) -> Healpix {
        Healpix::new(nside, Order::Ring).unwrap()
    }

    #[test]
    fn every_pixel_holds_its_centre() {
        for nside in [1, 2, 3, 4, 7, 16] {
            let map = ring(nside);
            for pixel in 0..map.pixels() {
                let (alpha, delta) = map.angles(pixel);
                let found = map.pixel(Quat::direction(alpha, delta));
                assert_eq!(found, pixel as i64, "{nside}");
            }
        }
        let fine = ring(1 << 20);
        for step in 0..2000 {
            let pixel = step * 6_597_069_766 + step % 7;
            let (alpha, delta) = fine.angles(pixel);
            assert_eq!(fine.pixel(Quat::direction(alpha, delta)), pixel as i64);
        }
    }

    #[test]
    fn orders_are_permutations_of_each_other() {
        for nside in [1, 2, 4, 32] {
            let map = Healpix::new(nside, Order::Nested).unwrap();
            for pixel in 0..map.pixels() {
                let nested = map.ring_to_nested(pixel);
                assert_eq!(map.nested_to_ring(nested), pixel, "{nside}");
                let centre = (map.angles(nested), ring(nside).angles(pixel));
                assert_eq!(centre.0, centre.1);
            }
        }
        let fine = Healpix::new(1 << 29, Order::Nested).unwrap();
        for pixel in [0, 1 << 40, 2_000_000_000_000_000_000, fine.pixels() - 1] {
            assert_eq!(fine.nested_to_ring(fine.ring_to_nested(pixel)), pixel);
        }
    }

    #[test]
    fn known_pixels() {
        // Of the tables of healpy: nside 4, ring to nested.
        let map = ring(4);
        let nested: Vec<u64> = (0..12).map(|pixel| map.ring_to_nested(pixel)).collect();
        assert_eq!(nested, [15, 31, 47, 63, 14, 13, 30, 29, 46, 45, 62, 61]);
        assert_eq!(map.pixel(Quat::new(0.0, 0.0, 0.0, 2.0)), 0);
        assert_eq!(map.pixel(Quat::default()), super::super::OUTSIDE);
    }
}
