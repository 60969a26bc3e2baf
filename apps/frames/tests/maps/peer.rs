//! Maps that spt3g makes of frames that we write.

use std::path::Path;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::map::{Binning, Coadd, Layer, Polarization, StoredMap, Sum};
use jobwise_frames::object::{
    BolometerProperties, Map, Quat, Time, Timestream, TimestreamMap, TimestreamQuat, Units,
};
use jobwise_frames::output::Writer;
use jobwise_frames::sky::{Geometry, Grid, Order};
use jobwise_testing::Python;

use crate::reference::frames;

pub(crate) fn python() -> Option<Python> {
    Python::of("JOBWISE_SPT3G", "spt3g, astropy, healpy")
}

const DETECTORS: usize = 7;
const SAMPLES: usize = 501;

/// A scan across the maps below and beyond, in circles, and its calibration.
fn observation() -> [Frame; 2] {
    let names = || (0..DETECTORS).map(|i| format!("d{i}"));
    let part = |i: usize, step: f64| (i as f64 * step).fract();
    let mut calibration = Frame::new(FrameType::CALIBRATION);
    let detector = |i: usize| BolometerProperties {
        x_offset: 0.02 * part(i, 0.618) - 0.01,
        y_offset: 0.02 * part(i, 0.414) - 0.01,
        pol_angle: 3.0 * part(i, 0.732),
        pol_efficiency: 0.8 + 0.2 * part(i, 0.236),
        ..BolometerProperties::default()
    };
    let detectors = (0..DETECTORS).map(detector);
    let properties: Map<BolometerProperties> = names().zip(detectors).collect();
    calibration.put("BolometerProperties", properties);
    let mut scan = Frame::new(FrameType::SCAN);
    let (start, stop) = (Time(1_600_000_000), Time(1_700_000_000));
    let angle = |i: usize| i as f64 * 0.013;
    let look = |i: usize| {
        let (x, y) = (0.3 * (3.1 * angle(i)).sin(), 0.2 * (2.3 * angle(i)).cos());
        Quat::rotation(0.6 + x, -0.8 + y)
    };
    let quats = (0..SAMPLES).map(look).collect();
    scan.put("Pointing", TimestreamQuat { quats, start, stop });
    let sample = |d: usize, i: usize| 300.0 * (part(i * (d + 3), 0.381_966) - 0.5);
    let timestream = |d| {
        let samples: Vec<f64> = (0..SAMPLES).map(|i| sample(d, i)).collect();
        Timestream::new(samples, Units::POWER, start, stop)
    };
    let timestreams: TimestreamMap = names().zip((0..DETECTORS).map(timestream)).collect();
    scan.put("Timestreams", timestreams);
    let weights = (0..DETECTORS).map(|i| 0.5 + part(i, 0.302));
    scan.put("Weights", names().zip(weights).collect::<Map<f64>>());
    [calibration, scan]
}

const MAPS: [&str; 13] = [
    "sfl:60x40@0.5deg,34,-46",
    "car:60x40@0.5deg,34,-46",
    "sin:60x40@0.5deg,34,-46",
    "arc:61x41@0.5deg,34,-46",
    "stg:60x40@0.5deg,34,-46",
    "zea:60x40@0.5deg,34,-46",
    "tan:60x40@0.5deg,34,-46",
    "cea:60x40@0.5deg,34,-46,galactic",
    "bicep:60x40@0.5deg,34,-46",
    "zea:60x40@0.5deg,34,46,local",
    "healpix:64",
    "healpix:32,nested,galactic",
    "healpix:12,local",
];

