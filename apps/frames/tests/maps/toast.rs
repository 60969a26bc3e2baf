//! Observations as files of TOAST.

use std::path::{Path, PathBuf};
use std::process::Command;

use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::map::Polarization;
use jobwise_frames::object::{
    BolometerProperties, Map, Quat, Time, Timestream, TimestreamMap, TimestreamQuat, Units,
};
use jobwise_frames::output::Writer;
use jobwise_frames::pointing::{Boresight, Coordinates, Directions};
use jobwise_testing::{Python, Running, names, reference};
use serde_json::{Value, json};

use crate::reference::frames;

fn toast() -> Option<Python> {
    Python::of("JOBWISE_SPT3G", "toast, h5py")
}

fn export(arguments: &[&str], files: &[&Path], directory: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    let command = command
        .args(["export", "--toast"])
        .args(arguments)
        .args(files);
    let ended = Running::start(command.arg("-o").arg(directory)).end();
    (ended.status, ended.stderr)
}

/// Prints paths, types and attributes; of shapes how many axes there are.
const STRUCTURE: &str = "
import sys, json, h5py
def kind(of):
    # Lengths of texts are those of the longest one.
    if of.fields:
        return [[name, kind(of[name])] for name in of.names]
    return 'S' if of.kind == 'S' else str(of)
def attributes(of):
    ids = {name: of.attrs.get_id(name) for name in sorted(of.attrs)}
    return {name: [kind(one.dtype), one.shape] for name, one in ids.items()}
found = {}
def add(name, of):
    found[name] = {'attributes': attributes(of)}
    if isinstance(of, h5py.Dataset):
        found[name].update(kind=kind(of.dtype), axes=len(of.shape), chunks=of.chunks)
file = h5py.File(sys.argv[1])
add('/', file)
file.visititems(add)
lines = [line.decode() for line in file['instrument/focalplane.__table_column_meta__']]
found['lines'] = [line for line in lines if 'value: ' not in line or 'Serialized' in line]
texts = {name: value for name, value in file['instrument'].attrs.items() if name.endswith('_class')}
print(json.dumps([found, texts]))
";

#[test]
fn files_are_built_as_those_of_toast() {
    let (Some(data), Some(python)) = (reference("frames"), toast()) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("new/deep");
    let (status, said) = export(
        &["--timestreams", "CalTimestreams"],
        &[&data.join("obs.g3")],
        &out,
    );
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert_eq!(names(&out), ["field3-1003.h5"]);
    let structure =
        |file: PathBuf| -> Value { serde_json::from_str(&python.run(STRUCTURE, [file])).unwrap() };
    let mut own = structure(out.join("field3-1003.h5"));
    let expected = structure(data.join("toast_minimal.h5"));
    // Two of the scans are turnarounds, of which the other file has none.
    let turnaround = own[0]
        .as_object_mut()
        .unwrap()
        .remove("intervals/turnaround");
    assert_eq!(turnaround.as_ref(), Some(&own[0]["intervals/scanning"]));
    // Of detectors that are not perfect, TOAST 3.0.6 takes efficiency or leakage, not both.
    let mut without = expected.clone();
    let table = &mut without[0]["instrument/focalplane"]["kind"];
    assert_eq!(
        table.as_array_mut().unwrap().pop().unwrap()[0],
        "pol_leakage"
    );
    let lines = without[0]["lines"].as_array_mut().unwrap();
    lines.retain(|line| !line.as_str().unwrap().contains("pol_leakage"));
    assert_eq!(own, without);
    let perfect = directory.path().join("perfect.g3");
    write(&perfect, &observation(1.0));
    let (status, said) = export(&OWN_KEYS, &[&perfect], &out);
    assert_eq!(status, Some(0), "{said}");
    let mut own = structure(out.join("own field-a-7.h5"));
    own[0]
        .as_object_mut()
        .unwrap()
        .remove("intervals/turnaround");
    assert_eq!(own, expected);
}

