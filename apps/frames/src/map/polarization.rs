use std::fmt;
use std::str::FromStr;

use super::Layer;

/// Whether a map has Q and U, and which way U turns in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Polarization {
    /// Angles grow from north to east.
    Iau,
    /// Angles grow from north to west.
    Cosmo,
    /// Intensity only.
    #[default]
    None,
}

impl Polarization {
    const ALL: [Polarization; 3] = [Polarization::Iau, Polarization::Cosmo, Polarization::None];

    /// The number that stands for it in files.
    pub fn code(self) -> u32 {
        self as u32
    }

    /// What a number in a file stands for.
    pub fn from_code(code: u32) -> Option<Polarization> {
        Polarization::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The layers of a map that is made from timestreams.
    pub fn layers(self) -> &'static [Layer] {
        match self {
            Polarization::None => &[Layer::T, Layer::TT, Layer::H],
            Polarization::Iau | Polarization::Cosmo => &Layer::ALL,
        }
    }
}

impl fmt::Display for Polarization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Polarization::Iau => "iau",
            Polarization::Cosmo => "cosmo",
            Polarization::None => "none",
        })
    }
}

impl FromStr for Polarization {
    type Err = String;

    fn from_str(text: &str) -> Result<Polarization, String> {
        let mut named = Polarization::ALL.into_iter();
        let named = named.find(|one| one.to_string() == text);
        named.ok_or_else(|| format!("{text:?} is none of iau, cosmo, none"))
    }
}
