use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::asked::number;
use crate::damage::damaged;
use crate::forked::{self, Outcomes};
use crate::must::must;

/// The variable that says how many damaged files each reader gets.
const MORE: &str = "JOBWISE_DAMAGED";

/// The variable that says where the sequence of damages begins; it repeats one that failed.
const SEED: &str = "JOBWISE_SEED";

/// Longer than any reader takes over a small file, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// A reader that gets damaged files.
#[allow(missing_debug_implementations)] // closures have none
pub struct Reader<'a> {
    /// For messages.
    pub name: &'a str,
    /// A sound directory.
    pub sound: &'a Path,
    /// Files of it that are damaged, one at a time.
    pub files: Vec<PathBuf>,
    /// Reads the directory that it is given. What it refuses, with the error as text, is the right
    /// answer to damage only.
    pub read: &'a dyn Fn(&Path) -> Result<(), String>,
    /// How many damaged files a quick test tries.
    pub cases: u64,
}

impl Reader<'_> {
    /// Damages the files and lets them be read: no reader panics, takes memory for what is only
    /// claimed, or goes on for ever. Only the HDF5 library may crash, once in 10 000.
    ///
    /// Must be called [alone](forked::alone).
    ///
    /// # Panics
    /// When that does not hold.
    pub fn run(&self) -> Outcomes {
        let count = number(MORE).unwrap_or(self.cases);
        let seed = number(SEED).unwrap_or(0);
        let place = must(&std::env::temp_dir(), tempfile::tempdir());
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .arg(self.sound)
            .arg(place.path().join("damaged"))
            .status();
        assert!(
            must(self.sound, copied).success(),
            "{}: not copied",
            self.name
        );
        let top = place.path().join("damaged");
        let whole: Vec<Vec<u8>> = self
            .files
            .iter()
            .map(|file| self.sound.join(file))
            .map(|path| must(&path, fs::read(&path)))
            .collect();
        let sound = (self.read)(&top);
        assert_eq!(sound, Ok(()), "{}: the sound files are refused", self.name);
        let outcomes = forked::run(count, LIMIT, |case| {
            let which = |case: u64| (seed + case) as usize % self.files.len();
            // The case before may have crashed.
            let before = which(case.saturating_sub(1));
            let path = top.join(&self.files[before]);
            must(&path, fs::write(&path, &whole[before]));
            let which = which(case);
            let bytes = damaged(&whole[which], seed + case);
            let path = top.join(&self.files[which]);
            must(&path, fs::write(&path, bytes));
            let _ = (self.read)(&top);
        });
        eprintln!("{}: {outcomes:?}", self.name);
        let is_ours =
            |said: &str| said.contains("memory allocation of") || said.contains("panicked");
        let ours = outcomes.crashed.iter().any(|(_, _, said)| is_ours(said));
        let crashed = outcomes.crashed.len() as u64;
        assert!(
            outcomes.panicked.is_empty() && outcomes.hung.is_empty() && !ours,
            "{}: panics, hangs, or memory taken for what is claimed",
            self.name
        );
        assert!(
            crashed * 10_000 <= count.max(10_000),
            "{}: {crashed} crashes in {count} files",
            self.name
        );
        outcomes
    }
}
