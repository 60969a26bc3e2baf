use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use super::listing::Entry;
use super::process::Process;
use super::pulse::Pulse;
use super::record::Record;

/// What is to be thought of a claim or of an owner's file.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Its owner works, as far as one can know. No record: it does not decode.
    Alive(Option<Record>),
    /// Its owner has ended or gives no sign of life.
    Dead,
    /// It was taken back meanwhile.
    Vanished,
}

/// Who judges.
#[derive(Debug)]
pub(super) struct Judge<'p> {
    pub(super) me: &'p Process,
    pub(super) pulse: &'p Pulse,
    /// Our own lease, for those who state none.
    pub(super) lease: Duration,
}

impl Judge<'_> {
    /// Judges the owner of the claim or owner's file at `path`, which was seen as `entry`.
    pub(super) fn judge(&self, path: &Path, entry: &Entry) -> io::Result<Verdict> {
        let mut bytes = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(Record::LONGEST).read_to_end(&mut bytes));
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Verdict::Vanished),
            // Unreadable: others know more. Its age still counts.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
        }
        let record = Record::parse(&bytes);
        if record
            .as_ref()
            .is_some_and(|record| record.process.is_gone(self.me))
        {
            return Ok(Verdict::Dead);
        }
        let lease = record.as_ref().map_or(self.lease, |record| record.lease);
        let late = self
            .pulse
            .age(entry.beaten, lease)
            .is_some_and(|age| age > lease);
        Ok(if late {
            Verdict::Dead
        } else {
            Verdict::Alive(record)
        })
    }
}
