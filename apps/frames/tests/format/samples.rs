//! A value of each class.

use jobwise_frames::archive::Text;
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::object::{
    BolometerProperties, ChannelMapping, Column, Complex, Compression, FlatSkyMap,
    FlatSkyProjection, FlatValues, HealpixSkyMap, HealpixValues, Map, MapHeader, ModuleArg,
    ModuleConfig, Object, PipelineInfo, ProjectionCode, Quat, Samples, SkyMapMask, SkyMapWeights,
    SparseMap, SuperStorage, SuperTimestream, Time, TimesampleMap, Timestream, TimestreamMap,
    TimestreamQuat, Units, Value,
};

fn map<T: Clone>(values: &[T]) -> Map<T> {
    let names = ["b", "a", "det 3"].iter();
    names.copied().zip(values.iter().cloned()).collect()
}

fn timestream(samples: impl Into<Samples>) -> Timestream {
    Timestream::new(samples, Units::COUNTS, Time(100), Time(500))
}

pub(crate) fn projection() -> FlatSkyProjection {
    FlatSkyProjection {
        x_len: 4,
        y_len: 3,
        projection: ProjectionCode::ZEA,
        alpha_center: 0.5,
        delta_center: -0.8,
        x_res: 0.01,
        y_res: 0.01,
        x_center: 1.5,
        y_center: 1.0,
    }
}

fn flat(values: FlatValues) -> FlatSkyMap {
    let mut map = FlatSkyMap::new(MapHeader::default(), projection());
    map.values = values;
    map
}

fn healpix(values: HealpixValues) -> HealpixSkyMap {
    let mut map = HealpixSkyMap::new(MapHeader::default(), 1);
    map.values = values;
    map
}

/// All of them, some in more than one form.
pub(crate) fn values() -> Vec<Value> {
    [plain(), maps(), programs(), streams(), maps_of_sky()].concat()
}

fn text(words: &str) -> Text {
    words.into()
}

fn texts() -> Vec<Text> {
    vec![text("a"), text(""), text("café")]
}

const QUAT: Quat = Quat::new(1.0, -2.0, 3.5, 4.0);
const COMPLEX: Complex = Complex { re: 1.0, im: -0.5 };

/// Two objects of which one is there twice.
fn objects() -> Vec<Object> {
    let shared = Object::new(vec![1.5, 2.5]);
    vec![shared.clone(), Object::new(1i64), shared]
}

fn plain() -> Vec<Value> {
    vec![
        true.into(),
        (-5i64).into(),
        1.5.into(),
        "words".into(),
        Time(160_000_000_000_037_035).into(),
        QUAT.into(),
        vec![1.0, f64::INFINITY, f64::NAN].into(),
        vec![0u8, 255].into(),
        vec![true, false].into(),
        vec![300i64, -1].into(),
        texts().into(),
        vec![COMPLEX].into(),
        vec![Time(1), Time(2), Time(3)].into(),
        vec![QUAT, QUAT].into(),
        vec![texts(), vec![]].into(),
        objects().into(),
    ]
}

fn maps() -> Vec<Value> {
    vec![
        map(&[1.5, f64::NAN]).into(),
        map(&[1i64, -40_000]).into(),
        map(&texts()).into(),
        map(&[Time(1), Time(2)]).into(),
        map(&[QUAT, QUAT]).into(),
        map(&[vec![1.0], vec![]]).into(),
        map(&[vec![1i64 << 40], vec![]]).into(),
        map(&[vec![true], vec![]]).into(),
        map(&[texts(), vec![]]).into(),
        map(&[vec![COMPLEX], vec![]]).into(),
        map(&[vec![Time(4), Time(5)], vec![Time(6)]]).into(),
        map(&[vec![QUAT], vec![QUAT]]).into(),
        map(&[vec![texts()], vec![]]).into(),
        map(&[map(&[1.0]), map(&[])]).into(),
        map(&objects()).into(),
        map(&[ChannelMapping::default()]).into(),
        map(&[
            BolometerProperties::default(),
            BolometerProperties::default(),
        ])
        .into(),
        TimesampleMap {
            times: vec![Time(1), Time(2)],
            columns: map(&[Object::new(vec![1.0, 2.0]), Object::new(vec![1i64, 2])]),
        }
        .into(),
    ]
}

