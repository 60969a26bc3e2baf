//! Targets in the results of an analysis: noise floor, signal-to-noise ratio, detections and the
//! events they form.
//!
//! | room | one idea |
//! |---|---|
//! | `noise` | the noise floor of every range gate |
//! | `snr` | the signal-to-noise ratio against it |
//! | `survey` | detections: the integrations above a limit |
//! | `events` | detections of one target joined |
//! | `table` | detections and events as CSV and HDF5 |
//!
//! Files are read one after the other, twice: for the noise floor and for the detections. Memory: 4
//! bytes per gate and file for the noise floor (480 gates in files of 20 s: 8 MB for a day), one
//! file, and the detections.

mod events;
mod noise;
mod snr;
mod survey;
mod table;

pub use events::{Event, Joining, join};
pub use noise::{NoiseFloor, file_floor};
pub use snr::{decibel, snr};
pub use survey::{Detection, survey};
pub use table::{detections_csv, events_csv, write_h5};
