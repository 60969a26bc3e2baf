//! Processes of this machine, as `/proc` shows them.

use std::fs;
use std::os::unix::fs::MetadataExt;

use jobwise_claims::Stat;
use rustix::io::Errno;
use rustix::process::Pid;

/// A process that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The number of its group.
    pub group: i32,
    /// The number of its session; 0 where that was begun outside of our name space.
    pub session: i32,
}

impl Process {
    /// The process of that number, if there is one that has not ended.
    pub fn of(pid: u32) -> Option<Process> {
        let stat = Stat::of(pid).ok().filter(|stat| !stat.ended)?;
        Some(Process {
            pid,
            group: stat.group,
            session: stat.session,
        })
    }

    /// What the program is called.
    pub fn name(&self) -> String {
        let name = fs::read_to_string(format!("/proc/{}/comm", self.pid)).unwrap_or_default();
        let plain = |c: char| if c.is_control() { '?' } else { c };
        name.trim_end().chars().map(plain).collect()
    }

    /// The value of a variable in the environment with which it was started; nothing where that may
    /// not be read.
    pub fn variable(&self, name: &str) -> Option<Vec<u8>> {
        let environment = fs::read(format!("/proc/{}/environ", self.pid)).ok()?;
        let value = |entry: &[u8]| {
            let value = entry.strip_prefix(name.as_bytes())?;
            value.strip_prefix(b"=").map(<[u8]>::to_owned)
        };
        environment.split(|byte| *byte == 0).find_map(value)
    }

    /// Whether it has a handle by which the file of this device and number is locked.
    pub fn has_lock(&self, file: (u64, u64)) -> bool {
        let Ok(handles) = fs::read_dir(format!("/proc/{}/fdinfo", self.pid)) else {
            return false;
        };
        handles.flatten().any(|handle| {
            // The device is another one in the list of locks, on some file systems.
            let is_of = |name| fs::metadata(format!("/proc/{}/fd/{name}", self.pid));
            fs::read_to_string(handle.path()).is_ok_and(|told| locks(&told, file.1))
                && (handle.file_name().to_str().map(is_of)).is_some_and(|found| {
                    found.is_ok_and(|found| (found.dev(), found.ino()) == file)
                })
        })
    }
}

/// Whether what is told of a handle tells of a lock on a file of that number, on whatever device.
fn locks(told: &str, inode: u64) -> bool {
    let end = format!(":{inode}");
    let of_file = |line: &str| {
        line.starts_with("lock:")
            && line.contains("FLOCK")
            && line.split_whitespace().any(|word| word.ends_with(&end))
    };
    told.lines().any(of_file)
}

/// All processes that have not ended; none where `/proc` shows those of another name space, whose
/// numbers mean other processes here.
pub fn all() -> Vec<Process> {
    let us = std::process::id().to_string();
    if fs::read_link("/proc/self").map_or(true, |shown| shown.as_os_str() != us.as_str()) {
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| Process::of(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// Those of a group.
pub fn of_group(group: Pid) -> Vec<Process> {
    // Most often there is none, which the system tells without a look at all.
    if rustix::process::test_kill_process_group(group) == Err(Errno::SRCH) {
        return Vec::new();
    }
    let group = group.as_raw_nonzero().get();
    all()
        .into_iter()
        .filter(|process| process.group == group)
        .collect()
}
