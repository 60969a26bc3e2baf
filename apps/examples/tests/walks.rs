//! The programs of the walks do what their walks promise.

use std::fs;
use std::path::Path;
use std::process::Command;

use jobwise_examples::DAYS;
use jobwise_testing::Running;

const STARS: &str = "120";

fn run(program: &str, output: &Path, flags: &[&str]) -> String {
    let mut command = Command::new(program);
    command.arg(output).args(["--stars", STARS]).args(flags);
    #[cfg(feature = "cuda")]
    command.envs(jobwise_cuda_fake::environment("devices=2"));
    let ended = Running::start(&mut command).end();
    ended.must_succeed();
    ended.stdout
}

fn periods(output: &Path, flags: &[&str]) -> String {
    run(env!("CARGO_BIN_EXE_periods"), output, flags)
}

/// Periods and powers, in turns.
fn table(path: &Path) -> Vec<f64> {
    let file = hdf5::File::open(path).unwrap();
    file.dataset("table").unwrap().read_raw().unwrap()
}

#[test]
fn periods_are_those_of_the_stars_and_are_not_computed_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("periods.h5");
    assert_eq!(
        periods(&path, &["--job", "0/3"]),
        "40 stars done, 0 were there\n"
    );
    assert_eq!(
        periods(&path, &["--threads", "2"]),
        "80 stars done, 40 were there\n"
    );
    for (star, row) in table(&path).chunks(2).enumerate() {
        assert_eq!(
            row[0].to_bits(),
            (DAYS as f64 / (3 + star) as f64).to_bits()
        );
        assert!(row[1] > 0.1 && row[1] < 1.0, "{row:?}");
    }
    let at_once = directory.path().join("at-once.h5");
    periods(&at_once, &["--backend", "serial"]);
    assert!(table(&at_once) == table(&path));
}

#[test]
fn lines_are_in_order_and_a_cut_one_is_written_again() {
    let directory = tempfile::tempdir().unwrap();
    let (table_path, path) = (
        directory.path().join("a.h5"),
        directory.path().join("a.txt"),
    );
    let catalogue = |flags: &[&str]| run(env!("CARGO_BIN_EXE_catalogue"), &path, flags);
    assert_eq!(
        catalogue(&["--threads", "4"]),
        "120 stars done, 0 were there\n"
    );
    periods(&table_path, &[]);
    let whole = fs::read_to_string(&path).unwrap();
    let table = table(&table_path);
    let rows = table.chunks(2).enumerate();
    let heading = "# index,days,power of 512 days".to_owned();
    let rows = rows.map(|(star, row)| format!("{star},{},{}", row[0], row[1]));
    let lines: Vec<_> = std::iter::once(heading).chain(rows).collect();
    assert_eq!(whole, lines.join("\n") + "\n");
    // Wherever a kill has cut it. After a power cut, blocks that never came are zeros.
    let mut cuts: Vec<_> = (0..whole.len()).step_by(499).collect();
    cuts.extend([1, 20, 31, 40, whole.len() - 1]);
    for cut in cuts {
        for behind in ["", "\0\0\0\0\n\0", "\0\0\n7,1,1\n"] {
            if cut < 31 && behind.contains('\n') {
                // The heading is forced to the disk with the first lines or before them.
                continue;
            }
            fs::write(&path, format!("{}{behind}", &whole[..cut])).unwrap();
            catalogue(&[]);
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                whole,
                "{cut} {behind:?}"
            );
        }
    }
}

#[test]
fn lines_of_another_run_are_refused_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.txt");
    for text in [
        "# index,days of 512 days\n0,1\n",
        "a letter\n",
        "0,170,0.5\n",
    ] {
        fs::write(&path, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_catalogue"));
        let ended = Running::start(command.arg(&path)).end();
        ended.must_refuse(1, &["a.txt", "another run", "another name"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalogue"));
    let ended = Running::start(command.arg(&path).args(["--job", "0/2"])).end();
    ended.must_refuse(2, &["one job", "--job"]);
}

#[cfg(feature = "cuda")]
#[test]
fn devices_find_what_processors_find() {
    let directory = tempfile::tempdir().unwrap();
    let (cpu, cuda) = (
        directory.path().join("cpu.h5"),
        directory.path().join("cuda.h5"),
    );
    periods(&cpu, &[]);
    periods(&cuda, &["--device", "cuda"]);
    for (ours, theirs) in table(&cpu).chunks(2).zip(table(&cuda).chunks(2)) {
        assert_eq!(ours[0].to_bits(), theirs[0].to_bits());
        // Sums of 512 terms in the same order; sines differ in their last bit.
        assert!((ours[1] - theirs[1]).abs() < 1e-13, "{ours:?} {theirs:?}");
    }
}

#[test]
fn the_program_has_at_most_80_lines_and_so_has_its_science() {
    // In a copy, yours may have as many as they need: take this test out.
    for text in [
        include_str!("../src/bin/periods.rs"),
        include_str!("../src/stars.rs"),
    ] {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        assert!(lines.count() <= 80);
    }
}