/// Bins the frames of the file into each map.
const BINNER: &str = "
import sys, json
from spt3g import core, maps
core.set_log_level(core.G3LogLevel.LOG_ERROR)
file, out, jobs = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
written = core.G3Writer(out)
for job in jobs:
    same = dict(coord_ref=getattr(maps.MapCoordReference, job['coordinates']))
    if job['polarized']:
        same['pol_conv'] = maps.MapPolConv.IAU
    if 'nside' in job:
        stub = maps.HealpixSkyMap(job['nside'], nested=job['nested'], **same)
    else:
        same['proj'] = getattr(maps.MapProjection, job['projection'])
        stub = maps.FlatSkyMap(job['width'], job['height'], job['x_res'], alpha_center=job['alpha'],
                               delta_center=job['delta'], **same)
    pipe = core.G3Pipeline()
    pipe.Add(core.G3Reader, filename=file)
    pipe.Add(maps.MapBinner, map_id=job['id'], stub_map=stub, pointing='Pointing',
             timestreams='Timestreams', detector_weights='Weights')
    pipe.Add(lambda frame: frame.type == core.G3FrameType.Map and written(frame) and False)
    pipe.Run()
written(core.G3Frame(core.G3FrameType.EndProcessing))
";

fn request(text: &str, geometry: &Geometry, polarized: bool) -> serde_json::Value {
    let coordinates = ["Local", "Equatorial", "Galactic"][geometry.coordinates.code() as usize];
    let mut request = match &geometry.grid {
        Grid::Flat(flat) => serde_json::json!({
            "width": flat.width, "height": flat.height, "x_res": flat.x_res,
            "alpha": flat.alpha_center, "delta": flat.delta_center,
            "projection": format!("Proj{}", flat.projection.to_string().to_uppercase()),
        }),
        Grid::Healpix(map) => serde_json::json!({
            "nside": map.nside(), "nested": map.order() == Order::Nested,
        }),
    };
    request["coordinates"] = coordinates.into();
    request["polarized"] = polarized.into();
    request["id"] = text.into();
    request
}

#[test]
fn spt3g_makes_the_same_maps_of_our_frames_and_reads_ours() {
    let Some(python) = python() else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let observation = observation();
    write(&file("scan.g3"), &observation);
    let jobs: Vec<(&str, Geometry, Polarization)> = MAPS
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let polarization = [Polarization::Iau, Polarization::None][usize::from(i % 5 == 4)];
            (*text, text.parse().unwrap(), polarization)
        })
        .collect();
    let requests = jobs
        .iter()
        .map(|(text, geometry, polarization)| {
            request(text, geometry, *polarization != Polarization::None)
        })
        .collect::<Vec<_>>();
    let (scan, theirs) = (file("scan.g3"), file("theirs.g3"));
    let requests = serde_json::to_string(&requests).unwrap();
    let arguments = [scan.to_str().unwrap(), theirs.to_str().unwrap(), &requests];
    python.run(BINNER, arguments);
    let theirs = frames(&theirs);
    assert_eq!(theirs.len(), MAPS.len());
    let mut ours = Vec::new();
    for ((text, geometry, polarization), theirs) in jobs.into_iter().zip(&theirs) {
        let job = Binning {
            timestreams: "Timestreams".into(),
            pointing: "Pointing".into(),
            weights: Some("Weights".into()),
            properties: "BolometerProperties".into(),
            polynomial: None,
            geometry,
            polarization,
        };
        let [calibration, scan] = &observation;
        let mut scratch = job.scratch();
        let contribution = job
            .contribution(scan, Some(calibration), &mut scratch)
            .unwrap();
        let mut sum = Sum::new(geometry, polarization);
        sum.add(contribution.unwrap()).unwrap();
        let found = StoredMap::new(text, sum);
        let theirs = StoredMap::read(theirs).unwrap();
        assert_eq!(found.sum.geometry(), theirs.sum.geometry());
        assert_eq!(found.sum.units(), theirs.sum.units());
        assert_eq!(found.sum.times(), theirs.sum.times());
        let outside = found.sum.outside(Layer::H);
        // Each map has samples inside, and flat ones outside too.
        let flat = matches!(geometry.grid, Grid::Flat(_));
        assert_eq!(outside > 0.0, flat, "{text}");
        assert!(found.sum.values(Layer::H).count() > 20, "{text}");
        // The same sums in the same order: each bit is the same, but for weights that spt3g
        // multiplies in another order.
        for &layer in theirs.sum.layers() {
            let values = |map: &StoredMap| -> Vec<(u64, f64)> {
                let outside = (u64::MAX, map.sum.outside(layer));
                map.sum.values(layer).chain([outside]).collect()
            };
            let (found, theirs) = (values(&found), values(&theirs));
            assert_eq!(found.len(), theirs.len(), "{text} {layer}");
            let largest = theirs
                .iter()
                .fold(0.0, |most: f64, one| most.max(one.1.abs()));
            for (found, theirs) in found.iter().zip(&theirs) {
                assert_eq!(found.0, theirs.0, "{text} {layer}");
                assert!(
                    (found.1 - theirs.1).abs() <= 1e-13 * largest,
                    "{text} {layer}"
                );
            }
        }
        ours.push(found.to_frame());
    }
    write(&file("ours.g3"), &ours);
    let mut coadd = Coadd::new(None, "sum ", true);
    for frame in &ours {
        coadd.add(frame).unwrap();
    }
    write(&file("unweighted.g3"), &coadd.frames(true).unwrap());
    let names = ["theirs.g3", "ours.g3", "unweighted.g3"].map(file);
    let said = python.run(READER, names);
    assert_eq!(said.trim(), format!("{} maps", MAPS.len()));
}

