use bytes::Bytes;

use super::*;
use crate::archive::Text;
use crate::object::Object;

/// The worked example of the format: a Scan with an integer 7 of the name "n".
const EXAMPLE: &[u8] = b"\x01\x01\0\0\0\x01\0\0\0\x53\0\0\0\x01\0\0\0\0\0\0\0n\x26\0\0\0\0\0\0\0\
    \x01\x01\0\0\x80\x05\0\0\0\0\0\0\0G3Int\x01\0\0\x80\x01\0\0\0\x01\0\0\0\x07\0\0\0\0\0\0\0\
    \x6e\x55\xd3\xa4";

fn example() -> Frame {
    let mut frame = Frame::new(FrameType::SCAN);
    frame.put("n", 7i64);
    frame
}

#[test]
fn the_example_of_the_format_is_written_and_read() {
    assert_eq!(example().to_bytes().unwrap(), EXAMPLE);
    let mut file = EXAMPLE.to_vec();
    file.extend_from_slice(EXAMPLE);
    let file = Bytes::from(file);
    let (first, next) = Frame::parse(&file, 0).unwrap();
    let (second, end) = Frame::parse(&file, next).unwrap();
    assert_eq!((next, end), (72, 144));
    assert_eq!(first.stored_checksum(), Some(0xa4d3_556e));
    for frame in [first, second] {
        assert_eq!(frame.kind(), FrameType::SCAN);
        assert_eq!(frame.get_as::<i64>("n").unwrap(), &7);
        assert_eq!(frame.bytes().unwrap(), EXAMPLE);
    }
    assert_eq!(Frame::length(&file, 72).unwrap(), (FrameType::SCAN, 72));
}

#[test]
fn a_frame_is_read_from_a_stream_as_from_memory() {
    let mut stream = EXAMPLE;
    let frame = Frame::read(&mut stream).unwrap().unwrap();
    assert_eq!(frame.to_bytes().unwrap(), EXAMPLE);
    assert!(Frame::read(&mut stream).unwrap().is_none());
    for cut in 1..EXAMPLE.len() {
        let damage = Frame::read(&mut &EXAMPLE[..cut]).unwrap_err();
        assert!(matches!(damage.problem, Problem::Cut { .. }), "{damage}");
        let damage = Frame::parse(&Bytes::from_static(&EXAMPLE[..cut]), 0).unwrap_err();
        assert!(matches!(damage.problem, Problem::Cut { .. }), "{damage}");
    }
}

#[test]
fn a_changed_byte_is_noticed_and_the_next_frame_found() {
    for changed in [21, 40, 67, 71] {
        let mut file = EXAMPLE.to_vec();
        file[changed] ^= 1;
        let damage = Frame::parse(&Bytes::from(file), 0).unwrap_err();
        assert!(matches!(damage.problem, Problem::Checksum { .. }));
        assert_eq!(damage.length, Some(72));
    }
}

#[test]
fn lengths_that_cannot_be_take_no_memory() {
    for (at, byte) in [(8, 0x7f), (20, 0xff), (29, 0x7f)] {
        let mut file = EXAMPLE.to_vec();
        file[at] = byte;
        let in_stream = Frame::read(&mut file.as_slice()).unwrap_err();
        let in_memory = Frame::parse(&Bytes::from(file), 0).unwrap_err();
        assert_eq!(in_memory.length, None, "{in_stream} and {in_memory}");
    }
    let text = Frame::read(&mut &b"detector,x,y\n"[..]).unwrap_err();
    assert!(matches!(text.problem, Problem::NotAFrame));
    let mut newer = EXAMPLE.to_vec();
    newer[1] = 2;
    let newer = Frame::parse(&Bytes::from(newer), 0).unwrap_err();
    assert!(matches!(newer.problem, Problem::Newer(2)));
    let long = Frame::read_within(&mut &EXAMPLE[..], 50).unwrap_err();
    assert!(matches!(long.problem, Problem::Long { limit: 50 }));
}

