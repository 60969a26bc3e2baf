use super::*;
use crate::archive::Text;

/// The value after a way through bytes.
fn again<T: Class + Clone + Into<Value> + PartialEq + std::fmt::Debug>(value: &T) -> T {
    let original = value;
    let blob = Object::new(value.clone()).blob().unwrap();
    let read = Object::from_blob(blob.clone());
    let value = read.get::<T>().unwrap().clone();
    assert_eq!(&value, original);
    assert_eq!(read.trailing(), Ok(0));
    assert_eq!(Object::new(value.clone()).blob().unwrap(), blob);
    value
}

#[test]
fn integers_take_as_few_bits_as_they_need() {
    for (numbers, bits) in [
        (vec![], 8),
        (vec![-128, 127], 8),
        (vec![128], 16),
        (vec![-129], 16),
        (vec![32_768], 32),
        (vec![i64::from(i32::MIN)], 32),
        (vec![1 << 31], 64),
        (vec![i64::MIN, i64::MAX], 64),
    ] {
        assert_eq!(store_bits(&numbers), bits, "{numbers:?}");
        assert_eq!(again(&numbers), numbers);
    }
}

#[test]
fn copies_of_an_object_stay_copies() {
    let shared = Object::new(3i64);
    let objects = vec![shared.clone(), Object::new("q"), shared];
    let read = again(&objects);
    assert_eq!(read, objects);
    assert!(read[0].is_same(&read[2]) && !read[0].is_same(&read[1]));
}

#[test]
fn objects_that_lie_too_deep_are_refused() {
    let deep = |levels: usize| {
        let start = Object::new(1i64);
        (1..levels).fold(start, |object, _| Object::new(vec![object]))
    };
    assert!(deep(65).blob().is_err());
    let blob = deep(64).blob().unwrap();
    assert!(Object::from_blob(blob.clone()).value().is_ok());
    // Archives within archives count too.
    let inner = Object::from_blob(blob);
    let map: Map<Object> = [("inner", inner)].into_iter().collect();
    let read = Object::from_blob(Object::new(map).blob().unwrap());
    let inner = read.get::<Map<Object>>().unwrap().get("inner").unwrap();
    assert!(inner.value().is_err());
}

#[test]
fn bytes_that_claim_endless_depth_are_refused() {
    use crate::archive::{Pointer, Writer};
    let mut writer = Writer::new();
    for id in 1..=100_000 {
        let class = Some(&b"G3VectorFrameObject"[..]);
        writer.pointer(Pointer::New { class, id });
        writer.version("G3VectorFrameObject", 1);
        writer.version("G3FrameObject", 1);
        writer.count(1);
    }
    let error = Object::from_blob(writer.finish()).value().unwrap_err();
    assert!(error.to_string().contains("more than 64 deep"), "{error}");
}

#[test]
fn an_object_that_holds_itself_or_is_shared_without_end_is_refused() {
    use crate::archive::{Pointer, Writer};
    let class = Some(&b"G3VectorFrameObject"[..]);
    let mut writer = Writer::new();
    writer.pointer(Pointer::New { class, id: 1 });
    writer.version("G3VectorFrameObject", 1);
    writer.version("G3FrameObject", 1);
    writer.count(1);
    writer.pointer(Pointer::Known { class, id: 1 });
    let error = Object::from_blob(writer.finish()).value().unwrap_err();
    assert!(error.to_string().contains("holds itself"), "{error}");
    // Each of 60 levels holds the one below it twice: 2^60 objects.
    let mut object = Object::new(vec![0.0; 10]);
    for _ in 0..60 {
        object = Object::new(vec![object.clone(), object]);
    }
    let error = Object::from_blob(object.blob().unwrap())
        .value()
        .map(|_| ());
    assert!(error.unwrap_err().to_string().contains("shared so often"));
}

#[test]
fn an_object_of_an_unknown_class_keeps_its_bytes() {
    let mut blob = b"\x01\x01\0\0\x80\x07\0\0\0\0\0\0\0Tracker\x01\0\0\x80".to_vec();
    blob.extend([7; 20]);
    let object = Object::from_blob(blob.clone());
    assert_eq!(object.class().unwrap(), "Tracker");
    assert_eq!(object.value(), Err(Error::Unknown("Tracker".into())));
    assert_eq!(object.blob().unwrap(), blob);
}

