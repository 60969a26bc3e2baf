use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use crate::holder::Holder;
use crate::listing;
use crate::process::Process;
use crate::pulse::is_told_to_end;
use crate::record::Record;
use crate::regular;

/// The highest claim on a name, as somebody sees it who takes no part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Who made it.
    pub holder: Holder,
    /// How long ago its last sign of life was, by this machine's clock; `None` when it is dated in
    /// the future.
    pub age: Option<Duration>,
    /// Whether its process is known to have ended: only of processes of this machine.
    pub is_dead: bool,
    /// Whether, by this machine's clock, its last sign of life is older than its lease. Others take
    /// it over when they have seen none for so long themselves.
    pub is_late: bool,
    /// Whether its owner was told to end.
    pub is_told: bool,
    /// The lease that it states.
    pub lease: Option<Duration>,
    /// The how-manieth attempt it is.
    pub attempt: u32,
}

/// What somebody sees who takes no part.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// The highest claim; `None` where there is none.
    pub sign: Option<Sign>,
    /// What lies in the place of claims and is none, one line each.
    pub strange: Vec<String>,
}

/// Looks for a claim on `name` in `dir`; changes nothing.
///
/// # Errors
/// When the directory or the claim cannot be read.
pub fn inspection(dir: &Path, name: &str) -> io::Result<Inspection> {
    let mut listing = listing::look(dir, name)?;
    let strange = listing.strange.iter().map(|strange| {
        format!(
            "{} is no claim ({}): remove it",
            strange.path.display(),
            strange.why
        )
    });
    let mut inspection = Inspection {
        sign: None,
        strange: strange.collect(),
    };
    let Some(top) = listing.claims.pop() else {
        return Ok(inspection);
    };
    let bytes = match regular::read(&listing::path(dir, name, top.attempt), Record::LONGEST) {
        Ok(bytes) => bytes,
        // It was given back since.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(inspection),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Vec::new(),
        Err(error) => return Err(error),
    };
    let age = top.beaten.elapsed().ok();
    let record = Record::parse(&bytes);
    let lease = record.as_ref().map(|record| record.lease);
    inspection.sign = Some(Sign {
        is_dead: record
            .as_ref()
            .is_some_and(|record| record.process.is_gone(&Process::this())),
        is_late: age.zip(lease).is_some_and(|(age, lease)| age > lease),
        is_told: is_told_to_end(&bytes),
        holder: Holder::new(record),
        age,
        lease,
        attempt: top.attempt,
    });
    Ok(inspection)
}
