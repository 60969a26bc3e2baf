use serde_json::{Value as Json, json};

use super::*;
use crate::frame::{Frame, FrameType};
use crate::object::{Map, Object};

fn decoded(object: impl Into<Object>) -> Json {
    let mut frame = Frame::new(FrameType::SCAN);
    frame.put("x", object);
    let text = frame_to_json(&frame, |_| true);
    let mut json: Json = serde_json::from_str(&text).unwrap();
    json["objects"]["x"].take()
}

#[test]
fn numbers_that_are_not_finite_are_texts() {
    let object = decoded(vec![
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        1e300,
    ]);
    let value = json!(["nan", "inf", "-inf", -0.0, 1e300]);
    assert_eq!(object["decoded"]["value"], value);
}

#[test]
fn texts_are_quoted_and_bytes_that_are_no_text_replaced() {
    let text = crate::archive::Text::from(&b"a\"\\\n\x01\xff"[..]);
    assert_eq!(decoded(text)["decoded"]["value"], "a\"\\\n\u{1}\u{fffd}");
}

#[test]
fn an_object_that_cannot_be_decoded_says_why() {
    let blob = Object::new(vec![1.0, 2.0]).blob().unwrap();
    let cut = decoded(Object::from_blob(blob.slice(..blob.len() - 1)));
    assert!(cut["error"].as_str().unwrap().starts_with("G3VectorDouble"));
    assert_eq!(
        decoded(Object::from_blob(&b"\x01"[..]))["class"],
        Json::Null
    );
    let longer = [&blob[..], &[0; 3]].concat();
    let longer = decoded(Object::from_blob(longer));
    assert_eq!(longer["trailing"], 3);
    assert_eq!(longer["decoded"]["value"], json!([1.0, 2.0]));
}

#[test]
fn archives_that_share_archives_come_to_an_end() {
    let mut object = Object::new(vec![0.0; 4]);
    for _ in 0..30 {
        let map: Map<Object> = [("x", object)].into_iter().collect();
        let map = Object::new(map);
        let vector = Object::new(vec![map.clone(), map]);
        object = Object::from_blob(vector.blob().unwrap());
    }
    let text = {
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("x", object);
        frame_to_json(&frame, |_| true)
    };
    assert!(text.contains("shared too often") && text.len() < 100_000_000);
}
