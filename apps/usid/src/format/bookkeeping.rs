use std::fs;

use hdf5::Location;
use jiff::Zoned;

use super::Value;
use crate::Result;

/// Attributes that say who wrote an object, by whichever program: never parameters.
pub const BOOKKEEPING: [&str; 6] = [
    "machine_id",
    "timestamp",
    "platform",
    "pyUSID_version",
    "sidpy_version",
    VERSION,
];

const VERSION: &str = "jobwise_version";

/// Who writes, and when: the same on every object of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookkeeping {
    machine: String,
    timestamp: String,
}

impl Bookkeeping {
    /// This machine, now.
    pub fn now() -> Bookkeeping {
        let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Bookkeeping {
            machine: machine.trim().to_owned(),
            timestamp: Zoned::now().strftime("%Y_%m_%d-%H_%M_%S").to_string(),
        }
    }

    /// Writes it as attributes.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, object: &Location) -> Result<()> {
        let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        let values = [
            ("machine_id", self.machine.as_str()),
            ("timestamp", &self.timestamp),
            ("platform", &platform),
            (VERSION, env!("CARGO_PKG_VERSION")),
        ];
        for (name, value) in values {
            Value::from(value).write(object, name)?;
        }
        Ok(())
    }
}
