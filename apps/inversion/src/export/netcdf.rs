use std::path::Path;

use jobwise_kit::atomic;

use super::classic::{Attribute, Head, Kind, Value, Variable};
use super::projection::grid_mapping;
use super::table::{LAYERED, Layered, Row, SCALARS, Scalar, Table};
use crate::{Error, Result};

/// Dimensions by their places.
const SOUNDING: usize = 0;
const DEPTH: usize = 1;
const EDGE: usize = 2;

/// netCDF in the classic format, CF-1.8: variables by sounding, and by sounding and depth.
pub(super) fn write(table: &Table<'_>, path: &Path, epsg: Option<u32>) -> Result<Vec<String>> {
    let depths = table.depths()?;
    let layers = depths.len() - 1;
    let mapping = epsg.and_then(grid_mapping);
    let mut notes = Vec::new();
    if let (Some(code), None) = (epsg, &mapping) {
        notes.push(format!(
            "the parameters of EPSG:{code} are not known here: the file has its number alone"
        ));
    }
    let head = head(table.count(), layers, epsg, mapping);
    let (bytes, begins, end) = head.encode();
    if head
        .dimensions
        .iter()
        .any(|(_, extent)| i32::try_from(*extent).is_err())
    {
        return Err(Error::Request(format!(
            "{} soundings are more than classic netCDF counts",
            table.count()
        )));
    }
    let sorted: Vec<(&Variable, u64)> = head.variables.iter().zip(begins).collect();
    let begin = |name: &str| {
        let found = sorted.iter().find(|(variable, _)| variable.name == name);
        found.map_or(0, |(_, begin)| *begin)
    };
    atomic::write_in_pieces(path, |writer| {
        // The last byte, so that the file has its length however short its last values are.
        writer.put_at(end - 1, [0])?;
        writer.put_at(0, bytes)?;
        let middles = depths.windows(2).map(|pair| pair[0].midpoint(pair[1]));
        writer.put_at(begin("depth"), doubles(middles))?;
        let bounds = depths.windows(2).flatten().copied();
        writer.put_at(begin("depth_bounds"), doubles(bounds))?;
        table.each(|row| {
            for scalar in SCALARS {
                let at = begin(scalar.name);
                write_scalar(writer, at, row, scalar.name, scalar.of(row))?;
            }
            for layered in &LAYERED {
                let at = begin(layered.name) + (4 * row.index * layers) as u64;
                let values = layered.of(row).into_iter();
                let bytes = values.flat_map(|x| (x as f32).to_be_bytes());
                writer.put_at(at, bytes.collect::<Vec<u8>>())?;
            }
            Ok(())
        })
    })?;
    Ok(notes)
}

fn write_scalar(
    writer: &mut atomic::Writer<'_>,
    begin: u64,
    row: &Row<'_>,
    name: &str,
    value: f64,
) -> Result<()> {
    let written = if name == "status" {
        writer.put_at(begin + row.index as u64, [value as u8])
    } else {
        writer.put_at(begin + 8 * row.index as u64, value.to_be_bytes())
    };
    written.map_err(Error::from)
}

fn doubles(values: impl Iterator<Item = f64>) -> Vec<u8> {
    values.flat_map(f64::to_be_bytes).collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn head(
    soundings: usize,
    layers: usize,
    epsg: Option<u32>,
    mapping: Option<Vec<Attribute>>,
) -> Head {
    let mut attributes = vec![
        ("Conventions", text("CF-1.8")),
        (
            "title",
            text("Trans-dimensional inversion of airborne electromagnetic data"),
        ),
        (
            "source",
            text(concat!("jobwise inversion ", env!("CARGO_PKG_VERSION"))),
        ),
    ];
    if let Some(code) = epsg {
        attributes.push(("epsg", Value::Integer(code as i32)));
    }
    let has_mapping = mapping.is_some();
    let mut variables = Vec::from(axis());
    if let Some(mapping) = mapping {
        variables.push(Variable {
            name: "crs",
            dimensions: Vec::new(),
            kind: Kind::Integer,
            attributes: mapping,
        });
    }
    let is_geographic = epsg == Some(4326);
    let scalars = SCALARS.iter().map(|one| of_soundings(one, is_geographic));
    variables.extend(scalars);
    variables.extend(LAYERED.iter().map(|one| of_depths(one, has_mapping)));
    Head {
        dimensions: vec![("sounding", soundings), ("depth", layers), ("edge", 2)],
        attributes,
        variables,
    }
}

/// Depths, and the edges of their bins.
fn axis() -> [Variable; 2] {
    [
        Variable {
            name: "depth",
            dimensions: vec![DEPTH],
            kind: Kind::Double,
            attributes: vec![
                ("standard_name", text("depth")),
                ("long_name", text("depth below the surface")),
                ("units", text("m")),
                ("positive", text("down")),
                ("axis", text("Z")),
                ("bounds", text("depth_bounds")),
            ],
        },
        Variable {
            name: "depth_bounds",
            dimensions: vec![DEPTH, EDGE],
            kind: Kind::Double,
            attributes: Vec::new(),
        },
    ]
}

/// A number of every sounding.
fn of_soundings(scalar: &Scalar, is_geographic: bool) -> Variable {
    let mut attributes = vec![("long_name", text(scalar.meaning))];
    let (standard_name, unit) = match (scalar.name, is_geographic) {
        ("x", false) => (Some("projection_x_coordinate"), scalar.unit),
        ("y", false) => (Some("projection_y_coordinate"), scalar.unit),
        ("x", true) => (Some("longitude"), "degrees_east"),
        ("y", true) => (Some("latitude"), "degrees_north"),
        ("elevation", _) => (Some("surface_altitude"), scalar.unit),
        _ => (None, scalar.unit),
    };
    if let Some(name) = standard_name {
        attributes.push(("standard_name", text(name)));
    }
    if !unit.is_empty() {
        attributes.push(("units", text(unit)));
    }
    let is_status = scalar.name == "status";
    if is_status {
        attributes.push(("flag_values", Value::Bytes(vec![0, 1, 2])));
        attributes.push(("flag_meanings", text("open done failed")));
    } else {
        attributes.push(("_FillValue", Value::Number(f64::NAN)));
    }
    Variable {
        name: scalar.name,
        dimensions: vec![SOUNDING],
        kind: if is_status { Kind::Byte } else { Kind::Double },
        attributes,
    }
}

/// A number of every sounding at every depth.
fn of_depths(layered: &Layered, has_mapping: bool) -> Variable {
    let unit = if layered.unit == "S/m" {
        "S m-1"
    } else {
        layered.unit
    };
    let mut attributes = vec![
        ("long_name", text(layered.meaning)),
        ("units", text(unit)),
        ("coordinates", text("x y elevation line fiducial")),
        ("_FillValue", Value::Float(f32::NAN)),
    ];
    if has_mapping {
        attributes.push(("grid_mapping", text("crs")));
    }
    Variable {
        name: layered.name,
        dimensions: vec![SOUNDING, DEPTH],
        kind: Kind::Float,
        attributes,
    }
}
