//! `usid clean-image`, from outside.

use std::f64::consts::TAU;
use std::path::Path;

use hdf5::{Dataset, Group};
use jobwise_hdf5::{atomic::AtomicFile, file_access};
use jobwise_usid::clean::spectrum;
use jobwise_usid::format::{
    Axis, Bookkeeping, Dimension, Element, Main, NewMain, Scalar, Side, Storage, Value,
};
use ndarray::{Array2, s};
use num_complex::Complex64;

use crate::bench::{Bench, CHANNEL};
use crate::common;

/// Writes an image as a USID file.
fn write_image(path: &Path, image: &Array2<f64>) {
    let atomic = AtomicFile::new(path).unwrap();
    let file = atomic.create_h5().unwrap();
    let measurement = file.create_group("Measurement_000").unwrap();
    let group = measurement.create_group("Channel_000").unwrap();
    let axis = |name, length: usize| {
        Dimension::new(
            name,
            "a.u.",
            (0..length).map(|index| index as f64).collect(),
        )
    };
    let (nx, ny) = image.dim();
    let position = [axis("X", nx), axis("Y", ny)];
    let single = [Dimension::single()];
    let new = NewMain {
        name: "Raw_Data",
        positions: nx * ny,
        width: 1,
        element: &Element::Real(Scalar::F64),
        quantity: "Intensity",
        units: "a.u.",
        storage: Storage::Contiguous,
        position: Axis::create(&group, "Position", Side::Position, &position).unwrap(),
        spectroscopic: Axis::create(&group, "Spectroscopic", Side::Spectroscopic, &single).unwrap(),
    };
    let dataset = new.create(&group, &Bookkeeping::now()).unwrap();
    let pixels: Vec<f64> = image.iter().copied().collect();
    dataset.write_raw(&pixels).unwrap();
    drop((dataset, group, measurement));
    drop(new);
    atomic.commit_h5(file).unwrap();
}

/// A lattice with pixels that are off.
fn lattice(nx: usize, ny: usize) -> Array2<f64> {
    Array2::from_shape_fn((nx, ny), |(x, y)| {
        let waves = (TAU * x as f64 / 8.0).cos() + (TAU * y as f64 / 7.0).cos();
        let off = (x * 7919 + y * 104_729 + x * y * 31) % 1000;
        waves + 0.4 * (off as f64 / 1000.0 - 0.5)
    })
}

pub(crate) fn with_lattice(nx: usize, ny: usize) -> Bench {
    let bench = Bench::new();
    write_image(&bench.path("image.h5"), &lattice(nx, ny));
    bench
}

fn results(index: usize) -> String {
    format!("{CHANNEL}/Raw_Data-Image_Cleaning_{index:03}")
}

pub(crate) fn pixels(group: &Group, name: &str) -> Vec<f64> {
    group.dataset(name).unwrap().read_raw().unwrap()
}

#[track_caller]
pub(crate) fn close(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (place, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance, "{place}: {a} {b}");
    }
}

#[test]
fn reference_images_are_the_peers_and_the_exact_ones() {
    let Some(small) = common::open("usid_image_small.h5") else {
        return;
    };
    let bench = Bench::new();
    let original = common::reference("usid_image_small.h5").unwrap();
    std::fs::write(bench.path("small.h5"), std::fs::read(original).unwrap()).unwrap();
    for (index, choice) in ["5", "2..7", "0,1,3,6", "all"].into_iter().enumerate() {
        bench.must(&["clean-image", "small.h5", "-w", "12,10", "-c", choice]);
        let file = file_access::open(bench.path("small.h5")).unwrap();
        let ours = file.group(&results(index)).unwrap();
        let theirs = small
            .group(&format!(
                "{CHANNEL}/Raw_Data-Windowing_000/Image_Windows-SVD_000/Cleaned_Image_00{index}"
            ))
            .unwrap();
        for name in ["Cleaned_Image", "Removed_Noise"] {
            close(&pixels(&ours, name), &pixels(&theirs, name), 1e-4);
        }
        let used = |group: &Group| Value::find(group, "components_used").unwrap();
        assert_eq!(used(&ours), used(&theirs), "{choice}");
    }

    let medium = common::open("image_clean_medium.h5").unwrap();
    let image = medium.dataset("image").unwrap().read_2d().unwrap();
    write_image(&bench.path("medium.h5"), &image);
    let case = medium.group("win_20x12_step_2x3").unwrap();
    for clean in case.groups().unwrap() {
        let name = clean.name();
        let Some((_, count)) = name.rsplit_once("clean_") else {
            continue;
        };
        let target = format!("/kept_{count}");
        let args = [
            "clean-image",
            "medium.h5",
            "-w",
            "20,12",
            "-s",
            "2,3",
            "-c",
            count,
        ];
        bench.must(
            &[
                &args[..],
                &["--precision", "f64", "--target-group", &target],
            ]
            .concat(),
        );
        let file = file_access::open(bench.path("medium.h5")).unwrap();
        let ours = file
            .group(&format!("{target}/Raw_Data-Image_Cleaning_000"))
            .unwrap();
        close(
            &pixels(&ours, "Cleaned_Image"),
            &pixels(&clean, "exact_float64"),
            1e-10,
        );
        let exact = pixels(&case, "S_exact_float64");
        let largest = exact[0];
        close(&pixels(&ours, "S"), &exact, 1e-10 * largest);
    }
}

