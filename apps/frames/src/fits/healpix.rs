use std::collections::BTreeSet;

use jobwise_kit::atomic::{Result, Writer};

use super::header::{BLOCK, Header};
use super::write::{Exported, common, padding};
use crate::map::Layer;
use crate::sky::{Healpix, Order};

/// Writes a table for T, Q and U, one for the weights and one for the hits: with the numbers of the
/// pixels where less than half of the sky was seen, and all pixels otherwise.
pub(super) fn write(writer: &mut Writer<'_>, map: &Exported<'_>, healpix: &Healpix) -> Result<()> {
    let mut empty = Header::new(None, 8, &[]);
    empty.text("OBJECT", map.id);
    writer.put(empty.into_bytes())?;
    let layers = map.sum.layers();
    let sky = |layer: &Layer| !layer.is_weight() && *layer != Layer::H;
    let kinds: [(&str, Vec<Layer>); 3] = [
        ("SKY", layers.iter().copied().filter(sky).collect()),
        (
            "WEIGHTS",
            layers
                .iter()
                .copied()
                .filter(|one| one.is_weight())
                .collect(),
        ),
        (
            "HITS",
            layers
                .iter()
                .copied()
                .filter(|one| *one == Layer::H)
                .collect(),
        ),
    ];
    for (name, layers) in kinds {
        if !layers.is_empty() {
            table(writer, map, healpix, name, &layers)?;
        }
    }
    Ok(())
}

fn table(
    writer: &mut Writer<'_>,
    map: &Exported<'_>,
    healpix: &Healpix,
    name: &str,
    layers: &[Layer],
) -> Result<()> {
    let sum = map.sum;
    let seen: BTreeSet<u64> = layers
        .iter()
        .flat_map(|&layer| sum.values(layer).map(|(pixel, _)| pixel))
        .collect();
    let is_partial = (seen.len() as u64) < healpix.pixels() / 2;
    let rows = if is_partial {
        seen.len() as u64
    } else {
        healpix.pixels()
    };
    let columns = layers.len() + usize::from(is_partial);
    let mut header = Header::new(Some("BINTABLE"), 8, &[8 * columns as u64, rows]);
    header.integer("TFIELDS", columns as i64);
    if is_partial {
        header.text("TTYPE1", "PIXEL");
        header.text("TFORM1", "K");
    }
    for (i, &layer) in layers.iter().enumerate() {
        let column = i + 1 + usize::from(is_partial);
        header.text(&format!("TTYPE{column}"), &column_name(layer));
        header.text(&format!("TFORM{column}"), "D");
        if layer != Layer::H {
            header.text(&format!("TUNIT{column}"), map.units);
        }
        header.logical(&format!("TISWGT{column}"), layer.is_weight());
        header.real(&format!("TOFLW{column}"), sum.outside(layer));
    }
    header.text("EXTNAME", name);
    header.text("PIXTYPE", "HEALPIX");
    let order = match healpix.order() {
        Order::Ring => "RING",
        Order::Nested => "NESTED",
    };
    header.text("ORDERING", order);
    header.integer("NSIDE", healpix.nside() as i64);
    let scheme = if is_partial { "EXPLICIT" } else { "IMPLICIT" };
    header.text("INDXSCHM", scheme);
    if is_partial {
        header.text("OBJECT", "PARTIAL");
        header.integer("OBS_NPIX", rows as i64);
    } else {
        header.text("OBJECT", "FULLSKY");
        header.integer("FIRSTPIX", 0);
        header.integer("LASTPIX", healpix.pixels() as i64 - 1);
    }
    common(&mut header, map, "HEALPIX");
    writer.put(header.into_bytes())?;
    let pixels: &mut dyn Iterator<Item = u64> = if is_partial {
        &mut seen.into_iter()
    } else {
        &mut (0..healpix.pixels())
    };
    let mut row = Vec::with_capacity(8 * columns);
    for pixel in pixels {
        row.clear();
        if is_partial {
            row.extend((pixel as i64).to_be_bytes());
        }
        for &layer in layers {
            row.extend(sum.value(layer, pixel).to_be_bytes());
        }
        writer.put(&row)?;
    }
    writer.put(&[0; BLOCK][..padding(8 * columns as u64 * rows)])?;
    Ok(())
}

/// The names that readers of maps look for.
fn column_name(layer: Layer) -> String {
    match layer {
        Layer::T => "TEMPERATURE".to_owned(),
        Layer::Q => "Q_POLARISATION".to_owned(),
        Layer::U => "U_POLARISATION".to_owned(),
        Layer::H => "HITS".to_owned(),
        weight => weight.to_string(),
    }
}
