//! Several runs on one directory, at once.

use super::bench::Bench;
use jobwise_testing::number;

#[test]
fn runs_that_start_together_do_every_task_once() {
    let repetitions = number("JOBWISE_REPEAT").unwrap_or(2);
    let tasks = 1000;
    for repetition in 0..repetitions {
        for runs in [2, 4] {
            let bench = Bench::new(tasks);
            let running: Vec<_> = (0..runs)
                .map(|_| {
                    let mut command = bench.command("run b --tasks list --workers 2", "");
                    command.args(["--", "/bin/true", "{task}"]);
                    super::bench::Running::start(&mut command)
                })
                .collect();
            let mut done = 0;
            for run in running {
                let ended = run.end();
                ended.must_succeed();
                let (count, _) = ended.stdout.split_once(" task").unwrap();
                done += count.parse::<usize>().unwrap();
            }
            assert_eq!(done, tasks, "{runs} runs, repetition {repetition}");
            bench.must_be_clean("b", tasks);
        }
    }
}

#[test]
fn who_has_nothing_left_waits_for_the_others_unless_told_not_to() {
    let bench = Bench::new(1);
    let mut slow = bench.start(
        "run b --tasks list",
        "echo {task} >> all; while [ ! -e go ]; do sleep 0.01; done",
    );
    super::bench::until("it runs", || bench.lines("all").len() == 1);
    let hasty = bench.run("run b --no-wait", "echo {task} >> all");
    hasty.must_succeed();
    assert!(
        hasty.stdout.contains("1 task running elsewhere"),
        "{hasty:?}"
    );
    let status = bench.run("status b", "").stdout;
    assert!(
        status.contains("RUNNING t0  worker 0 of job batch"),
        "{status}"
    );
    bench
        .run("reset b --running", "")
        .must_fail(1, &["left alone", "t0"]);
    let mut patient = bench.start("run b", "echo {task} >> all");
    std::thread::sleep(std::time::Duration::from_millis(400));
    assert!(!patient.is_over() && !slow.is_over());
    std::fs::write(bench.path("go"), "").unwrap();
    slow.end().must_succeed();
    patient.end().must_succeed();
    assert_eq!(bench.lines("all"), ["t0"]);
}
