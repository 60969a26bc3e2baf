use hdf5::file::FileBuilder;
use hdf5::plist::file_create::{Sizeof, SizeofInfo};

use super::*;
use crate::amendment::Writable;
use crate::scales::{self, Dimension};
use crate::{attributes, file_access};

/// Texts of different lengths, none of them that of a reference, in more than one heap.
const LABELS: [&str; 4] = ["hours", "", "amplitude of the wave", "no"];

fn long() -> String {
    "a long text. ".repeat(1600)
}

fn fill(file: &hdf5::File) {
    attributes::write_text(file, "title", "a text of variable length").unwrap();
    let labels = LABELS.map(|label| label.parse::<VarLenUnicode>().unwrap());
    let list = file.new_attr::<VarLenUnicode>().shape(labels.len());
    list.create("labels").unwrap().write_raw(&labels).unwrap();
    attributes::write_text(file, "long", &long()).unwrap();
    let one = file.new_dataset::<VarLenUnicode>().create("one").unwrap();
    let note: VarLenUnicode = "a note".parse().unwrap();
    one.write_scalar(&note).unwrap();
    let many = file.new_dataset::<VarLenAscii>().shape(5).chunk(2);
    let many = many.create("many").unwrap();
    let lines = ["first line", "a second line"].map(|line| VarLenAscii::from_ascii(line).unwrap());
    many.write_slice(&lines, ..2).unwrap();
    for name in ["t", "data"] {
        let table = file.new_dataset::<f64>().shape(3);
        table.create(name).unwrap();
    }
    scales::make_scale(&file.dataset("t").unwrap(), "t").unwrap();
    let axis = Dimension {
        label: "time",
        scale: "t",
    };
    scales::attach(file, &[("data", &[Some(axis)])]).unwrap();
}