#[test]
fn maps_are_sorted_and_the_first_of_equal_names_counts() {
    let map: Map<i64> = [("b", 1), ("a", 2), ("b", 3)].into_iter().collect();
    assert!(
        map.iter()
            .eq([(&Text::from("a"), &2), (&Text::from("b"), &1)])
    );
    let mut map = again(&map);
    assert_eq!(map.insert("b", 5), Some(1));
    assert_eq!(map.insert("ab", 4), None);
    assert!(map.values().eq(&[2, 4, 5]));
    assert_eq!((map.remove("a"), map.remove("x")), (Some(2), None));
}

#[test]
fn every_class_comes_back_as_it_was() {
    let text = |words: &str| Text::from(words);
    let texts = vec![text("a"), text(""), text("café")];
    let quat = Quat::new(1.0, -2.0, 3.5, 4.0);
    let complex = Complex { re: 1.0, im: -0.5 };
    again(&true);
    again(&-5i64);
    again(&1.5f64);
    again(&text("words"));
    again(&Time(160_000_000_000_037_035));
    again(&quat);
    again(&vec![1.0, f64::INFINITY]);
    again(&vec![0u8, 255]);
    again(&vec![true, false]);
    again(&texts);
    again(&vec![complex]);
    again(&vec![Time(1), Time(2), Time(3)]);
    again(&Vec::<Time>::new());
    again(&vec![quat, quat]);
    again(&Vec::<Quat>::new());
    again(&vec![texts.clone(), vec![]]);
    let map = |name: &str| text(name);
    again(&Map::from_iter([(map("a"), 1.5), (map("b"), 2.5)]));
    again(&Map::from_iter([(map("a"), -300i64)]));
    again(&Map::from_iter([(map("a"), text("x"))]));
    again(&Map::from_iter([(map("a"), Time(1)), (map("b"), Time(2))]));
    again(&Map::from_iter([(map("a"), quat), (map("b"), quat)]));
    again(&Map::from_iter([(map("a"), vec![1.0])]));
    again(&Map::from_iter([
        (map("a"), vec![1i64 << 40]),
        (map("b"), vec![]),
    ]));
    again(&Map::from_iter([(map("a"), vec![true])]));
    again(&Map::from_iter([(map("a"), texts.clone())]));
    again(&Map::from_iter([(map("a"), vec![complex])]));
    again(&Map::from_iter([
        (map("a"), vec![Time(4), Time(5)]),
        (map("b"), vec![Time(6)]),
    ]));
    again(&Map::from_iter([
        (map("a"), vec![quat]),
        (map("b"), vec![quat]),
    ]));
    again(&Map::from_iter([
        (map("a"), vec![texts.clone()]),
        (map("b"), vec![]),
    ]));
    again(&Map::from_iter([(
        map("a"),
        Map::from_iter([(map("c"), 5.3)]),
    )]));
    again(&Map::from_iter([(map("a"), Object::new(texts))]));
    again(&Map::from_iter([(map("a"), ChannelMapping::default())]));
    let properties = BolometerProperties {
        center_frequency: 1500.0,
        bandwidth: 250.0,
        x_offset: 0.1,
        y_offset: -0.1,
        band: 1500.0,
        pol_angle: 1.0,
        pol_efficiency: 0.9,
        ..BolometerProperties::default()
    };
    again(&properties);
    again(&Map::from_iter([(map("a"), properties)]));
    let argument = ModuleArg {
        text: text("3"),
        object: Some(Object::new(3i64)),
    };
    again(&argument);
    let module = ModuleConfig {
        module: text("m"),
        instance: text("i"),
        arguments: Map::from_iter([("a", argument), ("b", ModuleArg::default())]),
    };
    again(&PipelineInfo {
        modules: vec![module.clone(), module],
        full_version: text("1.0.2"),
        ..PipelineInfo::default()
    });
}

#[test]
fn columns_of_samples_are_as_long_as_their_times() {
    let mut map = TimesampleMap {
        times: vec![Time(1), Time(2)],
        columns: Map::from_iter([("az", Object::new(vec![1.0, 2.0]))]),
    };
    assert_eq!(again(&map), map);
    map.columns.insert("n", Object::new(vec![1i64]));
    let error = Object::new(map.clone()).blob().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("column n has 1 values for 2 times")
    );
    map.columns.insert("n", Object::new(1i64));
    assert!(Object::new(map).blob().is_err());
}
