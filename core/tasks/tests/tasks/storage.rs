//! Disks that are full or cannot be written.

use jobwise_testing::private;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use jobwise_core::{Comm, LocalCluster, Solo};
use jobwise_tasks::{Ignore, State};

use super::directory::contents;
use super::{names, open};

const DISK: &str = "JOBWISE_TEST_SMALL_DISK";

#[test]
fn a_full_or_read_only_disk_is_one_clear_line_on_every_rank_and_loses_nothing() {
    if let Some(disk) = std::env::var_os(DISK) {
        return on_a_small_disk(Path::new(&disk));
    }
    let dir = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=1m small \"$0\" && exec \"$@\"";
    let Some(mut small) = private::mounts(script) else {
        return;
    };
    let test =
        "storage::a_full_or_read_only_disk_is_one_clear_line_on_every_rank_and_loses_nothing";
    let child = small
        .arg(dir.path())
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(DISK, dir.path())
        .output();
    let child = child.unwrap();
    assert!(
        child.status.success(),
        "{}{}",
        String::from_utf8_lossy(&child.stdout),
        String::from_utf8_lossy(&child.stderr)
    );
}

/// Writes a file until there is no more room.
fn fill(filler: &Path) {
    let mut options = File::options();
    let mut filler = options.create(true).append(true).open(filler).unwrap();
    let full = (0..1 << 20).any(|_| filler.write_all(&[1; 4096]).is_err());
    assert!(full, "the disk is not small");
}

fn on_a_small_disk(disk: &Path) {
    let (root, names) = (disk.join("batch"), names(8));
    let filler = disk.join("filler");
    let fill = || fill(&filler);
    // What somebody wrote in his own way is not used again for another state, so that a new file is
    // needed.
    fs::create_dir_all(root.join(&names[0])).unwrap();
    fs::write(root.join(&names[0]).join("state"), "OPEN \n").unwrap();
    let outcomes = LocalCluster::run(2, |comm| {
        let group: &dyn Comm = &comm;
        let pool = open(&comm, &root, &names).unwrap();
        group.barrier().unwrap();
        let first = if comm.rank() == 0 {
            (
                pool.next(Ignore::default()).unwrap(),
                pool.next(Ignore::default()).unwrap(),
            )
        } else {
            (None, None)
        };
        group.barrier().unwrap();
        if comm.rank() == 0 {
            fill();
            let error = pool.set(0, State::Failed).unwrap_err().to_string();
            assert!(
                error.contains("No space left on device")
                    && error.contains("make room")
                    && !error.contains('\n'),
                "{error}"
            );
        }
        group.barrier().unwrap();
        let error = pool.next(Ignore::default()).unwrap_err().to_string();
        assert!(error.contains("rank 0"), "{error}");
        // Rank 0 gives back what it has before rank 1 makes room by leaving.
        let pool = (comm.rank() == 1).then_some(pool);
        group.barrier().unwrap();
        drop(pool);
        first
    });
    assert_eq!(outcomes, [Ok((Some(0), Some(1))), Ok((None, None))]);
    assert_eq!(
        fs::read_to_string(root.join(&names[1]).join("state")).unwrap(),
        "OPEN\n"
    );
    // What could not be given back is not lost: the claim of this process, which lives, tells so
    // until then.
    assert_eq!(
        fs::read_to_string(root.join(&names[0]).join("state")).unwrap(),
        "RUNNING\n"
    );
    assert!(root.join(&names[0]).join("claim.1").exists());
    fill();
    let outcomes = LocalCluster::run(2, |comm| {
        open(&comm, &root, &names)
            .map(drop)
            .unwrap_err()
            .to_string()
    });
    assert!(
        outcomes
            .iter()
            .all(|error| error.as_ref().unwrap().contains("No space left on device")),
        "{outcomes:?}"
    );
    fs::remove_file(&filler).unwrap();

    let remount = |how: &str| {
        let done = Command::new("mount").args(["-o", how]).arg(disk).status();
        assert!(done.unwrap().success());
    };
    remount("remount,ro");
    let error = open(&Solo, &root, &names)
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Read-only file system")
            && error.contains("must be writable")
            && !error.contains('\n'),
        "{error}"
    );
    remount("remount,rw");

    let pool = open(&Solo, &root, &names).unwrap();
    for task in 1..8 {
        assert_eq!(pool.next(Ignore::default()).unwrap(), Some(task));
        assert!(pool.set(task, State::Done).unwrap());
    }
    assert_eq!(
        (
            pool.next(Ignore::default()).unwrap(),
            pool.pending().unwrap()
        ),
        (None, 1)
    );
    drop(pool);
    let mut expected: Vec<_> = names.iter().map(|name| format!("{name}/state")).collect();
    expected.push("task-0000/claim.1".to_owned());
    expected.sort_unstable();
    assert_eq!(contents(&root), expected);
}
