//! Objects of old versions, put together here: they have the values that the existing library
//! reads in them.

use jobwise_frames::archive::{Pointer, Writer};
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::object::{
    BolometerProperties, ChannelMapping, FlatSkyMap, FlatSkyProjection, FlatValues, HealpixSkyMap,
    HealpixValues, Object, PipelineInfo, ProjectionCode, SkyMapMask, SkyMapWeights,
};

/// An archive with an object of this version, and of the base.
struct Old(Writer);

impl Old {
    fn new(class: &str, version: u32) -> Old {
        let mut writer = Writer::new();
        let class = Some(class.as_bytes());
        writer.pointer(Pointer::New { class, id: 1 });
        let mut old = Old(writer);
        old.words(&[version, 1]);
        old
    }

    fn words(&mut self, words: &[u32]) -> &mut Old {
        self.0.numbers(words.iter().copied());
        self
    }

    fn longs(&mut self, longs: &[u64]) -> &mut Old {
        self.0.numbers(longs.iter().copied());
        self
    }

    fn floats(&mut self, numbers: &[f64]) -> &mut Old {
        self.0.numbers(numbers.iter().copied());
        self
    }

    fn text(&mut self, text: &str) -> &mut Old {
        self.0.text(text.as_bytes());
        self
    }

    fn byte(&mut self, byte: u8) -> &mut Old {
        self.0.number(byte);
        self
    }

    fn vector(&mut self, numbers: &[f64]) -> &mut Old {
        self.0.vector(numbers);
        self
    }

    /// The base of maps, of version 2.
    fn header(&mut self) -> &mut Old {
        self.words(&[2, 1, 4]).floats(&[0.25]).words(&[0]).byte(1)
    }

    fn object(self) -> Object {
        Object::from_blob(self.0.finish())
    }
}

/// Six pixels, and the overflow.
const VALUES: [f64; 7] = [1.0, 0.0, 3.0, 4.0, 0.0, 6.0, 0.25];

/// Centre and resolutions.
const PLACE: [f64; 4] = [0.5, -0.8, 0.01, 0.02];

/// The map itself lies in its base.
fn flat_1() -> Object {
    let mut old = Old::new("FlatSkyMap", 1);
    old.words(&[1, 1, 4]).vector(&VALUES).words(&[3, 2]);
    old.words(&[0]).byte(1);
    old.words(&[5]).floats(&PLACE);
    old.object()
}

/// Here too, and the projection is a class of its own, of version 1: the height comes first.
fn flat_2() -> Object {
    let mut old = Old::new("FlatSkyMap", 2);
    old.words(&[1, 1, 4]).vector(&VALUES).words(&[3, 2]);
    old.words(&[0]).byte(1);
    old.words(&[1]).longs(&[3, 2]).words(&[5]).floats(&PLACE);
    old.object()
}

fn flat_3(projection: u32) -> Object {
    let mut old = Old::new("FlatSkyMap", 3);
    old.header();
    old.words(&[projection])
        .longs(&[3, 2])
        .words(&[5])
        .floats(&PLACE);
    if projection == 3 {
        // They count from 1.
        old.floats(&[2.5, 1.75]);
    }
    old.longs(&[3, 2])
        .words(&[2, 1])
        .longs(&[3, 2])
        .vector(&VALUES[..6]);
    old.object()
}

fn healpix(version: u32) -> Object {
    let mut old = Old::new("HealpixSkyMap", version);
    old.header().words(&[1]).byte(1);
    old.words(&[1])
        .longs(&[2, 11])
        .floats(&[1.5])
        .longs(&[3])
        .floats(&[2.5]);
    if version == 2 {
        old.byte(1);
    }
    old.object()
}

/// A map without values within another object, whose base is known: the first one in it.
fn inner_map(old: &mut Old, units: u32, pol_type: u32, is_weighted: bool) {
    let class = Some(&b"FlatSkyMap"[..]);
    old.0.pointer(Pointer::New { class, id: 2 });
    old.words(&[4]).words(&[3, 1, units]).floats(&[0.0]);
    old.words(&[pol_type]).byte(is_weighted.into()).words(&[2]);
    old.words(&[4]).longs(&[3, 2]).words(&[5]);
    old.floats(&PLACE).floats(&[1.0, 0.5]);
    old.longs(&[3, 2]).words(&[0]).byte(0);
}

fn weights_2(kind: u32) -> Object {
    let mut old = Old::new("G3SkyMapWeights", 2);
    inner_map(&mut old, 4, 8, true);
    // The same map five times more.
    for _ in 0..5 {
        let class = Some(&b"FlatSkyMap"[..]);
        old.0.pointer(Pointer::Known { class, id: 2 });
    }
    old.words(&[kind]);
    old.object()
}

