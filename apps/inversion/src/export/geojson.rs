use std::path::Path;

use jobwise_kit::atomic;
use serde_json::{Map, Value, json};

use super::table::{Row, SCALARS, Table};
use crate::{Error, Result};

/// The code of longitudes and latitudes on WGS 84.
const WGS84: u32 = 4326;

/// A point per sounding. Coordinates of another system than WGS 84 are written as they are, with
/// the name of the system in the way of `GeoJSON` of 2008, and a sentence says so.
pub(super) fn write(table: &Table<'_>, path: &Path, epsg: Option<u32>) -> Result<Vec<String>> {
    let mut head = String::from("{\"type\":\"FeatureCollection\",");
    let mut notes = Vec::new();
    match epsg {
        Some(WGS84) => {}
        Some(code) => {
            let name = format!("urn:ogc:def:crs:EPSG::{code}");
            let crs = json!({"type": "name", "properties": {"name": name}});
            head = format!("{head}\"crs\":{crs},");
            notes.push(format!(
                "coordinates are those of EPSG:{code}: RFC 7946 knows longitudes and latitudes on \
                 WGS 84 alone, so that not every program shows them in their place"
            ));
        }
        None => notes.push(
            "coordinates are as in the results: RFC 7946 knows longitudes and latitudes on WGS 84 \
             alone; --epsg says what they are"
                .into(),
        ),
    }
    head.push_str("\"features\":[\n");
    atomic::write_in_pieces(path, |writer| {
        writer.put(head)?;
        table.each(|row| {
            let comma = if row.index > 0 { ",\n" } else { "" };
            let feature = format!("{comma}{}", feature(row));
            writer.put(feature).map_err(Error::from)
        })?;
        writer.put("\n]}\n").map_err(Error::from)
    })?;
    Ok(notes)
}

fn feature(row: &Row<'_>) -> Value {
    let mut properties = Map::new();
    for scalar in SCALARS
        .iter()
        .filter(|scalar| !["x", "y"].contains(&scalar.name))
    {
        properties.insert(scalar.name.into(), json!(scalar.of(row)));
    }
    properties.insert("status".into(), json!(row.status().to_string()));
    let place = row.coordinates();
    let geometry = if place.iter().all(|x| x.is_finite()) {
        json!({"type": "Point", "coordinates": place})
    } else {
        Value::Null
    };
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}
