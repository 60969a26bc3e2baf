//! Amendments of files, with other processes: killed ones, a full disk, other programs.

use jobwise_testing::{Python, private};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdf5::file::LibraryVersion;
use jobwise_hdf5 as h5;
use jobwise_hdf5::amendment::{Writable, pending};

mod sample;

use sample::{LOWEST, add_results, count_results, measured, raw_data};

/// One test at a time: a process that is being started has, for an instant, the locks of the one
/// that starts it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Set in a process that a test has started from this very program.
const CHILD: &str = "JOBWISE_AMEND_CHILD";

/// This program again, doing one test only, with the path of a file to change.
fn child(test: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture", "--quiet"])
        .arg(test)
        .env(CHILD, path);
    command
}

fn in_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// The file in the eyes of h5py.
fn other_programs_read(path: &Path, results: usize) {
    let Some(python) = Python::with("h5py") else {
        return;
    };
    let program = "
import h5py, sys
with h5py.File(sys.argv[1], 'r') as file:
    top = file['Measurement_000']
    assert (top['Raw_Data'][:] == range(40000)).all()
    results = [name for name in top if 'Fit' in name]
    assert len(results) == int(sys.argv[2]), results
    for n, name in enumerate(sorted(results)):
        assert (top[name]['values'][:] == n).all() and (top[name]['packed'][:] == n).all()
        assert top[name].attrs['state'] == f'complete {n}'
print('read')
";
    let said = python.run(program, [path.as_os_str(), results.to_string().as_ref()]);
    assert_eq!(said.trim(), "read");
}

#[test]
fn other_programs_read_what_was_added() {
    let _alone = alone();
    for lowest in LOWEST {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("measured.h5");
        measured(&path, lowest);
        let mut file = Writable::claim(&path).unwrap();
        for n in 0..40 {
            file.amend(|file| add_results(file, n)).unwrap();
        }
        drop(file);
        other_programs_read(&path, 40);
    }
}

#[test]
fn a_killed_process_leaves_whole_results() {
    if let Some(path) = in_child() {
        let mut file = Writable::claim(&path).unwrap();
        for n in count_results(&path).. {
            file.amend(|file| add_results(file, n)).unwrap();
            println!("done {n}");
        }
    }
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    let raw = raw_data(&path);
    let (mut results, mut journals) = (0, 0);
    for round in 0..60_u64 {
        let mut victim = child("a_killed_process_leaves_whole_results", &path);
        let mut victim = victim
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = victim.stdout.take().unwrap();
        // The first word says that it has begun; then it dies at any instant.
        let mut first = [0; 64];
        assert!(said.read(&mut first).unwrap() > 0);
        std::thread::sleep(Duration::from_micros(500 + 7919 * round % 30_000));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let mut rest = String::from_utf8_lossy(&first).into_owned();
        said.read_to_string(&mut rest).unwrap();
        let reported = rest
            .lines()
            .filter(|line| line.starts_with("done ") || line.contains("\0done "))
            .count();

        let is_pending = pending(&path).unwrap();
        journals += usize::from(is_pending);
        if !is_pending {
            count_results(&path);
        }
        Writable::claim(&path).unwrap();
        let now = count_results(&path);
        assert!(
            now >= results + reported && now <= results + reported + 1,
            "{results} + {reported}: {now}"
        );
        results = now;
        assert!(raw_data(&path) == raw);
    }
    assert!(results > 0);
    eprintln!("{results} results after 60 kills, {journals} journals applied");
    other_programs_read(&path, results);
}

/// Every size of disk: room for nothing, for the new data but not for the journal, for all.
#[test]
fn a_full_disk_leaves_the_file_as_it_was() {
    if let Some(path) = in_child() {
        let before = fs::read(&path).unwrap();
        let mut file = Writable::claim(&path).unwrap();
        match file.amend(|file| add_results(file, 0)) {
            Ok(()) => assert_eq!(count_results(&path), 1),
            Err(error) => {
                assert!(fs::read(&path).unwrap() == before);
                assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
                let error = error.to_string();
                assert_eq!(error.lines().count(), 1, "{error}");
                println!("refused {error}");
            }
        }
        return;
    }
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    // In a mount namespace of its own, so that what is mounted goes when it ends.
    let script = r#"
set -e
whole=$1
shift
for free in 0 4 8 12 16 20 24 28 32 48 64; do
    mkdir -p /mnt && mount -t tmpfs -o size=1m tmpfs /mnt && cp "$whole" /mnt/measured.h5
    avail=$(df --output=avail -k /mnt | tail -n 1)
    dd if=/dev/zero of=/mnt/filler bs=1k count=$((avail - free)) 2>/dev/null
    "$@" | grep -E 'refused|test result'
    umount /mnt
done
"#;
    let target = child(
        "a_full_disk_leaves_the_file_as_it_was",
        Path::new("/mnt/measured.h5"),
    );
    let Some(mut shell) = private::mounts(script) else {
        return;
    };
    let output = shell
        .arg("sh")
        .arg(&path)
        .arg(target.get_program())
        .args(target.get_args())
        .env(CHILD, "/mnt/measured.h5")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(said.matches("test result: ok").count(), 11, "{said}");
    let refusals = said.matches("No space left on device").count();
    assert!((2..11).contains(&refusals), "{said}");
    assert!(
        said.contains("measured.h5: No space") && said.contains(".journal.tmp: No space"),
        "{said}"
    );
}
