//! Processes of this machine, as `/proc` shows them.

use std::fs;
use std::path::Path;

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
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // The name of the program, in parentheses, may hold anything, so fields are counted from
        // its end.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        Some(Process {
            pid,
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
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

    /// Whether it has a handle by which the file of this number is locked.
    pub fn has_lock(&self, inode: u64) -> bool {
        let Ok(handles) = fs::read_dir(format!("/proc/{}/fdinfo", self.pid)) else {
            return false;
        };
        let end = format!(":{inode}");
        handles.flatten().any(|handle| locks(&handle.path(), &end))
    }
}

fn locks(handle: &Path, end: &str) -> bool {
    let Ok(told) = fs::read_to_string(handle) else {
        return false;
    };
    let of_file = |line: &str| {
        line.starts_with("lock:")
            && line.contains("FLOCK")
            && line.split_whitespace().any(|word| word.ends_with(end))
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
    if rustix::process::test_kill_process_group(group).is_err() {
        return Vec::new();
    }
    let group = group.as_raw_nonzero().get();
    all()
        .into_iter()
        .filter(|process| process.group == group)
        .collect()
}
