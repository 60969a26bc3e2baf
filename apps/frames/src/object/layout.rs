use super::decoder::Decoder;
use super::encoder::Encoder;
use super::value::Class;
use crate::archive::Result;

/// Why a value cannot be written.
pub(super) type Written = Result<(), String>;

/// How the objects of a class lie in an archive, behind the version of the class.
pub(super) trait Layout: Class {
    /// The oldest version that can be read.
    const OLDEST: u32 = 1;
    /// The newest version that can be read; the one that is written.
    const NEWEST: u32 = 1;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self>;

    fn write(&self, to: &mut Encoder) -> Written;
}

/// How a value lies inside an object of a container.
pub(super) trait Part: Sized {
    /// The least number of bytes that one takes.
    const LEAST: usize;

    fn read_part(from: &mut Decoder<'_>) -> Result<Self>;

    fn write_part(&self, to: &mut Encoder) -> Written;
}

/// Parts that are objects of their class, with its version.
macro_rules! whole_objects {
    ($($type:ty, $least:expr;)*) => {$(
        impl $crate::object::layout::Part for $type {
            const LEAST: usize = $least;

            fn read_part(
                from: &mut $crate::object::decoder::Decoder<'_>,
            ) -> $crate::archive::Result<Self> {
                from.object()
            }

            fn write_part(
                &self,
                to: &mut $crate::object::encoder::Encoder,
            ) -> $crate::object::layout::Written {
                to.object(self)
            }
        }
    )*};
}

/// Objects that are the base class and then their value, as it lies in containers.
macro_rules! plain_objects {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::object::layout::Layout for $type {
            fn read(
                from: &mut $crate::object::decoder::Decoder<'_>,
                _: u32,
            ) -> $crate::archive::Result<Self> {
                from.base()?;
                $crate::object::layout::Part::read_part(from)
            }

            fn write(
                &self,
                to: &mut $crate::object::encoder::Encoder,
            ) -> $crate::object::layout::Written {
                to.base();
                $crate::object::layout::Part::write_part(self, to)
            }
        }
    )*};
}

pub(super) use {plain_objects, whole_objects};
