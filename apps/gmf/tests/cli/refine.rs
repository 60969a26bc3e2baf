//! Peaks refined in the files of a search.

use std::path::Path;
use std::time::{Duration, Instant};

use hdf5::File;

use super::bench::{Bench, Running, Tree};
use jobwise_testing::{fraction, number};

const NEWTON: &[&str] = &["-m", "optimize"];
const GRID: &[&str] = &["-m", "optimize-grid"];

/// A bench whose files were searched, and the files.
fn searched(simulation: &[(&str, &str)]) -> (Bench, Tree) {
    let bench = Bench::with(simulation, &[("num_cohints_per_file", "2")]);
    let tree = bench.whole("out");
    (bench, tree)
}

fn refine(bench: &Bench, more: &[&str]) -> Tree {
    let ended = bench.analyze("out", more);
    assert!(ended.succeeded(), "{ended:?}");
    bench.tree("out")
}

fn floats(path: &Path, name: &str) -> Vec<f64> {
    let file = File::open(path).unwrap();
    file.dataset(name).unwrap().read_raw().unwrap()
}

/// Puts a tree where the output is.
fn restore(bench: &Bench, tree: &Tree) {
    std::fs::remove_dir_all(bench.path("out")).unwrap();
    for (path, bytes) in &tree.0 {
        let path = bench.path("out").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn peaks_are_refined_and_all_else_stays() {
    let (bench, before) = searched(&[]);
    let after = refine(&bench, NEWTON);
    assert_eq!(before.names(), after.names());
    // The target of the simulation at the start of each integration. A turn more or less in every
    // inter-pulse period is hard to tell from it: where the search took one for the other, so does
    // what starts there.
    let mut truth = -1200.0;
    let ambiguity = 299_792_458.0 / 929.6e6 / 0.01;
    for name in after.names() {
        let path = bench.path("out").join(&name);
        let copy = bench.path("before.h5");
        std::fs::write(&copy, &before.0[Path::new(&name)]).unwrap();
        for dataset in File::open(&copy).unwrap().datasets().unwrap() {
            let name = dataset.name();
            let bits = |path: &Path| -> Vec<u64> {
                floats(path, &name).iter().map(|x| x.to_bits()).collect()
            };
            assert_eq!(bits(&path), bits(&copy), "{name}");
        }
        let (peaks, ranges) = (
            floats(&path, "gmf_optimized_peak"),
            floats(&path, "range_peak"),
        );
        let (powers, grid) = (floats(&path, "gmf_optimized"), floats(&path, "gmf_peak"));
        assert_eq!((peaks.len(), powers.len()), (6, 2));
        for (k, peak) in peaks.chunks_exact(3).enumerate() {
            assert_eq!(peak[0].to_bits(), ranges[k].to_bits());
            let turns = (peak[1] - truth) / ambiguity;
            let off = (turns - turns.round()) * ambiguity;
            // A tenth of a step of either grid.
            assert!(off.abs() < 0.6 && turns.abs() < 1.5, "{peak:?}, {truth}");
            assert!((peak[2] - 120.0).abs() < 13.0, "{peak:?}");
            truth += 12.0;
            assert!(powers[k] > 0.99 * grid[k], "{} {}", powers[k], grid[k]);
        }
    }
    // A search that is resumed finds its files complete.
    let again = bench.analyze("out", &[]);
    assert!(again.stdout.contains("done by an earlier run"), "{again:?}");
    bench.tree("out").must_equal(&after);
}

#[test]
fn a_resumed_run_knows_its_own_files() {
    let (bench, before) = searched(&[]);
    let newton = refine(&bench, NEWTON);
    let again = bench.analyze("out", NEWTON);
    assert!(
        again
            .stdout
            .contains("6 integrations were done by an earlier run"),
        "{again:?}"
    );
    bench.tree("out").must_equal(&newton);
    bench.analyze("out", GRID).must_refuse_soon(
        "another optimiser",
        1,
        &["not of optimize-grid", "--clobber"],
    );
    bench.tree("out").must_equal(&newton);
    let grid = refine(&bench, &["-m", "optimize-grid", "--clobber"]);
    assert!(grid != newton);
    let power = |name: &str| -> f64 {
        floats(&bench.path("out").join(name), "gmf_optimized")
            .iter()
            .sum()
    };
    let names = grid.names();
    let of_grid: f64 = names.iter().map(|name| power(name)).sum();
    restore(&bench, &newton);
    let of_newton: f64 = names.iter().map(|name| power(name)).sum();
    assert!(of_newton >= of_grid, "{of_newton} {of_grid}");
    // Both spellings, any number of threads and jobs, the same bytes.
    restore(&bench, &before);
    for job in ["0/2", "1/2"] {
        let more = ["-m", "optimize-scipy-gmf", "--threads", "3", "--job", job];
        assert!(bench.analyze("out", &more).succeeded());
    }
    bench.tree("out").must_equal(&newton);
}

#[test]
fn without_a_search_there_is_nothing_to_refine() {
    let bench = Bench::new();
    let told = ["does not exist", "gmf-", "-m fgmf"];
    bench
        .analyze("out", NEWTON)
        .must_refuse_soon("no files", 1, &told);
    assert!(!bench.path("out").exists());
    bench.whole("out");
    bench.configure(&[("max_range_gate", "301")]);
    bench
        .analyze("out", GRID)
        .must_refuse_soon("other gates", 1, &["another configuration"]);
    bench
        .analyze("out", &["-m", "optimize", "--follow"])
        .must_refuse_soon("follow", 1, &["cannot follow"]);
    let dry = bench.analyze("out", &["-m", "optimize", "--dry-run"]);
    for told in ["optimize", "6 of 6 there", "lanes"] {
        assert!(dry.stdout.contains(told), "{dry:?}");
    }
}

#[test]
fn a_killed_refinement_leaves_whole_files() {
    let seed = number("JOBWISE_SEED").unwrap_or(7);
    let (bench, before) = searched(&[("end_time", "1.0")]);
    let started = Instant::now();
    let whole = refine(&bench, GRID);
    let length = started.elapsed();
    let (mut in_time, kills) = (0, 20);
    for kill in 0..kills {
        restore(&bench, &before);
        let threads = ["--threads", if kill % 2 == 0 { "1" } else { "3" }];
        let mut command = bench.command(Bench::arguments("out", &[GRID, &threads].concat()));
        let running = Running::start(&mut command);
        std::thread::sleep(length.mul_f64(fraction(seed, kill)));
        running.signal("KILL");
        in_time += u64::from(running.end().signal == Some(9));
        for (path, bytes) in bench.tree("out").0 {
            let is_temporary = path.to_string_lossy().contains("/.gmf-");
            let is_whole = whole.0.get(&path) == Some(&bytes);
            let is_untouched = before.0.get(&path) == Some(&bytes);
            assert!(
                is_temporary || is_whole || is_untouched,
                "{}",
                path.display()
            );
        }
        refine(&bench, GRID).must_equal(&whole);
    }
    assert!(in_time * 2 >= kills, "only {in_time} of {kills}");
    assert!(length < Duration::from_secs(30));
}
