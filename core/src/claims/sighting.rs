use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use super::claim::Holder;
use super::listing;
use super::record::Record;

/// The highest claim on a name, dead or alive: who made it, how long ago its last sign of life was, and which attempt it is. For who only looks and has no
/// signs of life of its own to compare with: that time is by this machine's clock.
pub(crate) fn sighted(dir: &Path, name: &str) -> io::Result<Option<(Holder, Duration, u32)>> {
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
    Ok(Some((Holder::new(Record::parse(&bytes)), age, top.attempt)))
}
