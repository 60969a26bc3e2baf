use std::path::Path;

use jobwise_kit::atomic::{self, Writer};

use super::table::{LAYERED, SCALARS, Table};
use crate::products::{Line, LineFile};
use crate::{Error, Result};

/// VTK's number of a cell of four corners.
const QUAD: i32 = 9;

/// Scalars of soundings that cells have.
const OF_SOUNDINGS: [&str; 3] = ["line", "fiducial", "doi"];

/// A curtain below each line: a cell per sounding and bin of depth, half of the way to the
/// neighbours wide. Legacy VTK, binary.
pub(super) fn write(table: &Table<'_>, path: &Path) -> Result<()> {
    let lines = table.lines();
    let cells: usize = lines.iter().map(|line| line.count * bins(line)).sum();
    let points: usize = lines
        .iter()
        .map(|line| 2 * line.count * (bins(line) + 1))
        .sum();
    if i32::try_from(5 * cells).is_err() || i32::try_from(points).is_err() {
        return Err(Error::Request(format!(
            "{cells} cells are more than legacy VTK counts: export lines from directories of \
             their own"
        )));
    }
    atomic::write_in_pieces(path, |writer| {
        let mut offset = 0;
        let mut section = |writer: &mut Writer<'_>, head: String, bytes: usize| -> Result<u64> {
            writer.put_at(offset, &head)?;
            let at = offset + head.len() as u64;
            offset = at + bytes as u64;
            Ok(at)
        };
        let head = format!(
            "# vtk DataFile Version 3.0\ninversion results\nBINARY\nDATASET UNSTRUCTURED_GRID\n\
             POINTS {points} double\n"
        );
        let at_points = section(writer, head, 24 * points)?;
        let at_cells = section(
            writer,
            format!("\nCELLS {cells} {}\n", 5 * cells),
            20 * cells,
        )?;
        let at_types = section(writer, format!("\nCELL_TYPES {cells}\n"), 4 * cells)?;
        let mut arrays = Vec::new();
        let scalars = SCALARS
            .iter()
            .filter(|one| OF_SOUNDINGS.contains(&one.name));
        let names = scalars.clone().map(|one| one.name);
        for (index, name) in names.chain(LAYERED.iter().map(|one| one.name)).enumerate() {
            let first = if index == 0 {
                format!("\nCELL_DATA {cells}")
            } else {
                String::new()
            };
            let head = format!("{first}\nSCALARS {name} double 1\nLOOKUP_TABLE default\n");
            arrays.push(section(writer, head, 8 * cells)?);
        }
        section(writer, "\n".into(), 0)?;
        let [mut point, mut cell] = [0_usize; 2];
        table.each(|row| {
            let (file, depths) = (row.file, row.file.depths());
            let count = row.depths();
            let surface = if row.elevation().is_finite() {
                row.elevation()
            } else {
                0.0
            };
            let mut corners = Vec::new();
            for [x, y] in sides(file, row.place) {
                for depth in depths {
                    corners.extend([x, y, surface - depth].map(f64::to_be_bytes));
                }
            }
            writer.put_at(at_points + 24 * point as u64, corners.concat())?;
            let corner = |side: usize, bin: usize| (point + side * (count + 1) + bin) as i32;
            let quads = (0..count).flat_map(|bin| {
                let around = [
                    corner(0, bin),
                    corner(1, bin),
                    corner(1, bin + 1),
                    corner(0, bin + 1),
                ];
                [4].into_iter()
                    .chain(around)
                    .map(i32::to_be_bytes)
                    .collect::<Vec<_>>()
            });
            writer.put_at(
                at_cells + 20 * cell as u64,
                quads.collect::<Vec<_>>().concat(),
            )?;
            let types = vec![QUAD.to_be_bytes(); count];
            writer.put_at(at_types + 4 * cell as u64, types.concat())?;
            let of_sounding = scalars.clone().map(|scalar| vec![scalar.of(row); count]);
            let layered = LAYERED.iter().map(|layered| layered.of(row));
            for (values, at) in of_sounding.chain(layered).zip(&arrays) {
                let bytes: Vec<[u8; 8]> = values.into_iter().map(f64::to_be_bytes).collect();
                writer.put_at(at + 8 * cell as u64, bytes.concat())?;
            }
            point += 2 * (count + 1);
            cell += count;
            Ok(())
        })
    })
}

fn bins(line: &Line) -> usize {
    line.depths.len() - 1
}

/// Where the cells of a sounding begin and end: half of the way to the neighbours. Where places are
/// not known, soundings stand beside each other by their fiducials.
fn sides(file: &LineFile, row: usize) -> [[f64; 2]; 2] {
    let place = |row: usize| {
        let place = file.place(row);
        if place.iter().all(|x| x.is_finite()) {
            place
        } else {
            [file.fiducials()[row], 0.0]
        }
    };
    let here = place(row);
    let before = row.checked_sub(1).map(place);
    let after = (row + 1 < file.count()).then(|| place(row + 1));
    let middle = |other: [f64; 2]| [here[0].midpoint(other[0]), here[1].midpoint(other[1])];
    let mirrored = |at: [f64; 2]| [2.0 * here[0] - at[0], 2.0 * here[1] - at[1]];
    match (before.map(middle), after.map(middle)) {
        (Some(before), Some(after)) => [before, after],
        (Some(before), None) => [before, mirrored(before)],
        (None, Some(after)) => [mirrored(after), after],
        (None, None) => [[here[0] - 0.5, here[1]], [here[0] + 0.5, here[1]]],
    }
}