/// Reads our maps, and compares them with theirs.
const READER: &str = "
import sys
import numpy as np
from spt3g import core, maps
core.set_log_level(core.G3LogLevel.LOG_ERROR)
theirs, ours, unweighted = [list(core.G3File(name)) for name in sys.argv[1:4]]
for a, b, c in zip(theirs, ours, unweighted):
    assert all(a[k] == b[k] for k in ('Id', 'StartTime', 'StopTime'))
    assert c['Id'] == 'sum ' + a['Id'] and list(c['InputMapIds']) == [a['Id']], c
    assert set(a.keys()) <= set(b.keys()), (a, b)
    assert b['H'].compatible(a['T']) and abs(np.array(b['H']).sum() + b['H'].overflow - 3507) < 0.5
    sky = [k for k in 'TQU' if k in a]
    weights = 'Wpol' if 'Wpol' in a else 'Wunpol'
    for k in sky:
        assert a[k].compatible(b[k]) and a[k].weighted and b[k].weighted and not c[k].weighted
        assert a[k].units == b[k].units
        assert a[k].pol_type == b[k].pol_type and a[k].pol_conv == b[k].pol_conv
        np.testing.assert_allclose(np.array(b[k]), np.array(a[k]), rtol=0, atol=1e-10)
    for k in ['TT', 'TQ', 'TU', 'QQ', 'QU', 'UU'] if len(sky) == 3 else ['TT']:
        found, expected = [np.array(getattr(one[weights], k)) for one in (b, a)]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    # Theirs inverts also where the weights say nothing: nearly singular ones are left out.
    removed = [a[k].copy() for k in sky]
    if len(sky) == 3:
        maps.remove_weights(*removed, a[weights])
        fine = np.array(a[weights].cond()) < 1e4
    else:
        maps.remove_weights_t(removed[0], a[weights])
        fine = np.array(a[weights].TT) > 0
    assert fine.sum() > 10, fine.sum()
    for k, map in zip(sky, removed):
        np.testing.assert_allclose(np.array(c[k])[fine], np.array(map)[fine], rtol=1e-9, atol=1e-9)
        assert np.isnan(np.array(c[k])[np.array(a[weights].TT) == 0]).all()
print(len(ours), 'maps')
";

fn write(path: &Path, frames: &[Frame]) {
    let mut writer = Writer::create(path).unwrap();
    for frame in frames {
        writer.write(frame).unwrap();
    }
    writer.finish().unwrap();
}