/// What is read of each value of variable length, or why it is not.
type Seen = [(&'static str, Result<Vec<String>, String>); 6];

fn see(file: &hdf5::File) -> Seen {
    let text = |name: &str| {
        let text = attributes::read_text(file, name).map_err(|e| e.to_string())?;
        Ok(vec![text])
    };
    let strings = |container: &Container| -> Result<Vec<String>, String> {
        let texts = texts(container).map_err(|error| error.to_string())?;
        let texts = texts
            .into_iter()
            .map(|text| String::from_utf8(text).unwrap());
        Ok(texts.collect())
    };
    let one = attributes::read_dataset(&file.dataset("one").unwrap());
    let scales = scales::attached(&file.dataset("data").unwrap());
    [
        ("title", text("title")),
        ("labels", strings(&file.attr("labels").unwrap())),
        ("long", text("long")),
        (
            "one",
            one.map(|text| vec![text.to_string()])
                .map_err(|error| error.to_string()),
        ),
        ("many", strings(&file.dataset("many").unwrap())),
        (
            "DIMENSION_LIST",
            scales
                .map(|scales| scales.into_iter().flatten().collect())
                .map_err(|error| error.to_string()),
        ),
    ]
}

fn sound() -> Seen {
    let text = |text: &str| Ok(vec![text.to_owned()]);
    let texts = |texts: &[&str]| Ok(texts.iter().map(|&text| text.to_owned()).collect());
    [
        ("title", text("a text of variable length")),
        ("labels", texts(&LABELS)),
        ("long", text(&long())),
        ("one", text("a note")),
        ("many", texts(&["first line", "a second line", "", "", ""])),
        ("DIMENSION_LIST", text("/t")),
    ]
}

/// All references of a file, and whose they are.
fn ids(file: &hdf5::File) -> Vec<(&'static str, HeapId)> {
    let attribute = |name| heap_id::read(&file.attr(name).unwrap()).unwrap();
    let dataset = |name| heap_id::read(&file.dataset(name).unwrap()).unwrap();
    let axes = file.dataset("data").unwrap().attr("DIMENSION_LIST");
    let all = [
        ("title", attribute("title")),
        ("labels", attribute("labels")),
        ("long", attribute("long")),
        ("one", dataset("one")),
        ("many", dataset("many")),
        ("DIMENSION_LIST", heap_id::read(&axes.unwrap()).unwrap()),
    ];
    let each = all
        .into_iter()
        .flat_map(|(name, ids)| ids.into_iter().map(move |id| (name, id)));
    each.filter(|(_, id)| id.address != 0).collect()
}

fn stored(id: HeapId) -> Vec<u8> {
    let mut bytes = id.length.to_le_bytes().to_vec();
    bytes.extend(id.address.to_le_bytes());
    bytes.extend(id.index.to_le_bytes());
    bytes
}

/// The reference with each of its numbers replaced by what it is least ready for.
fn damages(id: HeapId, heaps: &[u64], end: u64) -> Vec<HeapId> {
    let HeapId {
        length,
        address,
        index,
    } = id;
    let lengths = [0, 1, length + 1, length.wrapping_sub(1), 1 << 31, u32::MAX];
    let mut addresses = vec![0, 1, address + 1, address + 16, address + 4096, end];
    addresses.extend([end - 8, 1 << 40, i64::MAX as u64, u64::MAX - 8, u64::MAX]);
    addresses.extend(heaps);
    let indices = [
        0,
        1,
        index + 1,
        index + 40,
        257,
        4000,
        0xffff,
        1 << 16,
        u32::MAX,
    ];
    let with_length = lengths.map(|length| HeapId { length, ..id });
    let with_address = addresses
        .into_iter()
        .map(|address| HeapId { address, ..id });
    let with_index = indices.map(|index| HeapId { index, ..id });
    let all = with_length
        .into_iter()
        .chain(with_address)
        .chain(with_index);
    all.filter(|damaged| *damaged != id).collect()
}

fn place(bytes: &[u8], id: HeapId) -> usize {
    let stored = stored(id);
    let mut places = bytes.windows(stored.len()).enumerate();
    let found = places.find(|(_, there)| *there == stored);
    found.unwrap().0
}

#[test]
fn damaged_references_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("texts.h5");
    let file = file_access::create(&path).unwrap();
    fill(&file);
    file.close().unwrap();
    let file = file_access::open(&path).unwrap();
    assert_eq!(see(&file), sound());
    let ids = ids(&file);
    file.close().unwrap();
    assert_eq!(ids.len(), 1 + 4 + 1 + 1 + 2 + 1);
    let mut heaps: Vec<u64> = ids.iter().map(|(_, id)| id.address).collect();
    heaps.dedup();
    assert!(heaps.len() > 1, "{heaps:?}");
    let whole = std::fs::read(&path).unwrap();
    for (name, id) in ids {
        let at = place(&whole, id);
        for damaged in damages(id, &heaps, whole.len() as u64) {
            let mut bytes = whole.clone();
            bytes[at..at + 16].copy_from_slice(&stored(damaged));
            std::fs::write(&path, bytes).unwrap();
            let file = file_access::open(&path).unwrap();
            for (seen, expected) in see(&file).into_iter().zip(sound()) {
                if seen.0 != name {
                    assert_eq!(seen, expected, "{name}: {id:?}, {damaged:?}");
                    continue;
                }
                let Err(error) = &seen.1 else {
                    // Nothing is nothing, wherever it is.
                    assert_eq!(
                        (damaged.length, &seen),
                        (0, &expected),
                        "{name}: {damaged:?}"
                    );
                    continue;
                };
                let is_told = error.contains("the file is damaged");
                assert!(is_told, "{name}: {id:?}, {damaged:?}: {error}");
                let is_named = error.contains(name) && error.contains("texts.h5");
                assert!(is_named || ["labels", "many"].contains(&name), "{error}");
            }
        }
    }
}

#[test]
fn texts_are_not_more_than_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("texts.h5");
    let file = file_access::create(&path).unwrap();
    fill(&file);
    let ids = ids(&file);
    file.close().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let long = ids.iter().find(|(name, _)| *name == "long").unwrap().1;
    for (_, id) in ids.iter().filter(|(name, _)| *name == "labels") {
        let at = place(&bytes, *id);
        bytes[at..at + 16].copy_from_slice(&stored(long));
    }
    std::fs::write(&path, bytes).unwrap();
    let file = file_access::open(&path).unwrap();
    let error = texts(&file.attr("labels").unwrap()).unwrap_err();
    assert!(error.to_string().contains("the same bytes"), "{error}");
    assert_eq!(attributes::read_text(&file, "long").unwrap(), self::long());
}

#[test]
fn files_of_every_layout_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("texts.h5");
    let layouts: [fn(&mut FileBuilder); 3] = [
        |options| {
            options.with_fcpl(|list| list.userblock(1024));
        },
        |options| {
            let small = SizeofInfo {
                sizeof_addr: Sizeof::Bytes4,
                sizeof_size: Sizeof::Bytes4,
            };
            options.with_fcpl(|list| list.sizes(small));
        },
        |options| {
            options.with_fapl(|list| list.libver_latest());
        },
    ];
    for layout in layouts {
        let mut options = FileBuilder::new();
        layout(&mut options);
        let file = options.create(&path).unwrap();
        fill(&file);
        // What was written is not flushed.
        assert_eq!(see(&file), sound());
        file.close().unwrap();
        assert_eq!(see(&file_access::open(&path).unwrap()), sound());
    }
}

#[test]
fn what_is_written_is_seen_before_it_is_flushed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("texts.h5");
    let file = file_access::create(&path).unwrap();
    fill(&file);
    file.close().unwrap();
    let other = |file: &hdf5::File| -> crate::Result<String> {
        attributes::write_text(file, "other", "shorter")?;
        assert_eq!(see(file), sound());
        file.delete_attr("other").unwrap();
        attributes::write_text(file, "other", "another text")?;
        attributes::read_text(file, "other")
    };
    let mut writable = Writable::claim(&path).unwrap();
    assert_eq!(writable.amend(other).unwrap(), "another text");
    drop(writable);
    let file = file_access::open_rw(&path).unwrap();
    file.delete_attr("other").unwrap();
    assert_eq!(other(&file).unwrap(), "another text");
}
