use super::*;

#[test]
fn values_come_back_as_they_were_written() {
    let mut writer = Writer::new();
    writer.number(-7i64);
    writer.number(true);
    writer.text(b"caf\xc3\xa9");
    writer.vector(&[1.5f32, f32::NEG_INFINITY]);
    writer.version("A", 3);
    writer.version("B", 1);
    writer.version("A", 3);
    let bytes = writer.finish();
    let mut reader = Reader::new(&bytes).unwrap();
    assert_eq!(reader.number::<i64>(), Ok(-7));
    assert_eq!(reader.number::<bool>(), Ok(true));
    assert_eq!(reader.text(), Ok("café".as_bytes()));
    assert_eq!(reader.vector::<f32>(), Ok(vec![1.5, f32::NEG_INFINITY]));
    assert_eq!(reader.version("A", 1, 3), Ok(3));
    assert_eq!(reader.version("B", 1, 1), Ok(1));
    assert_eq!(reader.version("A", 1, 3), Ok(3));
    assert_eq!(reader.left(), 0);
    assert_eq!(reader.versions(), [("A", 3), ("B", 1)]);
}

#[test]
fn pointers_name_a_class_once_and_objects_by_number() {
    let pointers = [
        Pointer::Null,
        Pointer::New {
            class: Some(b"X"),
            id: 1,
        },
        Pointer::New { class: None, id: 2 },
        Pointer::New {
            class: Some(b"X"),
            id: 3,
        },
        Pointer::Known {
            class: Some(b"X"),
            id: 1,
        },
    ];
    let mut writer = Writer::new();
    for pointer in pointers {
        writer.pointer(pointer);
    }
    let bytes = writer.finish();
    assert_eq!(bytes.split(|byte| *byte == b'X').count(), 2);
    let mut reader = Reader::new(&bytes).unwrap();
    for pointer in pointers {
        assert_eq!(reader.pointer(), Ok(pointer));
    }
}

#[test]
fn numbers_of_pointers_that_cannot_be_are_refused() {
    // A name that did not occur, an object that did not occur, an object that skips a number.
    for words in [
        [1u32, 0x8000_0001],
        [0x4000_0000, 1],
        [0x4000_0000, 0x8000_0002],
        [0x8000_0002, 0],
    ] {
        let mut writer = Writer::new();
        writer.numbers(words.into_iter());
        writer.number(0u64);
        let bytes = writer.finish();
        let error = Reader::new(&bytes).unwrap().pointer().unwrap_err();
        assert!(matches!(error.problem, Problem::Pointer { .. }), "{error}");
    }
}

#[test]
fn lengths_are_checked_against_what_is_left() {
    let mut writer = Writer::new();
    writer.number(u64::MAX);
    writer.number(0u64);
    let bytes = writer.finish();
    let reader = Reader::new(&bytes).unwrap();
    let end = reader.clone().text().unwrap_err();
    assert_eq!(
        end.to_string(),
        "at byte 9: 18446744073709551615 bytes are needed and 8 are left"
    );
    let count = reader.clone().vector::<u8>().unwrap_err();
    assert!(matches!(count.problem, Problem::Count { .. }));
    assert!(Reader::new(&[]).is_err() && Reader::new(b"text").is_err());
}

#[test]
fn highest_bytes_first_are_swapped() {
    let bytes = [0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0x3f, 0x80, 0, 0];
    let mut reader = Reader::new(&bytes).unwrap();
    assert_eq!(reader.number::<u32>(), Ok(7));
    assert_eq!(reader.vector::<f32>(), Ok(vec![1.0]));
}

#[test]
fn a_version_that_is_not_known_is_told() {
    let bytes = [1, 9, 0, 0, 0];
    let error = Reader::new(&bytes).unwrap().version("G3Int", 1, 1);
    assert_eq!(
        error.unwrap_err().to_string(),
        "at byte 1: G3Int has version 9; versions 1 to 1 can be read"
    );
}
