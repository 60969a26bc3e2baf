use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A claim file that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) attempt: u32,
    pub(super) inode: (u64, u64),
    /// Also tells a new file from an old one whose number it was given.
    pub(super) beaten: SystemTime,
}

impl Entry {
    pub(super) fn new(attempt: u32, metadata: &Metadata) -> io::Result<Entry> {
        Ok(Entry {
            attempt,
            inode: (metadata.dev(), metadata.ino()),
            beaten: metadata.modified()?,
        })
    }
}

/// The file of an attempt at a name.
pub(super) fn path(dir: &Path, name: &str, attempt: u32) -> PathBuf {
    dir.join(format!("{name}.{attempt}"))
}

/// The claims on `name` that are there, lowest first.
pub(super) fn list(dir: &Path, name: &str) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for found in fs::read_dir(dir)? {
        let found = found?;
        let Some(attempt) = found
            .file_name()
            .to_str()
            .and_then(|file| attempt(file, name))
        else {
            continue;
        };
        match found
            .metadata()
            .and_then(|metadata| Entry::new(attempt, &metadata))
        {
            Ok(entry) => entries.push(entry),
            // It was taken back since.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    entries.sort_unstable_by_key(|entry| entry.attempt);
    Ok(entries)
}

/// Whether the claim just linked is there, and besides it only those that were judged `dead` before.
pub(super) fn alone(
    dir: &Path,
    name: &str,
    attempt: u32,
    inode: (u64, u64),
    dead: &[Entry],
) -> io::Result<bool> {
    let mut there = false;
    for entry in list(dir, name)? {
        if entry.attempt == attempt && entry.inode == inode {
            there = true;
        } else if !dead.contains(&entry) {
            return Ok(false);
        }
    }
    Ok(there)
}

/// The number of the attempt, when `file` is called like a claim on `name`.
fn attempt(file: &str, name: &str) -> Option<u32> {
    let number = file.strip_prefix(name)?.strip_prefix('.')?;
    let attempt: u32 = number.parse().ok()?;
    // Just as we write it: neither "+1" nor "01".
    (attempt > 0 && attempt.to_string() == number).then_some(attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_claims_on_that_very_name_count() {
        assert_eq!(attempt("claim.12", "claim"), Some(12));
        for other in [
            "claim",
            "claim.",
            "claim.0",
            "claim.01",
            "claim.+1",
            "claim.1.2",
            "claim.x",
            "claims.1",
            "state",
            "claim.99999999999",
        ] {
            assert_eq!(attempt(other, "claim"), None, "{other}");
        }
        assert_eq!(attempt("claim.1.2", "claim.1"), Some(2));
    }

    #[test]
    fn who_judged_what_is_there_no_more_has_not_won() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let touch = |name: &str| fs::write(root.join(name), "").unwrap();
        let inode = |attempt| {
            let found = list(root, "x").unwrap();
            found
                .iter()
                .find(|entry: &&Entry| entry.attempt == attempt)
                .unwrap()
                .inode
        };
        touch("x.1");
        let dead = list(root, "x").unwrap();
        touch("x.2");
        let mine = inode(2);
        assert!(alone(root, "x", 2, mine, &dead).unwrap());
        assert!(!alone(root, "x", 2, mine, &[]).unwrap());
        // While we judged, somebody claimed after it, finished, and another one began anew: there may be two at it, so we have not won.
        fs::rename(root.join("x.1"), root.join("gone")).unwrap();
        assert!(
            alone(root, "x", 2, mine, &dead).unwrap(),
            "it was given back altogether"
        );
        touch("x.1");
        assert!(!alone(root, "x", 2, mine, &dead).unwrap());
        // It was dead, and has woken up.
        fs::rename(root.join("gone"), root.join("x.1")).unwrap();
        assert!(alone(root, "x", 2, mine, &dead).unwrap());
        let file = fs::File::options()
            .append(true)
            .open(root.join("x.1"))
            .unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(!alone(root, "x", 2, mine, &dead).unwrap());
        fs::remove_file(root.join("x.1")).unwrap();
        touch("x.3");
        assert!(
            !alone(root, "x", 2, mine, &dead).unwrap(),
            "somebody came after us"
        );
        fs::remove_file(root.join("x.3")).unwrap();
        fs::remove_file(root.join("x.2")).unwrap();
        assert!(
            !alone(root, "x", 2, mine, &dead).unwrap(),
            "ours was taken away"
        );
    }
}
