//! Raw data as the radar writes them, with fewer samples: what is missing is filled with zeros.

use std::fs;
use std::path::{Path, PathBuf};

use super::mat_writer::{Mat, Order, Stored};

/// Start of the recording, seconds since 1970.
pub(crate) const ORIGIN: f64 = 1_618_228_761.0;

/// Seconds per file.
pub(crate) const SECONDS: f64 = 12.8;

pub(crate) struct RawFile {
    pub(crate) number: u32,
    pub(crate) info: &'static str,
    pub(crate) origin: f64,
    pub(crate) end: f64,
    pub(crate) azimuth: f64,
    pub(crate) frequency: f64,
    pub(crate) samples: Vec<(f64, f64)>,
}

impl RawFile {
    /// File `number` of the recording, with three samples that tell its number.
    pub(crate) fn new(number: u32) -> RawFile {
        let value = f64::from(number);
        RawFile {
            number,
            info: "kst0 leo_bpark_2.1u_NO",
            origin: ORIGIN,
            // As measured, a little late.
            end: ORIGIN + (value + 1.0) * SECONDS + 0.003,
            azimuth: 400.0 + value,
            frequency: 929.6,
            samples: vec![
                (value, -value),
                (value + 0.9, -value - 0.9),
                (1e6, f64::NAN),
            ],
        }
    }

    pub(crate) fn mat(&self) -> Mat {
        let mut parameters = vec![0.0; 128];
        parameters[8] = 75.0;
        parameters[9] = self.azimuth;
        parameters[10] = self.end;
        parameters[11] = f64::from(self.number);
        parameters[42] = self.origin;
        parameters[54] = self.frequency;
        Mat::new(Order::Little)
            .text("d_ExpInfo", self.info)
            .real("d_parbl", Stored::F64, &parameters)
            .complex("d_raw", Stored::F64, &self.samples)
    }

    pub(crate) fn write(&self, source: &Path) -> PathBuf {
        let directory = source.join("20210412_11");
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join(format!("{:08}.mat", self.number));
        fs::write(&path, self.mat().bytes).unwrap();
        path
    }
}
