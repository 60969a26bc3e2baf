//! What lies in the place of a directory of data files: it costs its own samples, and is named.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::bench::Bench;

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 4] = [
    ("a link to nowhere", |path| {
        symlink("nowhere", path).unwrap();
    }),
    ("a link to itself", |path| {
        symlink(path, path).unwrap();
    }),
    ("a file", |path| fs::write(path, "no directory").unwrap()),
    ("a FIFO", |path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }),
];

#[test]
fn what_is_no_directory_of_files_costs_its_own_samples() {
    // Three directories of a second each.
    let keys = [("end_time", "1.6"), ("subdir_cadence_secs", "1")];
    let bench = Bench::with(&keys, &[]);
    let whole = bench.whole("whole");
    let names = ["11-59-59", "12-00-00", "12-00-01"];
    for (number, (case, damage)) in DAMAGES.iter().enumerate() {
        let name = format!("2021-04-12T{}", names[number % 3]);
        let path = bench.path("recording/sim").join(&name);
        let aside = bench.path("aside");
        fs::rename(&path, &aside).unwrap();
        damage(&path);
        let (out, live) = (format!("out{number}"), format!("live{number}"));
        let follow = ["--follow", "--idle-timeout", "0", "--settle", "0"];
        for args in [
            Bench::arguments(&out, &[]),
            Bench::arguments(&live, &follow),
            vec!["inspect", "drf", "recording"],
            vec!["plot", "drf", "recording", "-o", "pictures"],
        ] {
            let ended = bench.run(args.iter().copied());
            assert_eq!(ended.status, Some(3), "{case}, {args:?}: {ended:?}");
            let lines = ended.stderr.lines();
            let told = lines.filter(|line| line.contains("passed over") && line.contains(&name));
            assert_eq!(told.count(), 1, "{case}, {args:?}: {ended:?}");
        }
        let strict = bench.analyze("strict", &["--strict"]);
        assert_eq!(strict.status, Some(1), "{case}: {strict:?}");
        let found = bench.tree(&out);
        assert!(found.0.len() >= 6, "{case}: {:?}", found.names());
        found.must_be_part_of(&whole);
        bench.tree(&live).must_equal(&found);
        fs::remove_file(&path).unwrap();
        fs::rename(&aside, &path).unwrap();
        assert!(bench.analyze(&out, &[]).succeeded());
        bench.tree(&out).must_equal(&whole);
    }
}

#[test]
fn another_channel_that_cannot_be_read_is_named() {
    let bench = Bench::new();
    let metadata = bench.path("recording/metadata.ini");
    let text = fs::read_to_string(&metadata).unwrap();
    fs::write(
        &metadata,
        text.replace("tx_channel = sim", "tx_channel = tx"),
    )
    .unwrap();
    let plot = ["plot", "drf", "recording", "-o", "pictures"];
    let check = ["check", "range-gates", "recording"];
    // Never there: pulses are looked for elsewhere.
    let ended = bench.run(plot);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(ended.stderr.contains("no channel tx"), "{ended:?}");
    let channel = bench.path("recording/tx");
    fs::create_dir(&channel).unwrap();
    fs::write(channel.join("drf_properties.h5"), "x").unwrap();
    for args in [&plot[..], &check] {
        let ended = bench.run(args.iter().copied());
        assert_eq!(ended.status, Some(3), "{args:?}: {ended:?}");
        assert!(ended.stderr.contains("recording/tx"), "{args:?}: {ended:?}");
    }
    // Not even the properties of any channel can be read.
    fs::remove_dir_all(bench.path("recording/sim")).unwrap();
    fs::remove_file(channel.join("drf_properties.h5")).unwrap();
    symlink("nowhere", channel.join("drf_properties.h5")).unwrap();
    let ended = bench.run(check);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("end of reception"), "{ended:?}");
}
