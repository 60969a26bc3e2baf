//! Files that are damaged, or no pictures.

use jobwise_usid::import::{Which, read};
use proptest::prelude::*;

use super::{complaint, file, npy, text, usid};

#[test]
fn a_header_that_promises_too_much_is_refused() {
    for (shape, words) in [
        ("(4000000000, 4000000000)", "more than the file can hold"),
        ("(100, 100)", "more than the file can hold"),
        ("(0, 100)", "no pixel"),
        ("(100,)", "shape [100]"),
    ] {
        let (_directory, path) = file("a.npy", &npy("<f8", false, shape, &[0; 100]));
        let output = usid(&["import", text(&path), "out.h5"]);
        let said = complaint(&output, 1);
        assert!(said.contains(words) && said.contains("a.npy"), "{said}");
    }
    let (_directory, path) = file("a.npy", b"\x93NUMPY\x01\x00\xff\xff{");
    assert!(complaint(&usid(&["import", text(&path), "out.h5"]), 1).contains("header"));
}

#[test]
fn a_stack_of_pictures_that_are_not_there_is_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.h5");
    let file = jobwise_hdf5::file_access::create(&path).unwrap();
    let builder = file.new_dataset::<f32>().chunk((1, 8, 8));
    builder.shape((1 << 30, 8, 8)).create("stack").unwrap();
    drop(file);
    let started = std::time::Instant::now();
    let output = usid(&["import", text(&path), "out.h5", "--page", "12345"]);
    let said = complaint(&output, 1);
    assert!(said.contains("are not in the file"), "{said}");
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn what_is_no_picture_is_told() {
    let (directory, path) = file("a.txt", b"hello");
    assert!(
        complaint(&usid(&["import", text(&path), "out.h5"]), 1).contains("neither TIFF, PNG, NPY")
    );
    let (_empty, path) = file("empty", b"");
    assert!(complaint(&usid(&["import", text(&path), "out.h5"]), 1).contains("neither TIFF"));
    assert!(
        complaint(&usid(&["import", text(directory.path()), "out.h5"]), 1).contains("directory")
    );
    assert!(complaint(&usid(&["import", "no such file", "out.h5"]), 1).contains("no such file"));
    let (_directory, path) = file("a.npy", &npy("<c8", false, "(1, 1)", &[0; 8]));
    assert!(complaint(&usid(&["import", text(&path), "out.h5"]), 1).contains("<c8"));
    let words = ["import", text(&path), "out.h5", "--dataset", "x"];
    assert!(complaint(&usid(&words), 1).contains("--dataset"));
}

proptest! {
    #[test]
    fn damaged_bytes_are_errors(format in 0..3usize, cut in 0usize..120, place in 0usize..120, byte: u8) {
        let mut bytes = match format {
            0 => npy("<f4", false, "(3, 4)", &[1; 48]),
            1 => {
                let mut bytes = Vec::new();
                let mut writer = png::Encoder::new(&mut bytes, 4, 3).write_header().unwrap();
                writer.write_image_data(&[7; 12]).unwrap();
                drop(writer);
                bytes
            }
            _ => {
                let mut bytes = std::io::Cursor::new(Vec::new());
                let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
                encoder.write_image::<tiff::encoder::colortype::Gray8>(4, 3, &[7; 12]).unwrap();
                bytes.into_inner()
            }
        };
        let (_directory, whole) = file("a", &bytes);
        prop_assert!(read(&whole, &Which::default()).is_ok());
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(bytes.len().saturating_sub(cut).max(1));
        let (_directory, path) = file("a", &bytes);
        // Some damage shows in the pixels only.
        if let Err(error) = read(&path, &Which::default()) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
