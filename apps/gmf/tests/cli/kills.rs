//! SIGKILL at any moment: what is there is whole, and the next run completes it.
//!
//! `JOBWISE_SEED` repeats a sequence of moments, `JOBWISE_KILLS` sets how many; `ci/kill` runs this
//! at length.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::bench::{Bench, Running};
use jobwise_testing::{fraction, number};

#[test]
fn the_next_run_completes_what_a_killed_one_left() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("JOBWISE_SEED").unwrap_or(u64::from(now.subsec_nanos()));
    let kills = number("JOBWISE_KILLS").unwrap_or(30);
    println!("{kills} kills; JOBWISE_SEED={seed} repeats them");
    let bench = Bench::with(&[("end_time", "1.0")], &[]);
    let started = Instant::now();
    let whole = bench.whole("whole");
    let length = started.elapsed();
    let (mut in_time, mut orphans, mut partial) = (0, 0, 0);
    for kill in 0..kills {
        let output = format!("out{kill}");
        let threads = ["--threads", if kill % 2 == 0 { "1" } else { "3" }];
        let running = Running::start(&mut bench.command(Bench::arguments(&output, &threads)));
        let delay = length.mul_f64(fraction(seed, kill));
        std::thread::sleep(delay);
        running.signal("KILL");
        let ended = running.end();
        in_time += u64::from(ended.signal == Some(9));

        let mut left = bench.tree(&output);
        let before = left.0.len();
        left.0
            .retain(|path, _| !path.to_string_lossy().contains("/.gmf-"));
        orphans += before - left.0.len();
        partial += usize::from((1..whole.0.len()).contains(&left.0.len()));
        left.must_be_part_of(&whole);
        let next = bench.analyze(&output, &[]);
        assert!(next.succeeded(), "after {delay:?} (seed {seed}): {next:?}");
        bench.tree(&output).must_equal(&whole);
        std::fs::remove_dir_all(bench.path(&output)).unwrap();
    }
    println!(
        "{in_time} of {kills} killed while running; {partial} had finished some files; {orphans} \
         temporary files left and removed"
    );
    // Delays are spread over the length of a run, so most kills come in time; fewer would test
    // nothing.
    assert!(in_time * 2 >= kills.min(30), "only {in_time} of {kills}");
    assert!(length < Duration::from_secs(30));
}
