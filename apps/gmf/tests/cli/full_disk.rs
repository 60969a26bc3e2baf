//! A disk that fills up during a run.

use jobwise_testing::private;

use super::bench::{Bench, Running};

const SCRIPT: &str = "
set -e
mkdir out kept
mount -t tmpfs -o size=256k tmpfs out
set +e
\"$1\" analyze recording sim --config c.ini -o out --threads 2 2> message
status=$?
set -e
cp -r out/. kept
mount -o remount,size=64m out
\"$1\" analyze recording sim --config c.ini -o out >&2
mkdir done
cp -r out/. done
exit $status";

#[test]
fn one_line_and_the_next_run_completes() {
    let bench = Bench::new();
    let whole = bench.whole("whole");
    let size: usize = whole.0.values().map(Vec::len).sum();
    assert!(size > 1 << 18, "the results would fit: {size} bytes");
    let Some(mut shell) = private::mounts(SCRIPT) else {
        return;
    };
    shell
        .args(["sh", env!("CARGO_BIN_EXE_gmf")])
        .current_dir(bench.path(""));
    let mut ended = Running::start(&mut shell).end();
    assert_eq!(ended.status, Some(1), "{ended:?}");
    ended.stderr = std::fs::read_to_string(bench.path("message")).unwrap();
    ended.stdout.clear();
    ended.program = "gmf".to_owned();
    ended.must_refuse_soon("full disk", 1, &["out/", "gmf-", "No space left"]);
    bench.tree("kept").must_be_part_of(&whole);
    bench.tree("done").must_equal(&whole);
}
