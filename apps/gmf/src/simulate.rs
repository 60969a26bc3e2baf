//! Synthetic recordings with known truth.
//!
//! A scenario is an INI file:
//!
//! ```ini
//! [Experiment]
//! name = simulation
//! version = 1
//! sample_rate = 1000000
//! ipp = 20000
//! rx_channel = sim
//! tx_channel = sim
//! tx_start = 82
//! tx_end = 2002
//! rx_start = 0
//! rx_end = 20000
//! radar_frequency = 929.6
//!
//! [Simulation]
//! epoch = 2021-04-12T12:15:40
//! end_time = 2
//! baud_length = 60
//! code = random
//! noise_sigma = 1
//! tx_amp = 100
//!
//! [Target one]
//! range = 2110000
//! range_rate = -1200
//! acceleration = 120
//! snr = 0.03
//! ```
//!
//! `[Experiment]` is that of metadata.ini; transmitter and receiver share one channel.
//! `[Simulation]`:
//!
//! | key | default | meaning |
//! |---|---|---|
//! | epoch | mandatory | instant (UTC) from which all times count, in seconds |
//! | `start_time`, `end_time` | 0, mandatory | the recording, rounded down to whole IPPs since 1970 |
//! | `baud_length` | mandatory | microseconds per chip |
//! | code | mandatory | `random`, or one row per indented line: `+--+...`, or `0xa6...`, most significant bit first, 1 for + |
//! | `code_rows` | 64 | rows of a random code |
//! | `noise_sigma` | 0 | standard deviation of each component of the noise |
//! | `tx_amp` | 1 | amplitude of the transmission |
//! | seed | 0 | of noise and random code |
//! | `sample_type` | complex64 | or complex128, or int16 (rounded; what does not fit is clipped and counted) |
//! | compression, checksum | 0, no | deflate level 0 to 9; whether chunks carry a checksum |
//! | `file_cadence_millisecs`, `subdir_cadence_secs` | 1000, 3600 | how the recording is cut into files |
//! | continuous | yes | whether the channel promises no gaps |
//!
//! `[Target NAME]`, any number of them, lengths along the total path:
//!
//! | key | default | meaning |
//! |---|---|---|
//! | range | mandatory | m at the epoch |
//! | `range_rate`, acceleration | 0 | m/s at the epoch, m/s² |
//! | snr | 1 | power over noise power; over 1 where there is no noise |
//! | `start_time`, `end_time` | always | it answers the pulses whose IPP starts from then on, and before then |
//!
//! Pulses lie on the grid of whole IPPs since 1970; pulse `p` transmits row `p` of the code, modulo
//! its rows. An echo arrives `round(range * sample_rate / c)` samples after its transmission, with
//! the range at that instant, and its phase is `2 pi range / wavelength` at each sample. What falls
//! behind the end of the IPP is cut off. The noise of a pulse depends only on the seed and the
//! pulse's place in time, so any division of the work gives the same samples.

mod code;
mod pulse;
mod record;
mod scenario;

pub use code::Code;
pub use pulse::Simulation;
pub use record::{TRUTH_FILE, record};
pub use scenario::{SampleType, Scenario, Storage, Target};
