use super::SparseMap;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::sky_map::{self, MapHeader};
use crate::archive::Result;

/// A map of the whole sky in `HEALPix` pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct HealpixSkyMap {
    /// What it shows.
    pub header: MapHeader,
    /// Pixels along a side of each of the 12 parts of the sky.
    pub nside: u64,
    /// Whether pixels are numbered part by part, and not ring by ring.
    pub is_nested: bool,
    /// Whether the columns of [`HealpixValues::Rings`] begin on the other side of the sky.
    pub is_shifted: bool,
    /// Its values.
    pub values: HealpixValues,
}

/// The values of a `HEALPix` map.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum HealpixValues {
    /// All are 0.
    #[default]
    Empty,
    /// Pixels with their values, in any order.
    Indexed(Vec<(u64, f64)>),
    /// By rings, from 1 at the north pole, and pixels in each, from 0.
    Rings(SparseMap),
    /// By pixels, all of them.
    Dense(Vec<f64>),
}

impl HealpixSkyMap {
    /// A map in which all is 0, with pixels ring by ring.
    pub fn new(header: MapHeader, nside: u64) -> HealpixSkyMap {
        HealpixSkyMap {
            header,
            nside,
            is_nested: false,
            is_shifted: false,
            values: HealpixValues::Empty,
        }
    }

    /// How many pixels there are; `None` for more than can be counted.
    pub fn pixels(&self) -> Option<u64> {
        self.nside.checked_mul(self.nside)?.checked_mul(12)
    }

    /// Whether the values are those of a map of this size.
    fn check(&self) -> Result<(), String> {
        let nside = self.nside;
        let Some(pixels) = self.pixels() else {
            return Err(format!("an nside of {nside} is too much"));
        };
        let is_right = match &self.values {
            HealpixValues::Empty => true,
            HealpixValues::Indexed(values) => values.iter().all(|(pixel, _)| *pixel < pixels),
            HealpixValues::Rings(map) => (map.x_len(), map.y_len()) == (4 * nside, 4 * nside),
            HealpixValues::Dense(values) => values.len() as u64 == pixels,
        };
        if is_right {
            Ok(())
        } else {
            Err(format!(
                "the values are not those of a map of nside {nside}"
            ))
        }
    }
}

const INFO: &str = "HealpixSkyMapInfo";

impl Layout for HealpixSkyMap {
    const NEWEST: u32 = 3;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let (header, _) = sky_map::read(from)?;
        let mut own = HealpixSkyMap::new(header, 0);
        if version < 3 {
            own.nside = from.number::<u32>()?.into();
            own.is_nested = from.number()?;
        } else {
            from.version(INFO, 1, 1)?;
            from.base()?;
            own.nside = from.number()?;
            own.is_nested = from.number()?;
            own.is_shifted = from.number()?;
        }
        own.values = match from.number::<i32>()? {
            0 => HealpixValues::Empty,
            1 => {
                let count = from.count(16)?;
                let values = (0..count).map(|_| Ok((from.number()?, from.number()?)));
                HealpixValues::Indexed(values.collect::<Result<_>>()?)
            }
            2 => HealpixValues::Rings(SparseMap::read(from)?),
            3 => HealpixValues::Dense(from.vector()?),
            other => return Err(from.refuse(format!("the unknown form {other} of values"))),
        };
        if version == 2 {
            own.is_shifted = from.number()?;
        }
        own.check().map_err(|problem| from.refuse(problem))?;
        Ok(own)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        self.check()?;
        to.base();
        sky_map::write(&self.header, to);
        to.version(INFO, 1);
        to.number(self.nside);
        to.number(self.is_nested);
        to.number(self.is_shifted);
        match &self.values {
            HealpixValues::Empty => to.number(0i32),
            HealpixValues::Indexed(values) => {
                to.number(1i32);
                to.count(values.len());
                for (pixel, value) in values {
                    to.number(*pixel);
                    to.number(*value);
                }
            }
            HealpixValues::Rings(map) => {
                to.number(2i32);
                map.write(to);
            }
            HealpixValues::Dense(values) => {
                to.number(3i32);
                to.vector(values);
            }
        }
        Ok(())
    }
}
