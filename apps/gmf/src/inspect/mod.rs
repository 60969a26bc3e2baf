//! What a recording or an analysis holds, as text.

mod drf;
mod gmf;
mod peaks;
mod table;
mod truth;

pub use drf::recording;
pub use gmf::product;
pub use peaks::{Peak, peaks};
pub use table::peak_table;
