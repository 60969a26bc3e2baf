use std::fmt;

use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written, whole_objects};
use crate::archive::{Result, Text};

/// How a bolometer is coupled to the sky: a letter, of which `O` is optical, `T` optical tickle,
/// `X` dark, `R` resonator, `L` load resistor, `F` floating and `U` unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coupling(pub u32);

impl Coupling {
    /// Nobody said.
    pub const UNKNOWN: Coupling = Coupling('U' as u32);
    /// It sees the sky.
    pub const OPTICAL: Coupling = Coupling('O' as u32);
}

impl Default for Coupling {
    fn default() -> Self {
        Coupling::UNKNOWN
    }
}

impl fmt::Display for Coupling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match char::from_u32(self.0).filter(char::is_ascii_graphic) {
            Some(letter) => write!(f, "{letter}"),
            None => write!(f, "{}", self.0),
        }
    }
}

/// What is known of a bolometer. Angles are in rad, frequencies in 1/(10 ns): 150 GHz is 1500.
#[derive(Clone, Debug, PartialEq)]
pub struct BolometerProperties {
    /// Its name on the wafer.
    pub physical_name: Text,
    /// Where it looks, along the first axis of the focal plane.
    pub x_offset: f64,
    /// Where it looks, along the second axis of the focal plane.
    pub y_offset: f64,
    /// The nominal centre of its band.
    pub band: f64,
    /// The angle of its polarization.
    pub pol_angle: f64,
    /// Which part of the other polarization it rejects.
    pub pol_efficiency: f64,
    /// The wafer that it is on.
    pub wafer: Text,
    /// The pixel that it is in.
    pub pixel: Text,
    /// What sees the sky.
    pub coupling: Coupling,
    /// The type of its pixel.
    pub pixel_type: Text,
    /// The measured centre of its band; NaN where nobody measured.
    pub center_frequency: f64,
    /// The measured width of its band; NaN where nobody measured.
    pub bandwidth: f64,
}

impl Default for BolometerProperties {
    fn default() -> Self {
        BolometerProperties {
            physical_name: Text::default(),
            x_offset: f64::NAN,
            y_offset: f64::NAN,
            band: f64::NAN,
            pol_angle: f64::NAN,
            pol_efficiency: f64::NAN,
            wafer: Text::default(),
            pixel: Text::default(),
            coupling: Coupling::UNKNOWN,
            pixel_type: Text::default(),
            center_frequency: f64::NAN,
            bandwidth: f64::NAN,
        }
    }
}

impl Layout for BolometerProperties {
    const NEWEST: u32 = 7;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let mut own = BolometerProperties {
            physical_name: from.shared_text()?,
            x_offset: from.number()?,
            y_offset: from.number()?,
            band: from.number()?,
            pol_angle: from.number()?,
            pol_efficiency: from.number()?,
            ..BolometerProperties::default()
        };
        if version >= 2 {
            own.wafer = from.shared_text()?;
        }
        if version == 2 {
            // The readout device, which later versions leave out.
            from.text()?;
        }
        if version >= 4 {
            own.pixel = from.shared_text()?;
        }
        if version >= 5 {
            own.coupling = Coupling(from.number()?);
        }
        if version >= 6 {
            own.pixel_type = from.shared_text()?;
        }
        if version >= 7 {
            own.center_frequency = from.number()?;
            own.bandwidth = from.number()?;
        }
        Ok(own)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.text(&self.physical_name);
        let offsets = [self.x_offset, self.y_offset];
        let optics = [self.band, self.pol_angle, self.pol_efficiency];
        to.numbers(offsets.into_iter());
        to.numbers(optics.into_iter());
        to.text(&self.wafer);
        to.text(&self.pixel);
        to.number(self.coupling.0);
        to.text(&self.pixel_type);
        to.number(self.center_frequency);
        to.number(self.bandwidth);
        Ok(())
    }
}

whole_objects! {
    BolometerProperties, 48;
}