#[test]
fn whole_images_and_components_belong_together() {
    let bench = with_lattice(50, 44);
    let args = [
        "-w",
        "12,9",
        "-s",
        "2,3",
        "-c",
        "1,2,5",
        "--separate",
        "--spectra",
    ];
    bench.must(&[&["clean-image", "image.h5", "--normalize"], &args[..]].concat());
    let file = file_access::open(bench.path("image.h5")).unwrap();
    let group = file.group(&results(0)).unwrap();
    let [clean, noise] = ["Cleaned_Image", "Removed_Noise"].map(|name| pixels(&group, name));
    let raw: Vec<f64> = lattice(50, 44).into_iter().collect();
    let sum: Vec<f64> = clean.iter().zip(&noise).map(|(a, b)| a + b).collect();
    close(&sum, &raw, 1e-14);

    let parts = Main::open(&group.dataset("Cleaned_Components").unwrap()).unwrap();
    assert_eq!(
        parts.spectroscopic_dimensions().unwrap()[0].values,
        [1.0, 2.0, 5.0]
    );
    let parts: Array2<f64> = parts.dataset().read_2d().unwrap();
    let sums: Vec<f64> = parts.rows().into_iter().map(|row| row.sum()).collect();
    close(&sums, &clean, 1e-13);

    let vectors = Main::open(&group.dataset("V").unwrap()).unwrap();
    assert_eq!(
        vectors.position_dimensions().unwrap()[0].values,
        [1.0, 2.0, 5.0]
    );
    let axes = vectors.spectroscopic_dimensions().unwrap();
    assert_eq!(axes.iter().map(Dimension::len).collect::<Vec<_>>(), [12, 9]);
    assert_eq!(group.dataset("S").unwrap().shape(), [108]);

    for (name, image) in [("FFT_Cleaned_Image", &clean), ("FFT_Removed_Noise", &noise)] {
        let image = Array2::from_shape_vec((50, 44), image.clone()).unwrap();
        let stored: Vec<Complex64> = group.dataset(name).unwrap().read_raw().unwrap();
        assert!(spectrum(&image).iter().eq(&stored), "{name}");
    }
    let scaled = pixels(&group, "Normalized_Image");
    let (least, most) = clean
        .iter()
        .fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
    let expected: Vec<f64> = clean.iter().map(|x| (x - least) / (most - least)).collect();
    close(&scaled, &expected, 1e-15);
}

#[test]
fn what_is_continued_has_the_same_bits() {
    let bench = with_lattice(90, 40);
    let args = [
        "clean-image",
        "image.h5",
        "-w",
        "8",
        "-c",
        "variance:0.9",
        "--separate",
    ];
    bench.must(&args);
    let whole = bench.content("image.h5", &results(0));
    let names = ["Cleaned_Image", "Removed_Noise", "Cleaned_Components"];
    {
        let file = file_access::open_rw(bench.path("image.h5")).unwrap();
        let group = file.group(&results(0)).unwrap();
        let marks = group.dataset("completed_positions").unwrap();
        let mut all: Vec<u8> = marks.read_raw().unwrap();
        all[640..1280].fill(0);
        marks.write_raw(&all).unwrap();
        for name in names {
            let dataset = group.dataset(name).unwrap();
            let mut rows: Array2<f64> = dataset.read_2d().unwrap();
            rows.slice_mut(s![640..1280, ..]).fill(7.0);
            dataset.write(&rows).unwrap();
        }
    }
    let continued = bench.must(&args);
    assert!(continued.stdout.contains("640 positions"), "{continued:?}");
    bench.content("image.h5", &results(0)).must_equal(&whole);
    for (target, more) in [("one", ["--threads", "1"]), ("five", ["--threads", "5"])] {
        bench.must(&[&args[..], &["--target-group", target], &more].concat());
        bench
            .content("image.h5", &format!("{target}/Raw_Data-Image_Cleaning_000"))
            .must_equal(&whole);
    }
}

