use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use crate::listing::Entry;
use crate::process::Process;
use crate::pulse::{Pulse, is_told_to_end};
use crate::record::Record;
use crate::regular;
use crate::warnings::Warnings;

/// What is to be thought of a claim or of an owner's file.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Its owner works, as far as one can know. No record: it does not decode.
    Alive(Option<Record>),
    /// Its owner has ended or gives no sign of life.
    Dead {
        /// Whether it was told to end before, so that its death is no crash.
        told: bool,
    },
    /// It was taken back meanwhile.
    Vanished,
}

/// Who judges.
#[derive(Debug)]
pub(crate) struct Judge<'p> {
    pub(crate) me: &'p Process,
    pub(crate) pulse: &'p Pulse,
    /// Our own lease, for those who state none.
    pub(crate) lease: Duration,
    pub(crate) warnings: &'p Warnings,
}

impl Judge<'_> {
    /// Judges the owner of the claim or owner's file at `path`, which was seen as `entry`.
    pub(crate) fn judge(&self, path: &Path, entry: &Entry) -> io::Result<Verdict> {
        let bytes = match regular::read(path, Record::LONGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Verdict::Vanished),
            // Unreadable: others know more. Its age still counts.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                self.wonder(path, &format!("cannot be read ({error})"));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        let record = Record::parse(&bytes);
        let told = is_told_to_end(&bytes);
        match &record {
            Some(record) if record.process.is_gone(self.me) => return Ok(Verdict::Dead { told }),
            Some(_) => {}
            None if bytes.is_empty() => {}
            None => self.wonder(path, "makes no sense"),
        }
        let lease = record.as_ref().map_or(self.lease, |record| record.lease);
        let silence = self.pulse.silence(entry.inode, entry.beaten, &bytes, lease);
        // Its owner may just be writing it.
        if bytes.is_empty() && silence > (lease / 2).min(Duration::from_secs(1)) {
            self.wonder(path, "is empty");
        }
        if entry.beaten > self.pulse.now() + self.lease {
            self.wonder(path, "is dated in the future");
        }
        Ok(if silence > lease {
            Verdict::Dead { told }
        } else {
            Verdict::Alive(record)
        })
    }

    /// Tells of a claim that makes others wait for no good reason.
    fn wonder(&self, path: &Path, what: &str) {
        let seconds = self.lease.as_secs_f64();
        self.warnings.note(format!(
            "{} {what}: its owner counts as dead when the file has not changed for its lease, or \
             for {seconds} s if it states none",
            path.display()
        ));
    }
}
