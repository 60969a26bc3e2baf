use std::ops::Range;

use super::Coordinates;
use crate::archive::Text;
use crate::frame::{self, Frame};
use crate::object::{Quat, TimestreamQuat};

/// A rotation per sample of a scan: where the middle of the focal plane looks.
///
/// It is kept by component, so that loops over samples become vector instructions.
#[derive(Clone, Debug, Default)]
pub struct Boresight {
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
    d: Vec<f64>,
}

/// Directions on the sky, one per sample, by component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directions {
    pub(crate) a: Vec<f64>,
    pub(crate) b: Vec<f64>,
    pub(crate) c: Vec<f64>,
    pub(crate) d: Vec<f64>,
}

/// The rotations of a scan: an object of this name, a vector or a timestream of quaternions.
///
/// # Errors
/// There is none, or it is something else.
pub fn rotations<'f>(scan: &'f Frame, name: &Text) -> frame::Result<&'f [Quat]> {
    if let Some(Ok(quats)) = scan.get(name).map(|object| object.get::<Vec<Quat>>()) {
        return Ok(quats);
    }
    let timestream: &TimestreamQuat = scan.get_as(name)?;
    Ok(&timestream.quats)
}

impl Boresight {
    /// One of these rotations, of norm 1, per sample.
    pub fn new(rotations: impl IntoIterator<Item = Quat>) -> Boresight {
        let mut boresight = Boresight::default();
        for one in rotations {
            boresight.a.push(one.a);
            boresight.b.push(one.b);
            boresight.c.push(one.c);
            boresight.d.push(one.d);
        }
        boresight
    }

    /// That of a scan, of this name.
    ///
    /// # Errors
    /// What [`rotations`] says.
    pub fn of(scan: &Frame, name: &Text) -> frame::Result<Boresight> {
        Ok(Boresight::new(rotations(scan, name)?.iter().copied()))
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.a.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.a.is_empty()
    }

    /// Where a detector with this `offset` ([`Quat::offset`]) looks at these samples:
    /// `(q o) ~q`. In local coordinates the boresight counts latitude downwards, and the directions
    /// upwards.
    ///
    /// # Panics
    /// `samples` reach beyond the scan.
    pub fn look(
        &self,
        samples: Range<usize>,
        offset: Quat,
        coordinates: Coordinates,
        into: &mut Directions,
    ) {
        let count = samples.len();
        into.resize(count);
        let (a, b) = (&self.a[samples.clone()], &self.b[samples.clone()]);
        let (c, d) = (&self.c[samples.clone()], &self.d[samples]);
        let up = if coordinates == Coordinates::Local {
            -1.0
        } else {
            1.0
        };
        let Directions {
            a: to_a,
            b: to_b,
            c: to_c,
            d: to_d,
        } = into;
        let (to_a, to_b) = (&mut to_a[..count], &mut to_b[..count]);
        let (to_c, to_d) = (&mut to_c[..count], &mut to_d[..count]);
        crate::vectors::run(
            #[inline(always)]
            || {
                for i in 0..count {
                    let rotation = Quat::new(a[i], b[i], c[i], d[i]);
                    let there = (rotation * offset) * rotation.conjugate();
                    to_a[i] = there.a;
                    to_b[i] = there.b;
                    to_c[i] = there.c;
                    to_d[i] = up * there.d;
                }
            },
        );
    }
}

impl Directions {
    /// The number of directions.
    pub fn len(&self) -> usize {
        self.a.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.a.is_empty()
    }

    /// Direction `index < len`.
    pub fn get(&self, index: usize) -> Quat {
        let Directions { a, b, c, d } = self;
        Quat::new(a[index], b[index], c[index], d[index])
    }

    fn resize(&mut self, count: usize) {
        let Directions { a, b, c, d } = self;
        for component in [a, b, c, d] {
            component.resize(count, 0.0);
        }
    }
}

impl FromIterator<Quat> for Directions {
    fn from_iter<I: IntoIterator<Item = Quat>>(all: I) -> Directions {
        let Boresight { a, b, c, d } = Boresight::new(all);
        Directions { a, b, c, d }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detectors_look_where_the_product_says() {
        let rotations: Vec<Quat> = (0..67)
            .map(|i| Quat::rotation(f64::from(i) * 0.09, f64::from(i) * 0.01 - 0.4))
            .collect();
        let boresight = Boresight::new(rotations.iter().copied());
        let offset = Quat::offset(0.01, -0.02);
        let mut found = Directions::default();
        boresight.look(3..67, offset, Coordinates::Equatorial, &mut found);
        assert_eq!(found.len(), 64);
        for (i, q) in rotations[3..].iter().enumerate() {
            assert_eq!(found.get(i), (*q * offset) * q.conjugate());
        }
        // Latitude is counted upwards.
        boresight.look(0..1, offset, Coordinates::Local, &mut found);
        let (_, up) = found.get(0).angles();
        boresight.look(0..1, offset, Coordinates::Galactic, &mut found);
        let (_, down) = found.get(0).angles();
        assert!((up + down).abs() < 1e-16);
        assert!((down - (-0.4 + 0.02)).abs() < 1e-4);
    }
}
