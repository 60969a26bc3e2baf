//! Cleaning against what the peer and an independent decomposition in f64 give.

use hdf5::{Dataset, File, Group, H5Type, Location};
use jobwise_core::Engine;
use jobwise_hdf5::{file_access, raw_rows};
use jobwise_serial::Serial;
use jobwise_usid::clean::{
    Fields, Method, Rows, Scores, Selection, Way, Windows, components, gram, oriented, pixels,
    project, spectrum, window_size,
};
use ndarray::{Array2, Axis, Slice};
use num_complex::{Complex32, Complex64};

use crate::naive;

/// A file of the reference set, if the set is there.
pub(crate) fn open(name: &str) -> Option<File> {
    let path = jobwise_testing::reference(&format!("usid/{name}"))?;
    Some(file_access::open(path).unwrap())
}

pub(crate) fn attribute<T: H5Type>(at: &Location, name: &str) -> T {
    at.attr(name).unwrap().read_scalar().unwrap()
}

#[test]
fn window_sizes_are_the_peers() {
    let Some(file) = open("window_size.h5") else {
        return;
    };
    for case in (0..5).map(|i| file.group(&format!("case_{i}")).unwrap()) {
        let image: Array2<f64> = case.dataset("image").unwrap().read_2d().unwrap();
        let found = window_size(&image).unwrap();
        for peaks in ["np2", "np3"] {
            let size: i64 = attribute(&case, &format!("window_size_{peaks}"));
            assert_eq!(found.size as i64, size, "{}", case.name());
            let psf: f64 = attribute(&case, &format!("psf_width_{peaks}"));
            assert!(
                (found.psf_width / psf - 1.0).abs() < 1e-6,
                "{}: {found:?}",
                case.name()
            );
        }
    }
}

fn numbers(at: &Group, name: &str) -> Array2<f64> {
    at.dataset(name).unwrap().read_2d().unwrap()
}

/// Image, windows and group of both cases of the medium image.
fn medium() -> Vec<(Array2<f32>, Windows, Group)> {
    let Some(file) = open("image_clean_medium.h5") else {
        return Vec::new();
    };
    let image = pixels(&file.dataset("image").unwrap().read_2d().unwrap()).unwrap();
    let case = |name| {
        let group = file.group(name).unwrap();
        let size = |name| attribute::<i64>(&group, name) as usize;
        let windows = Windows::new(
            [size("image_x"), size("image_y")],
            [size("win_x"), size("win_y")],
            [size("win_step_x"), size("win_step_y")],
            false,
        );
        (image.clone(), windows.unwrap(), group)
    };
    ["win_16x16_step_1x1", "win_20x12_step_2x3"]
        .map(case)
        .into()
}

#[test]
fn singular_values_and_images_are_exact() {
    let engine = Engine::new(&Serial);
    for (image, windows, group) in medium() {
        let gram = gram(&engine, image.view(), &windows, Method::Shifts).unwrap();
        let found = components(&gram, windows.rank()).unwrap();
        let exact = group
            .dataset("S_exact_float64")
            .unwrap()
            .read_1d::<f64>()
            .unwrap();
        let peer = group.dataset("S").unwrap().read_1d::<f64>().unwrap();
        for ((ours, exact), peer) in found.singular.iter().zip(&exact).zip(&peer) {
            assert!(
                (ours / exact - 1.0).abs() < 1e-10,
                "{}: {ours} {exact}",
                group.name()
            );
            assert!(
                (ours - peer).abs() < 1e-5 * found.singular[0],
                "{ours} {peer}"
            );
        }
        for name in group
            .member_names()
            .unwrap()
            .iter()
            .filter(|name| name.starts_with("clean_"))
        {
            let clean = group.group(name).unwrap();
            let count: usize = name["clean_".len()..].parse().unwrap();
            let kept = found
                .vectors
                .slice_axis(Axis(0), Slice::from(..count))
                .to_owned();
            for way in [Way::Filter, Way::Direct] {
                let ours = project(&engine, image.view(), &windows, &kept, way).unwrap();
                assert!(
                    naive::distance(&ours, &numbers(&clean, "exact_float64")) < 1e-10,
                    "{name} {way:?}"
                );
                assert!(
                    naive::distance(&ours, &numbers(&clean, "Cleaned_Image")) < 1e-4,
                    "{name} {way:?}"
                );
                let peer: Array2<Complex32> = clean
                    .dataset("FFT_Cleaned_Image")
                    .unwrap()
                    .read_2d()
                    .unwrap();
                let largest = peer.iter().fold(0.0_f32, |l, p| l.max(p.norm()));
                for (ours, peer) in spectrum(&ours).iter().zip(&peer) {
                    let peer = Complex64::new(peer.re.into(), peer.im.into());
                    assert!(
                        (ours - peer).norm() < 1e-5 * f64::from(largest),
                        "{name}: {ours} {peer}"
                    );
                }
            }
        }
    }
}

