//! A disk that fills up during a run.

use jobwise_testing::private;

use crate::bench::{Bench, Running};

const SCRIPT: &str = "
set -e
mkdir small
mount -t tmpfs -o size=3m small small
cp lines.h5 small/
set +e
\"$1\" filter small/lines.h5 -f low:2e4 --checkpoint 0.005 2> message
status=$?
set -e
mount -o remount,size=64m small
cp small/lines.h5 kept.h5
\"$1\" filter small/lines.h5 -f low:2e4 >&2
cp small/lines.h5 done.h5
exit $status";

#[test]
fn one_line_and_the_next_run_completes() {
    let bench = Bench::with_lines(500, 1024);
    let Some(mut shell) = private::mounts(SCRIPT) else {
        return;
    };
    shell
        .args(["sh", env!("CARGO_BIN_EXE_usid")])
        .current_dir(bench.path(""));
    let mut ended = Running::start(&mut shell).end();
    assert_eq!(ended.status, Some(1), "{ended:?}");
    ended.stderr = std::fs::read_to_string(bench.path("message")).unwrap();
    ended.stdout.clear();
    ended.program = "usid".to_owned();
    ended.must_refuse(1, &["lines.h5", "No space left"]);
    bench.must(&["filter", "lines.h5", "-f", "low:2e4"]);
    let group = "Measurement_000/Channel_000/Raw_Data-FFT_Filtering_000";
    let whole = bench.content("lines.h5", group);
    bench.content("done.h5", group).must_equal(&whole);
    let raw = bench.content("kept.h5", "Measurement_000/Channel_000");
    let wanted = bench.content("lines.h5", "Measurement_000/Channel_000");
    assert!(raw.0["Raw_Data"] == wanted.0["Raw_Data"]);
}
