//! The search on CUDA devices.
//!
//! All stages of [`Search`](crate::search::Search) run on the device, for a batch of integrations
//! at once: only samples go there, and only what was found comes back. The method is that of the
//! host's lanes, with the same tables and bounds (`search::tables`):
//!
//! | stage | kernel | a block or warp is | arithmetic |
//! |---|---|---|---|
//! | conjugate samples over the amplitude | `weights` | | f64, to f32 |
//! | echo | `echo` | a warp per element and 128 gates | sums in f64, to f32 |
//! | magnitudes of about one | `scale` | a block per gate | exact |
//! | `fdpt`: lag products | `lag` | a block per gate | f32 |
//! | `fdpt`: the largest line | `spectrum` | a block per gate | f32 |
//! | `fdpt`: phasors of its acceleration | `chirp` | a block per gate | f64, to f32 |
//! | the best bin | `spectrum` | a block per gate | f32 |
//! | its power, and that without Doppler | `winner` | a warp per gate | f64 |
//!
//! | room | what is in it |
//! |---|---|
//! | `search` | [`DeviceSearch`]: what a run has, an integration packed and unpacked |
//! | `lane` | functions, tables and buffers of one lane, and its launches |
//! | `spectrum` | the search of a spectrum on a lane |
//! | `lines` | what `fdpt` has besides |
//! | `shape` | how the search of a spectrum lies on a device |
//! | `*.cu` | the kernels, compiled at run time for the radar's shape |
//!
//! An integration has the same bits for any batch, lane and device of one architecture. The
//! decision 0040 says what is equal to what.

mod lane;
mod lines;
mod search;
mod shape;
mod spectrum;
#[cfg(test)]
mod tests;

pub use lane::Lane;
pub use search::DeviceSearch;
