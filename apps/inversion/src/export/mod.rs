//! Products of results for other programs, written sounding by sounding.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Format`] | CSV, Workbench XYZ, ASEG-GDF2, GeoJSON, VTK, netCDF |
//! | `table` | what there is of a sounding, by name and unit |
//! | `csv`, `xyz`, `gdf2`, `geojson`, `vtk`, `netcdf` | a format each |
//! | `classic` | heads of netCDF files |
//! | `projection` | what an EPSG code says |

mod classic;
mod csv;
mod gdf2;
mod geojson;
mod netcdf;
mod projection;
mod table;
mod vtk;
mod xyz;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::Result;
use crate::products::Results;
use table::Table;

/// A format of other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line per sounding and depth.
    Csv,
    /// A curtain of cells, legacy VTK.
    Vtk,
    /// netCDF, CF-1.8.
    NetCdf,
    /// Points with properties.
    GeoJson,
    /// Aarhus Workbench: a line per sounding.
    Xyz,
    /// ASEG-GDF2: a line per sounding, and a definition beside it.
    Gdf2,
}

const FORMATS: [(Format, &str); 6] = [
    (Format::Csv, "csv"),
    (Format::Vtk, "vtk"),
    (Format::NetCdf, "nc"),
    (Format::GeoJson, "geojson"),
    (Format::Xyz, "xyz"),
    (Format::Gdf2, "gdf2"),
];

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = FORMATS.iter().find(|(format, _)| format == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

/// # Errors
/// A sentence with the words that are known.
impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let named = FORMATS.iter().find(|(_, name)| *name == text);
        named.map(|(format, _)| *format).ok_or_else(|| {
            let names: Vec<&str> = FORMATS.iter().map(|(_, name)| *name).collect();
            format!("{text:?} is none of {}", names.join(", "))
        })
    }
}

/// Writes all soundings to a file, which appears whole; the coordinates are of this EPSG code,
/// where it is said. Returns what the user should know, a sentence each.
///
/// # Errors
/// The file cannot be written, a sounding cannot be read and inputs must be whole, or the format
/// has no room for what there is.
pub fn export(
    results: &Results,
    format: Format,
    path: &Path,
    epsg: Option<u32>,
) -> Result<Vec<String>> {
    let table = Table::new(results);
    match format {
        Format::Csv => csv::write(&table, path)?,
        Format::Vtk => vtk::write(&table, path)?,
        Format::NetCdf => return netcdf::write(&table, path, epsg),
        Format::GeoJson => return geojson::write(&table, path, epsg),
        Format::Xyz => xyz::write(&table, path, epsg)?,
        Format::Gdf2 => gdf2::write(&table, path, epsg)?,
    }
    Ok(Vec::new())
}
