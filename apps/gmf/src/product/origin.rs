//! What a file was computed from: noted beside its bytes, which do not depend on where and when the
//! recording was stored.

use std::path::Path;

use jobwise_kit::notes;

use super::Devices;

const NOTE: &str = "source";
const COMPUTED_ON: &str = "computed-on";

/// The recording of a file as it was when the file was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A digest of all samples that went into it.
    pub samples: u64,
    /// A digest of lengths and times of the recording's files that hold them.
    pub files: u64,
    /// A digest of the samples of each integration; empty where there was no room for so many.
    pub rows: Vec<u64>,
    /// What computed it.
    pub devices: Devices,
}

impl Origin {
    /// Reads the note of a file. `None` for files of other programs and older versions, and where
    /// the note was lost.
    pub fn of(path: &Path) -> Option<Origin> {
        let text = notes::read(path, NOTE)?;
        let mut words = text.strip_prefix("1 ")?.split(' ');
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let (samples, files) = (number()?, number()?);
        Some(Origin {
            samples,
            files,
            rows: std::iter::from_fn(number).collect(),
            devices: notes::read(path, COMPUTED_ON)
                .map_or(Devices::UNKNOWN, |text| Devices::named(&text)),
        })
    }

    /// Leaves the note at a file, which may still have its temporary name: the note goes with it.
    /// Where the file system takes none, a change of the recording will not be noticed, nor be
    /// known what computed it.
    pub fn note(&self, path: &Path) {
        let short = format!("1 {:016x} {:016x}", self.samples, self.files);
        let rows = self.rows.iter().map(|row| format!(" {row:016x}"));
        let whole: String = std::iter::once(short.clone()).chain(rows).collect();
        // Of many integrations only the digest of all together may have room.
        let written =
            notes::write(path, NOTE, &whole).or_else(|_| notes::write(path, NOTE, &short));
        let computed = notes::write(path, COMPUTED_ON, &self.devices.to_string());
        if let Err(error) = written.and(computed) {
            log::info!(
                "{}: what it was computed from cannot be noted ({error}); later changes of the \
                 recording will not be noticed",
                path.display()
            );
        }
    }
}
