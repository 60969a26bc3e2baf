use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Part, Written, plain_objects, whole_objects};
use crate::archive::{Result, Text};

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex {
    /// Its real part.
    pub re: f64,
    /// Its imaginary part.
    pub im: f64,
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Part for $number {
            const LEAST: usize = size_of::<$number>();

            fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
                from.number()
            }

            fn write_part(&self, to: &mut Encoder) -> Written {
                to.number(*self);
                Ok(())
            }
        }

        impl Part for Vec<$number> {
            const LEAST: usize = 8;

            fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
                from.vector()
            }

            fn write_part(&self, to: &mut Encoder) -> Written {
                to.vector(self);
                Ok(())
            }
        }
    )*};
}

numbers!(bool, u8, f64);

/// It is no part of a map, where integers are as wide as they must be.
impl Layout for i64 {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        from.number()
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.number(*self);
        Ok(())
    }
}

impl Part for Text {
    const LEAST: usize = 8;

    fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
        from.shared_text()
    }

    fn write_part(&self, to: &mut Encoder) -> Written {
        to.text(self);
        Ok(())
    }
}

impl Part for Complex {
    const LEAST: usize = 16;

    fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
        let (re, im) = (from.number()?, from.number()?);
        Ok(Complex { re, im })
    }

    fn write_part(&self, to: &mut Encoder) -> Written {
        to.number(self.re);
        to.number(self.im);
        Ok(())
    }
}

macro_rules! vectors {
    ($($part:ty),*) => {$(
        impl Part for Vec<$part> {
            const LEAST: usize = 8;

            fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
                from.parts()
            }

            fn write_part(&self, to: &mut Encoder) -> Written {
                to.parts(self)
            }
        }
    )*};
}

vectors!(Text, Complex);

plain_objects!(
    bool,
    f64,
    Text,
    Vec<f64>,
    Vec<u8>,
    Vec<bool>,
    Vec<Text>,
    Vec<Complex>
);

impl Layout for Vec<Vec<Text>> {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let count = from.count(8)?;
        (0..count).map(|_| from.object()).collect()
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.count(self.len());
        self.iter().try_for_each(|texts| to.object(texts))
    }
}

whole_objects! {
    Vec<Vec<Text>>, 8;
}
