use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Part, Written, plain_objects, whole_objects};
use crate::archive::{Element, Result};

/// A quaternion a + b i + c j + d k.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quat {
    /// The scalar.
    pub a: f64,
    /// The first component of the vector.
    pub b: f64,
    /// The second component of the vector.
    pub c: f64,
    /// The third component of the vector.
    pub d: f64,
}

impl Quat {
    /// From the scalar and the components of the vector.
    pub const fn new(a: f64, b: f64, c: f64, d: f64) -> Quat {
        Quat { a, b, c, d }
    }

    /// The scalar and the components of the vector.
    pub const fn parts(self) -> [f64; 4] {
        [self.a, self.b, self.c, self.d]
    }
}

/// Inside of objects a quaternion is a class of its own, without a base.
fn version(from: &mut Decoder<'_>) -> Result<()> {
    from.version("Quat", 1, 1).map(drop)
}

impl Element for Quat {
    const WIDTH: usize = 32;

    fn from_little(bytes: &[u8]) -> Self {
        let part = |index: usize| f64::from_little(&bytes[8 * index..8 * index + 8]);
        Quat::new(part(0), part(1), part(2), part(3))
    }

    fn from_big(bytes: &[u8]) -> Self {
        let part = |index: usize| f64::from_big(&bytes[8 * index..8 * index + 8]);
        Quat::new(part(0), part(1), part(2), part(3))
    }

    fn store(self, place: &mut [u8]) {
        for (place, part) in place.chunks_exact_mut(8).zip(self.parts()) {
            part.store(place);
        }
    }
}

impl Part for Quat {
    const LEAST: usize = 32;

    fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
        version(from)?;
        from.number()
    }

    fn write_part(&self, to: &mut Encoder) -> Written {
        to.version("Quat", 1);
        to.number(*self);
        Ok(())
    }
}

plain_objects!(Quat);

impl Layout for Vec<Quat> {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let count = from.count(32)?;
        if count > 0 {
            version(from)?;
        }
        from.numbers(count)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.count(self.len());
        if !self.is_empty() {
            to.version("Quat", 1);
        }
        to.numbers(self.iter().copied());
        Ok(())
    }
}

whole_objects! {
    Vec<Quat>, 8;
}
