use jobwise_testing::private;

use crate::bench::{Bench, Running};

const SCRIPT: &str = "
set -e
mkdir small
mount -t tmpfs -o size=200k small small
set +e
\"$1\" run options.toml small/out --threads 2 --checkpoint 0.02 2> message
status=$?
set -e
mount -o remount,size=64m small
\"$1\" run options.toml small/out >&2
cp -r small/out done
exit $status";

#[test]
fn one_line_and_the_next_run_completes() {
    let bench = Bench::new(12);
    let whole = bench.whole();
    let Some(mut shell) = private::mounts(SCRIPT) else {
        return;
    };
    shell
        .args(["sh", env!("CARGO_BIN_EXE_inversion")])
        .current_dir(bench.path(""));
    let mut ended = Running::start(&mut shell).end();
    assert_eq!(ended.status, Some(1), "{ended:?}");
    ended.stderr = bench.text("message");
    ended.stdout.clear();
    ended.program = "inversion".to_owned();
    ended.must_refuse(1, &["00.0.h5", "No space left"]);
    crate::bench::must_equal(&bench.files("done"), &whole);
}
