use std::fmt;

use crate::record::Record;

/// Who has a claim, as far as its file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The job.
    pub job: String,
    /// Which worker of the job.
    pub worker: usize,
    /// The machine.
    pub host: String,
    /// The process on that machine; 0 where that is not known.
    pub pid: u32,
}

impl Holder {
    pub(crate) fn new(record: Option<Record>) -> Holder {
        record.map_or_else(
            Holder::unknown,
            |Record {
                 job,
                 worker,
                 process,
                 ..
             }| Holder {
                job,
                worker,
                host: process.host,
                pid: process.pid,
            },
        )
    }

    pub(crate) fn unknown() -> Holder {
        Holder {
            job: "unknown".to_owned(),
            worker: 0,
            host: "unknown".to_owned(),
            pid: 0,
        }
    }
}

/// What others wrote, fit for a line on a terminal.
fn printable(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '?' } else { c };
    text.chars().map(plain).collect()
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "worker {} of job {} (process {} on {})",
            self.worker,
            printable(&self.job),
            self.pid,
            printable(&self.host)
        )
    }
}
