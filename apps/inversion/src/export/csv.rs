use std::fmt::Write;
use std::path::Path;

use jobwise_kit::atomic;

use super::table::{LAYERED, SCALARS, Table};
use crate::{Error, Result};

/// A line of names, then a line per sounding and depth; one of a sounding without anything kept.
/// What is not known is empty.
pub(super) fn write(table: &Table<'_>, path: &Path) -> Result<()> {
    let scalars = SCALARS.iter().map(|scalar| scalar.name);
    let layered = LAYERED.iter().map(|layered| layered.name);
    let names = scalars.chain(["depth_top", "depth_bottom"]).chain(layered);
    let names: Vec<&str> = names.collect();
    atomic::write_in_pieces(path, |writer| {
        writer.put(names.join(",") + "\n")?;
        table.each(|row| {
            let mut head = String::new();
            for scalar in SCALARS {
                add(&mut head, scalar.of(row));
            }
            let mut text = String::new();
            if row.seen.is_none() {
                text.push_str(&head);
                text.extend(std::iter::repeat_n(',', LAYERED.len() + 1));
                text.push('\n');
                return writer.put(text).map_err(Error::from);
            }
            let layered: Vec<Vec<f64>> = LAYERED.iter().map(|layered| layered.of(row)).collect();
            for (depth, edges) in row.file.depths().windows(2).enumerate() {
                text.push_str(&head);
                for number in edges
                    .iter()
                    .copied()
                    .chain(layered.iter().map(|all| all[depth]))
                {
                    add(&mut text, number);
                }
                text.pop();
                text.push('\n');
            }
            writer.put(text).map_err(Error::from)
        })
    })
}

/// A number with all its digits and a comma.
fn add(text: &mut String, number: f64) {
    if !number.is_nan() {
        // Writing to memory does not fail.
        let _ = write!(text, "{number:?}");
    }
    text.push(',');
}
