//! The existing library reads what is written here.

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::object::{Compression, Object, Samples, Time, Timestream, Units};
use jobwise_testing::{Python, reference};

use crate::reference::frames;
use crate::samples::frame_of_all_classes;

/// Reads a file and prints how many objects it has. Where there is a second one, values are
/// compared.
const READ: &str = r#"
import sys
import numpy as np
from spt3g import core, maps, calibration, dfmux

def plain(o):
    if isinstance(o, core.G3Timestream):
        x = np.asarray(o)
        return ("ts", str(o.units), o.start.time, o.stop.time, x.dtype.str, x.tolist())
    if isinstance(o, core.G3TimestreamQuat):
        return ("tsq", o.start.time, o.stop.time, [repr(q) for q in o])
    if isinstance(o, maps.G3SkyMap):
        names = ("coord_ref", "units", "overflow", "pol_type", "weighted", "pol_conv")
        about = [str(getattr(o, name)) for name in names]
        return (type(o).__name__, about, o.shape, np.asarray(o.copy()).tolist())
    if isinstance(o, maps.G3SkyMapWeights):
        return [plain(getattr(o, name)) for name in ("TT", "TQ", "TU", "QQ", "QU", "UU")]
    if isinstance(o, maps.G3SkyMapMask):
        return ("mask", plain(o.parent), np.asarray(o.to_map()).tolist())
    if isinstance(o, core.G3Time):
        return o.time
    if isinstance(o, calibration.BolometerProperties):
        names = ("physical_name", "x_offset", "y_offset", "band", "pol_angle", "pol_efficiency",
                 "wafer_id", "pixel_id", "coupling", "pixel_type", "center_frequency", "bandwidth")
        return [str(getattr(o, name)) for name in names]
    if isinstance(o, dfmux.DfMuxChannelMapping):
        names = ("board_ip", "board_serial", "board_slot", "crate_serial", "module", "channel")
        return [getattr(o, name) for name in names]
    if isinstance(o, core.G3PipelineInfo):
        modules = [[m.modname, m.instancename, list(m.keys())] for m in o.modules]
        return [o.vcs_url, o.hostname, modules]
    if hasattr(o, "keys"):
        extra = [t.time for t in o.times] if isinstance(o, core.G3TimesampleMap) else None
        return (type(o).__name__, extra, [(k, plain(o[k])) for k in o.keys()])
    if hasattr(o, "value"):
        return o.value
    if hasattr(o, "__len__") and not isinstance(o, str):
        return [plain(part) for part in o]
    return repr(o)

objects = 0
def read(name):
    global objects
    found = []
    for frame in core.G3File(name):
        found.append((str(frame.type), {k: repr(plain(frame[k])) for k in frame.keys()}))
        objects += len(frame)
    return found

ours = read(sys.argv[1])
if len(sys.argv) > 2:
    theirs = read(sys.argv[2])
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    for (kind, own), (other_kind, other) in zip(ours, theirs):
        assert kind == other_kind and set(own) == set(other), (kind, other_kind)
        for name in own:
            assert own[name] == other[name], (name, own[name][:300], other[name][:300])
print(objects)
"#;

fn wheel() -> Option<Python> {
    Python::of("JOBWISE_SPT3G", "spt3g")
}

/// The frame with the same values, all of them encoded here.
fn encoded_here(frame: &Frame) -> Frame {
    let mut own = Frame::new(frame.kind());
    for (name, object) in frame.iter() {
        let again = object.value().map(|value| Object::new(value.clone()));
        own.put(name, again.unwrap_or_else(|_| object.clone()));
    }
    own
}

#[test]
fn the_wheel_reads_the_values_of_its_own_files_from_ours() {
    for name in [
        "scalars",
        "timestreams",
        "obs",
        "maps",
        "pipeinfo",
        "coadd",
        "legacy",
    ] {
        let Some(frames) = frames(name) else { return };
        compare(&frames);
    }
}

/// Reads frames as they stand, and as they are encoded here from their values.
pub(crate) fn compare(frames: &[Frame]) {
    let Some(python) = wheel() else { return };
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, frames: &[Frame]| {
        let path = directory.path().join(name);
        let bytes: Vec<_> = frames
            .iter()
            .map(|frame| frame.to_bytes().unwrap())
            .collect();
        std::fs::write(&path, bytes.concat()).unwrap();
        path
    };
    let own: Vec<Frame> = frames.iter().map(encoded_here).collect();
    let objects: usize = frames.iter().map(Frame::len).sum();
    let said = python.run(READ, [write("own.g3", &own), write("original.g3", frames)]);
    assert_eq!(said.trim(), (2 * objects).to_string());
}

