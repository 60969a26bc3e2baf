//! Image cleaning: overlapping windows, their principal components, and the image the leading ones make up.

mod axis;
mod benchmark_image;
mod gram;
mod lanes;
mod spectrum;
mod taper;
mod window_size;
mod windows;

pub use axis::Axis;
pub use benchmark_image::benchmark_image;
pub use gram::{Method, Shifts, Stream, gram};
pub use spectrum::spectrum;
pub use taper::Taper;
pub use window_size::{WindowSize, window_size};
pub use windows::{Windows, pixels};
