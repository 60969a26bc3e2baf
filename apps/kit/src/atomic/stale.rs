use std::fs;
use std::path::{Path, PathBuf};

use jobwise_claims::Process;

use super::{Error, Result};

/// Removes the temporary files that dead processes of this machine left in `directory`; returns
/// their paths.
///
/// Only names as [`AtomicFile::new`](super::AtomicFile::new) makes them count, and only if the
/// process that made one is known to have ended. Those of another machine or of another name space
/// of processes stay, as nothing is known of its processes here: until a run there, or until they
/// are removed by hand. Files that another process removes at the same time are no error.
///
/// # Errors
/// The directory cannot be listed, or a file cannot be removed.
pub fn remove_stale(directory: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let directory = directory.as_ref();
    let me = Process::this();
    let mut removed = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::io(directory))? {
        let entry = entry.map_err(Error::io(directory))?;
        let name = entry.file_name();
        let maker = name.to_str().and_then(maker_of);
        if !maker.is_some_and(|maker| me.outlives_maker_of(maker)) {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => removed.push(entry.path()),
            // Another rank or job of this machine sweeps here too.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(entry.path())(error)),
        }
    }
    removed.sort();
    Ok(removed)
}

/// The unique name in a temporary name, if it is one of ours.
fn maker_of(name: &str) -> Option<&str> {
    let (_, maker) = name.strip_prefix('.')?.rsplit_once(".tmp-")?;
    Some(maker)
}

#[cfg(test)]
mod tests {
    use super::super::AtomicFile;
    use super::*;
    use jobwise_testing::names;

    #[test]
    fn only_files_of_dead_processes_are_stale() {
        let directory = tempfile::tempdir().unwrap();
        let file = AtomicFile::new(directory.path().join("a.tmp-b.h5")).unwrap();
        fs::write(file.temporary(), "").unwrap();
        let alive = file.temporary().file_name().unwrap().to_str().unwrap();
        // host, process, start, name spaces, count; no process has so high a number
        let ours = maker_of(alive).unwrap();
        let [host, _, start, place, _] = ours.split('.').collect::<Vec<_>>().try_into().unwrap();
        let elsewhere = u32::from_str_radix(place, 16).unwrap() ^ 1;
        let dead = format!(".a.h5.tmp-{host}.4294967295.{start}.{place}.3");
        let kept = [
            format!(".a.h5.tmp-{host}-other.4294967295.{start}.{place}.3"),
            format!(".a.h5.tmp-{host}.4294967295.{start}.{elsewhere:08x}.3"),
            format!(".b.tmp-{host}.x.{start}.{place}.3"),
            format!(".c.tmp-{host}.4294967295.{start}.{place}"),
            format!(".c.tmp-{host}.4294967295.{start}.{place}.1.1"),
            format!("a.h5.tmp-{host}.4294967295.{start}.{place}.3"),
            format!(".a.h5.tmp-{host}-4294967295-3"),
            "a.h5".to_owned(),
        ];
        for name in kept.iter().chain([&dead]) {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let removed = remove_stale(directory.path()).unwrap();
        assert_eq!(removed, [directory.path().join(dead)]);
        assert_eq!(names(directory.path()).len(), kept.len() + 1);
    }

    const CHILD: &str = "JOBWISE_ATOMIC_CHILD";

    /// In a name space of processes of its own a process has another number, which here may be
    /// nobody's: that says nothing about its files.
    #[test]
    fn files_of_another_name_space_of_processes_are_not_stale() {
        use std::io::{Read, Write};
        use std::process::Stdio;

        if let Some(directory) = std::env::var_os(CHILD) {
            let file = AtomicFile::new(Path::new(&directory).join("a.h5")).unwrap();
            fs::write(file.temporary(), "").unwrap();
            assert!(remove_stale(directory).unwrap().is_empty());
            println!("written");
            std::io::stdin().read_exact(&mut [0]).unwrap();
            file.commit().unwrap();
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let Some(mut private) = jobwise_testing::private::processes(true) else {
            return;
        };
        let mut child = private
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("atomic::stale::tests::files_of_another_name_space_of_processes_are_not_stale")
            .env(CHILD, directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("written") {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0);
        }
        assert!(remove_stale(directory.path()).unwrap().is_empty());
        child.stdin.take().unwrap().write_all(b"x").unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(names(directory.path()), ["a.h5"]);
    }
}
