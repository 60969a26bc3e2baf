use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::regular;

/// A claim file that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) attempt: u32,
    pub(crate) inode: (u64, u64),
    /// Also tells a new file from an old one whose number it was given.
    pub(crate) beaten: SystemTime,
}

impl Entry {
    pub(crate) fn new(attempt: u32, metadata: &Metadata) -> io::Result<Entry> {
        Ok(Entry {
            attempt,
            inode: (metadata.dev(), metadata.ino()),
            beaten: metadata.modified()?,
        })
    }
}

/// The highest number of a claim. So many owners never die with one name.
pub(crate) const MOST: u32 = 1_000_000;

/// The file of an attempt at a name.
pub(crate) fn path(dir: &Path, name: &str, attempt: u32) -> PathBuf {
    dir.join(format!("{name}.{attempt}"))
}

/// What is called so says that the work on a name is done.
pub(crate) const DONE: &str = "done";

/// The mark that the work on a name is done.
pub(crate) fn mark(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.{DONE}"))
}

/// What is there under the names of claims.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The claims, lowest first.
    pub(crate) claims: Vec<Entry>,
    /// What is called like a claim and cannot be one.
    pub(crate) strange: Vec<Strange>,
}

/// Something in the place of a claim that no owner made.
#[derive(Debug)]
pub(crate) struct Strange {
    pub(crate) path: PathBuf,
    /// The number that no claim can have because of it.
    pub(crate) attempt: Option<u32>,
    /// Why it is no claim.
    pub(crate) why: String,
}

/// What lies in `dir` under the names of claims on `name`.
pub(crate) fn look(dir: &Path, name: &str) -> io::Result<Listing> {
    look_at_all(dir, name, |_| ())
}

/// The same; `all` is told of everything that lies there.
pub(crate) fn look_at_all(
    dir: &Path,
    name: &str,
    mut all: impl FnMut(&DirEntry),
) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for found in fs::read_dir(dir)? {
        let found = found?;
        all(&found);
        let file = found.file_name();
        let Some(number) = file.to_str().and_then(|file| number(file, name)) else {
            continue;
        };
        let attempt = attempt(number);
        let mut strange = |why: String| {
            listing.strange.push(Strange {
                path: found.path(),
                attempt,
                why,
            });
        };
        let Some(attempt) = attempt.filter(|attempt| *attempt <= MOST) else {
            strange(format!("claims are numbered from 1 to {MOST}"));
            continue;
        };
        match found.metadata() {
            Ok(metadata) if metadata.is_file() => {
                listing.claims.push(Entry::new(attempt, &metadata)?);
            }
            Ok(metadata) => strange(format!("it is {}", regular::kind(metadata.file_type()))),
            // It was taken back since.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    listing.claims.sort_unstable_by_key(|entry| entry.attempt);
    Ok(listing)
}

/// The claims on `name` that are there, lowest first.
pub(crate) fn list(dir: &Path, name: &str) -> io::Result<Vec<Entry>> {
    look(dir, name).map(|listing| listing.claims)
}

impl Listing {
    /// Whether the claim just linked is there, and besides it only those that were judged `dead`
    /// before.
    pub(crate) fn is_alone(&self, attempt: u32, inode: (u64, u64), dead: &[Entry]) -> bool {
        let is_mine = |entry: &&Entry| entry.attempt == attempt && entry.inode == inode;
        let mut others = self.claims.iter().filter(|entry| !is_mine(entry));
        self.claims.iter().any(|entry| is_mine(&entry)) && others.all(|entry| dead.contains(entry))
    }

    /// The number of the next claim after those of the dead; nothing when there is none left.
    pub(crate) fn next(&self) -> Option<u32> {
        let taken = |number: &u32| {
            self.strange
                .iter()
                .any(|strange| strange.attempt == Some(*number))
        };
        let last = self.claims.last().map_or(0, |entry| entry.attempt);
        (last + 1..=MOST).find(|number| !taken(number))
    }
}

/// What follows the name and a point, when it is meant as a number.
fn number<'f>(file: &'f str, name: &str) -> Option<&'f str> {
    let number = file.strip_prefix(name)?.strip_prefix('.')?;
    let digits = number.trim_start_matches(['+', '-']);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

/// The number of an attempt, just as we write it: neither "+1" nor "01".
fn attempt(number: &str) -> Option<u32> {
    let attempt: u32 = number.parse().ok()?;
    (attempt > 0 && attempt.to_string() == number).then_some(attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_claims_on_that_very_name_count() {
        let of = |file: &str, name: &str| {
            number(file, name).map(|number| (number.to_owned(), attempt(number)))
        };
        assert_eq!(of("claim.12", "claim"), Some(("12".to_owned(), Some(12))));
        for other in [
            "claim",
            "claim.",
            "claim.1.2",
            "claim.x",
            "claims.1",
            "state",
            "claim.-",
        ] {
            assert_eq!(of(other, "claim"), None, "{other}");
        }
        for strange in ["0", "01", "+1", "-1", "99999999999", "18446744073709551615"] {
            let file = format!("claim.{strange}");
            assert_eq!(of(&file, "claim"), Some((strange.to_owned(), None)));
        }
        assert_eq!(of("claim.1.2", "claim.1"), Some(("2".to_owned(), Some(2))));
    }

    #[test]
    fn what_cannot_be_a_claim_is_in_no_claims_way() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for file in [
            "x.1",
            "x.4294967295",
            "x.4294967296",
            "x.02",
            "x.-1",
            "x.1000001",
        ] {
            fs::write(root.join(file), "").unwrap();
        }
        fs::create_dir(root.join("x.2")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("x.3")).unwrap();
        let listing = look(root, "x").unwrap();
        assert_eq!(listing.claims.len(), 1);
        assert_eq!(listing.strange.len(), 7);
        assert_eq!(listing.next(), Some(4));
        fs::write(root.join("x.1000000"), "").unwrap();
        assert_eq!(look(root, "x").unwrap().next(), None);
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
        assert!(look(root, "x").unwrap().is_alone(2, mine, &dead));
        assert!(!look(root, "x").unwrap().is_alone(2, mine, &[]));
        // While we judged, somebody claimed after it, finished, and another one began anew: there
        // may be two at it, so we have not won.
        fs::rename(root.join("x.1"), root.join("gone")).unwrap();
        assert!(
            look(root, "x").unwrap().is_alone(2, mine, &dead),
            "it was given back altogether"
        );
        touch("x.1");
        assert!(!look(root, "x").unwrap().is_alone(2, mine, &dead));
        // It was dead, and has woken up.
        fs::rename(root.join("gone"), root.join("x.1")).unwrap();
        assert!(look(root, "x").unwrap().is_alone(2, mine, &dead));
        let file = fs::File::options()
            .append(true)
            .open(root.join("x.1"))
            .unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(!look(root, "x").unwrap().is_alone(2, mine, &dead));
        fs::remove_file(root.join("x.1")).unwrap();
        touch("x.3");
        assert!(
            !look(root, "x").unwrap().is_alone(2, mine, &dead),
            "somebody came after us"
        );
        fs::remove_file(root.join("x.3")).unwrap();
        fs::remove_file(root.join("x.2")).unwrap();
        assert!(
            !look(root, "x").unwrap().is_alone(2, mine, &dead),
            "ours was taken away"
        );
    }
}