/// Loads files and prints what TOAST makes of them.
const LOAD: &str = "
import sys, json, numpy as np, toast, toast.ops, toast.io, toast.qarray as qa
from toast.observation import default_values as defaults
comm, found = toast.Comm(), {}
pol = sys.argv[1]
for path in sys.argv[2:]:
    ob = toast.io.load_hdf5(path, comm)
    data = toast.Data(comm)
    data.obs.append(ob)
    det = toast.ops.PointingDetectorSimple(boresight='boresight_radec', quats='quats',
                                           shared_flags=None, det_mask=0)
    det.apply(data)
    weights = toast.ops.StokesWeights(mode='IQU', detector_pointing=det, weights='weights',
                                      IAU=(pol == 'iau'))
    weights.apply(data)
    look = lambda rotation: qa.rotate(rotation, np.array([0.0, 0.0, 1.0])).tolist()
    each = lambda value: {d: value(d) for d in ob.local_detectors}
    signal = lambda d: [None if np.isnan(x) else x for x in ob.detdata['signal'][d]]
    fp = ob.telescope.focalplane
    def row(d):
        angles = [fp[d][name].to_value('rad') for name in ('gamma', 'pol_angle')]
        rest = [float(fp[d][name]) for name in ('pol_efficiency', 'pol_leakage')]
        return [*angles, *rest, int(fp[d]['uid'])]
    found[ob.name] = {
        'uid': int(ob.uid), 'detectors': ob.local_detectors, 'samples': ob.n_local_samples,
        'sample_sets': [[int(n) for n in one] for one in ob.dist.sample_sets],
        'flagged': {d: int(f) for d, f in ob.local_detector_flags.items()},
        'times': list(ob.shared['times'].data),
        'shared_flags': [int(f) for f in ob.shared['flags'].data],
        'intervals': {name: [[int(i.first), int(i.last)] for i in ob.intervals[name]]
                      for name in ('scanning', 'turnaround') if name in ob.intervals},
        'rate': fp.sample_rate.to_value('Hz'), 'view': fp.field_of_view.to_value('rad'),
        'units': str(ob.detdata['signal'].units),
        'bore': look(ob.shared['boresight_radec'].data),
        'signal': each(signal),
        'flags': each(lambda d: [int(x) for x in ob.detdata['flags'][d]]),
        'looks': each(lambda d: look(ob.detdata['quats'][d])),
        'weights': each(lambda d: ob.detdata['weights'][d].tolist()),
        'table': each(row),
    }
print(json.dumps(found, default=int))
";

fn load(python: &Python, polarization: Polarization, files: &[PathBuf]) -> Value {
    let mut arguments = vec![PathBuf::from(polarization.to_string())];
    arguments.extend_from_slice(files);
    let said = python.run(LOAD, arguments);
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

/// Where TOAST has a detector look, as vectors.
fn assert_looks(found: &Value, expected: &Directions, what: &str) {
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), expected.len());
    for (i, found) in found.iter().enumerate() {
        let [_, expected @ ..] = expected.get(i).parts();
        for (axis, expected) in expected.iter().enumerate() {
            let off = found[axis].as_f64().unwrap() - expected;
            assert!(off.abs() < 1e-11, "{what} sample {i}: off by {off}");
        }
    }
}

#[test]
fn toast_reads_the_reference_observation() {
    let (Some(data), Some(python)) = (reference("frames"), toast()) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let key = "CalTimestreams";
    let parts = ["part0001.g3", "part0002.g3", "part0000.g3"].map(|name| data.join(name));
    let parts: Vec<&Path> = parts.iter().map(PathBuf::as_path).collect();
    let out = |name: &str| directory.path().join(name);
    let whole = [data.join("obs.g3")];
    let (status, said) = export(&["--timestreams", key], &[&whole[0]], &out("whole"));
    assert_eq!((status, said.as_str()), (Some(0), ""));
    let (status, said) = export(&["--timestreams", key], &parts, &out("parts"));
    assert_eq!((status, said.as_str()), (Some(0), ""));
    let file = |name: &str| out(name).join("field3-1003.h5");
    let found = load(&python, Polarization::None, &[file("whole")]);
    // Files come in any order: time is what counts.
    assert_eq!(found, load(&python, Polarization::None, &[file("parts")]));
    let found = &found["field3-1003"];
    assert_eq!(found["uid"], 1003);
    assert_eq!(found["samples"], 6 * 64);
    assert_eq!(found["units"], "mK");
    assert_eq!(found["sample_sets"], json!(vec![[64]; 6]));
    assert!((found["rate"].as_f64().unwrap() - 100.0).abs() < 1e-9);
    let of_scans = |scans: &[usize]| -> Value {
        scans
            .iter()
            .map(|scan| json!([64 * scan, 64 * scan + 64]))
            .collect()
    };
    assert_eq!(found["intervals"]["scanning"], of_scans(&[0, 1, 3, 4]));
    assert_eq!(found["intervals"]["turnaround"], of_scans(&[2, 5]));
    let frames = frames(&whole[0]);
    let calibration = frames
        .iter()
        .find(|it| it.kind() == FrameType::CALIBRATION)
        .unwrap();
    let properties: &Map<BolometerProperties> = calibration.get_as("BolometerProperties").unwrap();
    let scans = frames
        .iter()
        .filter(|frame| frame.kind() == FrameType::SCAN);
    let scans: Vec<&Frame> = scans.collect();
    let rotations = scans.iter().flat_map(|scan| quats(scan));
    let boresight = Boresight::new(rotations);
    for (name, own) in properties.iter() {
        let mut expected = Directions::default();
        let offset = Quat::offset(own.x_offset, own.y_offset);
        boresight.look(
            0..boresight.len(),
            offset,
            Coordinates::Equatorial,
            &mut expected,
        );
        let name = name.to_string();
        assert_looks(&found["looks"][&name], &expected, &name);
        let samples = scans.iter().flat_map(|scan| {
            let map: &TimestreamMap = scan.get_as(key).unwrap();
            map.get(&name).unwrap().samples.to_f64().into_owned()
        });
        assert_eq!(found["signal"][&name], samples.collect::<Value>());
        let (angle, e) = (own.pol_angle, own.pol_efficiency);
        assert_eq!(found["table"][&name][1], angle);
        assert_eq!(found["table"][&name][2], e / (2.0 - e));
    }
}

