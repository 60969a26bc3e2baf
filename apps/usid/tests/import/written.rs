//! The USID file that a picture becomes.

use jobwise_hdf5::file_access;
use jobwise_usid::format::{Image, Value, choose};
use ndarray::arr2;

use super::{complaint, file, npy, text, usid};

/// A picture of 2 rows and 3 columns.
fn small() -> Vec<u8> {
    npy("|u1", false, "(2, 3)", &[1, 2, 3, 4, 5, 250])
}

#[test]
fn columns_change_slowest() {
    let (directory, path) = file("a.npy", &small());
    let out = directory.path().join("out.h5");
    let words = [
        "import",
        text(&path),
        text(&out),
        "--size",
        "6",
        "5",
        "--quantity",
        "Height",
        "--quantity-units",
        "pm",
    ];
    let output = usid(&words);
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("X  3 columns, 0 to 4 nm") && said.contains("Height [pm] as u8, 1 to 250"),
        "{said}"
    );
    let stored = file_access::open(&out).unwrap();
    let main = choose(&stored, None).unwrap();
    assert_eq!(main.path(), "/Measurement_000/Channel_000/Raw_Data");
    assert_eq!((main.quantity(), main.units()), ("Height", "pm"));
    let numbers: Vec<u8> = main.dataset().read_raw().unwrap();
    assert_eq!(numbers, [1, 4, 2, 5, 3, 250]);
    let image = Image::of(&main).unwrap();
    assert_eq!(image.pixels, arr2(&[[1.0, 4.0], [2.0, 5.0], [3.0, 250.0]]));
    assert_eq!((image.x.name.as_str(), image.x.units.as_str()), ("X", "nm"));
    assert_eq!(
        (image.x.values.as_slice(), image.y.values.as_slice()),
        (&[0.0, 2.0, 4.0][..], &[0.0, 2.5][..])
    );
    for (position, &number) in numbers.iter().enumerate() {
        let pixel = image.pixel(position);
        assert_eq!(image.pixels[pixel].to_bits(), f64::from(number).to_bits());
        assert_eq!(image.position(pixel), position);
    }
    let measurement = stored.group("Measurement_000").unwrap();
    let find = |name: &str| Value::find(&measurement, name).unwrap();
    assert_eq!(find("normalized"), Some(Value::Flag(false)));
    assert_eq!(
        (find("image_min"), find("image_max")),
        (Some(Value::Float(1.0)), Some(Value::Float(250.0)))
    );
    assert_eq!(
        Value::find(&stored, "data_type").unwrap(),
        Some(Value::from("ImageData"))
    );
}

#[test]
fn pixels_are_counted_unless_a_size_is_given() {
    let (directory, path) = file("a.npy", &small());
    let out = directory.path().join("out.h5");
    assert!(
        usid(&["import", text(&path), text(&out), "--normalize"])
            .status
            .success()
    );
    let stored = file_access::open(&out).unwrap();
    let image = Image::of(&choose(&stored, None).unwrap()).unwrap();
    assert_eq!(
        (image.y.units.as_str(), image.y.values.as_slice()),
        ("pixel", &[0.0, 1.0][..])
    );
    assert_eq!((image.pixels[(0, 0)], image.pixels[(2, 1)]), (0.0, 1.0));
    let measurement = stored.group("Measurement_000").unwrap();
    assert_eq!(
        Value::find(&measurement, "image_max").unwrap(),
        Some(Value::Float(250.0))
    );
}

#[test]
fn an_output_that_exists_stays() {
    let (directory, path) = file("a.npy", &small());
    let out = directory.path().join("out.h5");
    std::fs::write(&out, "precious").unwrap();
    assert!(complaint(&usid(&["import", text(&path), text(&out)]), 2).contains("--clobber"));
    assert!(
        complaint(&usid(&["import", text(&path), text(&path), "--clobber"]), 2).contains("itself")
    );
    assert!(
        complaint(&usid(&["import", text(&path), text(directory.path())]), 2).contains("directory")
    );
    let dry = usid(&["import", text(&path), text(&out), "--dry-run"]);
    assert!(
        String::from_utf8(dry.stdout)
            .unwrap()
            .contains("would be written")
    );
    assert_eq!(std::fs::read(&out).unwrap(), b"precious");
    assert!(
        usid(&["import", text(&path), text(&out), "--clobber"])
            .status
            .success()
    );
    assert!(file_access::open(&out).is_ok());
    // The result is no picture to import.
    let again = directory.path().join("again.h5");
    assert!(
        complaint(&usid(&["import", text(&out), text(&again)]), 1).contains("USID main dataset")
    );
    let names: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(names.len(), 2);
}

#[test]
fn pixels_that_are_no_numbers_are_told_and_kept() {
    let floats: Vec<u8> = [1.0f64, f64::NAN, 3.0, f64::INFINITY]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let (directory, path) = file("a.npy", &npy("<f8", false, "(2, 2)", &floats));
    let out = directory.path().join("out.h5");
    let output = usid(&["import", text(&path), text(&out)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && said.contains("2 of 4 pixels are not finite"),
        "{said}"
    );
    let image = Image::of(&choose(&file_access::open(&out).unwrap(), None).unwrap()).unwrap();
    assert!(image.pixels[(1, 0)].is_nan());
}
