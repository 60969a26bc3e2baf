//! Disks that are full or may not be written.

use jobwise_testing::{Running, private};

use crate::Bench;

const SCRIPT: &str = "
set -e
mkdir small
mount -t tmpfs -o size=64k small small
set +e
\"$1\" cat noise.g3 -o \"small/$2\" 2> full
echo $? > status
ls -A small > left
cp one.g3 small/one.g3
cat /dev/zero > small/filler 2> /dev/null
\"$1\" cat noise.g3 -o small/one.g3 --append 2>> full
echo $? >> status
cmp one.g3 small/one.g3 >> left 2>&1
mount -o remount,ro small
\"$1\" cat one.g3 -o small/new.g3 2>> full
echo $? >> status
ls -A small >> left
";

#[test]
fn one_line_and_nothing_that_looks_complete() {
    for name in ["b.g3", "b.g3.gz", "b.g3.bz2", "b.g3.xz", "b.g3.zst"] {
        let bench = Bench::new();
        bench.write("one.g3", &crate::frames()[..1]);
        // Content that stays long.
        let mut state = 1u64;
        let noise = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state as i64
        });
        let mut frame = crate::scan(1);
        frame.put("Noise", noise.take(40_000).collect::<Vec<i64>>());
        bench.write("noise.g3", &[frame]);
        let Some(mut shell) = private::mounts(SCRIPT) else {
            return;
        };
        shell.args(["sh", env!("CARGO_BIN_EXE_frames"), name]);
        shell.current_dir(bench.path(""));
        let ended = Running::start(&mut shell).end();
        assert!(ended.stderr.is_empty(), "{}", ended.stderr);
        let text = |name: &str| String::from_utf8(bench.bytes(name)).unwrap();
        let (status, left, full) = (text("status"), text("left"), text("full"));
        assert_eq!(status, "1\n1\n1\n", "{full}");
        assert_eq!(left, "filler\none.g3\n");
        let lines: Vec<&str> = full.lines().collect();
        let told = [
            (name, "No space left"),
            ("one.g3", "No space left"),
            ("new.g3", "Read-only"),
        ];
        assert_eq!(lines.len(), told.len(), "{full}");
        for (line, (name, why)) in lines.iter().zip(told) {
            assert!(line.contains(name) && line.contains(why), "{full}");
        }
    }
}

/// Each command that writes, on a disk that is full and on one that may not be written.
const COMMANDS: &str = "
set -e
\"$1\" simulate sky --detectors 120 --samples 300 > /dev/null
mkdir small
mount -t tmpfs -o size=64k small small
echo old > small/a.g3
set +e
each() {
    scans='--files sky/list.json --timestreams CalTimestreams --filter poly:1'
    map='--pointing OnlineRaDecRotation --map zea:50x50@0.15deg,30,-50 --pol iau'
    for name in a b c d e f; do
        case $name in
            a) \"$1\" run $scans -o small/a.g3 ;;
            b) \"$1\" run $scans $map -o small/b.g3 ;;
            c) \"$1\" run $scans $map --map-per-scan -o small/c.g3 ;;
            d) \"$1\" accumulate --files sky/list.json --extract sum:CalTimestreams \\
                --sort ScanNumber -o small/d.json ;;
            e) \"$1\" repack sky/part0000.g3 -o small/e.g3 --flac 5 ;;
            f) \"$1\" simulate small/f ;;
        esac 2>> told
        echo $? >> status
        ls -A small >> left
    done
}
each \"$1\"
rm -r small/f
mount -o remount,ro small
each \"$1\"
cat small/a.g3 >> left
";

#[test]
fn every_command_that_writes_says_so_in_one_line() {
    let bench = Bench::new();
    let Some(mut shell) = private::mounts(COMMANDS) else {
        return;
    };
    shell.args(["sh", env!("CARGO_BIN_EXE_frames")]);
    shell.current_dir(bench.path(""));
    let ended = Running::start(&mut shell).end();
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    let text = |name: &str| String::from_utf8(bench.bytes(name)).unwrap();
    let told = text("told");
    assert_eq!(text("status"), "1\n".repeat(12), "{told}");
    let files = ["a.g3", "b.g3", "c.g3", "d.json", "e.g3", "f"];
    let expected = ["No space left", "Read-only"]
        .iter()
        .flat_map(|why| files.map(|file| (file, *why)));
    assert_eq!(told.lines().count(), 12, "{told}");
    for (line, (file, why)) in told.lines().zip(expected) {
        let named = format!("frames: small/{file}");
        assert!(line.starts_with(&named) && line.contains(why), "{told}");
    }
    // The old file stays, and the directory of the last command.
    let left = text("left");
    let expected = "a.g3\n".repeat(6) + "f\n" + &"a.g3\n".repeat(6) + "old\n";
    assert_eq!(left, expected);
}

#[test]
fn output_that_nobody_takes() {
    let bench = Bench::new();
    let run = |script: &str| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_frames")]);
        Running::start(shell.current_dir(bench.path(""))).end()
    };
    for command in [
        "cat a.g3 -o -",
        "repack a.g3 -o -",
        "simulate sky",
        "ls a.g3",
    ] {
        let full = run(&format!("\"$0\" {command} > /dev/full"));
        full.must_fail(1, &["frames: standard output: No space left"]);
        // A reader that has gone wants no more; that is no failure.
        let script = format!("(sleep 0.1; \"$0\" {command}; echo $? > status) | true");
        run(&script).must_succeed();
        let status = || std::fs::read_to_string(bench.path("status")).unwrap_or_default();
        jobwise_testing::until("it has ended", || status().ends_with('\n'));
        assert_eq!(status(), "0\n", "{command}");
        std::fs::remove_file(bench.path("status")).unwrap();
    }
}
