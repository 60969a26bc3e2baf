use super::*;

fn scratch() -> (tempfile::TempDir, hdf5::File) {
    let directory = tempfile::tempdir().unwrap();
    let file = hdf5::File::create(directory.path().join("a.h5")).unwrap();
    (directory, file)
}

#[test]
fn numbers_and_text_return_unchanged() {
    let (_directory, file) = scratch();
    let group = file.create_group("experiment").unwrap();
    write(&group, "i64", i64::MIN).unwrap();
    write(&group, "u64", u64::MAX).unwrap();
    write(&group, "i32", -7_i32).unwrap();
    write(&group, "f64", 0.1_f64).unwrap();
    write_text(&group, "text", "Tromsø").unwrap();
    write_fixed_text(&group, "ended", "epoch", 6, Padding::NulTerminated).unwrap();
    write_fixed_text(&group, "padded", "meta", 4, Padding::NulPadded).unwrap();
    let expected = [
        ("ended", Value::Text("epoch".into())),
        ("f64", Value::Float(0.1)),
        ("i32", Value::Integer(-7)),
        ("i64", Value::Integer(i64::MIN)),
        ("padded", Value::Text("meta".into())),
        ("text", Value::Text("Tromsø".into())),
        ("u64", Value::Unsigned(u64::MAX)),
    ];
    let listed = list(&group).unwrap();
    assert_eq!(
        listed,
        expected.map(|(name, value)| (name.to_owned(), value))
    );
    assert_eq!(read_i64(&group, "i32").unwrap(), -7);
    assert!(
        read_u64(&group, "i32")
            .unwrap_err()
            .to_string()
            .contains("negative")
    );
    assert!(read_i64(&group, "u64").is_err());
    assert_eq!(find(&group, "absent").unwrap(), None);
}

#[test]
fn errors_name_file_object_and_attribute_in_one_line() {
    let (_directory, file) = scratch();
    let group = file.create_group("processing").unwrap();
    write(&group, "n_ipp", 1_i64).unwrap();
    for error in [
        read(&group, "tau").unwrap_err(),
        read_text(&group, "n_ipp").unwrap_err(),
        write(&group, "n_ipp", 2_i64).unwrap_err(),
        write_fixed_text(&group, "n_ipp", "long", 4, Padding::NulTerminated).unwrap_err(),
        write_text(&group, "n_ipp", "a\0b").unwrap_err(),
    ] {
        let line = error.to_string();
        assert!(line.contains("a.h5: processing@"), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn arrays_are_described_and_single_elements_are_scalars() {
    let (_directory, file) = scratch();
    file.new_attr::<i32>()
        .shape([1])
        .create("one")
        .unwrap()
        .write(&[5])
        .unwrap();
    file.new_attr::<i32>()
        .shape([2])
        .create("two")
        .unwrap()
        .write(&[5, 6])
        .unwrap();
    assert_eq!(read(&file, "one").unwrap(), Value::Integer(5));
    assert!(matches!(read(&file, "two").unwrap(), Value::Other(kind) if kind.contains("int32")));
}
