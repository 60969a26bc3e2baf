use super::classic::{Attribute, Value};

/// Zones of transverse Mercator by their EPSG codes: the first code and the last, the first zone,
/// the false northing, the name and the ellipsoid (half axis in m, inverse flattening).
const ZONES: [(u32, u32, u32, f64, &str, f64, f64); 5] = [
    (32601, 32660, 1, 0.0, "WGS 84", 6_378_137.0, 298.257_223_563),
    (32701, 32760, 1, 1e7, "WGS 84", 6_378_137.0, 298.257_223_563),
    (26901, 26923, 1, 0.0, "NAD83", 6_378_137.0, 298.257_222_101),
    (28348, 28358, 48, 1e7, "GDA94", 6_378_137.0, 298.257_222_101),
    (7846, 7859, 46, 1e7, "GDA2020", 6_378_137.0, 298.257_222_101),
];

/// The grid mapping of CF, as far as the code is known here: longitudes and latitudes on WGS 84,
/// zones of 6 degrees of transverse Mercator on WGS 84, NAD83, GDA94 and GDA2020.
pub(super) fn grid_mapping(epsg: u32) -> Option<Vec<Attribute>> {
    if epsg == 4326 {
        return Some(vec![
            (
                "grid_mapping_name",
                Value::Text("latitude_longitude".into()),
            ),
            ("semi_major_axis", Value::Number(6_378_137.0)),
            ("inverse_flattening", Value::Number(298.257_223_563)),
        ]);
    }
    let zones = ZONES.iter();
    let mut zones = zones.filter(|(first, last, ..)| (*first..=*last).contains(&epsg));
    let (first, _, zone, northing, name, axis, flattening) = *zones.next()?;
    let meridian = f64::from(6 * (zone + epsg - first)) - 183.0;
    Some(vec![
        (
            "grid_mapping_name",
            Value::Text("transverse_mercator".into()),
        ),
        ("scale_factor_at_central_meridian", Value::Number(0.9996)),
        ("longitude_of_central_meridian", Value::Number(meridian)),
        ("latitude_of_projection_origin", Value::Number(0.0)),
        ("false_easting", Value::Number(500_000.0)),
        ("false_northing", Value::Number(northing)),
        ("geographic_crs_name", Value::Text(name.into())),
        ("semi_major_axis", Value::Number(axis)),
        ("inverse_flattening", Value::Number(flattening)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_their_meridians() {
        let meridian = |epsg| {
            let found = grid_mapping(epsg)?;
            let key = "longitude_of_central_meridian";
            let value = found.into_iter().find(|(name, _)| *name == key);
            value.map(|(_, value)| value)
        };
        for (epsg, expected) in [
            (32601, -177.0),
            (32733, 15.0),
            (28355, 147.0),
            (7855, 147.0),
        ] {
            assert_eq!(meridian(epsg), Some(Value::Number(expected)), "{epsg}");
        }
        assert!(grid_mapping(4326).is_some() && meridian(4326).is_none());
        assert!(grid_mapping(2154).is_none());
    }
}