fn programs() -> Vec<Value> {
    let argument = ModuleArg {
        text: text("3"),
        object: Some(Object::new(3i64)),
    };
    let module = ModuleConfig {
        module: text("m"),
        instance: text("i"),
        arguments: map(&[argument.clone(), ModuleArg::default()]),
    };
    let info = PipelineInfo {
        modules: vec![module.clone(), module.clone()],
        full_version: text("1.0.2"),
        ..PipelineInfo::default()
    };
    vec![
        argument.into(),
        module.into(),
        info.into(),
        BolometerProperties::default().into(),
        ChannelMapping::default().into(),
    ]
}

fn streams() -> Vec<Value> {
    let mut compressed = timestream(vec![1.0, f64::NAN, -300.0, 4.5]);
    let (level, depth) = (5, 32);
    compressed.compression = Some(Compression { level, depth });
    let array = |data_algorithm| SuperTimestream {
        names: texts(),
        times: vec![Time(1), Time(2)],
        samples: Samples::I32(vec![1, 2, 3, 4, 5, 1 << 25]),
        storage: SuperStorage {
            data_algorithm,
            times_algorithm: data_algorithm & 2,
            ..SuperStorage::default()
        },
    };
    let both = [
        ("z", timestream(vec![1i64, 1 << 40])),
        ("a", compressed.clone()),
    ];
    vec![
        timestream(vec![1.0, 2.5]).into(),
        timestream(vec![1.0f32, 2.5]).into(),
        timestream(vec![1i32, 2]).into(),
        compressed.into(),
        both.into_iter().collect::<TimestreamMap>().into(),
        TimestreamQuat {
            quats: vec![QUAT],
            start: Time(1),
            stop: Time(1),
        }
        .into(),
        array(0).into(),
        array(3).into(),
    ]
}

fn maps_of_sky() -> Vec<Value> {
    let column = Column {
        first: 1,
        values: vec![1.5, 0.0],
    };
    let sparse = SparseMap::new(4, 3, 2, vec![column.clone()]).unwrap();
    let rings = SparseMap::new(4, 4, 2, vec![column]).unwrap();
    let sparse = flat(FlatValues::Sparse(sparse));
    let shared = Object::new(sparse.clone());
    let weights = SkyMapWeights {
        tt: Some(shared.clone()),
        uu: Some(shared.clone()),
        ..SkyMapWeights::default()
    };
    vec![
        sparse.into(),
        flat(FlatValues::Empty).into(),
        flat(FlatValues::Dense(vec![0.5; 12])).into(),
        healpix(HealpixValues::Empty).into(),
        healpix(HealpixValues::Indexed(vec![(11, 1.0), (3, 2.0)])).into(),
        healpix(HealpixValues::Rings(rings)).into(),
        healpix(HealpixValues::Dense(vec![1.0; 12])).into(),
        projection().into(),
        weights.into(),
        SkyMapMask::new(shared, (0..12).map(|pixel| pixel % 5 == 0)).into(),
    ]
}

/// A frame with all of them.
pub(crate) fn frame_of_all_classes() -> Frame {
    let mut frame = Frame::new(FrameType::SCAN);
    for (index, value) in values().into_iter().enumerate() {
        frame.put(format!("{index:02} {}", value.class()), value);
    }
    frame
}

#[test]
fn every_class_comes_back_as_it_was() {
    let frame = frame_of_all_classes();
    let bytes = frame.to_bytes().unwrap();
    let (read, _) = Frame::parse(&bytes, 0).unwrap();
    for ((name, object), (_, original)) in read.iter().zip(frame.iter()) {
        let value = object.value().unwrap();
        let again = Object::new(value.clone());
        assert_eq!(object.trailing(), Ok(0), "{name}");
        assert_eq!(again.blob().unwrap(), original.blob().unwrap(), "{name}");
    }
}

#[test]
fn no_class_is_forgotten() {
    let values = values();
    let mut names = Value::CLASSES.to_vec();
    assert_eq!(names.len(), 48);
    names.retain(|name| values.iter().all(|value| value.class() != *name));
    assert_eq!(names, Vec::<&str>::new());
}