const OWN_KEYS: [&str; 4] = ["--timestreams", "Signal", "--pointing", "Pointing"];

/// Where the detectors of [`observation`] are, and how they are turned.
const OFFSETS: [(&str, f64, f64, f64); 3] = [
    ("b", 0.0, 0.0, 0.4),
    ("a", 0.01, -0.02, 1.1),
    ("d c", -0.015, 0.01, 2.5),
];

/// Three scans, of which the second is the first in time, and the last a turnaround. The last
/// detector has no properties, and is in one scan only.
pub(crate) fn observation(efficiency: f64) -> Vec<Frame> {
    let mut calibration = Frame::new(FrameType::CALIBRATION);
    let property = |(name, x_offset, y_offset, pol_angle)| {
        let own = BolometerProperties {
            x_offset,
            y_offset,
            pol_angle,
            pol_efficiency: efficiency,
            ..BolometerProperties::default()
        };
        (name, own)
    };
    let properties: Map<BolometerProperties> = OFFSETS.into_iter().map(property).collect();
    calibration.put("BolometerProperties", properties);
    let mut frames = vec![calibration];
    for (number, first) in [100, 0, 200].into_iter().enumerate() {
        let (start, stop) = (Time(first * 1_000_000), Time((first + 49) * 1_000_000));
        let mut scan = Frame::new(FrameType::SCAN);
        scan.put(
            "SourceName",
            jobwise_frames::archive::Text::from("own field-a"),
        );
        scan.put("ObservationID", 7i64);
        scan.put("Turnaround", number == 2);
        let look = |i| Quat::rotation(0.3 + f64::from(i) * 0.001, -0.7);
        let quats = (0..50).map(look).collect();
        scan.put("Pointing", TimestreamQuat { quats, start, stop });
        let names = OFFSETS.iter().map(|(name, ..)| *name);
        let names = names.chain((number == 1).then_some("unknown"));
        let signal = names.map(|name| {
            let mut samples = vec![first as f32; 50];
            samples[number] = f32::NAN;
            (name, Timestream::new(samples, Units::POWER, start, stop))
        });
        scan.put("Signal", signal.collect::<TimestreamMap>());
        frames.push(scan);
    }
    frames
}

