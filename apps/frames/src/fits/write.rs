use std::path::Path;

use jobwise_kit::atomic::{self, Result};

use super::header::{BLOCK, Header};
use super::{healpix, image, wcs};
use crate::map::{Polarization, Sum};
use crate::pointing::Coordinates;
use crate::sky::Grid;

/// A map to be exported.
#[derive(Clone, Copy, Debug)]
pub struct Exported<'a> {
    /// The name of the map.
    pub id: &'a str,
    /// Its layers.
    pub sum: &'a Sum,
    /// Whether T, Q and U are multiplied by their weights.
    pub is_weighted: bool,
    /// The unit of T, Q and U.
    pub units: &'a str,
}

/// Writes a map as a FITS file, which appears when it is whole.
///
/// A flat map is an image for each layer, T first, with its coordinates. A `HEALPix` map is a table
/// of T, Q and U, then one of the weights, then one of the hits. Values have 64 bits.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: impl AsRef<Path>, map: &Exported<'_>) -> Result<()> {
    atomic::write_in_pieces(path, |writer| match &map.sum.geometry().grid {
        Grid::Flat(flat) => image::write(writer, map, flat),
        Grid::Healpix(pixels) => healpix::write(writer, map, pixels),
    })
}

/// What headers say of the map as a whole, with the names that spt3g uses.
pub(super) fn common(header: &mut Header, map: &Exported<'_>, kind: &str) {
    let coordinates = map.sum.geometry().coordinates;
    let (letter, name) = match coordinates {
        Coordinates::Equatorial => ("C", "Equatorial"),
        Coordinates::Galactic => ("G", "Galactic"),
        Coordinates::Local => ("L", "Local"),
    };
    header.text("COORDSYS", letter);
    wcs::frame(header, coordinates);
    header.text("MAPTYPE", kind);
    header.text("MAPID", map.id);
    header.text("COORDREF", name);
    let convention = match map.sum.polarization() {
        Polarization::Iau => Some("IAU"),
        Polarization::Cosmo => Some("COSMO"),
        Polarization::None => None,
    };
    header.logical("POLAR", convention.is_some());
    if let Some(convention) = convention {
        header.text("POLCCONV", convention);
    }
    header.text("UNITS", map.units);
    header.logical("WEIGHTED", map.is_weighted);
}

/// How many bytes are missing behind so many, to whole blocks.
pub(super) fn padding(bytes: u64) -> usize {
    (bytes.next_multiple_of(BLOCK as u64) - bytes) as usize
}
