//! Geometries on their way between ranks.

use jobwise_core::{Error, Result, Wire};

use super::{Flat, Geometry, Grid, Healpix, Order, Projection};
use crate::pointing::Coordinates;

fn malformed(what: impl Into<String>) -> Error {
    Error::Malformed(what.into())
}

impl Wire for Geometry {
    fn put(&self, out: &mut Vec<u8>) {
        self.coordinates.code().put(out);
        match &self.grid {
            Grid::Flat(flat) => {
                0u8.put(out);
                flat.put(out);
            }
            Grid::Healpix(healpix) => {
                1u8.put(out);
                (healpix.nside(), healpix.order() == Order::Nested).put(out);
            }
        }
    }

    fn take(input: &mut &[u8]) -> Result<Geometry> {
        let coordinates = Coordinates::from_code(u32::take(input)?);
        let coordinates = coordinates.ok_or_else(|| malformed("no coordinates"))?;
        let grid = match u8::take(input)? {
            0 => Grid::Flat(Flat::take(input)?),
            1 => {
                let (nside, is_nested) = Wire::take(input)?;
                let order = if is_nested {
                    Order::Nested
                } else {
                    Order::Ring
                };
                Grid::Healpix(Healpix::new(nside, order).map_err(malformed)?)
            }
            other => return Err(malformed(format!("{other} is no kind of pixels"))),
        };
        Ok(Geometry { coordinates, grid })
    }
}

impl Wire for Flat {
    fn put(&self, out: &mut Vec<u8>) {
        self.projection.code().put(out);
        (self.width, self.height).put(out);
        (self.alpha_center, self.delta_center).put(out);
        (self.x_res, self.y_res).put(out);
        (self.x_center, self.y_center).put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Flat> {
        let projection = Projection::from_code(u32::take(input)?);
        let projection = projection.ok_or_else(|| malformed("no projection"))?;
        let (width, height) = Wire::take(input)?;
        let (alpha_center, delta_center) = Wire::take(input)?;
        let (x_res, y_res) = Wire::take(input)?;
        let (x_center, y_center) = Wire::take(input)?;
        Ok(Flat {
            projection,
            width,
            height,
            alpha_center,
            delta_center,
            x_res,
            y_res,
            x_center,
            y_center,
        })
    }
}
