//! Values of every shape, through bytes and back.

use jobwise_frames::archive::Text;
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::object::{
    Complex, Compression, FlatSkyMap, FlatValues, Map, MapHeader, ModuleArg, Object, Quat, Samples,
    SparseMap, SuperStorage, SuperTimestream, Time, Timestream, TimestreamMap, TimestreamQuat,
    Units, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::samples::projection;

fn text() -> impl Strategy<Value = Text> {
    vec(any::<u8>(), 0..6).prop_map(|bytes| Text::from(&bytes[..]))
}

fn map<T: Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Map<T>> {
    vec((text(), value), 0..5).prop_map(|entries| entries.into_iter().collect())
}

fn quat() -> impl Strategy<Value = Quat> {
    any::<[f64; 4]>().prop_map(|[a, b, c, d]| Quat::new(a, b, c, d))
}

fn complex() -> impl Strategy<Value = Complex> {
    any::<[f64; 2]>().prop_map(|[re, im]| Complex { re, im })
}

fn time() -> impl Strategy<Value = Time> {
    any::<i64>().prop_map(Time)
}

/// Integers of every width.
fn integer() -> impl Strategy<Value = i64> {
    (any::<i64>(), 0..64u32).prop_map(|(number, shift)| number >> shift)
}

fn plain() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        integer().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        time().prop_map(Value::from),
        quat().prop_map(Value::from),
        vec(any::<f64>(), 0..9).prop_map(Value::from),
        vec(any::<u8>(), 0..9).prop_map(Value::from),
        vec(any::<bool>(), 0..9).prop_map(Value::from),
        vec(integer(), 0..9).prop_map(Value::from),
        vec(text(), 0..9).prop_map(Value::from),
        vec(complex(), 0..9).prop_map(Value::from),
        vec(time(), 0..9).prop_map(Value::from),
        vec(quat(), 0..9).prop_map(Value::from),
        vec(vec(text(), 0..4), 0..4).prop_map(Value::from),
    ]
    .boxed()
}

fn maps() -> BoxedStrategy<Value> {
    prop_oneof![
        map(any::<f64>()).prop_map(Value::from),
        map(integer()).prop_map(Value::from),
        map(text()).prop_map(Value::from),
        map(time()).prop_map(Value::from),
        map(quat()).prop_map(Value::from),
        map(vec(any::<f64>(), 0..4)).prop_map(Value::from),
        map(vec(integer(), 0..4)).prop_map(Value::from),
        map(vec(any::<bool>(), 0..4)).prop_map(Value::from),
        map(vec(text(), 0..4)).prop_map(Value::from),
        map(vec(complex(), 0..4)).prop_map(Value::from),
        map(vec(time(), 0..4)).prop_map(Value::from),
        map(vec(quat(), 0..4)).prop_map(Value::from),
        map(vec(vec(text(), 0..3), 0..3)).prop_map(Value::from),
        map(map(any::<f64>())).prop_map(Value::from),
    ]
    .boxed()
}

fn timestream() -> impl Strategy<Value = Timestream> {
    let samples = prop_oneof![
        vec(any::<f64>(), 0..50).prop_map(Samples::F64),
        vec(any::<f32>(), 0..50).prop_map(Samples::F32),
        vec(any::<i32>(), 0..50).prop_map(Samples::I32),
        vec(integer(), 0..50).prop_map(Samples::I64),
    ];
    (samples, time(), time(), any::<u32>()).prop_map(|(samples, start, stop, units)| {
        Timestream::new(samples, Units(units), start, stop)
    })
}

fn streams() -> BoxedStrategy<Value> {
    let quats = (vec(quat(), 0..9), time(), time());
    let array = (1..4usize, 1..20usize, 0..=3i8).prop_flat_map(|(channels, times, algorithm)| {
        let integers = vec(integer(), channels * times);
        (
            vec(text(), channels),
            vec(time(), times),
            integers,
            Just(algorithm),
        )
    });
    prop_oneof![
        timestream().prop_map(Value::from),
        vec((text(), timestream()), 0..5)
            .prop_map(|entries| entries.into_iter().collect::<TimestreamMap>().into()),
        quats.prop_map(|(quats, start, stop)| TimestreamQuat { quats, start, stop }.into()),
        array.prop_map(|(names, times, integers, data_algorithm)| {
            SuperTimestream {
                names,
                times,
                samples: Samples::I64(integers),
                storage: SuperStorage {
                    data_algorithm,
                    ..SuperStorage::default()
                },
            }
            .into()
        }),
    ]
    .boxed()
}

