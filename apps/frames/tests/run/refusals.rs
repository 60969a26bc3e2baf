use super::Bench;

const MAP: &str =
    "--timestreams CalTimestreams --pointing OnlineRaDecRotation --map healpix:64 -o out.g3";

#[test]
fn command_lines_that_say_too_little_or_too_much_are_refused() {
    let bench = Bench::simulated();
    let filter = "run --files sky/list.json --timestreams CalTimestreams -o out.g3";
    let cases = [
        (filter.to_owned(), "nothing to do without --filter"),
        (
            format!("{filter} --map healpix:64"),
            "--map needs --pointing",
        ),
        (format!("{filter} --filter poly:x"), "poly:x"),
        (format!("{filter} --filter poly:1 --pol iau"), "--map"),
        (format!("{filter} --filter poly:1 --map-per-scan"), "--map"),
        (format!("run {MAP}"), "FILE"),
        (
            format!("run --files sky/list.json sky/part0000.g3 {MAP}"),
            "cannot be used with",
        ),
        (
            format!("{filter} --pointing X --map nothing:3"),
            "nothing:3",
        ),
        (
            format!("run --files sky/list.json {MAP} --pace 0"),
            "--pace",
        ),
        (
            format!("run --files sky/list.json {MAP} --job 1/2"),
            "not cut into jobs",
        ),
        (
            "accumulate --files sky/list.json --extract mean:X --sort ScanNumber -o out.json"
                .into(),
            "mean:X",
        ),
        (
            "accumulate --files sky/list.json --extract count -o out.json".into(),
            "--sort",
        ),
        ("simulate other --scans 0".into(), "--scans"),
        ("simulate".into(), "DIRECTORY"),
    ];
    for (line, why) in cases {
        let ended = bench.frames(&line);
        assert_eq!(ended.status, Some(2), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(why), "{line}: {}", ended.stderr);
        assert_eq!(bench.names(), ["sky"], "{line}");
    }
}

#[test]
fn files_that_cannot_be_read_end_a_run() {
    let bench = Bench::simulated();
    let good = bench.bytes("sky/part0001.g3");
    let mut damaged = good.clone();
    damaged[30_000] ^= 1;
    let cases = [
        ("missing", None, "No such file"),
        ("damaged", Some(&damaged[..]), "checksum"),
        ("cut", Some(&good[..40_000]), "frame"),
    ];
    for (case, bytes, why) in cases {
        match bytes {
            Some(bytes) => std::fs::write(bench.path("sky/part0001.g3"), bytes).unwrap(),
            None => std::fs::remove_file(bench.path("sky/part0001.g3")).unwrap(),
        }
        for threads in [1, 2] {
            for line in [
                format!("run --files sky/list.json {MAP}"),
                format!("run --files sky/list.json {MAP} --map-per-scan"),
                "run --files sky/list.json --timestreams CalTimestreams --filter poly:1 -o out.g3"
                    .into(),
                "accumulate --files sky/list.json --extract count --sort ScanNumber -o out.json"
                    .into(),
            ] {
                let ended = bench.frames(&format!("{line} --threads {threads}"));
                ended.must_refuse_soon(case, 1, &["part0001.g3", why]);
                assert_eq!(bench.names(), ["sky"], "{line}");
            }
        }
    }
}

#[test]
fn lists_that_are_none_are_named() {
    let bench = Bench::new();
    let line = "accumulate --files list.json --extract count --sort ScanNumber -o out.json";
    bench.frames(line).must_refuse(1, &["list.json"]);
    for (text, why) in [
        ("{}", "a list of files is like"),
        ("[1]", "entry 0"),
        ("[[\"a\", 1]]", "entry 0"),
        ("[", "list.json"),
        ("[]", "the list of files is empty"),
    ] {
        std::fs::write(bench.path("list.json"), text).unwrap();
        bench.frames(line).must_refuse(1, &[why]);
    }
    assert_eq!(bench.names(), ["list.json"]);
}

#[test]
fn extraction_needs_its_objects() {
    let bench = Bench::simulated();
    for (flags, why) in [
        ("sum:None --sort ScanNumber", "None"),
        ("sum:ScanNumber --sort ScanNumber", "ScanNumber"),
        ("count --sort None", "None"),
        ("count --sort CalTimestreams", "CalTimestreams"),
    ] {
        let ended = bench.frames(&format!(
            "accumulate --files sky/list.json -o out.json --extract {flags} --threads 1"
        ));
        ended.must_refuse(1, &["part0000.g3: frame 1", why]);
        assert_eq!(bench.names(), ["sky"]);
    }
}

#[test]
fn plans_are_printed_and_nothing_is_done() {
    let bench = Bench::simulated();
    for line in [
        format!("run --files sky/list.json {MAP}"),
        "accumulate --files sky/list.json --extract count --sort ScanNumber -o out.json".into(),
    ] {
        let ended = bench.well(&format!("{line} --dry-run --mode relaxed"));
        for word in ["shared.g3", "part0002.g3", "read side by side", "Relaxed"] {
            assert!(ended.stdout.contains(word), "no {word} in {}", ended.stdout);
        }
        assert_eq!(bench.names(), ["sky"]);
    }
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let bench = Bench::simulated();
    let hidden = || {
        let all = std::fs::read_dir(bench.path("")).unwrap();
        let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.')).count()
    };
    let line = format!("run --files sky/list.json {MAP} --map-per-scan");
    let mut running = bench.start(&format!("{line} --pace 2"));
    while hidden() == 0 {
        assert!(!running.is_over(), "{}", running.end().stderr);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    running.signal("KILL");
    assert_eq!(running.end().status, None);
    assert_eq!(hidden(), 1);
    bench.well(&line);
    assert_eq!(hidden(), 0);
}
