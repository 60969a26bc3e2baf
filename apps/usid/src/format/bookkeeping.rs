use std::fs;

use hdf5::Location;
use jiff::Zoned;
use jobwise_core::{Result as WireResult, Wire};

use super::Value;
use crate::Result;

/// Attributes that say who wrote an object, and when, with whichever program: never parameters.
pub const BOOKKEEPING: [&str; 6] = [
    "machine_id",
    "timestamp",
    "platform",
    "pyUSID_version",
    "sidpy_version",
    VERSION,
];

const VERSION: &str = "jobwise_version";

/// Who writes, and when: the same on every object of one run, whichever rank writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookkeeping {
    machine: String,
    timestamp: String,
    platform: String,
}

impl Bookkeeping {
    /// This machine, now, in local time.
    pub fn now() -> Bookkeeping {
        let kernel = |what: &str| {
            let text = fs::read_to_string(format!("/proc/sys/kernel/{what}")).unwrap_or_default();
            text.trim().to_owned()
        };
        Bookkeeping {
            machine: kernel("hostname"),
            timestamp: Zoned::now().strftime("%Y_%m_%d-%H_%M_%S").to_string(),
            platform: format!(
                "{}-{}-{}",
                kernel("ostype"),
                kernel("osrelease"),
                std::env::consts::ARCH
            ),
        }
    }

    /// Writes it as attributes.
    ///
    /// # Errors
    /// The file refuses.
    pub fn write(&self, object: &Location) -> Result<()> {
        let values = [
            ("machine_id", self.machine.as_str()),
            ("timestamp", &self.timestamp),
            ("platform", &self.platform),
            (VERSION, env!("CARGO_PKG_VERSION")),
        ];
        for (name, value) in values {
            Value::from(value).write(object, name)?;
        }
        Ok(())
    }
}

impl Wire for Bookkeeping {
    fn put(&self, out: &mut Vec<u8>) {
        self.machine.put(out);
        self.timestamp.put(out);
        self.platform.put(out);
    }

    fn take(input: &mut &[u8]) -> WireResult<Self> {
        Ok(Bookkeeping {
            machine: Wire::take(input)?,
            timestamp: Wire::take(input)?,
            platform: Wire::take(input)?,
        })
    }
}
