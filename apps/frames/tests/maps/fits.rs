//! FITS files, read by astropy and healpy.

use std::path::Path;

use jobwise_frames::fits::{Exported, write};
use jobwise_frames::map::{Layer, Polarization, Sum};
use jobwise_frames::object::Units;
use serde_json::json;

use crate::peer::python;

const MAPS: [&str; 15] = [
    "sfl:61x40@0.5deg,34,-46",
    "car:61x40@0.5deg,34,-46",
    "sin:61x40@0.5deg,34,-46",
    "arc:61x40@0.5deg,34,-46",
    "stg:61x40@0.5deg,34,-46",
    "zea:61x40@0.5deg,34,-46",
    "tan:61x40@0.5deg,34,-46",
    "cea:61x40@0.5deg,34,-46",
    "bicep:61x40@0.5deg,34,-46",
    "zea:61x40@0.5deg,34,90",
    "zea:61x40@0.5deg,34,46,galactic",
    "car:61x40@0.5deg,34,46,local",
    "healpix:16",
    "healpix:16,nested,galactic",
    "healpix:12",
];

/// A map with a value at every third pixel, or at few.
fn map(text: &str, polarization: Polarization, step: usize) -> Sum {
    let mut sum = Sum::new(text.parse().unwrap(), polarization);
    sum.note(Units::TCMB, Some((0, 1))).unwrap();
    let pixels = sum.geometry().pixels();
    for (i, layer) in sum.layers().to_vec().into_iter().enumerate() {
        let value = |pixel: u64| (pixel, 0.5 * pixel as f64 + i as f64 + 1.0);
        sum.add_layer(layer, (0..pixels).step_by(step).map(value));
        sum.add_layer(layer, [(pixels, 7.0 + i as f64)]);
    }
    sum
}

fn export(path: &Path, id: &str, sum: &Sum) {
    let exported = Exported {
        id,
        sum,
        is_weighted: true,
        units: "Tcmb",
    };
    write(path, &exported).unwrap();
}

#[test]
fn astropy_and_healpy_read_what_we_export() {
    let Some(python) = python() else { return };
    let directory = tempfile::tempdir().unwrap();
    let mut cases = Vec::new();
    for (i, text) in MAPS.iter().enumerate() {
        for step in [1, 3] {
            let polarization = [Polarization::Iau, Polarization::None][(i + step) % 2];
            let sum = map(text, polarization, step);
            let file = directory.path().join(format!("{i}_{step}.fits"));
            export(&file, "it's a map", &sum);
            let pixels = (0..sum.geometry().pixels()).step_by(29);
            let looks: Vec<_> = pixels
                .filter_map(|pixel| {
                    let (alpha, delta) = sum.geometry().angles(pixel);
                    (!alpha.is_nan()).then_some((pixel, alpha, delta))
                })
                .collect();
            let layers: Vec<_> = sum.layers().iter().map(ToString::to_string).collect();
            let values: Vec<Vec<f64>> = sum.layers().iter().map(|one| sum.dense(*one)).collect();
            cases.push(json!({
                "file": file.to_str().unwrap(), "map": text, "looks": looks,
                "layers": layers, "values": values, "step": step,
            }));
        }
    }
    let list = directory.path().join("cases.json");
    std::fs::write(&list, serde_json::to_vec(&cases).unwrap()).unwrap();
    let said = python.run(READER, [&list]);
    assert_eq!(said.trim(), format!("{} maps", 2 * MAPS.len()));
}

const READER: &str = "
import json, sys, warnings
import numpy as np
import healpy
from astropy.io import fits
from astropy.wcs import WCS
cases = json.load(open(sys.argv[1]))
for case in cases:
    hdus = fits.open(case['file'])
    hdus.verify('exception')
    pixel, alpha, delta = np.array(case['looks']).T
    values = {name: np.array(all) for name, all in zip(case['layers'], case['values'])}
    if not case['map'].startswith('healpix'):
        assert [hdu.name for hdu in hdus] == case['layers']
        for hdu in hdus:
            assert hdu.data.shape == (40, 61) and hdu.data.dtype == '>f8'
            assert (hdu.data.ravel() == values[hdu.name]).all()
            x, y = pixel % 61, pixel // 61
            lon, lat = WCS(hdu.header).wcs_pix2world(x, y, 0)
            turn = (np.radians(lon) - alpha + np.pi) % (2 * np.pi) - np.pi
            assert np.abs(turn * np.cos(delta)).max() < 1e-12, (case['map'], turn)
            assert np.abs(np.radians(lat) - delta).max() < 1e-12, case['map']
            assert hdu.header['MAPID'] == \"it's a map\" and hdu.header['WEIGHTED']
            # As spt3g writes them: in its own units.
            assert hdu.header['UNITS'] == 'Tcmb'
            assert hdu.header['OVERFLOW'] == 7 + case['layers'].index(hdu.name)
        continue
    nest = 'nested' in case['map']
    weights = ['TT', 'TQ', 'TU', 'QQ', 'QU', 'UU']
    for number, layers in enumerate([['T', 'Q', 'U'], weights, ['H']], 1):
        layers = [name for name in layers if name in values]
        fields = list(range(len(layers)))
        read = healpy.read_map(
            case['file'], field=fields, hdu=number, nest=nest, dtype=np.float64)
        read = np.atleast_2d(read)
        assert (hdus[number].header['INDXSCHM'] == 'EXPLICIT') == (case['step'] == 3)
        for name, found in zip(layers, read):
            assert (np.where(found == healpy.UNSEEN, 0, found) == values[name]).all(), name
    nside = healpy.npix2nside(len(values['T']))
    lon, lat = healpy.pix2ang(nside, pixel.astype(int), nest=nest, lonlat=True)
    assert np.abs(np.radians(lat) - delta).max() < 1e-12
    assert np.abs(np.radians(lon) - alpha).max() < 1e-12
    column = 'TUNIT2' if case['step'] == 3 else 'TUNIT1'
    assert hdus[1].header['UNITS'] == hdus[1].header[column] == 'Tcmb'
    assert hdus[1].header['COORDSYS'] == ('G' if 'galactic' in case['map'] else 'C')
print(len(cases), 'maps')
";

#[test]
fn files_are_whole_blocks_or_not_there() {
    let directory = tempfile::tempdir().unwrap();
    for text in MAPS {
        let file = directory.path().join("map.fits");
        export(&file, "m", &map(text, Polarization::Iau, 5));
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(bytes.len() % 2880, 0, "{text}");
        assert!(
            bytes.starts_with(b"SIMPLE  =                    T"),
            "{text}"
        );
        assert!(bytes.is_ascii() || bytes.len() > 2880, "{text}");
    }
    // A map of hits only, and one of nothing.
    for layers in [vec![Layer::H], vec![Layer::T]] {
        for text in ["healpix:4", "tan:3x2@1deg,0,0"] {
            let sum = Sum::with_layers(text.parse().unwrap(), Polarization::None, &layers);
            export(&directory.path().join("empty.fits"), "m", &sum);
        }
    }
    let blocked = directory.path().join("map.fits/below.fits");
    let exported = Exported {
        id: "m",
        sum: &map(MAPS[0], Polarization::None, 1),
        is_weighted: true,
        units: "Tcmb",
    };
    let error = write(&blocked, &exported).unwrap_err().to_string();
    assert!(error.contains("map.fits"), "{error}");
}