/// Fails unless `ours` has every attribute of `theirs`, but for those that say who wrote when.
#[track_caller]
fn same_attributes(ours: &hdf5::Location, theirs: &hdf5::Location) {
    let known = jobwise_usid::format::BOOKKEEPING;
    for (name, value) in jobwise_usid::format::attributes(theirs).unwrap() {
        // This image is not square: its middle square counts here, a corner there.
        let differs = ["svd_method", "psf_width"].contains(&name.as_str());
        let ours = Value::find(ours, &name).unwrap();
        match (&value, &ours) {
            _ if known.contains(&name.as_str()) => {}
            (Value::Reference(_), Some(Value::Reference(_))) => {}
            // The quantity of V is cut to its first letter there.
            (Value::Text(short), Some(Value::Text(whole))) if whole.starts_with(short) => {}
            _ => assert!(
                differs || ours.as_ref() == Some(&value),
                "{name}: {ours:?} {value}"
            ),
        }
    }
}

#[test]
fn other_programs_find_what_they_would_have_written() {
    let Some(reference) = common::open("usid_image_small.h5") else {
        return;
    };
    let raw = pixels(&reference.group(CHANNEL).unwrap(), "Raw_Data");
    let bench = Bench::new();
    let image = Array2::from_shape_vec((40, 48), raw).unwrap();
    write_image(&bench.path("image.h5"), &image);
    let args = ["clean-image", "image.h5", "-w", "12,10", "--compat", "-c"];
    bench.must(&[&args[..], &["5"]].concat());
    bench.must(&[&args[..], &["0,1,3,6"]].concat());
    let file = file_access::open(bench.path("image.h5")).unwrap();
    let channel = |file: &hdf5::File| file.group(CHANNEL).unwrap();
    assert!(!channel(&file).link_exists("Raw_Data-Windowing_001"));
    let windowing = "Raw_Data-Windowing_000";
    let decomposition = format!("{windowing}/Image_Windows-SVD_000");
    for (ours, theirs) in [(0, 0), (1, 2)] {
        let images = |index| format!("{decomposition}/Cleaned_Image_00{index}");
        let ours = channel(&file).group(&images(ours)).unwrap();
        let theirs = channel(&reference).group(&images(theirs)).unwrap();
        same_attributes(&ours, &theirs);
        assert_eq!(ours.member_names().unwrap(), theirs.member_names().unwrap());
        for name in ["Cleaned_Image", "Removed_Noise"] {
            close(&pixels(&ours, name), &pixels(&theirs, name), 1e-4);
        }
        for name in ["FFT_Cleaned_Image", "FFT_Removed_Noise"] {
            let values = |group: &Group| -> Vec<Complex64> {
                group.dataset(name).unwrap().read_raw().unwrap()
            };
            let close = |(a, b): (&Complex64, &Complex64)| (a - b).norm() < 1e-2;
            assert!(
                values(&ours).iter().zip(&values(&theirs)).all(close),
                "{name}"
            );
        }
    }
    for path in [windowing, &decomposition] {
        let [ours, theirs] = [&file, &reference].map(|file| channel(file).group(path).unwrap());
        same_attributes(&ours, &theirs);
        for theirs in theirs.datasets().unwrap() {
            let name = theirs.name();
            let ours = file.dataset(&name).unwrap();
            let form = |dataset: &Dataset| {
                let kind = dataset.dtype().unwrap().to_descriptor().unwrap();
                (dataset.shape(), kind, dataset.chunk(), dataset.filters())
            };
            assert_eq!(form(&ours), form(&theirs), "{name}");
            // Regions are not written.
            if !name.contains("Windowing_000/Position") && !name.contains("Windowing_000/Spectro") {
                same_attributes(&ours, &theirs);
            }
        }
    }
    let numbers = |file: &hdf5::File, name: &str| -> Vec<f64> {
        pixels(&channel(file).group(&decomposition).unwrap(), name)
    };
    let singular = numbers(&reference, "S");
    close(&numbers(&file, "S"), &singular, 1e-5 * singular[0]);
    let leading = |scores: Vec<f64>| -> Vec<f64> {
        scores
            .chunks(120)
            .flat_map(|row| row[..2].to_vec())
            .collect()
    };
    close(
        &leading(numbers(&file, "U")),
        &leading(numbers(&reference, "U")),
        1e-4,
    );
    let windows = |file: &hdf5::File| {
        let dataset = file.dataset(&format!("{CHANNEL}/{windowing}/Image_Windows"));
        let dataset = dataset.unwrap();
        let mut bytes = Vec::new();
        jobwise_hdf5::raw_rows::read(&dataset, 0..1131, &mut bytes).unwrap();
        bytes
    };
    assert!(windows(&file) == windows(&reference));
    let origins = format!("{CHANNEL}/{windowing}/Position_Indices");
    let origins =
        |file: &hdf5::File| -> Vec<u32> { file.dataset(&origins).unwrap().read_raw().unwrap() };
    assert_eq!(origins(&file), origins(&reference));
}