fn flat_map() -> BoxedStrategy<Value> {
    let value = prop_oneof![3 => Just(0.0), 1 => any::<f64>()];
    (vec(value, 12), any::<bool>(), any::<bool>())
        .prop_map(|(values, is_sparse, is_pol_flat)| {
            let mut map = FlatSkyMap::new(MapHeader::default(), projection());
            map.is_pol_flat = is_pol_flat;
            map.values = if is_sparse {
                FlatValues::Sparse(SparseMap::from_dense(4, 3, &values))
            } else {
                FlatValues::Dense(values)
            };
            map.into()
        })
        .boxed()
}

/// Objects within objects, some of them more than once.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![plain(), maps(), streams(), flat_map()];
    leaf.prop_recursive(4, 20, 4, |inner| {
        let objects = vec(inner.clone().prop_map(Object::new), 1..4);
        let shared = (objects, vec(any::<prop::sample::Index>(), 0..6));
        let shared = shared.prop_map(|(objects, picks)| -> Vec<Object> {
            let pick = |index: prop::sample::Index| index.get(&objects).clone();
            picks.into_iter().map(pick).collect()
        });
        prop_oneof![
            shared.prop_map(Value::from),
            map(inner.clone().prop_map(Object::new)).prop_map(Value::from),
            (text(), prop::option::of(inner.prop_map(Object::new)))
                .prop_map(|(text, object)| ModuleArg { text, object }.into()),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_comes_back(value in value()) {
        let blob = Object::new(value.clone()).blob().unwrap();
        let read = Object::from_blob(blob.clone());
        prop_assert_eq!(read.trailing(), Ok(0));
        let read = read.value().unwrap();
        // Also what was shared is shared again: else there would be more bytes.
        prop_assert_eq!(Object::new(read.clone()).blob().unwrap(), blob);
        if let Value::SuperTimestream(array) = &value {
            let Value::SuperTimestream(read) = read else { unreachable!() };
            prop_assert_eq!((&read.names, &read.times), (&array.names, &array.times));
            prop_assert_eq!(&read.samples, &array.samples);
        }
    }

    #[test]
    fn frames_come_back(values in vec((text(), value()), 0..6), kind in any::<u32>()) {
        let mut frame = Frame::new(FrameType(kind));
        for (name, value) in values {
            frame.put(name, value);
        }
        let bytes = frame.to_bytes().unwrap();
        let (read, end) = Frame::parse(&bytes, 0).unwrap();
        prop_assert_eq!((end, read.kind()), (bytes.len(), FrameType(kind)));
        prop_assert!(read.names().eq(frame.names()));
        prop_assert_eq!(read.digest().unwrap(), frame.digest().unwrap());
        let streamed = Frame::read(&mut &bytes[..]).unwrap().unwrap();
        prop_assert_eq!(streamed.to_bytes().unwrap(), bytes);
    }

    /// What FLAC cannot hold is lost, as it is said, or nothing is.
    #[test]
    fn compressed_samples_come_back_as_whole_numbers(
        stream in timestream(),
        level in 1..=9u8,
        is_short in any::<bool>(),
    ) {
        let depth = if is_short { 24 } else { 32 };
        let mut stream = stream;
        stream.units = Units::COUNTS;
        stream.compression = Some(Compression { level, depth });
        let object = Object::from_blob(Object::new(stream.clone()).blob().unwrap());
        let read = object.get::<Timestream>().unwrap();
        prop_assert_eq!(read.len(), stream.len());
        match &stream.samples {
            Samples::I32(_) | Samples::I64(_) => {
                prop_assert_eq!(read.samples.to_i64(), stream.samples.to_i64());
            }
            numbers => {
                for (read, number) in read.samples.to_f64().iter().zip(numbers.to_f64().iter()) {
                    let whole = if number.is_finite() { number.trunc() } else { f64::NAN };
                    let is_kept = read.to_bits() == number.to_bits();
                    // The sign of 0 is lost.
                    let is_whole = (whole + 0.0).to_bits() == read.to_bits();
                    prop_assert!(is_kept || is_whole || read.is_nan() && whole.is_nan());
                }
            }
        }
    }
}
