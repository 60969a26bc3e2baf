use std::time::Duration;

use serde_json::{Value, json};

use crate::process::Process;

/// What an owner says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) job: String,
    pub(crate) worker: usize,
    pub(crate) process: Process,
    pub(crate) lease: Duration,
}

impl Record {
    /// No more of an owner's file than this is read.
    pub(crate) const LONGEST: u64 = 4096;
    /// Some thirty years. What claims more was not written by an owner.
    pub(crate) const LONGEST_LEASE: Duration = Duration::from_secs(1_000_000_000);
    /// No more of the name of a job than this is kept.
    const LONGEST_JOB: usize = 200;

    /// One line of JSON and its end.
    pub(crate) fn to_line(&self) -> String {
        let job: String = self.job.chars().take(Self::LONGEST_JOB).collect();
        let json = json!({
            "id": self.id,
            "job": job,
            "worker": self.worker,
            "host": self.process.host,
            "place": self.process.place,
            "pid": self.process.pid,
            "start": self.process.start,
            "lease_ms": u64::try_from(self.lease.min(Self::LONGEST_LEASE).as_millis()).unwrap_or(0),
        });
        format!("{json}\n")
    }

    /// From the bytes of an owner's file: its first line. `None` when that is no such record, or
    /// states a lease that nobody can wait for.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Record> {
        let line = bytes.split(|byte| *byte == b'\n').next()?;
        let json: Value = serde_json::from_slice(line).ok()?;
        let text = |key: &str| json.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| json.get(key)?.as_u64();
        let lease = Duration::from_millis(number("lease_ms")?);
        if lease > Self::LONGEST_LEASE {
            return None;
        }
        Some(Record {
            id: text("id")?,
            job: text("job")?,
            worker: usize::try_from(number("worker")?).ok()?,
            process: Process {
                host: text("host")?,
                place: text("place")?,
                pid: u32::try_from(number("pid")?).ok()?,
                start: number("start")?,
            },
            lease,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_and_rubbish_does_not() {
        let record = Record {
            id: "h.1.2.3".to_owned(),
            job: "a \"quoted\"\nname".to_owned(),
            worker: 3,
            process: Process::this(),
            lease: Duration::from_mins(1),
        };
        let line = record.to_line() + "7\n";
        assert_eq!(Record::parse(line.as_bytes()), Some(record));
        for end in 0..line.len() - 3 {
            assert_eq!(Record::parse(&line.as_bytes()[..end]), None, "cut at {end}");
        }
        let endless = line.replace("60000", &u64::MAX.to_string());
        assert_eq!(Record::parse(endless.as_bytes()), None);
        for rubbish in [&b"\0\0\0\0"[..], b"[]", b"{\"id\": 7}", &[0xff; 100]] {
            assert_eq!(Record::parse(rubbish), None);
        }
    }
}
