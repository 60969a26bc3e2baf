//! Raw data of the EISCAT radars as Digital RF recordings.
//!
//! The raw data of an experiment are MATLAB files `YYYYMMDD_HH/NNNNNNNN.mat`, often packed with
//! bzip2. Each holds a fixed time of samples and the parameters of the radar:
//!
//! | variable | meaning |
//! |---|---|
//! | `d_ExpInfo` | host, experiment, version and owner, like `kst0 leo_bpark_2.1u_NO` |
//! | `d_parbl` | numbers; among them elevation, azimuth, end of this file, start of the recording, radar frequency |
//! | `d_raw` | complex samples |
//!
//! **Time.** File `n` of a recording that started at `t0` begins at `t0 + n * file_secs`; `n + 1`
//! is the end time's distance from `t0` in files, rounded. Sample indices follow exactly.
//!
//! **Samples** are cut to whole numbers towards zero, as hardtarget does, and stored as 16-bit
//! integers; what does not fit becomes the nearest number that does, and what is no number becomes
//! 0.
//!
//! **What is missing**: where a file is absent or cannot be used, nothing is recorded, so that an
//! analysis counts missing samples; the ends of files that are too short become zeros, and files
//! that are too long are cut. Each such correction is a warning, and all are counted.
//!
//! **Pointing.** The channel `pointing` has one entry per interval of `file_secs` since 1970, as
//! hardtarget's analysis demands; files do not begin on that grid. An interval gets the pointing of
//! the file that was recorded during most of it: a value applies at most half a file early or late,
//! never a whole one, and no file loses its value to its neighbour. Intervals of missing files have
//! no entry.
//!
//! | file | one idea |
//! |---|---|
//! | `experiments` | the experiments that are known, and how `d_ExpInfo` names them |
//! | `raw` | one raw file: its parameters, its samples |
//! | `plan` | all files in order, everything checked before anything is written |
//! | `record` | writing the recording |

mod experiments;
mod plan;
mod raw;
mod record;

pub use plan::{Plan, PlannedFile};
pub use record::{Corrections, record};