#[test]
fn of_objects_with_the_same_name_the_first_counts() {
    for count in [2, 50] {
        let mut frame = Frame::new(FrameType::NONE);
        let objects = (0..count).map(|number| ("n".into(), Object::new(number)));
        frame.entries = objects.collect();
        let bytes = frame.to_bytes().unwrap();
        let (read, _) = Frame::parse(&bytes, 0).unwrap();
        assert_eq!((read.len(), read.get_as::<i64>("n").unwrap()), (1, &0));
        assert_eq!(read.to_bytes().unwrap(), bytes);
    }
}

#[test]
fn the_digest_counts_what_a_frame_holds_and_not_its_order() {
    let of = |pairs: &[(&str, i64)], kind| {
        let mut frame = Frame::new(kind);
        for (name, value) in pairs {
            frame.put(*name, *value);
        }
        frame.digest().unwrap()
    };
    let one = of(&[("a", 1), ("b", 2)], FrameType::SCAN);
    assert_eq!(one, of(&[("b", 2), ("a", 1)], FrameType::SCAN));
    assert_ne!(one, of(&[("a", 1), ("b", 3)], FrameType::SCAN));
    assert_ne!(one, of(&[("a", 1), ("c", 2)], FrameType::SCAN));
    assert_ne!(one, of(&[("a", 1), ("b", 2)], FrameType::MAP));
    assert_ne!(one, of(&[("a", 1)], FrameType::SCAN));
}

#[test]
fn objects_are_put_taken_out_and_renamed() {
    let (mut frame, _) = Frame::parse(&Bytes::from_static(EXAMPLE), 0).unwrap();
    let rename = |frame: &mut Frame, pairs: &[(&str, &str)]| {
        let pairs: Vec<(Text, Text)> = pairs.iter().map(|&(a, b)| (a.into(), b.into())).collect();
        frame.rename(&pairs).map_err(|error| error.to_string())
    };
    rename(&mut frame, &[("n", "n"), ("x", "y")]).unwrap();
    assert!(frame.bytes().is_some());
    frame.put("text", "words");
    frame.put("n", 8i64);
    assert!(frame.bytes().is_none());
    assert!(frame.names().eq(&["n", "text"]));
    rename(&mut frame, &[("text", "n"), ("n", "text")]).unwrap();
    assert!(frame.names().eq(&["text", "n"]));
    assert_eq!(frame.get_as::<i64>("text").unwrap(), &8);
    // None is lost under the name of another one.
    for pairs in [&[("n", "text")][..], &[("n", "m"), ("text", "m")]] {
        let told = rename(&mut frame, pairs).unwrap_err();
        let to = pairs[0].1;
        let expected = format!("n: the object cannot be called {to}: there is another one");
        assert!(told.starts_with(&expected), "{told}");
        assert!(frame.names().eq(&["text", "n"]));
    }
    frame.remove("n");
    let error = frame.get_as::<f64>("x").unwrap_err();
    assert_eq!(error.to_string(), "x: the frame has no object of this name");
    assert!(frame.remove("text").is_some() && frame.is_empty());
    assert_eq!(frame.find_as::<f64>("x").unwrap(), None);
}

#[test]
fn types_of_frames_have_letters_and_names() {
    for text in ["S", "xy", "N", "abcd"] {
        assert_eq!(text.parse::<FrameType>().unwrap().to_string(), text);
    }
    assert_eq!("Scan".parse(), Ok(FrameType::SCAN));
    assert_eq!("xy".parse(), Ok(FrameType(0x7879)));
    assert_eq!(FrameType(0).to_string(), "0");
    assert_eq!(FrameType(0x4100_0000).to_string(), "1090519040");
    for text in ["", "abcde", "é", "a b"] {
        assert!(text.parse::<FrameType>().is_err(), "{text}");
    }
}