pub(crate) fn write(path: &Path, frames: &[Frame]) {
    let mut writer = Writer::create(path).unwrap();
    for frame in frames {
        writer.write(frame).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn what_scans_lack_is_flagged_and_polarization_is_in_the_quaternions() {
    let Some(python) = toast() else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.g3");
    write(&file, &observation(0.8));
    for polarization in [Polarization::Iau, Polarization::Cosmo] {
        let name = polarization.to_string();
        let out = directory.path().join(&name);
        let arguments = [&OWN_KEYS[..], &["--pol", &name, "--telescope", "own"]].concat();
        let (status, said) = export(&arguments, &[&file], &out);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains("1 detectors look (unknown"), "{said}");
        let found = load(&python, polarization, &[out.join("own field-a-7.h5")]);
        let found = &found["own field-a-7"];
        assert_eq!(found["detectors"], json!(["a", "b", "d c", "unknown"]));
        assert_eq!(
            found["flagged"],
            json!({"a": 0, "b": 0, "d c": 0, "unknown": 1})
        );
        assert_eq!(found["units"], "W");
        assert_eq!(found["intervals"]["scanning"], json!([[0, 50], [50, 100]]));
        assert_eq!(found["intervals"]["turnaround"], json!([[100, 150]]));
        let times = found["times"].as_array().unwrap();
        for (sample, expected) in [(0, 0.0), (49, 0.49), (50, 1.0), (149, 2.49)] {
            assert_eq!(times[sample], expected);
        }
        let shared: Vec<u8> = (0..150)
            .map(|sample| if sample < 100 { 0 } else { 4 })
            .collect();
        assert_eq!(found["shared_flags"], json!(shared));
        let is_no_number = |sample| [1, 50, 102].contains(&sample);
        let flags: Vec<u8> = (0..150)
            .map(|sample| u8::from(is_no_number(sample)))
            .collect();
        assert_eq!(found["flags"]["a"], json!(flags));
        let is_missing = |sample| sample >= 50 || sample == 1;
        let flags: Vec<u8> = (0..150)
            .map(|sample| u8::from(is_missing(sample)))
            .collect();
        assert_eq!(found["flags"]["unknown"], json!(flags));
        assert_eq!(found["signal"]["b"][51], 100.0);
        for (name, x, y, angle) in OFFSETS {
            let looks = (0..50).map(|i| Quat::rotation(0.3 + f64::from(i) * 0.001, -0.7));
            let boresight = Boresight::new(looks.clone().chain(looks.clone()).chain(looks));
            let mut expected = Directions::default();
            let offset = Quat::offset(x, y);
            boresight.look(0..150, offset, Coordinates::Equatorial, &mut expected);
            assert_looks(&found["looks"][name], &expected, name);
            // The north at a detector is not quite that at the middle.
            let within = if x == 0.0 { 1e-9 } else { 0.05 };
            let (i, e) = (angle * 2.0, 0.8 / 1.2);
            let weights = [1.0, e * f64::cos(i), e * f64::sin(i)];
            for (found, expected) in found["weights"][name][3]
                .as_array()
                .unwrap()
                .iter()
                .zip(weights)
            {
                let off = found.as_f64().unwrap() - expected;
                assert!(off.abs() < within, "{polarization} {name}: off by {off}");
            }
        }
    }
}

#[test]
fn what_is_no_observation_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let good = observation(1.0);
    let file = directory.path().join("own.g3");
    let out = directory.path().join("out");
    let refused = |frames: &[Frame], files: usize, problem: &str| {
        write(&file, frames);
        let (status, said) = export(&OWN_KEYS, &vec![file.as_path(); files], &out);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains(problem), "{said}");
        assert!(!out.exists() || names(&out).is_empty());
    };
    refused(&good[1..], 1, "frame 0 ");
    refused(
        &good[1..],
        1,
        "no Calibration frame before the scan has BolometerProperties",
    );
    refused(&good, 2, "observation own field-a-7: a scan begins at 0 s");
    refused(&good[..1], 1, "no scan in the files");
    let other = |change: fn(&mut Frame), problem: &str| {
        let mut frames = good.clone();
        change(&mut frames[2]);
        refused(&frames, 1, problem);
    };
    other(
        |scan| drop(scan.remove("Signal")),
        "Signal: the frame has no object",
    );
    other(
        |scan| scan.put("ObservationID", jobwise_frames::archive::Text::from("../x")),
        "file",
    );
    other(
        |scan| scan.put("Pointing", vec![Quat::rotation(0.1, 0.2); 49]),
        "49 samples of Pointing",
    );
    let accent = |scan: &mut Frame| {
        let one = Timestream::new(vec![1.0; 50], Units::POWER, Time(0), Time(49_000_000));
        scan.put(
            "Signal",
            [("dé", one)].into_iter().collect::<TimestreamMap>(),
        );
    };
    other(accent, "dé");
    let units = |scan: &mut Frame| {
        let one = Timestream::new(vec![1.0; 50], Units::TCMB, Time(0), Time(49_000_000));
        scan.put(
            "Signal",
            [("a", one)].into_iter().collect::<TimestreamMap>(),
        );
    };
    other(units, "the units change from Power to Tcmb");
}

fn quats(scan: &Frame) -> Vec<Quat> {
    let rotations: &TimestreamQuat = scan.get_as("OnlineRaDecRotation").unwrap();
    rotations.quats.clone()
}
