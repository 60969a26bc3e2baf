use super::Units;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::units::codes;
use crate::archive::Result;

codes! {
    /// Against what the angles of a map are measured.
    CoordinateReference:
    LOCAL 0 "Local",
    EQUATORIAL 1 "Equatorial",
    GALACTIC 2 "Galactic",
}

codes! {
    /// Which part of the polarized sky a map shows, or which weight a map of weights is.
    PolType:
    T 0 "T",
    Q 1 "Q",
    U 2 "U",
    E 3 "E",
    B 4 "B",
    NONE 7 "None",
    TT 8 "TT",
    TQ 9 "TQ",
    TU 10 "TU",
    QQ 11 "QQ",
    QU 12 "QU",
    UU 13 "UU",
    TE 14 "TE",
    TB 15 "TB",
    EE 16 "EE",
    EB 17 "EB",
    BB 18 "BB",
}

codes! {
    /// The sign of U.
    PolConvention:
    IAU 0 "IAU",
    COSMO 1 "COSMO",
    NONE 2 "None",
}

/// What every map of the sky says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct MapHeader {
    /// Against what its angles are measured.
    pub coordinates: CoordinateReference,
    /// What its values are measured in.
    pub units: Units,
    /// The sum of what fell outside of the map.
    pub overflow: f64,
    /// What it shows.
    pub pol_type: PolType,
    /// Whether its values are multiplied by their weights.
    pub is_weighted: bool,
    /// The sign of U.
    pub pol_convention: PolConvention,
}

impl Default for MapHeader {
    fn default() -> Self {
        MapHeader {
            coordinates: CoordinateReference::EQUATORIAL,
            units: Units::NONE,
            overflow: 0.0,
            pol_type: PolType::NONE,
            is_weighted: true,
            pol_convention: PolConvention::NONE,
        }
    }
}

/// The values that version 1 has here, and not in the class of the map.
pub(super) struct OldValues {
    pub(super) x_len: u64,
    pub(super) y_len: u64,
    pub(super) values: Vec<f64>,
}

const CLASS: &str = "G3SkyMap";
const NEWEST: u32 = 3;

pub(super) fn read(from: &mut Decoder<'_>) -> Result<(MapHeader, Option<OldValues>)> {
    let version = from.version(CLASS, 1, NEWEST)?;
    let coordinates = CoordinateReference(from.number()?);
    let units = Units(from.number()?);
    let (overflow, old) = if version < 2 {
        let mut values = from.vector::<f64>()?;
        let overflow = values.pop().unwrap_or(0.0);
        let (x_len, y_len) = (from.number::<u32>()?, from.number::<u32>()?);
        let old = OldValues {
            x_len: x_len.into(),
            y_len: y_len.into(),
            values,
        };
        (overflow, Some(old))
    } else {
        (from.number()?, None)
    };
    let header = MapHeader {
        coordinates,
        units,
        overflow,
        pol_type: PolType(from.number()?),
        is_weighted: from.number()?,
        pol_convention: if version < 3 {
            PolConvention::NONE
        } else {
            PolConvention(from.number()?)
        },
    };
    Ok((header, old))
}

pub(super) fn write(header: &MapHeader, to: &mut Encoder) {
    to.version(CLASS, NEWEST);
    to.number(header.coordinates.0);
    to.number(header.units.0);
    to.number(header.overflow);
    to.number(header.pol_type.0);
    to.number(header.is_weighted);
    to.number(header.pol_convention.0);
}