/// The numbers of a dataset of records of f32.
fn records(dataset: &Dataset) -> Vec<f32> {
    let mut bytes = Vec::new();
    raw_rows::read(dataset, 0..dataset.shape()[0], &mut bytes).unwrap();
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

#[test]
fn left_vectors_have_the_peers_signs() {
    let engine = Engine::new(&Serial);
    for (image, windows, group) in medium() {
        let gram = gram(&engine, image.view(), &windows, Method::Shifts).unwrap();
        let found = components(&gram, 4).unwrap();
        let found = oriented(&engine, image.view(), &windows, found).unwrap();
        let scores = engine
            .collect(&Scores::new(image.view(), &windows, &found))
            .unwrap();
        let ours: Vec<f64> = scores.into_iter().flat_map(|(_, scores)| scores).collect();
        let peer = numbers(&group, "U_first4");
        assert_eq!(ours.len(), peer.len());
        for (ours, peer) in ours.iter().zip(&peer) {
            assert!(
                (ours - peer).abs() < 1e-4,
                "{}: {ours} {peer}",
                group.name()
            );
        }
        let peer = numbers(&group, "V_first64");
        for (ours, peer) in found.vectors.iter().zip(&peer) {
            assert!(
                (ours - peer).abs() < 1e-4,
                "{}: {ours} {peer}",
                group.name()
            );
        }
    }
}

#[test]
fn stored_windows_are_the_peers() {
    let Some(file) = open("usid_image_small.h5") else {
        return;
    };
    let raw = file
        .dataset("Measurement_000/Channel_000/Raw_Data")
        .unwrap();
    let raw: Vec<f64> = raw.read_raw().unwrap();
    let image = pixels(&Array2::from_shape_vec((40, 48), raw).unwrap()).unwrap();
    let modes = [
        Fields::Data,
        Fields::Magnitude,
        Fields::DataMagnitude,
        Fields::DataComplex,
        Fields::Data,
    ];
    for (number, fields) in modes.into_iter().enumerate() {
        let name = format!("Measurement_000/Channel_000/Raw_Data-Windowing_00{number}");
        let group = file.group(&name).unwrap();
        let size = |name| attribute::<i64>(&group, name) as usize;
        let windows = Windows::new(
            [40, 48],
            [size("win_x"), size("win_y")],
            [size("win_step_x"), size("win_step_y")],
            false,
        )
        .unwrap();
        let rows = Engine::new(&Serial)
            .collect(&Rows::new(image.view(), &windows, fields))
            .unwrap();
        let ours: Vec<f32> = rows.into_iter().flat_map(|(_, row)| row).collect();
        let peer = records(&group.dataset("Image_Windows").unwrap());
        assert_eq!(ours.len(), peer.len());
        let fields = fields.names();
        for (place, (ours, peer)) in ours.iter().zip(&peer).enumerate() {
            let tolerance = if fields[place % fields.len()] == "Image Data" {
                0.0
            } else {
                1e-4
            };
            assert!(
                (ours - peer).abs() <= tolerance,
                "{name} {place}: {ours} {peer}"
            );
        }
    }
}

#[test]
fn selections_clean_as_the_peers() {
    let Some(file) = open("usid_image_small.h5") else {
        return;
    };
    let engine = Engine::new(&Serial);
    let raw = file
        .dataset("Measurement_000/Channel_000/Raw_Data")
        .unwrap();
    let image = Array2::from_shape_vec((40, 48), raw.read_raw().unwrap()).unwrap();
    let image = pixels(&image).unwrap();
    for (run, window, step) in [(0, [12, 10], [1, 1]), (4, [14, 14], [3, 2])] {
        let windows = Windows::new([40, 48], window, step, false).unwrap();
        let gram = gram(&engine, image.view(), &windows, Method::Shifts).unwrap();
        let found = components(&gram, windows.rank()).unwrap();
        for (number, text) in ["5", "2..7", "0,1,3,6", "all"].into_iter().enumerate() {
            let indices = Selection::parse(text)
                .unwrap()
                .indices(windows.rank())
                .unwrap();
            let kept = found.vectors.select(Axis(0), &indices);
            let ours = project(&engine, image.view(), &windows, &kept, Way::Filter).unwrap();
            let path = format!(
                "Measurement_000/Channel_000/Raw_Data-Windowing_00{run}/Image_Windows-SVD_000/Cleaned_Image_00{number}/Cleaned_Image"
            );
            let peer: Vec<f64> = file.dataset(&path).unwrap().read_raw().unwrap();
            for (ours, peer) in ours.iter().zip(&peer) {
                assert!((ours - peer).abs() < 1e-4, "{path}: {ours} {peer}");
            }
        }
    }
}
