//! Names, types, shapes, attributes and scales of a file.

use hdf5::File;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use jobwise_gmf::product::{Hdf5, file_path};
use jobwise_hdf5::{attributes, scales};
use jobwise_testing::Python;

use crate::samples::{START, configuration, product, run};

#[test]
fn h5py_sees_the_layout_of_the_peer() {
    let (Some(python), Some(reference)) = (
        Python::with("h5py, digital_rf"),
        jobwise_testing::reference("gmf"),
    ) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let product = product(&run);
    let path = file_path(directory.path(), START, product.rate, &Hdf5).unwrap();
    product.write(&path, &run).unwrap();
    let peer = file_path(
        &reference.join("A_gmf_fgmf_numpy"),
        START,
        product.rate,
        &Hdf5,
    )
    .unwrap();
    python.run(include_str!("layout.py"), [&peer, &path]);
}

#[test]
fn datasets_have_types_shapes_and_scales() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings).sample_numbers(false);
    let mut product = product(&run);
    product.pointing = Some(vec![[90.0, 75.5], [f32::NAN, f32::NAN]]);
    let path = directory.path().join("new/gmf-1.h5");
    product.write(&path, &run).unwrap();
    let file = File::open(&path).unwrap();

    let int = |size| TypeDescriptor::Integer(size);
    let float = |size| TypeDescriptor::Float(size);
    let (long, short) = (int(IntSize::U8), int(IntSize::U4));
    let (double, single) = (float(FloatSize::U8), float(FloatSize::U4));
    let time = || Some("/integration_index".to_owned());
    let gates = [time(), Some("/ranges".to_owned())];
    let mut known = vec!["experiment", "processing"];
    for (name, kind, shape, axes) in [
        ("integration_index", &long, &[2][..], &[][..]),
        ("ranges", &double, &[100], &[]),
        ("range_rates", &double, &[4000], &[]),
        ("accelerations", &double, &[2000], &[]),
        ("gmf", &single, &[2, 100], &gates),
        ("gmf_zero_frequency", &single, &[2, 100], &gates),
        ("range_rate_index", &short, &[2, 100], &gates),
        ("acceleration_index", &short, &[2, 100], &gates),
        ("tx_power", &single, &[2], &[time()]),
        ("range_peak", &double, &[2], &[time()]),
        ("range_rate_peak", &double, &[2], &[time()]),
        ("acceleration_peak", &double, &[2], &[time()]),
        ("gmf_peak", &single, &[2], &[time()]),
        ("missing_samples", &long, &[2], &[time()]),
        ("pointing", &single, &[2, 2], &[time(), None]),
        ("epoch_unix", &double, &[], &[]),
    ] {
        let dataset = file.dataset(name).unwrap();
        assert_eq!(
            &dataset.dtype().unwrap().to_descriptor().unwrap(),
            kind,
            "{name}"
        );
        assert_eq!(dataset.shape(), shape, "{name}");
        assert_eq!(scales::attached(&dataset).unwrap(), axes, "{name}");
        assert!(!dataset.is_chunked(), "{name}");
        let is_scale = axes.is_empty() && !shape.is_empty();
        assert_eq!(scales::is_scale(&dataset).unwrap(), is_scale, "{name}");
        let described = attributes::find(&dataset, "long_name").unwrap().is_some();
        assert_eq!(described, name != "epoch_unix", "{name}");
        known.push(name);
    }
    let mut names = file.member_names().unwrap();
    names.sort();
    known.sort_unstable();
    assert_eq!(names, known);

    let pointing: Vec<f32> = file.dataset("pointing").unwrap().read_raw().unwrap();
    assert_eq!(pointing[..2], [90.0, 75.5]);
    assert!(pointing[2].is_nan() && pointing[3].is_nan());
    let rates: Vec<i32> = file
        .dataset("range_rate_index")
        .unwrap()
        .read_raw()
        .unwrap();
    assert_eq!((rates[99], rates[100]), (99, -1));
    let ranges = file.dataset("ranges").unwrap();
    assert_eq!(attributes::read_text(&ranges, "units").unwrap(), "m");
    assert!(attributes::read_f64(&ranges, "range_alias_offset").unwrap() == 0.0);
    assert_eq!(
        attributes::read_text(&file, "config_hash").unwrap(),
        run.config_hash()
    );
    let processing = file.group("processing").unwrap();
    assert_eq!(attributes::read_i64(&processing, "n_ipp").unwrap(), 8);
    assert_eq!(
        attributes::read_text(&processing, "gmf_method").unwrap(),
        "fgmf"
    );
}

#[test]
fn vectors_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    let mut odd = product(&run);
    odd.missing_samples.pop();
    assert!(odd.write(&path, &run).is_err());
    let mut odd = product(&run);
    odd.integrations[1].gmf.pop();
    assert!(odd.write(&path, &run).is_err());
    let mut odd = product(&run);
    odd.pointing = Some(vec![[0.0; 2]]);
    assert!(odd.write(&path, &run).is_err());
    assert!(!path.exists());
}
