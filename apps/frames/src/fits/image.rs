use jobwise_kit::atomic::{Result, Writer};

use super::header::{BLOCK, Header};
use super::wcs;
use super::write::{Exported, common, padding};
use crate::map::Layer;
use crate::sky::Flat;

/// Writes an image per layer: the first is the primary HDU.
pub(super) fn write(writer: &mut Writer<'_>, map: &Exported<'_>, flat: &Flat) -> Result<()> {
    let axes = [flat.width, flat.height];
    for (i, &layer) in map.sum.layers().iter().enumerate() {
        let mut header = Header::new((i > 0).then_some("IMAGE"), -64, &axes);
        header.text("EXTNAME", &layer.to_string());
        wcs::coordinates(&mut header, flat, map.sum.geometry().coordinates);
        common(&mut header, map, "FLAT");
        header.text("PROJ", &project(flat));
        header.real("ALPHA0", flat.alpha_center.to_degrees());
        header.real("DELTA0", flat.delta_center.to_degrees());
        header.real("X0", flat.x_center);
        header.real("Y0", flat.y_center);
        of_layer(&mut header, map, layer);
        writer.put(header.into_bytes())?;
        let mut values = map.sum.values(layer).peekable();
        let mut row = vec![0.0; flat.width as usize];
        let mut bytes = Vec::with_capacity(8 * row.len());
        for y in 0..flat.height {
            row.fill(0.0);
            while let Some((pixel, value)) = values.next_if(|(pixel, _)| pixel / flat.width == y) {
                row[(pixel % flat.width) as usize] = value;
            }
            bytes.clear();
            bytes.extend(row.iter().flat_map(|value| value.to_be_bytes()));
            writer.put(&bytes)?;
        }
        writer.put(&[0; BLOCK][..padding(8 * flat.pixels())])?;
    }
    Ok(())
}

fn of_layer(header: &mut Header, map: &Exported<'_>, layer: Layer) {
    let unit = if layer == Layer::H { "" } else { map.units };
    header.text("BUNIT", unit);
    header.logical("ISWEIGHT", layer.is_weight());
    let name = if layer.is_weight() {
        "WTYPE"
    } else {
        "POLTYPE"
    };
    header.text(name, &layer.to_string());
    header.real("OVERFLOW", map.sum.outside(layer));
}

/// The projection as spt3g names it.
fn project(flat: &Flat) -> String {
    format!("Proj{}", flat.projection.to_string().to_uppercase())
}
