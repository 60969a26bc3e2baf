//! Files from files.

use jobwise_frames::object::{Samples, TimestreamMap};

use crate::{Bench, compression, read, types};

#[test]
fn cat_copies_bytes_and_chooses_types() {
    let bench = Bench::new();
    let whole = bench.bytes("a.g3");
    bench.run("cat a.g3 a.g3 -o b.g3").must_succeed();
    assert_eq!(bench.bytes("b.g3"), [&whole[..], &whole].concat());
    bench
        .run("cat a.g3 -o c.g3.gz --types O,Calibration")
        .must_succeed();
    assert_eq!(types(bench.path("c.g3.gz")), "OC");
    bench.run("cat c.g3.gz -o b.g3 --append").must_succeed();
    assert_eq!(types(bench.path("b.g3")), "OCSSSSOCSSSSOC");
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_frames"))
        .args(["cat", "a.g3", "-o", "-"])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    assert!(printed.status.success() && printed.stdout == whole);
    // Whoever reads may have seen enough.
    let script = format!(
        "{} cat a.g3 a.g3 a.g3 -o - | head -c 1",
        env!("CARGO_BIN_EXE_frames")
    );
    let ended = std::process::Command::new("bash")
        .args(["-c", &format!("set -o pipefail; {script}")])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    assert!(
        ended.status.success() && ended.stderr.is_empty(),
        "{ended:?}"
    );
    // The file may be one of those that are read.
    bench.run("cat a.g3 -o a.g3 --types S").must_succeed();
    assert_eq!(types(bench.path("a.g3")), "SSSS");
    bench
        .run("cat a.g3 -o b.txt")
        .must_refuse(2, &["b.txt", "extension"]);
    bench
        .run("cat a.txt -o b.g3")
        .must_refuse(2, &["a.txt", "extension"]);
    bench
        .run("cat none.g3 -o d.g3")
        .must_refuse(1, &["none.g3: No such file"]);
    assert_eq!(bench.names(), ["a.g3", "b.g3", "c.g3.gz"]);
}

#[test]
fn damage_leaves_no_file_unless_it_is_to_be_passed_over() {
    let bench = Bench::new();
    let mut bytes = bench.bytes("a.g3");
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    std::fs::write(bench.path("d.g3"), bytes).unwrap();
    let told = ["d.g3: frame 5 at byte", "checksum"];
    for command in [
        "cat d.g3 -o e.g3",
        "repack d.g3 -o e.g3",
        "edit d.g3 -o e.g3 --keep Raw",
        "split d.g3 -o %d.g3 --bytes 100",
        "index d.g3",
    ] {
        bench.run(command).must_refuse(1, &told);
    }
    assert_eq!(bench.names(), ["a.g3", "d.g3"]);
    let ended = bench.run("cat d.g3 -o e.g3 --skip-corrupt");
    assert!(ended.succeeded() && ended.stderr.contains("1 damaged frames passed over"));
    assert_eq!(types(bench.path("e.g3")), "OCSSS");
}

/// Values that compression must not change.
fn values(bench: &Bench, name: &str) -> Vec<(String, Vec<u64>)> {
    let frames = read(bench.path(name));
    let maps = frames
        .iter()
        .filter_map(|frame| frame.find_as::<TimestreamMap>("Raw").unwrap());
    let bits = |samples: &Samples| -> Vec<u64> {
        let values = samples.to_f64();
        values.iter().map(|value| value.to_bits()).collect()
    };
    maps.flat_map(TimestreamMap::iter)
        .map(|(name, timestream)| (name.to_str().into_owned(), bits(&timestream.samples)))
        .collect()
}

#[test]
fn repack_compresses_what_stays_exact() {
    let bench = Bench::new();
    let before = values(&bench, "a.g3");
    let length = bench.bytes("a.g3").len();
    let ended = bench.run("repack a.g3 -o f.g3 --flac 5");
    assert!(ended.succeeded());
    // One timestream of each scan has fractions.
    assert!(
        ended.stderr.contains("4 timestreams are not compressed"),
        "{}",
        ended.stderr
    );
    assert_eq!(values(&bench, "f.g3"), before);
    assert!(bench.bytes("f.g3").len() < length * 2 / 3);
    let depth =
        |file: &str, name: &str| compression(bench.path(file), name).map(|c| (c.level, c.depth));
    assert_eq!(depth("f.g3", "small"), Some((5, 32)));
    assert_eq!(depth("f.g3", "floats"), Some((5, 32)));
    assert_eq!(depth("f.g3", "fractions"), None);
    assert!(bench.run("repack a.g3 -o g.g3 --flac 8:24").succeeded());
    assert_eq!(values(&bench, "g.g3"), before);
    assert_eq!(depth("g.g3", "small"), Some((8, 24)));
    assert_eq!(depth("g.g3", "wide"), Some((8, 32)));
    bench.run("repack g.g3 -o h.g3 --no-flac").must_succeed();
    assert_eq!(values(&bench, "h.g3"), before);
    assert_eq!(depth("h.g3", "wide"), None);
    bench.run("repack a.g3 -o i.g3").must_succeed();
    assert_eq!(bench.bytes("i.g3"), bench.bytes("a.g3"));
    for wrong in ["0", "10", "5:16", "x"] {
        let ended = bench.run(&format!("repack a.g3 -o j.g3 --flac {wrong}"));
        assert_eq!(ended.status, Some(2), "{wrong}");
    }
}

