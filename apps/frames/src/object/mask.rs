use super::Object;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::weights::read_map;
use crate::archive::Result;

/// A truth value for each pixel of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkyMapMask {
    /// A map without values, which says what the pixels are.
    pub parent: Option<Object>,
    bits: Vec<u8>,
    len: u64,
}

impl SkyMapMask {
    /// A mask from the value of each pixel.
    pub fn new(
        parent: impl Into<Option<Object>>,
        values: impl IntoIterator<Item = bool>,
    ) -> SkyMapMask {
        let (mut bits, mut len) = (Vec::new(), 0);
        for value in values {
            if len % 8 == 0 {
                bits.push(0);
            }
            bits[(len / 8) as usize] |= u8::from(value) << (len % 8);
            len += 1;
        }
        SkyMapMask {
            parent: parent.into(),
            bits,
            len,
        }
    }

    /// How many pixels there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a pixel; `false` outside of the map.
    pub fn get(&self, pixel: u64) -> bool {
        let byte = self.bits.get((pixel / 8) as usize).copied().unwrap_or(0);
        pixel < self.len && byte >> (pixel % 8) & 1 == 1
    }

    /// The values of all pixels.
    pub fn iter(&self) -> impl Iterator<Item = bool> {
        (0..self.len).map(|pixel| self.get(pixel))
    }
}

impl Layout for SkyMapMask {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let parent = read_map(from)?;
        if version < 2 {
            return Ok(SkyMapMask::new(parent, from.vector::<bool>()?));
        }
        let bits = from.vector::<u8>()?;
        let len = from.number::<u64>()?;
        if len.div_ceil(8) != bits.len() as u64 {
            let bytes = bits.len();
            return Err(from.refuse(format!("{len} bits in {bytes} bytes")));
        }
        Ok(SkyMapMask { parent, bits, len })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.pointer_to(self.parent.as_ref(), false)?;
        to.vector(&self.bits);
        to.number(self.len);
        Ok(())
    }
}
