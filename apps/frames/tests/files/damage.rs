//! The command `verify`.

use std::fs;

use serde_json::Value;

use crate::Bench;

/// What the command says of one file.
fn verified(bench: &Bench, flags: &str, name: &str) -> (Option<i32>, Value) {
    let ended = bench.run(&format!("verify {name} --json{flags}"));
    let reports: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), 1);
    (ended.status, reports[0].clone())
}

#[test]
fn good_files_are_good() {
    let bench = Bench::new();
    let length = bench.bytes("a.g3").len();
    for form in ["a.g3", "b.g3.gz", "b.g3.bz2", "b.g3.xz", "b.g3.zst"] {
        if form != "a.g3" {
            bench.run(&format!("cat a.g3 -o {form}")).must_succeed();
        }
        for flags in [
            "",
            " --decode --threads 1",
            " --decode --threads 3",
            " --decode --strict",
        ] {
            let (status, report) = verified(&bench, flags, form);
            assert_eq!(status, Some(0), "{form}{flags}: {report}");
            assert_eq!(report["ok"], true);
            assert_eq!(report["file"], form);
            assert_eq!(report["frames"], 6);
            assert_eq!(report["bytes"], length);
            assert_eq!(report["error"], Value::Null);
        }
    }
}

#[test]
fn damage_is_told_with_frame_and_offset() {
    let bench = Bench::new();
    let whole = bench.bytes("a.g3");
    let (_, report) = verified(&bench, "", "a.g3");
    let each = report["bytes"].as_u64().unwrap() as usize;
    fs::write(bench.path("cut.g3"), &whole[..each - 10]).unwrap();
    let (status, report) = verified(&bench, "", "cut.g3");
    assert_eq!(status, Some(1));
    assert_eq!(
        (&report["ok"], &report["frames"]),
        (&false.into(), &5.into())
    );
    assert_eq!(report["frame"], 5);
    assert_eq!(report["offset"], report["bytes"]);
    assert!(
        report["error"]
            .as_str()
            .unwrap()
            .contains("ends within the frame")
    );
    let (status, report) = verified(&bench, "", "none.g3");
    assert_eq!(status, Some(1));
    assert_eq!(
        (&report["frame"], &report["frames"]),
        (&Value::Null, &0.into())
    );
    // Several files: all are told of, in order, with any number of threads.
    for threads in 1..4 {
        let ended = bench.run(&format!(
            "verify cut.g3 a.g3 none.g3 --json --threads {threads}"
        ));
        assert_eq!(ended.status, Some(1));
        let reports: Value = serde_json::from_str(&ended.stdout).unwrap();
        let good: Vec<&Value> = reports
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["ok"])
            .collect();
        assert_eq!(good, [false, true, false]);
        assert!(
            ended
                .stderr
                .contains("2 of 3 files are damaged; the first: cut.g3")
        );
    }
}

#[test]
fn what_only_decoding_shows() {
    use jobwise_frames::frame::{Frame, FrameType};
    use jobwise_frames::object::Object;
    let bench = Bench::new();
    let good = Object::new(7i64).blob().unwrap();
    let with = |blob: Vec<u8>| {
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("n", Object::from_blob(blob));
        frame
    };
    let mut all = crate::frames();
    all.insert(3, with(good[..good.len() - 2].to_vec()));
    bench.write("short.g3", &all);
    bench.write("long.g3", &[with([&good[..], b"more"].concat())]);
    bench.write("empty.g3", &[]);
    assert_eq!(verified(&bench, "", "short.g3").0, Some(0));
    for threads in 1..4 {
        let (status, report) = verified(
            &bench,
            &format!(" --decode --threads {threads}"),
            "short.g3",
        );
        assert_eq!(status, Some(1));
        assert_eq!(
            (&report["frames"], &report["frame"]),
            (&3.into(), &3.into())
        );
        assert_eq!(report["bytes"], report["offset"]);
    }
    assert_eq!(verified(&bench, " --decode", "long.g3").0, Some(0));
    let (status, report) = verified(&bench, " --decode --strict", "long.g3");
    assert_eq!(status, Some(1));
    assert!(
        report["error"]
            .as_str()
            .unwrap()
            .contains("4 bytes stand behind"),
        "{report}"
    );
    assert_eq!(verified(&bench, "", "empty.g3").0, Some(0));
    assert!(
        bench
            .run("verify empty.g3")
            .stderr
            .contains("1 inputs without frames")
    );
    let (status, report) = verified(&bench, " --strict", "empty.g3");
    assert_eq!((status, &report["frame"]), (Some(1), &Value::Null));
}
