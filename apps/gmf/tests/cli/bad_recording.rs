//! Recordings that are damaged, foreign, empty or of the wrong type.

use std::fs;

use super::bench::Bench;

#[test]
fn damaged_data_files() {
    for (case, damage) in [
        ("empty", Vec::new()),
        ("foreign", b"no HDF5 at all".to_vec()),
        ("zeros", vec![0; 4096]),
    ] {
        let bench = Bench::new();
        let file = &bench.data_files("recording/sim")[3];
        fs::write(file, damage).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        bench
            .analyze("out", &["--strict"])
            .must_refuse_soon(case, 1, &[name]);
        only_sound_files(&bench);
    }
}

#[test]
fn truncated_data_files() {
    let bench = Bench::new();
    let file = &bench.data_files("recording/sim")[3];
    let whole = fs::read(file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    for eighth in 1..8 {
        fs::write(file, &whole[..whole.len() * eighth / 8]).unwrap();
        let ended = bench.analyze("out", &["--strict"]);
        ended.must_refuse_soon(&format!("{eighth}/8"), 1, &[name]);
    }
    only_sound_files(&bench);
    fs::write(file, whole).unwrap();
    assert!(bench.analyze("out", &[]).succeeded());
    bench.tree("out").must_equal(&bench.whole("whole"));
}

/// What a failed run left is what an undisturbed one writes.
fn only_sound_files(bench: &Bench) {
    let left = bench.tree("out");
    bench.record("sound", &[]);
    let args = [
        "analyze",
        "sound",
        "sim",
        "--config",
        "c.ini",
        "-o",
        "sound_out",
    ];
    assert!(bench.run(args).succeeded());
    left.must_be_part_of(&bench.tree("sound_out"));
}

#[test]
fn damaged_properties() {
    let bench = Bench::new();
    let path = bench.path("recording/sim/drf_properties.h5");
    let whole = fs::read(&path).unwrap();
    for (case, damage) in [
        ("empty", &b""[..]),
        ("foreign", b"text"),
        ("truncated", &whole[..whole.len() / 2]),
    ] {
        fs::write(&path, damage).unwrap();
        let ended = bench.analyze("out", &[]);
        ended.must_refuse_soon(case, 1, &["recording/sim/drf_properties.h5"]);
        let ended = bench.run(["inspect", "drf", "recording", "--strict"]);
        ended.must_refuse_soon(case, 1, &["recording/sim/drf_properties.h5"]);
    }
    fs::remove_file(&path).unwrap();
    bench
        .analyze("out", &[])
        .must_refuse_soon("absent", 1, &["recording", "drf_properties.h5"]);
    assert!(!bench.path("out").exists());
}

#[test]
fn an_empty_channel() {
    let bench = Bench::new();
    for file in bench.data_files("recording/sim") {
        fs::remove_file(file).unwrap();
    }
    bench
        .analyze("out", &[])
        .must_refuse_soon("empty", 1, &["recording/sim", "no samples"]);
    assert!(!bench.path("out").exists());
}

#[test]
fn a_data_file_of_another_type() {
    let bench = Bench::new();
    bench.record("other", &[("sample_type", "int16")]);
    let file = &bench.data_files("recording/sim")[2];
    let stays = file.strip_prefix(bench.path("recording")).unwrap();
    fs::copy(bench.path("other").join(stays), file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    bench
        .analyze("out", &["--strict"])
        .must_refuse_soon("int16", 1, &[name]);
}

#[test]
fn another_channel_of_the_transmission_is_told() {
    let bench = Bench::new();
    bench.record("again", &[]);
    fs::rename(bench.path("again/sim"), bench.path("recording/tx")).unwrap();
    assert!(bench.analyze("same", &[]).stderr.is_empty());
    let metadata = bench.path("recording/metadata.ini");
    let text = fs::read_to_string(&metadata).unwrap();
    fs::write(
        &metadata,
        text.replace("tx_channel = sim", "tx_channel = tx"),
    )
    .unwrap();
    let told = bench.analyze("out", &[]);
    assert!(told.succeeded(), "{told:?}");
    assert!(
        told.stderr.contains("--txchnl tx takes that one"),
        "{told:?}"
    );
    let silent = bench.analyze("named", &["--txchnl", "tx"]);
    assert!(silent.succeeded() && silent.stderr.is_empty(), "{silent:?}");
}
