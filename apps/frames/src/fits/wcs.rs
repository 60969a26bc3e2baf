use super::header::Header;
use crate::pointing::Coordinates;
use crate::sky::{Flat, Projection};

/// Says where on the sky the pixels of an image are.
///
/// Projections with a centre have their reference there. Cylindrical ones have it on the equator,
/// where they are not tilted: only then are rows of one latitude, as they are here.
pub(super) fn coordinates(header: &mut Header, flat: &Flat, coordinates: Coordinates) {
    let (east, north) = match coordinates {
        Coordinates::Equatorial => ("RA--", "DEC-"),
        Coordinates::Galactic => ("GLON", "GLAT"),
        Coordinates::Local => ("ALON", "ALAT"),
    };
    let projection = match flat.projection {
        Projection::Bicep => "CAR".to_owned(),
        other => other.to_string().to_uppercase(),
    };
    let narrowed = match flat.projection {
        Projection::Bicep => flat.delta_center.cos(),
        _ => 1.0,
    };
    let is_cylindrical = flat.projection.is_cylindrical();
    let (delta, below) = match flat.projection {
        Projection::Cea => (0.0, flat.delta_center.sin()),
        _ if is_cylindrical => (0.0, flat.delta_center),
        _ => (flat.delta_center, 0.0),
    };
    header.integer("WCSAXES", 2);
    header.text("CTYPE1", &format!("{east}-{projection}"));
    header.text("CTYPE2", &format!("{north}-{projection}"));
    header.text("CUNIT1", "deg");
    header.text("CUNIT2", "deg");
    header.real("CRVAL1", flat.alpha_center.to_degrees());
    header.real("CRVAL2", delta.to_degrees());
    header.real("CRPIX1", flat.x_center + 1.0);
    header.real("CRPIX2", flat.y_center + 1.0 - below / flat.y_res);
    header.real("CDELT1", -(flat.x_res / narrowed).to_degrees());
    header.real("CDELT2", flat.y_res.to_degrees());
    header.real("LONPOLE", if is_cylindrical { 0.0 } else { 180.0 });
    if flat.projection == Projection::Cea {
        header.real("PV2_1", 1.0);
    }
}

/// What longitudes and latitudes are measured against.
pub(super) fn frame(header: &mut Header, coordinates: Coordinates) {
    if coordinates == Coordinates::Equatorial {
        header.text("RADESYS", "FK5");
        header.real("EQUINOX", 2000.0);
    }
}
