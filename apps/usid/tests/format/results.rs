//! Results groups.

use jobwise_core::Wire;
use jobwise_hdf5::file_access;
use jobwise_usid::format::{
    BOOKKEEPING, Bookkeeping, Element, Main, Scalar, Storage, Value, choose, mains, results,
};

use super::{dimension, main_of, scratch};

fn source(group: &hdf5::Group, name: &str) -> Main {
    let axes = [dimension("x", 3)];
    main_of(
        group,
        name,
        &Element::Real(Scalar::F32),
        &axes,
        &[dimension("t", 4)],
        Storage::Contiguous,
    )
}

#[test]
fn groups_of_other_sources_and_tools_are_ignored() {
    let (_directory, file) = scratch();
    let (raw, raw_2) = (source(&file, "Raw"), source(&file, "Raw_2"));
    let bookkeeping = Bookkeeping::now();
    for name in [
        "Raw_2-SVD_000",
        "Raw-SVD_abc",
        "Raw-SVD_01",
        "Raw-SVD",
        "Raw-Two-SVD_007",
        "Raw-My_SVD_003",
    ] {
        file.create_group(name).unwrap();
    }
    assert_eq!(results::next_index(&file, &raw, "SVD").unwrap(), 0);
    assert!(results::existing(&file, &raw, "SVD").unwrap().is_empty());
    let group = results::create(&file, &raw, "SVD", 0, &bookkeeping).unwrap();
    assert_eq!(group.name(), "/Raw-SVD_000");
    results::create(&file, &raw, "SVD", 1000, &bookkeeping).unwrap();
    // The name says Raw, the reference says another.
    let foreign = results::create(&file, &raw, "SVD", 7, &bookkeeping).unwrap();
    foreign.delete_attr("source_000").unwrap();
    let reference: hdf5::ObjectReference1 = raw_2.dataset().reference(".").unwrap();
    foreign
        .new_attr::<hdf5::ObjectReference1>()
        .create("source_000")
        .unwrap()
        .write_scalar(&reference)
        .unwrap();
    // Without any reference, the name counts.
    file.create_group("Raw-SVD_002").unwrap();
    let found: Vec<usize> = results::existing(&file, &raw, "SVD")
        .unwrap()
        .iter()
        .map(|group| group.index)
        .collect();
    assert_eq!(found, [0, 2, 1000]);
    assert_eq!(results::next_index(&file, &raw, "SVD").unwrap(), 1001);
    assert!(results::create(&file, &raw, "SVD", 7, &bookkeeping).is_err());
}

#[test]
fn a_group_says_where_it_comes_from() {
    let (_directory, file) = scratch();
    let raw = source(&file, "Raw-Data");
    let group = results::create(&file, &raw, "My-Tool", 12, &Bookkeeping::now()).unwrap();
    assert_eq!(group.name(), "/Raw_Data-My_Tool_012");
    assert_eq!(
        results::parse("Raw_Data-My_Tool_012"),
        Some(("Raw_Data", "My_Tool", 12))
    );
    let find = |name: &str| Value::find(&group, name).unwrap();
    assert_eq!(find("tool"), Some(Value::from("My-Tool")));
    assert_eq!(find("num_source_dsets"), Some(Value::Integer(1)));
    assert_eq!(
        find("source_000"),
        Some(Value::Reference("/Raw-Data".into()))
    );
    for name in BOOKKEEPING
        .iter()
        .filter(|name| !name.starts_with("pyUSID") && !name.starts_with("sidpy"))
    {
        assert!(
            matches!(find(name), Some(Value::Text(text)) if !text.is_empty()),
            "{name}"
        );
    }
    assert_eq!(results::existing(&file, &raw, "My-Tool").unwrap().len(), 1);
}

#[test]
fn the_same_book_keeping_everywhere() {
    let bookkeeping = Bookkeeping::now();
    let sent = bookkeeping.to_bytes();
    assert_eq!(Bookkeeping::from_bytes(&sent).unwrap(), bookkeeping);
    assert!(Bookkeeping::from_bytes(&sent[1..]).is_err());
}

