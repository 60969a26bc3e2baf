//! Inputs of which some cannot be used: each is named once, counted, and told by the exit status.
//!
//! A program makes one [`Inputs`] for a run and hands it to whatever opens files. Who meets a file
//! that is empty, cut, unreadable, gone, foreign or no file at all calls
//! [`pass_over`](Inputs::pass_over) and goes on without it. At the end the ranks
//! [`settle`](Inputs::settle), and [`failure`](Inputs::failure) turns success into status 3.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jobwise_claims::kind;
use jobwise_core::Comm;

use crate::{Failure, is_first_rank};

/// What ranks tell each other: the bytes of a path, and what is wrong with what lies there.
type Told = Vec<(Vec<u8>, String)>;

/// Inputs that are named one by one; further ones are counted, and named with `-v`.
const NAMED: usize = 20;

/// What became of the inputs of a run. It may be shared between threads.
#[derive(Debug)]
pub struct Inputs {
    is_strict: bool,
    lost: Mutex<Lost>,
}

/// The inputs that cannot be used.
#[derive(Debug, Default)]
struct Lost {
    /// What is wrong with each of them.
    problems: BTreeMap<PathBuf, String>,
    /// How many were named.
    named: usize,
}

impl Inputs {
    /// Inputs that are passed over when they cannot be used or, where `is_strict`, end the run
    /// (`--strict`).
    pub fn new(is_strict: bool) -> Inputs {
        Inputs {
            is_strict,
            lost: Mutex::default(),
        }
    }

    /// Passes over an input. The first time, it is named by the text of `problem`, which must say
    /// where it is and what is wrong; later the same input is not named again. The ranks behind the
    /// first keep what they met until [`settle`](Self::settle).
    ///
    /// # Errors
    /// `problem` itself when inputs are not passed over.
    pub fn pass_over<E: Display>(&self, path: &Path, problem: E) -> Result<(), E> {
        self.meet(path, problem, "; passed over")
    }

    /// As [`pass_over`](Self::pass_over), for an input of which a part is used; `problem` says
    /// which.
    ///
    /// # Errors
    /// `problem` itself when inputs must be whole.
    pub fn use_in_part<E: Display>(&self, path: &Path, problem: E) -> Result<(), E> {
        self.meet(path, problem, "")
    }

    fn meet<E: Display>(&self, path: &Path, problem: E, outcome: &str) -> Result<(), E> {
        if self.is_strict {
            return Err(problem);
        }
        let mut lost = self.lost();
        if !lost.problems.contains_key(path) {
            let text = one_line(&problem) + outcome;
            if is_first_rank() {
                lost.name(&text);
            }
            lost.problems.insert(path.to_path_buf(), text);
        }
        Ok(())
    }

    /// How many inputs this rank passed over or, after [`settle`](Self::settle), all ranks.
    pub fn count(&self) -> usize {
        self.lost().problems.len()
    }

    /// Brings together what all ranks passed over; rank 0 names what it had not met itself.
    /// Collective.
    ///
    /// # Errors
    /// Those of the communicator.
    pub fn settle(&self, comm: &dyn Comm) -> jobwise_core::Result<()> {
        if comm.size() == 1 {
            return Ok(());
        }
        let all = comm.all_reduce(&self.to_wire(), |ranks| {
            for rank in ranks {
                self.add(rank, true);
            }
            self.to_wire()
        })?;
        self.add(all, false);
        Ok(())
    }

    /// How a run ends that passed over inputs: status 3. `None` when all could be used.
    pub fn failure(&self) -> Option<Failure> {
        let count = self.count();
        let what = if count == 1 { "input" } else { "inputs" };
        (count > 0).then(|| {
            Failure::partial(format!(
                "done, but for {count} {what} that could not be used, or not whole (named above): \
                 repair or replace, and run again; \
                 --strict refuses instead"
            ))
        })
    }

    fn lost(&self) -> MutexGuard<'_, Lost> {
        // Whoever panicked left the map whole.
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn to_wire(&self) -> Told {
        let lost = self.lost();
        let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
        let problems = lost.problems.iter();
        problems.map(|(path, p)| (bytes(path), p.clone())).collect()
    }

    fn add(&self, others: Told, are_named: bool) {
        let mut lost = self.lost();
        for (path, problem) in others {
            let path = PathBuf::from(OsString::from_vec(path));
            if !lost.problems.contains_key(&path) {
                if are_named {
                    lost.name(&problem);
                }
                lost.problems.insert(path, problem);
            }
        }
    }
}

impl Lost {
    fn name(&mut self, problem: &str) {
        if self.named < NAMED {
            log::warn!("{problem}");
        } else {
            if self.named == NAMED {
                log::warn!("more inputs that cannot be used are only counted; -v names them");
            }
            log::info!("{problem}");
        }
        self.named += 1;
    }
}

/// Refuses what is no regular file before anybody opens it: a directory, and above all a FIFO,
/// which would be waited for.
///
/// # Errors
/// There is nothing at `path`, it may not be looked at or read, or it is something else.
pub fn regular_file(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?.file_type();
    if found.is_file() {
        // The system says why it refuses; libraries often do not.
        return fs::File::open(path).map(drop);
    }
    let what = kind(found);
    Err(io::Error::other(format!("is {what}, not a file of data")))
}

fn one_line(problem: &impl Display) -> String {
    let text = problem.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jobwise_core::LocalCluster;
    use std::ffi::OsStr;

    #[test]
    fn an_input_counts_once_however_often_it_is_met() {
        let inputs = Inputs::new(false);
        assert!(inputs.failure().is_none());
        for path in ["a", "b", "a"] {
            inputs.pass_over(Path::new(path), "is empty").unwrap();
        }
        assert_eq!(inputs.count(), 2);
        let failure = inputs.failure().unwrap();
        assert_eq!(failure.status, 3);
        assert!(failure.message.contains("2 inputs"), "{failure}");
    }

    #[test]
    fn strict_inputs_are_refused() {
        let inputs = Inputs::new(true);
        assert_eq!(
            inputs.pass_over(Path::new("a"), "is empty"),
            Err("is empty")
        );
        assert_eq!(inputs.count(), 0);
    }

    #[test]
    fn what_one_rank_met_all_ranks_know() {
        let counts = LocalCluster::run(3, |comm| {
            let inputs = Inputs::new(false);
            // A name is bytes, UTF-8 or not.
            let mine: &[u8] = if comm.rank() == 2 { b"c" } else { b"lat\xe9" };
            let mine = Path::new(OsStr::from_bytes(mine));
            inputs.pass_over(mine, "is empty").unwrap();
            inputs.settle(&comm).unwrap();
            inputs.count()
        });
        let counts: Vec<usize> = counts.into_iter().map(Result::unwrap).collect();
        assert_eq!(counts, [2, 2, 2]);
    }

    #[test]
    fn only_regular_files_are_opened() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("file"), "").unwrap();
        regular_file(&path("file")).unwrap();
        let fifo = std::process::Command::new("mkfifo")
            .arg(path("fifo"))
            .status();
        assert!(fifo.unwrap().success());
        std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
        for (name, told) in [
            ("", "a directory"),
            ("fifo", "a FIFO"),
            ("link", "No such file"),
        ] {
            let error = regular_file(&path(name)).unwrap_err().to_string();
            assert!(error.contains(told), "{name}: {error}");
        }
    }
}