#[test]
fn the_wheel_reads_every_class() {
    let Some(python) = wheel() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("all.g3");
    let frame = frame_of_all_classes();
    std::fs::write(&path, frame.to_bytes().unwrap()).unwrap();
    let said = python.run(READ, [path]);
    assert_eq!(said.trim(), frame.len().to_string());
}

/// Arrays as so3g reads them, against those that it was given to write.
const SUPER: &str = r#"
import sys
import numpy as np
import so3g
from spt3g import core

truth = np.load(sys.argv[2])
count = 0
for frame, original in zip(core.G3File(sys.argv[1]), core.G3File(sys.argv[3])):
    name = frame["name"]
    count += 1
    try:
        original["signal"].data
    except ValueError:
        continue  # It cannot read its own array of one sample.
    data = frame["signal"].data
    assert data.dtype == truth[name].dtype, name
    assert np.array_equal(data, truth[name], equal_nan=True), name
print(count)
"#;

#[test]
fn so3g_reads_super_timestreams() {
    let Some(python) = Python::of("JOBWISE_SPT3G", "spt3g, so3g") else {
        return;
    };
    let (Some(frames), Some(arrays)) = (
        frames("real/so3g-super"),
        reference("frames/real/so3g-super.g3.npz"),
    ) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("super.g3");
    let own = frames
        .iter()
        .map(|frame| encoded_here(frame).to_bytes().unwrap());
    let own: Vec<_> = own.collect();
    std::fs::write(&path, own.concat()).unwrap();
    let original = reference("frames/real/so3g-super.g3").unwrap();
    let said = python.run(SUPER, [path, arrays, original]);
    assert_eq!(said.trim(), frames.len().to_string());
}

/// Pairs of timestreams, compressed and not.
const PAIRS: &str = r#"
import sys
import numpy as np
from spt3g import core

(frame,) = core.G3File(sys.argv[1])
names = [name for name in frame.keys() if name.startswith("compressed")]
for name in names:
    found, plain = (np.asarray(frame[key]) for key in (name, name.replace("compressed", "plain")))
    assert found.shape == plain.shape, name
    assert np.array_equal(found, plain, equal_nan=True), (name, found[:9], plain[:9])
print(len(names))
"#;

#[test]
fn the_wheel_reads_our_compressed_samples() {
    let Some(python) = wheel() else { return };
    let nan = f64::NAN;
    let walk = |length: i64| -> Vec<i64> {
        let step = |index: i64| (index * index * 7919 + index * 104_729) % 4001 - 2000;
        let steps = (0..length).map(step);
        steps
            .scan(0, |sum, step| Some(std::mem::replace(sum, *sum + step)))
            .collect()
    };
    let whole =
        |numbers: &[i64]| -> Vec<f64> { numbers.iter().map(|number| *number as f64).collect() };
    let samples: Vec<(Samples, Samples)> = [
        (vec![], vec![]),
        (vec![-5.0], vec![-5.0]),
        (vec![1.5, -1.5, 2.0], vec![1.0, -1.0, 2.0]),
        (vec![nan; 5], vec![nan; 5]),
        (vec![1.0, f64::INFINITY, nan, 2.0], vec![1.0, nan, nan, 2.0]),
        // More than 24 bits.
        (vec![8_388_608.0, -1.0], vec![8_388_608.0, -1.0]),
        // More than 32 bits: as they are.
        (vec![2e10, 0.5], vec![2e10, 0.5]),
        (whole(&walk(10_000)), whole(&walk(10_000))),
    ]
    .into_iter()
    .map(|(given, kept)| (given.into(), kept.into()))
    .chain([
        (walk(5000).into(), walk(5000).into()),
        (vec![i64::MAX, 0].into(), vec![i64::MAX, 0].into()),
        (
            vec![i32::MIN, i32::MAX].into(),
            vec![i32::MIN, i32::MAX].into(),
        ),
        (vec![3.75f32, f32::NAN].into(), vec![3f32, f32::NAN].into()),
    ])
    .collect();
    let mut frame = Frame::new(FrameType::SCAN);
    for (index, (given, kept)) in samples.into_iter().enumerate() {
        for depth in [24, 32] {
            let level = 1 + (index % 9) as u8;
            let name = |form: &str| format!("{form} {index} of {depth} bits");
            let mut stream = Timestream::new(given.clone(), Units::COUNTS, Time(1), Time(9));
            stream.compression = Some(Compression { level, depth });
            frame.put(name("compressed"), stream);
            let plain = Timestream::new(kept.clone(), Units::COUNTS, Time(1), Time(9));
            frame.put(name("plain"), plain);
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pairs.g3");
    std::fs::write(&path, frame.to_bytes().unwrap()).unwrap();
    let said = python.run(PAIRS, [path]);
    assert_eq!(said.trim(), (frame.len() / 2).to_string());
}
