use std::fmt::Write;
use std::path::Path;

use jobwise_kit::atomic;

use super::table::{LAYERED, SCALARS, Table};
use crate::{Error, Result};

/// What stands where nothing is known.
const NULL: f64 = -9999.0;

/// Characters of a number: a sign, all digits that matter, an exponent, a blank before.
const WIDTH: usize = 20;

/// A line per sounding in `path`, fields of fixed width; what they mean in a file beside it whose
/// name ends in `.dfn`.
pub(super) fn write(table: &Table<'_>, path: &Path, epsg: Option<u32>) -> Result<()> {
    let depths = table.depths()?;
    let layers = depths.len() - 1;
    let definition = path.with_extension("dfn");
    if definition == path {
        return Err(Error::File {
            path: path.to_path_buf(),
            problem: "the definition is beside the data in .dfn: choose another ending, .dat"
                .into(),
        });
    }
    let mut text = String::from("DEFN   ST=RECD,RT=COMM;RT:A4;COMMENTS:A76\n");
    let mut number = 0;
    let mut add = |field: String| {
        number += 1;
        // Writing to memory does not fail.
        let _ = writeln!(text, "DEFN {number} ST=RECD,RT=;{field}");
    };
    let coordinates = epsg.map_or(String::new(), |code| format!(" (EPSG {code})"));
    for scalar in SCALARS {
        let place = ["x", "y"].contains(&scalar.name);
        let more = if place { &*coordinates } else { "" };
        let (name, unit, meaning) = (scalar.name, scalar.unit, scalar.meaning);
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!("UNIT={unit}:")
        };
        let meaning = meaning.replace(',', "");
        add(format!(
            "{name}:E{WIDTH}.11:{unit}NULL={NULL:?},NAME={meaning}{more}"
        ));
    }
    let depth = ["depth_top", "depth_bottom"].map(|name| (name, "m", "of the bin of depth"));
    let layered = LAYERED.iter().map(|one| (one.name, one.unit, one.meaning));
    for (name, unit, meaning) in depth.into_iter().chain(layered) {
        let meaning = meaning.replace(',', "");
        add(format!(
            "{name}:{layers}E{WIDTH}.11:UNIT={unit}:NULL={NULL:?},NAME={meaning}"
        ));
    }
    add("END DEFN".into());
    atomic::write_in_pieces(path, |writer| {
        table.each(|row| {
            let mut line = String::new();
            for scalar in SCALARS {
                field(&mut line, scalar.of(row));
            }
            for depth in depths[..layers].iter().chain(&depths[1..]) {
                field(&mut line, *depth);
            }
            for value in LAYERED.iter().flat_map(|layered| layered.of(row)) {
                field(&mut line, value);
            }
            line.push('\n');
            writer.put(line).map_err(Error::from)
        })
    })?;
    atomic::write(&definition, text)?;
    Ok(())
}

fn field(line: &mut String, number: f64) {
    let number = if number.is_finite() { number } else { NULL };
    // Writing to memory does not fail.
    let _ = write!(line, "{number:>WIDTH$.11e}");
}
