//! Versions and orders of bytes that nobody writes any more.

use jobwise_frames::frame::Frame;
use jobwise_frames::object::{
    Class, Map, ModuleConfig, Samples, Time, Timestream, TimestreamMap, Units,
};
use jobwise_testing::reference;
use serde_json::Value as Json;

use crate::reference::frames;

/// The frame of a file, and what its values are made of.
fn file(name: &str) -> Option<(Frame, Json)> {
    let expected = std::fs::read_to_string(reference("frames/legacy_expected.json")?).unwrap();
    let mut frames = frames(name)?;
    Some((frames.remove(0), serde_json::from_str(&expected).unwrap()))
}

fn numbers(json: &Json) -> Vec<f64> {
    let numbers = json.as_array().unwrap().iter();
    numbers.map(|number| number.as_f64().unwrap()).collect()
}

fn integers(json: &Json) -> Vec<i64> {
    let numbers = json.as_array().unwrap().iter();
    numbers.map(|number| number.as_i64().unwrap()).collect()
}

fn value<'a, T: Class>(frame: &'a Frame, name: &str) -> &'a T {
    frame.get_as(name).unwrap()
}

#[test]
fn old_versions_have_the_values_that_the_existing_library_reads() {
    let Some((frame, expected)) = file("legacy") else {
        return;
    };
    let (x, iv) = (numbers(&expected["x"]), integers(&expected["iv"]));
    let span = [&expected["start"], &expected["stop"]].map(|time| Time(time.as_i64().unwrap()));
    assert_eq!(value::<Vec<i64>>(&frame, "vint_v1"), &iv);
    let map: Map<i64> = [("a", iv[0]), ("b", iv[1])].into_iter().collect();
    assert_eq!(value::<Map<i64>>(&frame, "mapint_v1"), &map);
    let two = iv[..2].to_vec();
    let map: Map<Vec<i64>> = [("a", two.clone()), ("b", two)].into_iter().collect();
    assert_eq!(value::<Map<Vec<i64>>>(&frame, "mapvint_v1"), &map);
    let stream = |samples: Samples, units| Timestream::new(samples, units, span[0], span[1]);
    let first = Timestream::new(x.clone(), Units::COUNTS, Time(0), Time(0));
    assert_eq!(value::<Timestream>(&frame, "ts_v1"), &first);
    let second = stream(x.clone().into(), Units::TCMB);
    assert_eq!(value::<Timestream>(&frame, "ts_v2"), &second);
    let short: Vec<f32> = numbers(&expected["x_f32"])
        .iter()
        .map(|x| *x as f32)
        .collect();
    let third = stream(short.into(), Units::TCMB);
    assert_eq!(value::<Timestream>(&frame, "ts_v3_f32"), &third);
    for name in ["tsm_v1", "tsm_v2"] {
        let map = value::<TimestreamMap>(&frame, name);
        let reversed: Vec<f64> = x.iter().rev().copied().collect();
        for (name, samples) in [("a", x.clone()), ("b", reversed)] {
            let stream = map.get(name).unwrap();
            assert_eq!(stream.samples, Samples::F64(samples));
            assert_eq!([stream.start, stream.stop], span);
        }
        assert_eq!(map.len(), 2);
    }
    let module = value::<ModuleConfig>(&frame, "modcfg_v1");
    assert_eq!(
        (&*module.module, &*module.instance),
        (&b"mod.name"[..], &b"inst"[..])
    );
    assert_eq!(module.arguments.get("k1").unwrap().text, "'text'");
    let object = module.arguments.get("k2").unwrap().object.as_ref();
    assert_eq!(object.unwrap().get(), Ok(&9i64));
}

#[test]
fn values_with_the_highest_bytes_first_are_read() {
    let Some((frame, expected)) = file("bigendian") else {
        return;
    };
    let (x, iv) = (numbers(&expected["x"]), integers(&expected["iv"]));
    assert_eq!(value::<i64>(&frame, "i"), &iv[0]);
    assert_eq!(value::<jobwise_frames::archive::Text>(&frame, "s"), "big");
    assert_eq!(value::<Vec<f64>>(&frame, "vd"), &x);
    assert_eq!(value::<Vec<i64>>(&frame, "vi"), &iv);
    let stream = value::<Timestream>(&frame, "ts");
    assert_eq!(stream.samples.to_i64().unwrap(), iv);
    assert_eq!(stream.units, Units::COUNTS);
    let map: Map<f64> = [("a", x[0]), ("b", x[1])].into_iter().collect();
    assert_eq!(value::<Map<f64>>(&frame, "md"), &map);
}
