use std::fmt::Write;
use std::path::Path;

use jobwise_kit::atomic;

use super::table::{LAYERED, Row, SCALARS, Table};
use crate::{Error, Result};

/// What stands where nothing is known.
const DUMMY: f64 = 9999.0;

/// Columns by the names of Workbench, and by ours.
const NAMES: [(&str, &str); 8] = [
    ("LINE_NO", "line"),
    ("FID", "fiducial"),
    ("UTMX", "x"),
    ("UTMY", "y"),
    ("ELEVATION", "elevation"),
    ("ALT", "height"),
    ("RESDATA", "misfit"),
    ("DOI_STANDARD", "doi"),
];

/// As Aarhus Workbench writes models: a head after slashes, then a line per sounding with the
/// resistivity (of the median conductivity) and the depths of every layer.
pub(super) fn write(table: &Table<'_>, path: &Path, epsg: Option<u32>) -> Result<()> {
    let depths = table.depths()?;
    let layers = depths.len() - 1;
    let coordinates = epsg.map_or("not said".to_owned(), |code| format!("epsg:{code}"));
    let names = NAMES.iter().map(|(name, _)| (*name).to_owned());
    let numbered = ["RHO_I", "DEP_TOP", "DEP_BOT"]
        .into_iter()
        .flat_map(|name| {
            let layers = 0..layers;
            layers.map(move |layer| format!("{name}[{layer}]"))
        });
    let names: Vec<String> = names.chain(numbered).collect();
    let head = format!(
        "/INVERSION MODELS\n/median of the posterior\n/COORDINATE SYSTEM\n/{coordinates}\n\
         /NUMBER OF LAYERS\n/{layers}\n/DUMMY\n/{DUMMY:.0}\n/ {}\n",
        names.join(" ")
    );
    let columns = NAMES.map(|(_, own)| SCALARS.iter().find(|scalar| scalar.name == own));
    let median = LAYERED.iter().find(|layered| layered.name == "median");
    let line = |row: &Row<'_>| {
        let mut text = String::new();
        for scalar in columns.into_iter().flatten() {
            add(&mut text, scalar.of(row));
        }
        for conductivity in median.iter().flat_map(|layered| layered.of(row)) {
            add(&mut text, 1.0 / conductivity);
        }
        for depth in depths[..layers].iter().chain(&depths[1..]) {
            add(&mut text, *depth);
        }
        text + "\n"
    };
    atomic::write_in_pieces(path, |writer| {
        writer.put(head)?;
        table.each(|row| writer.put(line(row)).map_err(Error::from))
    })
}

fn add(text: &mut String, number: f64) {
    let number = if number.is_finite() { number } else { DUMMY };
    // Writing to memory does not fail.
    let _ = write!(text, " {number}");
}
