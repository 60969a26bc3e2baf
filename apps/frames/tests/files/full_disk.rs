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
