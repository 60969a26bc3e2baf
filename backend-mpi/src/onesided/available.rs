//! How much memory a node has left, for this process.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// Bytes that this process can still have: what the machine has left, or less where a control group
/// limits it. `None` when the system does not say.
pub(crate) fn available() -> Option<u64> {
    look(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
}

fn look(proc: &Path, groups: &Path) -> Option<u64> {
    let machine = field(&read_to_string(proc.join("meminfo")).ok()?, "MemAvailable:")? * 1024;
    let memberships = read_to_string(proc.join("self/cgroup")).unwrap_or_default();
    let limited = memberships
        .lines()
        .filter_map(|line| {
            // "0::/path" with version 2, "4:memory:/path" with version 1.
            let mut parts = line.splitn(3, ':').skip(1);
            let (controllers, path) = (parts.next()?, parts.next()?);
            match controllers {
                "" => left(groups, path, &VERSION_2),
                _ if controllers.split(',').any(|name| name == "memory") => {
                    left(&groups.join("memory"), path, &VERSION_1)
                }
                _ => None,
            }
        })
        .min();
    Some(machine.min(limited.unwrap_or(machine)))
}

/// The files of a control group.
struct Files {
    limit: &'static str,
    used: &'static str,
    /// In `memory.stat`: memory that counts as used but is given up when needed.
    spare: &'static str,
}

const VERSION_2: Files = Files {
    limit: "memory.max",
    used: "memory.current",
    spare: "inactive_file",
};
const VERSION_1: Files = Files {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    spare: "total_inactive_file",
};

/// What the tightest limit of a group and its ancestors leaves; `None` without a limit.
fn left(root: &Path, path: &str, files: &Files) -> Option<u64> {
    let group: PathBuf = root.join(path.trim_start_matches('/'));
    group
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(root))
        .filter_map(|group| {
            let number = |file| read_to_string(group.join(file)).ok()?.trim().parse().ok();
            let (limit, used): (u64, u64) = (number(files.limit)?, number(files.used)?);
            let stat = read_to_string(group.join("memory.stat")).unwrap_or_default();
            let spare = field(&stat, files.spare).unwrap_or(0);
            Some(limit.saturating_sub(used.saturating_sub(spare)))
        })
        .min()
}

/// The number after a name at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next()? == name)
            .then(|| words.next()?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A machine with these files, by path and content, under one folder.
    fn machine(files: &[(&str, &str)]) -> Option<u64> {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        look(&folder.path().join("proc"), &folder.path().join("groups"))
    }

    const MEMINFO: (&str, &str) = (
        "proc/meminfo",
        "MemTotal: 9000 kB\nMemAvailable:    1000 kB\nSwapFree: 5 kB\n",
    );

    #[test]
    fn the_tightest_of_machine_group_and_ancestors_counts() {
        assert_eq!(machine(&[]), None);
        assert_eq!(machine(&[MEMINFO]), Some(1_024_000));
        let version_2 = [
            MEMINFO,
            ("proc/self/cgroup", "0::/jobs/seven\n"),
            ("groups/jobs/seven/memory.max", "max\n"),
            ("groups/jobs/seven/memory.current", "70\n"),
            ("groups/jobs/memory.max", "1000\n"),
            ("groups/jobs/memory.current", "900\n"),
            ("groups/jobs/memory.stat", "anon 1\ninactive_file 30\n"),
        ];
        assert_eq!(machine(&version_2), Some(130));
        let version_1 = [
            MEMINFO,
            ("proc/self/cgroup", "5:cpu:/x\n4:memory:/jobs\n0::/\n"),
            ("groups/memory/jobs/memory.limit_in_bytes", "500"),
            ("groups/memory/jobs/memory.usage_in_bytes", "600"),
        ];
        assert_eq!(machine(&version_1), Some(0));
    }

    #[test]
    fn this_machine_says_what_it_has() {
        assert!(available().unwrap() > 1 << 20);
    }
}
