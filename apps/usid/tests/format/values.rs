//! Attributes.

use hdf5::types::{TypeDescriptor, VarLenAscii};
use jobwise_usid::format::{Value, attributes};

use super::scratch;

#[test]
fn what_is_written_is_read() {
    let (_directory, file) = scratch();
    let texts = |texts: &[&str]| Value::Texts(texts.iter().map(|&text| text.to_owned()).collect());
    let values = [
        ("a", Value::from(-7i64)),
        ("b", Value::from(0.25)),
        ("c", Value::from(true)),
        ("d", Value::from("\u{3bc}m")),
        ("e", Value::from(vec![1i64, i64::MAX])),
        ("f", Value::from(vec![0.5, f64::INFINITY])),
        ("g", texts(&["X", "Longer label", ""])),
        ("h", texts(&["\u{3a9}", "m"])),
        ("i", texts(&[&"long ".repeat(500), "m"])),
    ];
    for (name, value) in &values {
        value.write(&file, name).unwrap();
        // Again: it is replaced.
        value.write(&file, name).unwrap();
    }
    for (name, value) in &values {
        assert_eq!(Value::find(&file, name).unwrap().as_ref(), Some(value));
    }
    let all = attributes(&file).unwrap();
    assert_eq!(all.len(), values.len());
    assert_eq!(all[2], ("c".to_owned(), Value::Flag(true)));
    assert_eq!(Value::find(&file, "z").unwrap(), None);
    let kind = |name: &str| {
        file.attr(name)
            .unwrap()
            .dtype()
            .unwrap()
            .to_descriptor()
            .unwrap()
    };
    assert_eq!(kind("c"), TypeDescriptor::Boolean);
    assert_eq!(kind("d"), TypeDescriptor::VarLenUnicode);
    assert_eq!(kind("g"), TypeDescriptor::FixedAscii(12));
    assert_eq!(kind("h"), TypeDescriptor::VarLenUnicode);
}

#[test]
fn texts_of_variable_length_and_numbers_of_any_width_are_read() {
    let (_directory, file) = scratch();
    let labels: Vec<VarLenAscii> = ["X", "Y"]
        .iter()
        .map(|text| VarLenAscii::from_ascii(text).unwrap())
        .collect();
    file.new_attr::<VarLenAscii>()
        .shape(2)
        .create("labels")
        .unwrap()
        .write_raw(&labels)
        .unwrap();
    file.new_attr::<u8>()
        .create("u8")
        .unwrap()
        .write_scalar(&200u8)
        .unwrap();
    file.new_attr::<u64>()
        .create("u64")
        .unwrap()
        .write_scalar(&u64::MAX)
        .unwrap();
    file.new_attr::<f32>()
        .create("f32")
        .unwrap()
        .write_scalar(&1.5f32)
        .unwrap();
    file.new_attr::<f32>()
        .shape((2, 2))
        .create("matrix")
        .unwrap();
    let find = |name: &str| Value::find(&file, name).unwrap().unwrap();
    assert_eq!(find("labels"), Value::Texts(vec!["X".into(), "Y".into()]));
    assert_eq!(find("u8"), Value::Integer(200));
    assert_eq!(find("u64"), Value::Float(u64::MAX as f64));
    assert_eq!(find("f32"), Value::Float(1.5));
    assert!(matches!(find("matrix"), Value::Other(what) if what.contains("[2, 2]")));
}

#[test]
fn a_nul_in_a_text_is_an_error() {
    let (_directory, file) = scratch();
    for value in [Value::from("a\0b"), Value::Texts(vec!["a\0b".into()])] {
        let error = value.write(&file, "name").unwrap_err().to_string();
        assert!(error.contains("@name") && error.contains("NUL"), "{error}");
    }
}
