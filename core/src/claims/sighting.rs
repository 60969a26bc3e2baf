use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use super::claim::Holder;
use super::listing;
use super::process::Process;
use super::record::Record;

/// The highest claim on a name, as somebody sees it who takes no part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Who made it.
    pub holder: Holder,
    /// How long ago its last sign of life was, by this machine's clock.
    pub age: Duration,
    /// Whether it has ended or is late: known at once of processes of this machine, and by the lease of others.
    pub is_dead: bool,
    /// The how-manieth attempt it is.
    pub attempt: u32,
}

/// Looks for a claim on `name` in `dir`; changes nothing.
pub(crate) fn sighted(dir: &Path, name: &str) -> io::Result<Option<Sign>> {
    let Some(top) = listing::list(dir, name)?.pop() else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    match File::open(listing::path(dir, name, top.attempt)) {
        Ok(file) => file.take(Record::LONGEST).read_to_end(&mut bytes)?,
        // It was given back since.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let age = top.beaten.elapsed().unwrap_or_default();
    let record = Record::parse(&bytes);
    let is_dead = record
        .as_ref()
        .is_some_and(|record| record.process.is_gone(&Process::this()) || age > record.lease);
    Ok(Some(Sign {
        holder: Holder::new(record),
        age,
        is_dead,
        attempt: top.attempt,
    }))
}
