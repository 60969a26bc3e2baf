use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::units::codes;
use crate::archive::Result;

codes! {
    /// How the sky is laid on a plane.
    ProjectionCode:
    SFL 0 "SFL",
    CAR 1 "CAR",
    SIN 2 "SIN",
    ARC 3 "ARC",
    STG 4 "STG",
    ZEA 5 "ZEA",
    TAN 6 "TAN",
    CEA 7 "CEA",
    BICEP 9 "BICEP",
    NONE 42 "None",
}

/// The size of a flat map, and where on the sky it lies. Angles are in rad.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatSkyProjection {
    /// Pixels of a row.
    pub x_len: u64,
    /// How many rows there are.
    pub y_len: u64,
    /// How the sky is laid on the plane.
    pub projection: ProjectionCode,
    /// The longitude of the centre.
    pub alpha_center: f64,
    /// The latitude of the centre.
    pub delta_center: f64,
    /// The width of a pixel.
    pub x_res: f64,
    /// The height of a pixel.
    pub y_res: f64,
    /// Where in a row the centre lies, in pixels.
    pub x_center: f64,
    /// In which row the centre lies, in pixels.
    pub y_center: f64,
}

impl FlatSkyProjection {
    /// How many pixels there are; `None` for more than can be counted.
    pub fn pixels(&self) -> Option<u64> {
        self.x_len.checked_mul(self.y_len)
    }

    /// What files leave out, or say in words of their own: the centre lies in the middle, and
    /// pixels are squares.
    pub(super) fn settle(&mut self) {
        if self.x_center.is_nan() {
            self.x_center = self.x_len as f64 / 2.0 - 0.5;
        }
        if self.y_center.is_nan() {
            self.y_center = self.y_len as f64 / 2.0 - 0.5;
        }
        if self.x_res.is_nan() || self.x_res == 0.0 {
            self.x_res = self.y_res;
        }
    }
}

impl Layout for FlatSkyProjection {
    const NEWEST: u32 = 4;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let mut own = FlatSkyProjection {
            x_len: from.number()?,
            y_len: from.number()?,
            projection: ProjectionCode(from.number()?),
            alpha_center: from.number()?,
            delta_center: from.number()?,
            x_res: from.number()?,
            y_res: from.number()?,
            x_center: f64::NAN,
            y_center: f64::NAN,
        };
        if version < 2 {
            std::mem::swap(&mut own.x_res, &mut own.y_res);
        }
        if version >= 3 {
            own.x_center = from.number()?;
            own.y_center = from.number()?;
        }
        if version == 3 {
            own.x_center -= 1.0;
            own.y_center -= 1.0;
        }
        own.settle();
        Ok(own)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.number(self.x_len);
        to.number(self.y_len);
        to.number(self.projection.0);
        let center = [self.alpha_center, self.delta_center];
        let grid = [self.x_res, self.y_res, self.x_center, self.y_center];
        to.numbers(center.into_iter());
        to.numbers(grid.into_iter());
        Ok(())
    }
}