#[test]
fn what_cannot_be_cleaned_is_refused_in_one_line() {
    let bench = with_lattice(30, 20);
    let refuse = |args: &[&str], told: &[&str]| {
        let before = std::fs::read(bench.path("image.h5")).unwrap();
        let ended = bench.run([&["clean-image", "image.h5"], args].concat());
        ended.must_refuse(1, told);
        let after = std::fs::read(bench.path("image.h5")).unwrap();
        assert!(before == after, "{args:?} changed the file");
    };
    refuse(&["-w", "25"], &["along y", "25", "smaller"]);
    refuse(&["-w", "4", "-c", "17"], &["there are 16"]);
    refuse(
        &["-w", "4", "-c", "9", "--num-components", "8"],
        &["--num-components"],
    );
    refuse(
        &["-w", "4", "-c", "variance:0.9", "--num-components", "8"],
        &["16", "--num-components"],
    );
    let mut image = lattice(30, 20);
    image[[3, 4]] = f64::NAN;
    write_image(&bench.path("image.h5"), &image);
    refuse(&["-w", "4"], &["(3, 4)", "NaN"]);
    let file = file_access::open(bench.path("image.h5")).unwrap();
    assert!(
        !file
            .group(CHANNEL)
            .unwrap()
            .link_exists("Raw_Data-Image_Cleaning_000")
    );

    let lines = Bench::with_lines(4, 64);
    let ended = lines.run(["clean-image", "lines.h5", "-w", "4"]);
    ended.must_refuse(1, &["64 columns"]);
}

#[test]
fn a_dry_run_says_how_and_writes_nothing() {
    let bench = with_lattice(60, 60);
    let before = std::fs::read(bench.path("image.h5")).unwrap();
    let plan = bench.must(&["clean-image", "image.h5", "--dry-run"]).stdout;
    for told in [
        "win_x = ",
        "windows      ",
        "by Fourier transforms of the rows",
        "memory  ",
        "a new group",
    ] {
        assert!(plan.contains(told), "no {told:?} in {plan}");
    }
    assert!(std::fs::read(bench.path("image.h5")).unwrap() == before);
}

#[test]
pub(crate) fn pixels_in_no_window_are_0_and_said() {
    let bench = with_lattice(21, 20);
    let args = ["clean-image", "image.h5", "-w", "8", "-s", "4", "-c", "all"];
    let told = bench.must(&args).stderr;
    assert!(
        told.contains("20 pixels are in no window") && told.contains("--cover-edges"),
        "{told}"
    );
    let told = bench.must(&[&args[..], &["--cover-edges"]].concat()).stderr;
    assert_eq!(told, "");
    let file = file_access::open(bench.path("image.h5")).unwrap();
    let clean = |index| pixels(&file.group(&results(index)).unwrap(), "Cleaned_Image");
    let raw: Vec<f64> = lattice(21, 20).into_iter().collect();
    assert!(clean(0)[400..].iter().all(|&pixel| pixel == 0.0));
    close(&clean(0)[..400], &raw[..400], 1e-6);
    close(&clean(1), &raw, 1e-6);
}

#[test]
fn windows_beyond_memory_are_refused_before_it_is_taken() {
    let bench = Bench::new();
    bench.must(&["simulate", "image", "image.h5", "--size", "1000"]);
    let ended = bench.run(["clean-image", "image.h5", "-w", "800"]);
    ended.must_refuse(1, &["800 x 800", "memory", "--window"]);
}