fn mask_1() -> Object {
    let mut old = Old::new("G3SkyMapMask", 1);
    inner_map(&mut old, 0, 7, false);
    old.0.vector(&[true, false, false, true, true, false]);
    old.object()
}

fn bolometer(version: u32) -> Object {
    let mut old = Old::new("BolometerProperties", version);
    old.text("physical").floats(&[0.1, 0.2, 950.0, 0.7, 0.9]);
    if version >= 2 {
        old.text("wafer");
    }
    if version == 2 {
        old.text("squid");
    }
    if version >= 4 {
        old.text("pixel");
    }
    if version >= 5 {
        old.words(&['O' as u32]);
    }
    if version >= 6 {
        old.text("kind");
    }
    old.object()
}

fn wiring_1() -> Object {
    let mut old = Old::new("DfMuxChannelMapping", 1);
    old.words(&[7, 8, 9, 10, 11]);
    old.object()
}

fn pipeline_1() -> Object {
    let mut old = Old::new("G3PipelineInfo", 1);
    old.text("url").text("branch").text("revision").byte(1);
    old.text("name")
        .text("hash")
        .text("host")
        .text("user")
        .longs(&[0]);
    old.object()
}

/// A frame with all of them.
fn frame() -> Frame {
    let mut frame = Frame::new(FrameType::MAP);
    frame.put("flat 1", flat_1());
    frame.put("flat 2", flat_2());
    for version in 2..=3 {
        frame.put(format!("flat 3 on {version}"), flat_3(version));
    }
    for version in 1..=2 {
        frame.put(format!("healpix {version}"), healpix(version));
    }
    for kind in [3, 4] {
        frame.put(format!("weights 2 of {kind}"), weights_2(kind));
    }
    frame.put("mask 1", mask_1());
    for version in 1..=6 {
        frame.put(format!("bolometer {version}"), bolometer(version));
    }
    frame.put("wiring 1", wiring_1());
    frame.put("pipeline 1", pipeline_1());
    frame
}

#[test]
fn old_versions_are_read_to_their_end() {
    for (name, object) in frame().iter() {
        assert_eq!(object.trailing(), Ok(0), "{name}");
    }
    let flat = |name: &str| frame().get_as::<FlatSkyMap>(name).unwrap().clone();
    for name in ["flat 1", "flat 2", "flat 3 on 2", "flat 3 on 3"] {
        let map = flat(name);
        assert_eq!(
            map.values,
            FlatValues::Dense(VALUES[..6].to_vec()),
            "{name}"
        );
        assert_eq!(map.header.overflow.to_bits(), 0.25f64.to_bits());
        let is_swapped = matches!(name, "flat 1" | "flat 2");
        let (x_res, y_res) = if is_swapped {
            (0.02, 0.01)
        } else {
            (0.01, 0.02)
        };
        let is_counted_from_1 = name.ends_with("on 3");
        let (x_center, y_center) = if is_counted_from_1 {
            (1.5, 0.75)
        } else {
            (1.0, 0.5)
        };
        let projection = FlatSkyProjection {
            x_len: 3,
            y_len: 2,
            projection: ProjectionCode::ZEA,
            alpha_center: 0.5,
            delta_center: -0.8,
            x_res,
            y_res,
            x_center,
            y_center,
        };
        assert_eq!(map.projection, projection, "{name}");
    }
    let frame = frame();
    let map: &HealpixSkyMap = frame.get_as("healpix 2").unwrap();
    assert_eq!(
        map.values,
        HealpixValues::Indexed(vec![(11, 1.5), (3, 2.5)])
    );
    assert!(map.is_nested && map.is_shifted);
    let map: &HealpixSkyMap = frame.get_as("healpix 1").unwrap();
    assert!(map.is_nested && !map.is_shifted);
    let weights: &SkyMapWeights = frame.get_as("weights 2 of 3").unwrap();
    assert!(weights.is_polarized());
    let weights: &SkyMapWeights = frame.get_as("weights 2 of 4").unwrap();
    assert!(weights.tt.is_some() && !weights.is_polarized());
    let mask: &SkyMapMask = frame.get_as("mask 1").unwrap();
    assert!(mask.iter().eq([true, false, false, true, true, false]));
    let bolometer: &BolometerProperties = frame.get_as("bolometer 3").unwrap();
    assert_eq!(
        (&bolometer.wafer, &bolometer.pixel),
        (&"wafer".into(), &"".into())
    );
    let wiring: &ChannelMapping = frame.get_as("wiring 1").unwrap();
    assert_eq!(
        (wiring.crate_serial, wiring.module, wiring.channel),
        (0, 10, 11)
    );
    let info: &PipelineInfo = frame.get_as("pipeline 1").unwrap();
    assert!(info.user == "user" && info.has_local_changes);
}

#[test]
fn the_wheel_reads_the_same_in_old_versions_and_in_ours() {
    crate::wheel::compare(&[frame()]);
}
