use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use serde_json::json;

use crate::error::context;
use crate::state::State;
use jobwise_claims::regular;
use jobwise_core::Result;

/// What happened to tasks, one line of JSON each, in the order in which the processes of one job
/// and machine wrote it. State files stay the truth.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: std::path::PathBuf,
    worker: usize,
}

/// What is written at once is whole, also when several write, up to this length.
const LONGEST: usize = 4096;
/// So many characters of a name are kept; they take at most six bytes each.
const LONGEST_NAME: usize = 500;

impl Journal {
    /// Of the processes of `job` on `host`: a file server keeps lines apart that one machine
    /// appends, not those of several.
    pub(crate) fn open(
        bookkeeping: &Path,
        job: &str,
        host: &str,
        worker: usize,
    ) -> Result<Journal> {
        let path = bookkeeping.join(format!("journal.{job}@{host}"));
        let file = regular::append_to(&path).map_err(context("write", &path))?;
        Ok(Journal { file, path, worker })
    }

    /// The state of a task was written. `attempt` is 0 where nobody claimed it.
    pub(crate) fn note(
        &mut self,
        task: usize,
        name: &OsStr,
        state: State,
        attempt: u32,
    ) -> Result<()> {
        let lossy = name.to_string_lossy();
        let name: String = lossy.chars().take(LONGEST_NAME).collect();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let json = json!({
            "task": task,
            "name": name,
            "state": state.word(),
            "attempt": attempt,
            "worker": self.worker,
            "pid": std::process::id(),
            "time": now.map_or(0.0, |now| now.as_secs_f64()),
        });
        let line = format!("{json}\n");
        debug_assert!(
            line.len() <= LONGEST,
            "a name takes at most six bytes per character"
        );
        self.file
            .write_all(line.as_bytes())
            .map_err(context("write", &self.path))
    }
}
