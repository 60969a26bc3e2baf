//! Places where the results cannot go, and results that are not ours to replace.

use std::fs;

use super::bench::Bench;

#[test]
fn a_file_in_the_way() {
    let bench = Bench::new();
    fs::write(bench.path("out"), "precious").unwrap();
    bench
        .analyze("out", &[])
        .must_refuse_soon("a file as output", 1, &["out"]);
    bench
        .analyze("out/deeper", &[])
        .must_refuse_soon("below a file", 1, &["out"]);
    assert_eq!(fs::read_to_string(bench.path("out")).unwrap(), "precious");
    bench.analyze("/proc/gmf", &[]).must_refuse_soon(
        "a place that takes no files",
        1,
        &["/proc/gmf"],
    );
}

#[test]
fn files_of_other_programs_at_the_place_of_results() {
    let bench = Bench::new();
    let whole = bench.whole("whole");
    let names = whole.names();
    for name in [&names[0], &names[names.len() - 1]] {
        let path = bench.path("out").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = hdf5::File::create(&path).unwrap();
        file.create_group("somebody's").unwrap();
        file.close().unwrap();
        let content = fs::read(&path).unwrap();
        let told = [name.as_str(), "cannot be judged", "--clobber"];
        bench.analyze("out", &[]).must_refuse_soon(name, 1, &told);
        assert_eq!(fs::read(&path).unwrap(), content, "left as it was");
        // What was finished before the error is sound; with --clobber the rest follows.
        let ended = bench.analyze("out", &["--clobber"]);
        assert!(ended.succeeded(), "{ended:?}");
        bench.tree("out").must_equal(&whole);
        fs::remove_dir_all(bench.path("out")).unwrap();
    }
}

#[test]
fn results_of_another_configuration() {
    let bench = Bench::new();
    let whole = bench.whole("out");
    for keys in [
        [("max_range_gate", "299")],
        [("max_acceleration", "1000")],
        [("missing", "zero")],
        [("gmf_method", "fdpt")],
    ] {
        bench.configure(&keys);
        bench.analyze("out", &[]).must_refuse_soon(
            &format!("{keys:?}"),
            1,
            &["another configuration: ", "gmf-", "--clobber"],
        );
        bench.tree("out").must_equal(&whole);
    }
    let ended = bench.analyze("out", &["--clobber"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert_ne!(bench.tree("out").0, whole.0);
    bench.configure(&[]);
    assert!(bench.analyze("out", &["--clobber"]).succeeded());
    bench.tree("out").must_equal(&whole);
}