#[test]
fn results_in_another_file_say_so_and_carry_their_axes() {
    let (directory, file) = scratch();
    let raw = source(&file, "Raw");
    let other = file_access::create(directory.path().join("other.h5")).unwrap();
    let bookkeeping = Bookkeeping::now();
    let group = results::create(&other, &raw, "SVD", 0, &bookkeeping).unwrap();
    assert_eq!(Value::find(&group, "source_000").unwrap(), None);
    let path = Value::find(&group, results::SOURCE_FILE)
        .unwrap()
        .unwrap()
        .to_string();
    assert!(
        path.ends_with("scratch.h5") && std::path::Path::new(&path).is_absolute(),
        "{path}"
    );
    assert_eq!(
        Value::find(&group, results::SOURCE_DATASET).unwrap(),
        Some(Value::from("/Raw"))
    );
    assert_eq!(results::existing(&other, &raw, "SVD").unwrap().len(), 1);
    Value::from("/elsewhere.h5")
        .write(&group, results::SOURCE_FILE)
        .unwrap();
    assert!(results::existing(&other, &raw, "SVD").unwrap().is_empty());

    let element = Element::Real(Scalar::F64);
    let copy = |name| jobwise_usid::format::NewMain {
        name,
        positions: 3,
        width: 4,
        element: &element,
        quantity: "q",
        units: "u",
        storage: Storage::Contiguous,
        position: jobwise_usid::format::Axis::of(&raw, jobwise_usid::format::Side::Position),
        spectroscopic: jobwise_usid::format::Axis::of(
            &raw,
            jobwise_usid::format::Side::Spectroscopic,
        ),
    };
    // The second shares the axes of the first.
    for name in ["A", "B"] {
        copy(name).create(&group, &bookkeeping).unwrap();
    }
    assert_eq!(group.len(), 2 + 4);
    drop((raw, file));
    std::fs::remove_file(directory.path().join("scratch.h5")).unwrap();
    let all = mains(&other).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].position_dimensions().unwrap(), [dimension("x", 3)]);
    assert_eq!(
        all[1].spectroscopic_dimensions().unwrap(),
        [dimension("t", 4)]
    );
}

#[test]
fn the_source_is_the_only_main_dataset_that_is_no_result() {
    let (_directory, file) = scratch();
    let error = choose(&file, None).unwrap_err().to_string();
    assert!(
        error.contains("no main dataset") && error.contains("usid import"),
        "{error}"
    );
    let raw = source(&file, "Raw");
    let group = results::create(&file, &raw, "SVD", 0, &Bookkeeping::now()).unwrap();
    source(&group, "U");
    assert_eq!(choose(&file, None).unwrap().path(), "/Raw");
    assert_eq!(choose(&file, Some("/Raw-SVD_000/U")).unwrap().name(), "U");
    assert_eq!(
        choose(&file, Some("/Raw-SVD_000/U"))
            .unwrap()
            .parent()
            .unwrap()
            .name(),
        "/Raw-SVD_000"
    );
    source(&file, "Raw_2");
    let error = choose(&file, None).unwrap_err().to_string();
    assert!(
        error.contains("/Raw, /Raw_2") && error.contains("--dataset"),
        "{error}"
    );
    assert!(
        choose(&file, Some("/Row"))
            .unwrap_err()
            .to_string()
            .contains("usid inspect")
    );
}

#[test]
fn links_and_cycles_are_met_once() {
    let (_directory, file) = scratch();
    let inner = file.create_group("inner").unwrap();
    source(&inner, "Raw");
    file.link_hard("inner", "inner/cycle").unwrap();
    inner.link_hard("/", "root").unwrap();
    file.link_hard("inner/Raw", "again").unwrap();
    file.link_soft("inner/Raw", "soft").unwrap();
    file.link_soft("nowhere", "dangling").unwrap();
    file.link_external("nowhere.h5", "/x", "elsewhere").unwrap();
    assert_eq!(mains(&file).unwrap().len(), 1);
}
