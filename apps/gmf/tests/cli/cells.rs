//! Every cell kept, and several targets told apart.

use hdf5::File;
use hdf5::types::{FloatSize, TypeDescriptor};
use jobwise_hdf5::scales;

use super::bench::Bench;

fn first_file(bench: &Bench, output: &str) -> File {
    let tree = bench.tree(output);
    let name = tree.names().into_iter().next().unwrap();
    File::open(bench.path(output).join(name)).unwrap()
}

#[test]
fn a_cube_has_axes_and_disturbs_no_reader() {
    let bench = Bench::with(&[("end_time", "0.2")], &[("frequency_decimation", "20")]);
    bench.whole("fgmf");
    let dry = bench.analyze("out", &["-m", "grid-fast-no-reduce", "--dry-run"]);
    assert!(dry.stdout.contains("MiB per file"), "{dry:?}");
    let ended = bench.analyze("out", &["-m", "grid-fast-no-reduce"]);
    assert!(ended.succeeded(), "{ended:?}");
    let file = first_file(&bench, "out");
    let cube = file.dataset("gmf_cube").unwrap();
    let selected = file.dataset("cube_accelerations").unwrap().size();
    let bins = file.dataset("range_rates").unwrap().size();
    assert!(selected > 1 && bins == 500);
    assert_eq!(cube.shape(), [1, 10, selected, bins]);
    let axes = [
        "/integration_index",
        "/ranges",
        "/cube_accelerations",
        "/range_rates",
    ];
    let found = scales::attached(&cube).unwrap();
    assert_eq!(found, axes.map(|axis| Some(axis.to_owned())));
    let kind = cube.dtype().unwrap().to_descriptor().unwrap();
    assert_eq!(kind, TypeDescriptor::Float(FloatSize::U4));
    // What every file has is that of fgmf.
    let fgmf = first_file(&bench, "fgmf");
    for name in [
        "range_rate_index",
        "acceleration_index",
        "range_peak",
        "acceleration_peak",
    ] {
        let read = |file: &File| -> Vec<f64> { file.dataset(name).unwrap().read_raw().unwrap() };
        assert_eq!(read(&file), read(&fgmf), "{name}");
    }
    let peak = file.dataset("gmf_peak").unwrap().read_raw::<f32>().unwrap()[0];
    let cells: Vec<f32> = cube.read_raw().unwrap();
    let most = cells.iter().copied().fold(0.0, f32::max);
    assert!((most - peak).abs() <= 2e-6 * peak, "{most} {peak}");
    for args in [
        &["inspect", "gmf", "out", "--peaks"][..],
        &["detect", "out"],
        &["plot", "gmf", "out", "-o", "plots"],
    ] {
        let ended = bench.run(args.iter().copied());
        assert!(ended.succeeded(), "{ended:?}");
    }
    // The files of a recording that grew are continued.
    let short = bench.tree("out");
    std::fs::remove_dir_all(bench.path("recording")).unwrap();
    bench.record("recording", &[("end_time", "0.6")]);
    let more = bench.analyze("out", &["-m", "grid-fast-no-reduce"]);
    assert!(more.succeeded(), "{more:?}");
    short.must_be_part_of(&bench.tree("out"));
}

#[test]
fn reduced_cubes_are_continued_bit_by_bit() {
    let keys = [
        ("frequency_decimation", "20"),
        ("gmf_method", "grid-fast-no-reduce"),
        ("reduce", "range, acceleration"),
        ("num_cohints_per_file", "4"),
        ("targets", "3"),
    ];
    let bench = Bench::with(&[("end_time", "0.3")], &keys);
    bench.whole("out");
    let file = first_file(&bench, "out");
    assert_eq!(file.dataset("gmf_cube").unwrap().shape(), [3, 500]);
    assert_eq!(file.dataset("cube_range_index").unwrap().shape(), [3, 500]);
    assert!(!file.link_exists("cube_range_rate_index"));
    file.close().unwrap();
    std::fs::remove_dir_all(bench.path("recording")).unwrap();
    bench.record("recording", &[("end_time", "1.0")]);
    let ended = bench.analyze("out", &[]);
    let told = "3 integrations were done by an earlier run";
    assert!(ended.stdout.contains(told), "{ended:?}");
    let whole = bench.whole("whole");
    bench.tree("out").must_equal(&whole);
}

#[test]
fn too_large_a_cube_is_one_line() {
    let bench = Bench::with(
        &[],
        &[
            ("min_range_gate", "40"),
            ("max_range_gate", "540"),
            ("num_cohints_per_file", "100"),
            ("min_acceleration", "-20000"),
            ("max_acceleration", "20000"),
        ],
    );
    bench
        .analyze("out", &["-m", "grid-fast-no-reduce"])
        .must_refuse_soon(
            "cube",
            1,
            &["c.ini", "MiB", "narrow", "num_cohints_per_file"],
        );
    assert!(!bench.path("out").exists());
}

#[test]
fn targets_are_a_configuration_of_their_own() {
    let bench = Bench::new();
    let one = bench.whole("out");
    bench.configure(&[("targets", "1")]);
    bench.analyze("out", &["--clobber"]);
    bench.tree("out").must_equal(&one);
    bench.configure(&[("targets", "3"), ("target_separation_gates", "2")]);
    bench
        .analyze("out", &[])
        .must_refuse_soon("other targets", 1, &["another configuration"]);
    bench.whole("three");
    let file = first_file(&bench, "three");
    let read = |name: &str| -> Vec<f64> {
        let dataset = file.dataset(name).unwrap();
        let of_all = ["target_", "range_peak"]
            .iter()
            .any(|p| name.starts_with(p));
        assert!(of_all);
        dataset.read_raw().unwrap()
    };
    let (gates, powers) = (read("target_gate"), read("target_gmf"));
    assert_eq!(file.dataset("target_gate").unwrap().shape(), [1, 3]);
    assert_eq!(
        read("target_range")[0].to_bits(),
        read("range_peak")[0].to_bits()
    );
    assert!(powers.windows(2).all(|pair| pair[0] >= pair[1]));
    let ranges: Vec<f64> = file.dataset("ranges").unwrap().read_raw().unwrap();
    for ((&gate, range), power) in gates.iter().zip(read("target_range")).zip(&powers) {
        if gate >= 0.0 {
            assert_eq!(ranges[gate as usize].to_bits(), range.to_bits());
        } else {
            assert!(range.is_nan() && *power == 0.0);
        }
    }
}