#[test]
fn edit_keeps_deletes_and_renames() {
    let bench = Bench::new();
    let names = |file: &str| -> Vec<String> {
        let frames = read(bench.path(file));
        let last = frames.last().unwrap();
        last.names()
            .map(|name| name.to_str().into_owned())
            .collect()
    };
    assert_eq!(names("a.g3"), ["ScanNumber", "Raw", "Name"]);
    bench
        .run("edit a.g3 -o b.g3 --delete Raw,Nothing")
        .must_succeed();
    assert_eq!(names("b.g3"), ["ScanNumber", "Name"]);
    bench
        .run("edit a.g3 -o b.g3 --keep Raw --rename Raw=New")
        .must_succeed();
    assert_eq!(names("b.g3"), ["New"]);
    bench
        .run("edit a.g3 -o b.g3 --rename Name=ScanNumber,ScanNumber=Name")
        .must_succeed();
    assert_eq!(names("b.g3"), ["Name", "Raw", "ScanNumber"]);
    bench
        .run("edit a.g3 -o b.g3 --delete Raw --only O")
        .must_succeed();
    assert_eq!(bench.bytes("b.g3"), bench.bytes("a.g3"));
    for taken in ["Name=Raw", "Name=New,Raw=New"] {
        let told = ["a.g3: frame 2 at byte", "there is another one of that name"];
        let edit = format!("edit a.g3 -o c.g3 --rename {taken}");
        bench.run(&edit).must_refuse(1, &told);
    }
    for wrong in [
        "edit a.g3 -o c.g3",
        "edit a.g3 -o c.g3 --rename a",
        "edit a.g3 -o c.g3 --keep a --delete b",
    ] {
        assert_eq!(bench.run(wrong).status, Some(2), "{wrong}");
    }
}

#[test]
fn split_files_begin_with_the_metadata() {
    let bench = Bench::new();
    bench
        .run("split a.g3 -o s-%02d.g3 --frames 3")
        .must_succeed();
    assert_eq!(types(bench.path("s-00.g3")), "OCSSS");
    assert_eq!(types(bench.path("s-01.g3")), "OCS");
    bench
        .run("split a.g3 -o t-%d.g3 --bytes 10000")
        .must_succeed();
    let scans: usize = (0..4)
        .map(|number| bench.path(&format!("t-{number}.g3")))
        .take_while(|path| path.exists())
        .map(|path| types(path).matches('S').count())
        .sum();
    assert_eq!(scans, 4);
    bench
        .run("split a.g3 -o u.g3 --bytes 10")
        .must_refuse(2, &["u.g3", "%03d"]);
    assert_eq!(bench.run("split a.g3 -o u-%d.g3").status, Some(2));
}

#[test]
fn an_index_tells_of_a_cut_between_frames() {
    let bench = Bench::new();
    bench.run("index a.g3").must_succeed();
    assert_eq!(bench.names(), ["a.g3", "a.g3.index"]);
    assert!(bench.run("verify a.g3").succeeded());
    let bytes = bench.bytes("a.g3");
    let last = read(bench.path("a.g3"))
        .last()
        .unwrap()
        .place()
        .unwrap()
        .offset;
    std::fs::write(bench.path("a.g3"), &bytes[..last as usize]).unwrap();
    let ended = bench.run("verify a.g3");
    assert_eq!(ended.status, Some(1));
    assert!(
        ended.stderr.contains("its index tells of 6"),
        "{}",
        ended.stderr
    );
    std::fs::write(bench.path("a.g3.index"), "{}").unwrap();
    let ended = bench.run("verify a.g3");
    assert!(
        ended.stderr.contains("is no index of frames"),
        "{}",
        ended.stderr
    );
    let printed = bench.run("index a.g3 --json");
    assert!(
        printed.stdout.starts_with("{\"a.g3\":{\"bytes\":"),
        "{}",
        printed.stdout
    );
}
